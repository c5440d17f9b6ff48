"""One story in detail: its posts as a tree, its layers, its growth from generation to generation."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from crisislib.core.errors import NotEnoughData
from crisislib.spread.growth import reproduction_table
from crisislib.spread.posts import NEVER, Frame, Web, weave
from crisislib.spread.trees import generation_us, layer_table


def _find(web: Web, root_id: str) -> int:
    spot = pc.index(web.ids, root_id).as_py()
    if spot < 0:
        raise NotEnoughData(f"there is no post {root_id!r} in the data", do="take a root_id from CASCADES")
    return int(web.forest.cascade[spot])


def nodes(posts: Frame, edges: Frame, root_id: str) -> pd.DataFrame:
    """The tree of one story, as a table that a picture can be drawn from.

    Parameters
    ----------
    posts, edges : POSTS, EDGES
    root_id : str
        Root of the story, or any post of it.

    Returns
    -------
    pandas.DataFrame
        By layer and time: `post_id`, `parent_id` (null at the root), `layer`, `at` (a ghost: of its
        earliest child), `account_id`, `platform`, `held`, `descendants`, `method`, `confidence` of the
        edge into it, `x`, `y`: a place in a tidy tree (y is the layer, x in leaves from the left).

    Raises
    ------
    NotEnoughData
        When the post is not in the data.
    """
    web = weave(posts, edges)
    forest = web.forest
    node = np.flatnonzero(forest.cascade == _find(web, root_id))
    node = node[np.lexsort((web.at[node], forest.depth[node]))]
    parent, row = forest.parent[node], web.edge[node]
    known = web.posts.select(["account_id", "platform"]).to_pandas().reindex(node).reset_index(drop=True)
    taken = web.edges.select(["method", "confidence"]).to_pandas().reindex(row).reset_index(drop=True)
    out = pd.DataFrame({"post_id": web.names(node), "parent_id": pd.Series(web.names(np.maximum(parent, 0)))})
    out["parent_id"] = out["parent_id"].where(parent >= 0)
    out["layer"] = forest.depth[node]
    out["at"] = pd.to_datetime(pd.Series(web.at[node]).where(web.at[node] != NEVER), unit="us", utc=True)
    out["account_id"], out["platform"] = known["account_id"], known["platform"]
    out["held"], out["descendants"] = ~web.ghost[node], forest.size[node] - 1
    out["method"], out["confidence"] = taken["method"], taken["confidence"]
    out["x"], out["y"] = _places(forest.parent, node), forest.depth[node].astype(float)
    return out


def _places(parent: np.ndarray, node: np.ndarray) -> np.ndarray:
    """Horizontal places: leaves side by side in the order of their branches, parents over their middle."""
    n = len(node)
    place = np.full(len(parent), -1)
    place[node] = np.arange(n)
    up = np.where(parent[node] >= 0, place[np.maximum(parent[node], 0)], -1)
    leaf = np.bincount(up[up >= 0], minlength=n) == 0
    width = leaf.astype(np.float64)
    order = np.arange(n - 1, 0, -1).tolist()  # layers are in order, so parents stand before children
    for child in order:
        width[up[child]] += width[child]
    left, used = np.zeros(n), np.zeros(n)
    for child in range(1, n):
        above = up[child]
        left[child] = left[above] + used[above]
        used[above] += width[child]
    middle: np.ndarray = left + width / 2
    return middle


def layers(posts: Frame, edges: Frame, root_id: str) -> pd.DataFrame:
    """Layers of one story: :func:`crisislib.spread.trees.layer_table`."""
    web = weave(posts, edges)
    return layer_table(web, _find(web, root_id))


def reproduction(posts: Frame, edges: Frame, root_id: str, *, now: datetime) -> pd.DataFrame:
    """Reproduction numbers of one story over time: :func:`crisislib.spread.growth.reproduction_table`."""
    web = weave(posts, edges)
    until = int(pd.Timestamp(now).value // 1000)
    return reproduction_table(web.forest, web.at, _find(web, root_id), generation_us=generation_us(web), until=until)
