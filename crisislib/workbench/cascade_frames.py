"""Cascades reduced to the small frames that charts of spread are drawn from: layers, growth, bridges, spreaders."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crisislib.workbench.report_context import ReportContext


def cascades(context: ReportContext) -> pd.DataFrame:
    """CASCADES of the watch that began in the window, the biggest first.

    Parameters
    ----------
    context : ReportContext
        The watch that is read.

    Returns
    -------
    pandas.DataFrame
        CASCADES.
    """
    found = context.sql("SELECT * FROM cascades ORDER BY n DESC, root_id", "CASCADES")
    return found if context.since is None else found[found["last_at"] >= pd.Timestamp(context.since)]


def layers(nodes: pd.DataFrame) -> pd.DataFrame:
    """Posts per layer of a tree: `depth`, `n`.

    Parameters
    ----------
    nodes : pandas.DataFrame
        Posts of a tree, see :func:`members`.

    Returns
    -------
    pandas.DataFrame
        `depth` from 0 at the root.
    """
    if nodes.empty:
        return pd.DataFrame(columns=["depth", "n"])
    depth = _depth(nodes)[0]
    return pd.Series(depth[depth >= 0], name="depth").value_counts().sort_index().rename("n").reset_index()


def _depth(nodes: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Depth, subtree size and parent index of each node."""
    from crisislib.charts.propagation import sizes

    parent = pd.Index(nodes["post_id"]).get_indexer(pd.Index(nodes["parent_id"].fillna("")))
    depth, size = sizes(parent)
    return depth, size, parent


def growth_curve(nodes: pd.DataFrame, cascade: pd.DataFrame, *, step_s: int) -> pd.DataFrame:
    """Posts so far per window, and reach in proportion to the reach of the whole: `at`, `n`, `reach_lo`, `reach_hi`.

    Parameters
    ----------
    nodes : pandas.DataFrame
        Posts of a tree, see :func:`members`.
    cascade : pandas.DataFrame
        Its row of CASCADES, for the reach of the whole.
    step_s : int
        Seconds of a window; an hour at most.

    Returns
    -------
    pandas.DataFrame
        One row a window with posts; counts are cumulative.
    """
    times = nodes["at"].dropna()
    if times.empty:
        return pd.DataFrame(columns=["at", "n", "reach_lo", "reach_hi"])
    counts = times.dt.floor(f"{min(step_s, 3600)}s").value_counts().sort_index().cumsum()
    found = pd.DataFrame({"at": counts.index, "n": counts.to_numpy()})
    for side in ("reach_lo", "reach_hi"):
        whole = cascade[side].dropna()
        if len(whole):
            found[side] = found["n"] / found["n"].max() * float(whole.iloc[0])
    return found


def forecast(cascade: pd.DataFrame) -> pd.DataFrame:
    """The forecast of a cascade, drawn at its last post: `at`, `lo`, `mid`, `hi`.

    Parameters
    ----------
    cascade : pandas.DataFrame
        Rows of CASCADES.

    Returns
    -------
    pandas.DataFrame
        Posts in the end, with the interval; no row where there is no forecast.
    """
    names = {"last_at": "at", "forecast_lo": "lo", "forecast": "mid", "forecast_hi": "hi"}
    return cascade.rename(columns=names).reindex(columns=list(names.values())).dropna(subset=["mid"])


def bridges(nodes: pd.DataFrame) -> pd.DataFrame:
    """Platforms of a tree: `platform`, `first_at`, `n`, `source` (platform of the parent of its earliest), `lag_h`.

    Parameters
    ----------
    nodes : pandas.DataFrame
        Posts of a tree, see :func:`members`.

    Returns
    -------
    pandas.DataFrame
        One row a platform, the earliest first; `lag_h` in hours after the first post of `source`.
    """
    columns = ["platform", "first_at", "n", "source", "lag_h"]
    if nodes.empty or nodes["platform"].isna().all():
        return pd.DataFrame(columns=columns)
    held = nodes.dropna(subset=["platform", "at"]).sort_values("at")
    of = nodes.set_index("post_id")["platform"]
    found = held.groupby("platform", sort=False).agg(
        first_at=("at", "min"), n=("at", "size"), up=("parent_id", "first")
    )
    found = found.reset_index()
    source = found["up"].map(of)
    found["source"] = source.where(source.notna() & (source != found["platform"]), None)
    first = found.set_index("platform")["first_at"]
    lag = pd.to_datetime(found["first_at"]) - pd.to_datetime(found["source"].map(first))
    found["lag_h"] = lag.dt.total_seconds() / 3600
    return found[columns]


def posts_through(nodes: pd.DataFrame, account: str) -> list[str]:
    """Posts of a tree that came through an account: everything below a post of its own.

    Parameters
    ----------
    nodes : pandas.DataFrame
        Posts of a tree, see :func:`members`.
    account : str
        Whose.

    Returns
    -------
    list of str
        Post ids, each once.
    """
    if nodes.empty:
        return []
    depth, _, parent = _depth(nodes)
    own = (nodes["account_id"] == account).to_numpy()
    below = np.zeros(len(nodes), dtype=bool)
    for layer in range(1, int(depth.max()) + 1):
        here = np.flatnonzero(depth == layer)
        below[here] = below[parent[here]] | own[parent[here]]
    return list(nodes.loc[below, "post_id"])


def _stored_below(nodes: pd.DataFrame, depth: np.ndarray, parent: np.ndarray) -> np.ndarray:
    """Posts below each node, without those that are known only through others."""
    stored = np.ones(len(nodes), dtype=np.int64)
    if "ghost" in nodes:
        stored -= nodes["ghost"].fillna(False).to_numpy(dtype=bool)
    below = np.zeros(len(nodes), dtype=np.int64)
    for layer in range(int(depth.max()), 0, -1):
        here = np.flatnonzero(depth == layer)
        np.add.at(below, parent[here], below[here] + stored[here])
    return below


def _below_own(who: np.ndarray, depth: np.ndarray, parent: np.ndarray) -> np.ndarray:
    """Whether a post stands anywhere below another of its account: its branch is counted with that one already."""
    several = {name for name, n in zip(*np.unique(who, return_counts=True), strict=True) if n > 1 and name}
    nested = np.zeros(len(who), dtype=bool)
    for node in np.flatnonzero(np.isin(who, list(several)) & (depth > 0)):
        above = parent[node]
        while above >= 0 and who[above] != who[node]:
            above = parent[above]
        nested[node] = above >= 0
    return nested


def key_spreaders(nodes: pd.DataFrame) -> pd.DataFrame:
    """Accounts of a tree: `account_id`, `name`, `platform`, `n_through`, `n_own`, `post_id`.

    `n_through` counts the stored posts below theirs, each once: those of :func:`posts_through`.

    Parameters
    ----------
    nodes : pandas.DataFrame
        Posts of a tree, see :func:`members`.

    Returns
    -------
    pandas.DataFrame
        One row an account, the one that most came through first; `post_id` is its most passed-on post.
    """
    columns = ["account_id", "name", "platform", "n_through", "n_own", "post_id"]
    if nodes.empty:
        return pd.DataFrame(columns=columns)
    depth, _, parent = _depth(nodes)
    who = nodes["account_id"].fillna("").to_numpy()
    below = _stored_below(nodes, depth, parent)
    found = nodes.assign(n_through=np.where(_below_own(who, depth, parent), 0, below), n_own=1)[who != ""]
    found = found.sort_values("n_through", ascending=False)
    grouped = found.groupby("account_id", sort=False).agg(
        name=("label", "first"),
        platform=("platform", "first"),
        n_through=("n_through", "sum"),
        n_own=("n_own", "sum"),
        post_id=("post_id", "first"),
    )
    people: pd.DataFrame = grouped.reset_index().sort_values("n_through", ascending=False)[columns]
    return people
