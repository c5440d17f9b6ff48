"""Questions of one reader that no run has stored: the way of a story to one post."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa


def path_to(posts: pa.Table, edges: pa.Table, post_id: str) -> pd.DataFrame:
    """How a story came to one post; see :func:`crisislib.spread.path`."""
    from crisislib import spread

    return spread.path(posts, edges, post_id)
