"""POSTS become EDGES: every method in turn, from what is stated to what is only likely."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.core.table_definitions import TIME
from crisislib.core.tables import conform, empty
from crisislib.core.watch import Watch
from crisislib.spread.cascades.forest import Ints, break_cycles, grow
from crisislib.spread.edges.edge_builder import EdgeSet, PostColumns, merge, no_edges, read_columns
from crisislib.spread.edges.inferred_links import export_duplicates, shared_links, text_copies, thread_links
from crisislib.spread.edges.parent_vote import parent_vote
from crisislib.spread.edges.repost_chains import repost_chains, writes_chains
from crisislib.spread.edges.stated_links import stated_links
from crisislib.spread.post_arrays import NEVER, Frame, times_from_below, watch_name


@dataclass(frozen=True)
class EdgeResult:
    """Edges, and what had to be dropped.

    Attributes
    ----------
    edges : pyarrow.Table
        EDGES, in order of the child's time.
    dropped : pandas.DataFrame
        `post_id`, `parent_id`, `reason` of edges that cannot be.
    """

    edges: pa.Table
    dropped: pd.DataFrame


def infer_edges(posts: Frame, accounts: Frame, *, watch: Watch | str, now: datetime) -> pa.Table:
    """Reconstruct who passed on what from whom; :func:`build_edges` also says what was dropped.

    Parameters
    ----------
    posts, accounts : POSTS, ACCOUNTS
        As pyarrow.Table or pandas.DataFrame.
    watch : Watch or str
        A watch or its name, for the column `watch`.
    now : datetime
        Goes into `made_at`.

    Returns
    -------
    pyarrow.Table
        EDGES; `method` says how the edge is known and `confidence` how often such an edge names the
        true parent (:mod:`crisislib.spread.edges.confidence`).
    """
    return build_edges(posts, accounts, watch=watch, now=now).edges


def build_edges(posts: Frame, accounts: Frame, *, watch: Watch | str, now: datetime) -> EdgeResult:
    """The edges of a watch and those that cannot be.

    Parameters
    ----------
    posts, accounts : POSTS, ACCOUNTS
        As pyarrow.Table or pandas.DataFrame.
    watch : Watch or str
        A watch or its name, for the column `watch`.
    now : datetime
        Goes into `made_at`.

    Returns
    -------
    EdgeResult

    Notes
    -----
    Every method returns edges, and :func:`~crisislib.spread.edges.edge_builder.merge` combines them: a post takes its
    edge from the first method that has one: stated parent, repost chain, stated root (or whom the neighbours in time
    came from), thread key, shared link, same text.
    """
    columns = read_columns(conform(posts, "POSTS"))
    known = merge(columns, no_edges(), stated_links(columns))
    chained = writes_chains(columns, known)
    known = merge(columns, known, repost_chains(columns, known, accounts=accounts))
    known = merge(columns, known, parent_vote(columns, known, chained=chained))
    for method in (thread_links, shared_links, text_copies, export_duplicates):
        known = merge(columns, known, method(columns, known))
    return _to_table(columns, known, watch_name(watch), now)


def _to_table(columns: PostColumns, known: EdgeSet, watch: str, now: datetime) -> EdgeResult:
    """EDGES without loops."""
    ids = pa.concat_arrays([columns.ids, known.placeholders])
    child, parent = known.child, known.parent
    if not len(child):
        return EdgeResult(empty("EDGES"), _dropped(ids, known.dropped))
    above = np.full(len(ids), -1, dtype=np.int64)
    above[child] = parent
    above, cut = break_cycles(above)
    loop = np.isin(child, cut)
    at, lag = _times(columns, len(ids), known, above)
    order = np.flatnonzero(~loop)
    order = order[np.argsort(at[order], kind="stable")]
    is_post = child[order] < columns.n
    dst = ids.take(pa.array(child[order]))
    table = {
        "watch": pa.repeat(pa.scalar(watch, pa.string()), len(order)),
        "src": ids.take(pa.array(parent[order])),
        "dst": dst,
        "kind": pa.array(known.kind[order], pa.string()),
        "made_at": pa.repeat(pa.scalar(now, TIME), len(order)),
        "post_id": pc.if_else(pa.array(is_post), dst, pa.scalar(None, pa.string())),
        "at": pa.array(at[order], mask=at[order] == NEVER).cast(TIME),
        "lag_s": pa.array(lag[order], from_pandas=True),
        "confidence": pa.array(known.confidence[order]),
        "method": pa.array(known.method[order], pa.string()),
    }
    dropped = (*known.dropped, (child[loop], parent[loop], "closes a loop"))
    return EdgeResult(conform(pa.table(table), "EDGES"), _dropped(ids, dropped))


def _times(columns: PostColumns, nodes: int, known: EdgeSet, above: Ints) -> tuple[np.ndarray, np.ndarray]:
    """Time of each child, and seconds since its parent where the data has both times.

    A placeholder was passed on before the earliest post that came from it: that is its time, so that a window holds it
    together with those below. No lag is counted from it.
    """
    at = np.append(columns.at, np.full(nodes - columns.n, NEVER))
    c, p = at[known.child], at[known.parent]
    timed = (c != NEVER) & (p != NEVER)
    lag = np.where(timed, (np.where(timed, c, 0) - np.where(timed, p, 0)) / 1e6, np.nan)
    return np.where(known.child < columns.n, c, times_from_below(at, grow(above))[known.child]), lag


def _dropped(ids: pa.Array, dropped: tuple[tuple[Ints, Ints, str], ...]) -> pd.DataFrame:
    parts = [
        pd.DataFrame({"post_id": ids.take(pa.array(c)).to_pandas(), "parent_id": ids.take(pa.array(p)).to_pandas(),
                      "reason": why})
        for c, p, why in dropped if len(c)
    ]  # fmt: skip
    columns = ["post_id", "parent_id", "reason"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
