"""Where a story began in the data we hold, and where it crossed between platforms."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from crisislib.spread.forest import rumour_centrality
from crisislib.spread.posts import NEVER, Frame, Web, weave


def origins(posts: Frame, edges: Frame, *, top: int = 5, min_size: int = 2) -> pd.DataFrame:
    """Ranked candidate sources of each cascade: the earliest in the data held, not on the internet.

    Parameters
    ----------
    posts, edges : POSTS, EDGES
    top : int
        Candidates kept for each cascade.
    min_size : int
        Cascades of fewer nodes are left out.

    Returns
    -------
    pandas.DataFrame
        `root_id`, `n`, `rank`, `post_id`, `account_id`, `platform`, `at`, `precision_s`, `held`
        (whether the post itself is in the data), `score` (share of belief within the cascade).

    Notes
    -----
    Where the top of the tree is held it is the source. Where it is a ghost, candidates are ranked by
    rumour centrality and time.
    """
    web = weave(posts, edges)
    return rank(web, top=top, min_size=min_size)


def rank(web: Web, *, top: int = 5, min_size: int = 2) -> pd.DataFrame:
    """The same for a web that is already woven."""
    forest = web.forest
    n = forest.size[forest.root]
    use = np.flatnonzero(n >= min_size)
    score = rumour_centrality(forest)[use]
    cascade = forest.cascade[use]
    held_root = ~web.ghost[forest.root[use]]
    best = np.full(len(forest.roots), -np.inf)
    np.maximum.at(best, cascade, score)
    belief = np.exp(score - best[cascade])
    belief = np.where(held_root, (use == forest.root[use]).astype(float), belief)
    total = np.bincount(cascade, weights=belief, minlength=len(forest.roots))
    frame = pd.DataFrame({"node": use, "cascade": cascade, "score": belief / total[cascade], "at": web.at[use]})
    frame = frame[frame["score"] > 0]
    frame = frame.sort_values(["cascade", "score", "at", "node"], ascending=[True, False, True, True])
    frame["rank"] = frame.groupby("cascade").cumcount() + 1
    return _describe(web, frame[frame["rank"] <= top])


def _describe(web: Web, frame: pd.DataFrame) -> pd.DataFrame:
    """Add what is known about each candidate post."""
    node = frame["node"].to_numpy()
    posts = web.posts.select(["account_id", "platform", "created_at", "created_precision_s"]).to_pandas()
    known = posts.reindex(node).reset_index(drop=True)
    roots = web.forest.roots[frame["cascade"].to_numpy()]
    return pd.DataFrame(
        {
            "root_id": web.names(roots),
            "n": web.forest.size[roots],
            "rank": frame["rank"].to_numpy(),
            "post_id": web.names(node),
            "account_id": known["account_id"],
            "platform": known["platform"],
            "at": known["created_at"],
            "precision_s": known["created_precision_s"].astype("Int64"),
            "held": ~web.ghost[node],
            "score": frame["score"].to_numpy(),
        }
    )


def crossings(posts: Frame, edges: Frame) -> pd.DataFrame:
    """Edges that carry a story from one platform to another.

    Returns
    -------
    pandas.DataFrame
        `root_id`, `from_platform`, `to_platform`, `src`, `dst`, `at`, `lag_s`, `confidence`,
        `n_after` (posts that came through it), `first` (the first such crossing of the cascade);
        the earliest first.
    """
    web = weave(posts, edges)
    forest = web.forest
    platform = pc.fill_null(web.posts["platform"], "").to_pandas().to_numpy()
    child = np.flatnonzero(forest.parent[: web.n_posts] >= 0)
    child = child[forest.parent[child] < web.n_posts]
    parent = forest.parent[child]
    over = platform[child] != platform[parent]
    child, parent = child[over], parent[over]
    rows = web.edge[child]
    taken = web.edges.select(["lag_s", "confidence"]).take(rows).to_pandas()
    frame = pd.DataFrame(
        {
            "root_id": web.names(forest.root[child]),
            "from_platform": platform[parent],
            "to_platform": platform[child],
            "src": web.names(parent),
            "dst": web.names(child),
            "at": pd.to_datetime(np.where(web.at[child] == NEVER, pd.NaT.value, web.at[child]), unit="us", utc=True),
            "lag_s": taken["lag_s"],
            "confidence": taken["confidence"],
            "n_after": forest.size[child],
        }
    ).sort_values(["at", "dst"], ignore_index=True)
    frame["first"] = ~frame.duplicated(["root_id", "from_platform", "to_platform"])
    return frame
