"""Key spreaders: the people through whom most others came, by descendants and not by followers."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pyarrow as pa

from crisislib.core.errors import NotEnoughData
from crisislib.core.i18n import N_
from crisislib.core.ids import mask_name
from crisislib.core.tables import conform
from crisislib.spread.cascades.forest import Ints
from crisislib.spread.cascades.tree_shape import Floats
from crisislib.spread.post_arrays import Frame, SpreadGraph, build_graph, codes, distinct
from crisislib.spread.reach_estimate import followers


def masked_names(accounts: Frame) -> dict[str, str]:
    """Masked name of each account, as last observed.

    Parameters
    ----------
    accounts : ACCOUNTS

    Returns
    -------
    dict of str to str
        Account id -> masked name; accounts without a name are left out.
    """
    table = conform(accounts, "ACCOUNTS").select(["account_id", "seen_at", "name", "name_masked"]).to_pandas()
    newest = table.sort_values("seen_at", kind="stable").drop_duplicates("account_id", keep="last")
    masked = newest["name_masked"].where(
        newest["name_masked"].notna(), newest["name"].map(mask_name, na_action="ignore")
    )
    named = newest[masked.fillna("") != ""]
    return dict(zip(named["account_id"], masked[named.index], strict=True))


def spreaders(posts: Frame, edges: Frame, accounts: Frame, *, top: int | None = 100) -> pd.DataFrame:
    """Accounts by how many posts came through them.

    Parameters
    ----------
    posts, edges, accounts : POSTS, EDGES, ACCOUNTS
    top : int or None
        How many to keep; None keeps all.

    Returns
    -------
    pandas.DataFrame
        `account_id`, `n_posts`, `n_cascades`, `direct` (posts that passed on theirs), `descendants`
        (posts below theirs, each once), `passed_on` (those below posts that they did not begin),
        `audience` (followers of those posts' accounts, summed; null
        where none is in the data), `n_followers`, `share_without` (share of the posts of their cascades that
        would be missing without them, at most), `post_id` (their post with most below).

    Notes
    -----
    `share_without` takes the whole subtree away. Some of those people would have met the story
    elsewhere, so it is the upper end of what removal would have changed.
    """
    return rank(build_graph(posts, edges), accounts, top=top)


def rank(graph: SpreadGraph, accounts: Frame, *, top: int | None = 100) -> pd.DataFrame:
    """Accounts by how many posts came through them, for a graph that is already built; see :func:`spreaders`.

    Parameters
    ----------
    graph : SpreadGraph
    accounts : ACCOUNTS
    top : int or None
        How many accounts to return; all for None.

    Returns
    -------
    pandas.DataFrame
        As :func:`spreaders` gives it.
    """
    forest = graph.forest
    account, names = codes(graph.posts["account_id"])
    mine = np.flatnonzero(account >= 0)
    who = account[mine]
    m = len(names)
    below = forest.size[mine] - 1
    outer = ~nested(graph, account)[mine]
    fans = followers(accounts, names)
    audience, heard = _audience(graph, account, fans)
    frame = pd.DataFrame({"account_id": names.to_pandas()})
    frame["n_posts"] = np.bincount(who, minlength=m)
    once = distinct(who, forest.cascade[mine])
    whole = forest.size[forest.roots][once[1]]
    frame["n_cascades"] = np.bincount(once[0], minlength=m)
    children = np.bincount(forest.parent[forest.parent >= 0], minlength=forest.n)
    frame["direct"] = np.bincount(who, weights=children[mine], minlength=m).astype(np.int64)
    frame["descendants"] = np.bincount(who[outer], weights=below[outer], minlength=m).astype(np.int64)
    later = outer & (forest.depth[mine] > 0)
    frame["passed_on"] = np.bincount(who[later], weights=below[later], minlength=m).astype(np.int64)
    total = np.bincount(once[0], weights=whole, minlength=m)
    own = np.bincount(who[outer], weights=forest.size[mine][outer], minlength=m)
    frame["share_without"] = own / np.maximum(total, 1)
    reached = np.bincount(who[outer], weights=audience[mine][outer], minlength=m)
    known = np.bincount(who[outer], weights=heard[mine][outer], minlength=m)
    frame["audience"] = pd.array(np.where(known > 0, reached, -1), dtype="Int64")
    frame.loc[known == 0, "audience"] = pd.NA
    frame["n_followers"] = pd.array(np.nan_to_num(fans, nan=-1), dtype="Int64")
    frame.loc[np.isnan(fans), "n_followers"] = pd.NA
    by_size = pd.DataFrame({"who": who, "below": below, "node": mine}).sort_values(["who", "below", "node"])
    best = by_size.drop_duplicates("who", keep="last").set_index("who")["node"].reindex(range(m))
    frame["post_id"] = graph.names(best.to_numpy(dtype=np.int64))
    frame = frame[frame["descendants"] > 0]
    frame = frame.sort_values(["descendants", "direct", "account_id"], ascending=[False, False, True])
    return frame.head(top if top is not None else len(frame)).reset_index(drop=True)


def nested(graph: SpreadGraph, account: Ints) -> np.ndarray:
    """Posts that stand below another post of the same account, so that nobody is counted twice.

    Parameters
    ----------
    graph : SpreadGraph
    account : numpy.ndarray of shape (n_posts,)
        Number of the author of each post, -1 where unknown.

    Returns
    -------
    numpy.ndarray of shape (n,)
        True for a node with an ancestor by the same account.
    """
    forest = graph.forest
    inside = np.zeros(forest.n, dtype=bool)
    full = np.full(forest.n, -1, dtype=np.int64)
    full[: graph.n_posts] = account
    pair = forest.cascade.astype(np.int64) * (len(account) + 1) + full
    _, inverse, count = np.unique(pair, return_inverse=True, return_counts=True)
    cursor = np.flatnonzero((count[inverse] > 1) & (full >= 0))
    up = forest.parent[cursor]
    while len(cursor):
        live = up >= 0
        cursor, up = cursor[live], up[live]
        hit = full[up] == full[cursor]
        inside[cursor[hit]] = True
        cursor, up = cursor[~hit], forest.parent[up[~hit]]
    return inside


def _audience(graph: SpreadGraph, account: Ints, fans: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Followers below each node (not its own), and how many nodes below have a known count."""
    own = np.zeros(graph.forest.n)
    known = np.zeros(graph.forest.n)
    count = np.append(fans, np.nan)[account]
    own[: graph.n_posts] = np.nan_to_num(count)
    known[: graph.n_posts] = ~np.isnan(count)
    return _below(graph, own), _below(graph, known)


def _below(graph: SpreadGraph, value: Floats) -> Floats:
    forest = graph.forest
    total = value.copy()
    order = forest.order[::-1]
    depth = forest.depth[order]
    edges = np.r_[0, np.flatnonzero(np.diff(depth)) + 1, len(order)]
    for start, end in pairwise(edges.tolist()):
        nodes = order[start:end]
        nodes = nodes[forest.parent[nodes] >= 0]
        np.add.at(total, forest.parent[nodes], total[nodes])
    out: Floats = total - value
    return out


def path(posts: Frame, edges: Frame, post_id: str) -> pd.DataFrame:
    """How a story came to one post: every step from the top of its tree.

    Parameters
    ----------
    posts, edges : POSTS, EDGES
    post_id : str
        The post, or the id of a placeholder.

    Returns
    -------
    pandas.DataFrame
        `step` (0 is the root), `post_id`, `held`, `account_id`, `at`, `method`, `confidence` of the
        step into it, and `certainty`, the product of the confidences so far.

    Raises
    ------
    NotEnoughData
        When the post is not in the data.
    """
    graph = build_graph(posts, edges)
    spot = graph.ids.index(pa.scalar(post_id)).as_py()
    if spot < 0:
        raise NotEnoughData(N_("there is no such post in the data"), where=post_id, do=N_("widen the window"))
    nodes = [spot]
    while graph.forest.parent[nodes[-1]] >= 0:
        nodes.append(int(graph.forest.parent[nodes[-1]]))
    steps = np.asarray(nodes[::-1])
    rows = graph.edge[steps[1:]]
    known = graph.posts.select(["account_id", "created_at"]).to_pandas().reindex(steps).reset_index(drop=True)
    taken = graph.edges.select(["method", "confidence"]).take(rows).to_pandas()
    out = pd.DataFrame({"step": range(len(steps)), "post_id": graph.names(steps), "held": ~graph.placeholder[steps]})
    out["account_id"], out["at"] = known["account_id"], known["created_at"]
    out["method"] = [None, *taken["method"]]
    out["confidence"] = [np.nan, *taken["confidence"]]
    out["certainty"] = np.cumprod([1.0, *taken["confidence"]])
    return out
