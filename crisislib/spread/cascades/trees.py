"""POSTS and EDGES become CASCADES: one row per story that spread."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow as pa

from crisislib.core.tables import conform
from crisislib.core.watch import Watch
from crisislib.spread.cascades.measures import Measures, measure
from crisislib.spread.post_arrays import NEVER, Frame, SpreadGraph, build_graph, codes, distinct, watch_name
from crisislib.spread.reach_estimate import reach

_COLUMNS = ["n", "depth", "breadth", "virality", "half_s", "speed_h", "r_number"]


def measure_cascades(
    posts: Frame, edges: Frame, accounts: Frame, *, watch: Watch | str, now: datetime, min_size: int = 2
) -> pa.Table:
    """Measure every cascade of a watch.

    Parameters
    ----------
    posts, edges, accounts : POSTS, EDGES, ACCOUNTS
    watch : Watch or str
    now : datetime
        The instant that growth is judged at; goes into `as_of`.
    min_size : int
        Cascades of fewer nodes are left out; 2 leaves out posts that nobody passed on.

    Returns
    -------
    pyarrow.Table
        CASCADES, largest first. `n` counts posts in the data, `n_ghost` placeholders;
        depth, breadth and virality are over both.

    Notes
    -----
    Formulas stand in :mod:`crisislib.spread.cascades.measures`, :mod:`crisislib.spread.cascades.forest` and
    :mod:`crisislib.spread.reach_estimate`.
    """
    frame = table(build_graph(posts, edges), accounts, now=now, min_size=min_size)
    frame = frame.drop(columns=["breakout_at", "known", "cascade"])
    frame.insert(0, "watch", watch_name(watch))
    return conform(frame, "CASCADES")


def table(graph: SpreadGraph, accounts: Frame, *, now: datetime, min_size: int = 2) -> pd.DataFrame:
    """The columns of CASCADES for each story, and those that findings need beside them.

    Parameters
    ----------
    graph : SpreadGraph
    accounts : ACCOUNTS
        For reach.
    now : datetime
        Goes into `as_of`; growth is measured at this instant.
    min_size : int
        Posts and placeholders below which a cascade is left out.

    Returns
    -------
    pandas.DataFrame
        Largest first: the columns of CASCADES, `cascade` (number in the forest), `breakout_at`, `known` (share of the
        counts behind reach).
    """
    measures = of_graph(graph, now)
    wide = pd.DataFrame({name: getattr(measures, name) for name in _COLUMNS})
    wide["cascade"] = np.arange(len(wide))
    wide["started_at"], wide["last_at"] = _instants(measures.start), _instants(measures.last)
    wide["breakout_at"] = wide["started_at"] + pd.to_timedelta(measures.breakout_s, unit="s")
    m = len(wide)
    wide["n_ghost"] = np.bincount(graph.forest.cascade[graph.placeholder], minlength=m)
    wide["n"] -= wide["n_ghost"]
    wide["n_accounts"] = _accounts(graph, m)
    wide = pd.concat([wide, reach(graph, accounts)], axis=1)
    wide = wide[(wide["n"] + wide["n_ghost"] >= min_size) & (wide["n"] > 0)]
    wide = wide.sort_values(["n", "started_at"], ascending=[False, True], kind="stable").reset_index(drop=True)
    wide[["reach_lo", "reach_hi"]] = wide[["reach_lo", "reach_hi"]].round().astype("Int64")
    wide["root_id"] = graph.names(graph.forest.roots[wide["cascade"].to_numpy()])
    wide["as_of"] = pd.Timestamp(now)
    return wide


def of_graph(graph: SpreadGraph, now: datetime) -> Measures:
    """Measures of all cascades of a graph.

    Parameters
    ----------
    graph : SpreadGraph
    now : datetime
        Growth is measured at this instant, in generations of the median lag of the edges.

    Returns
    -------
    Measures
    """
    until = int(pd.Timestamp(now).value // 1000)
    return measure(graph.forest, graph.at, until=until, generation_us=generation_us(graph))


def generation_us(graph: SpreadGraph) -> int:
    """Median lag between a post and what came from it, microseconds: at least a minute, else an hour.

    Parameters
    ----------
    graph : SpreadGraph

    Returns
    -------
    int
        Microseconds.
    """
    lag = pd.Series(graph.edges["lag_s"].to_pandas()).dropna()
    lag = lag[lag > 0]
    return max(int(lag.median() * 1e6), 60_000_000) if len(lag) else 3_600_000_000


def _instants(micros: np.ndarray) -> pd.DatetimeIndex:
    stamps = pd.to_datetime(np.where(micros == NEVER, np.iinfo(np.int64).min, micros), unit="us", utc=True)
    return pd.DatetimeIndex(stamps)


def _accounts(graph: SpreadGraph, m: int) -> np.ndarray:
    account, _ = codes(graph.posts["account_id"])
    return np.bincount(distinct(graph.forest.cascade[: graph.n_posts], account)[0], minlength=m)
