"""Questions of one reader that no run has stored: the way of a story to one post."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa


def path_to(posts: pa.Table, edges: pa.Table, post_id: str) -> pd.DataFrame:
    """How a story came to one post; see :func:`crisislib.spread.path`.

    Parameters
    ----------
    posts : pyarrow.Table
        POSTS rows of the story.
    edges : pyarrow.Table
        EDGES rows among them.
    post_id : str
        Where the path ends.

    Returns
    -------
    pandas.DataFrame
        One row a post on the way, from the origin.
    """
    from crisislib import spread

    return spread.path(posts, edges, post_id)
