"""POSTS become EDGES: every method in turn, from what is stated to what is only likely."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.core.tables import TIME, conform, empty
from crisislib.core.watch import Watch
from crisislib.spread.cascades.forest import Ints, break_cycles, grow
from crisislib.spread.edges.edge_builder import Board, board
from crisislib.spread.edges.inferred_links import copy, link, thread
from crisislib.spread.edges.parent_vote import vote
from crisislib.spread.edges.repost_chains import chain
from crisislib.spread.edges.stated_links import explicit
from crisislib.spread.post_arrays import NEVER, Frame, times_from_below, watch_name


@dataclass(frozen=True)
class Built:
    """Edges, and what had to be dropped.

    Attributes
    ----------
    edges : pyarrow.Table
        EDGES, in order of the child's time.
    dropped : pandas.DataFrame
        `post_id`, `parent_id`, `reason` of stated edges that cannot be.
    """

    edges: pa.Table
    dropped: pd.DataFrame


def edges(posts: Frame, accounts: Frame, *, watch: Watch | str, now: datetime) -> pa.Table:
    """Reconstruct who passed on what from whom; :func:`build` also says what was dropped.

    Parameters
    ----------
    posts, accounts : POSTS, ACCOUNTS
    watch : Watch or str
    now : datetime
        Goes into `made_at`.

    Returns
    -------
    pyarrow.Table
        EDGES; `method` says how the edge is known and `confidence` how often such an edge names the
        true parent (:mod:`crisislib.spread.edges.confidence`).
    """
    return build(posts, accounts, watch=watch, now=now).edges


def build(posts: Frame, accounts: Frame, *, watch: Watch | str, now: datetime) -> Built:
    """The edges of a watch and the stated ones that cannot be.

    Notes
    -----
    A post takes its edge from the first method that has one: stated parent, repost chain, stated
    root (or whom the neighbours in time came from), thread key, shared link, same text.
    """
    work = board(conform(posts, "POSTS"))
    explicit(work)
    vote(work, chain(work, accounts))
    thread(work)
    link(work)
    copy(work)
    return _collect(work, watch_name(watch), now)


def _collect(work: Board, name: str, now: datetime) -> Built:
    """EDGES from the board, without loops."""
    ids = pa.concat_arrays(work.ids)
    parts = [part for part in work.found if len(part.child)]
    if not parts:
        return Built(empty("EDGES"), _dropped(work, ids))
    child = np.concatenate([part.child for part in parts])
    parent = np.concatenate([part.parent for part in parts])
    trust = np.concatenate([part.confidence for part in parts])
    kind = np.concatenate([part.kind for part in parts])
    method = np.repeat([part.method for part in parts], [len(part.child) for part in parts])
    above = np.full(work.nodes, -1, dtype=np.int64)
    above[child] = parent
    above, cut = break_cycles(above)
    lost = np.isin(child, cut)
    work.dropped.append((child[lost], parent[lost], "closes a loop"))
    order = np.flatnonzero(~lost)
    at, lag = _clock(work, child, parent, above)
    order = order[np.argsort(at[order], kind="stable")]
    child, parent = child[order], parent[order]
    is_post = child < work.n
    table = {
        "watch": pa.array([name] * len(order), pa.string()) if len(order) < 1 else pa.repeat(name, len(order)),
        "src": ids.take(pa.array(parent)),
        "dst": ids.take(pa.array(child)),
        "kind": pa.array(kind[order], pa.string()),
        "made_at": pa.repeat(pa.scalar(now, TIME), len(order)),
        "post_id": pc.if_else(pa.array(is_post), ids.take(pa.array(child)), pa.scalar(None, pa.string())),
        "at": pa.array(at[order], mask=at[order] == NEVER).cast(TIME),
        "lag_s": pa.array(lag[order], from_pandas=True),
        "confidence": pa.array(trust[order]),
        "method": pa.array(method[order], pa.string()),
    }
    return Built(conform(pa.table(table), "EDGES"), _dropped(work, ids))


def _clock(work: Board, child: Ints, parent: Ints, above: Ints) -> tuple[np.ndarray, np.ndarray]:
    """Time of each child, and seconds since its parent where both times are held.

    Someone whose post is not held passed it on before the earliest that came from them: that is their time, so that a
    window holds them together with those below. No lag is counted from it.
    """
    held = np.append(work.at, np.full(work.nodes - work.n, NEVER))
    c, p = held[child], held[parent]
    known = (c != NEVER) & (p != NEVER)
    lag = np.where(known, (np.where(known, c, 0) - np.where(known, p, 0)) / 1e6, np.nan)
    return np.where(child < work.n, c, times_from_below(held, grow(above))[child]), lag


def _dropped(work: Board, ids: pa.Array) -> pd.DataFrame:
    parts = [
        pd.DataFrame({"post_id": ids.take(pa.array(c)).to_pandas(), "parent_id": ids.take(pa.array(p)).to_pandas(),
                      "reason": why})
        for c, p, why in work.dropped if len(c)
    ]  # fmt: skip
    columns = ["post_id", "parent_id", "reason"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
