"""The stories of a watch as events: from posts and their edges to the arrays that forecasts are made of."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow as pa

from crisislib.core.tables import conform
from crisislib.core.watch import Watch
from crisislib.spread.forecast.events import Events, Floats, Ints, build_events
from crisislib.spread.post_arrays import NEVER, Frame, SpreadGraph, codes, micros


def events_of(graph: SpreadGraph, accounts: Frame, watch: Watch) -> tuple[Events, Ints, Floats]:
    """The cascades of a graph as events.

    Placeholders have no time of their own and are not events; a cascade whose root has no time is left out.

    Parameters
    ----------
    graph : SpreadGraph
    accounts : ACCOUNTS
        For follower counts.
    watch : Watch
        Its time zone gives the clock of the audience.

    Returns
    -------
    events : Events
        k cascades; times in seconds since the root.
    number : numpy.ndarray of shape (k,)
        Number of each cascade in the forest.
    start : numpy.ndarray of shape (k,)
        Time of its root, seconds since 1970.
    """
    forest, posts = graph.forest, graph.n_posts
    start = graph.at[forest.roots].astype(float) / 1e6
    post = np.arange(posts)
    post = post[(graph.at[:posts] != NEVER) & (forest.parent[:posts] >= 0)]
    story = forest.cascade[post].astype(np.int64)
    timed = np.flatnonzero((graph.at[forest.roots] != NEVER) & (np.bincount(story, minlength=len(start)) > 0))
    place = np.full(len(start), -1)
    place[timed] = np.arange(len(timed))
    known = place[story] >= 0
    post, story = post[known], story[known]
    account, names = codes(graph.posts["account_id"])
    followers = _followers(accounts, names)
    audience = np.where(account >= 0, np.append(followers, np.nan)[account], np.nan)
    root = forest.roots[timed]
    root_audience = np.where(root < posts, audience[np.minimum(root, posts - 1)], np.nan)
    offset = [pd.Timestamp(s, unit="s", tz="UTC").tz_convert(watch.zone).utcoffset() for s in start[timed]]
    clock = start[timed] + np.array([o.total_seconds() if o is not None else 0.0 for o in offset])
    events = build_events(
        graph.names(root), place[story], graph.at[post] / 1e6 - start[story], depth=forest.depth[post],
        user=account[post], audience=audience[post], root_audience=root_audience, clock=clock,
    )  # fmt: skip
    return events, timed, start[timed]


def _followers(accounts: Frame, names: pa.Array) -> Floats:
    """Latest follower count of each account, NaN where none is in the data."""
    table = conform(accounts, "ACCOUNTS").select(["account_id", "seen_at", "n_followers"]).to_pandas()
    latest = table.sort_values("seen_at").drop_duplicates("account_id", keep="last").set_index("account_id")
    counts = latest["n_followers"].reindex(names.to_pylist())
    return np.asarray(counts.to_numpy(dtype=float, na_value=np.nan))


def data_until(graph: SpreadGraph, now: datetime) -> float:
    """The instant up to which the data reaches: silence after the last collection is not calm.

    Parameters
    ----------
    graph : SpreadGraph
    now : datetime
        The wall clock.

    Returns
    -------
    float
        Seconds since 1970: the last collection, `now` where that is earlier.
    """
    collected = micros(graph.posts["collected_at"])
    latest = pd.Timestamp(now).timestamp()
    return min(latest, float(collected.max()) / 1e6) if len(collected) else latest


def members(graph: SpreadGraph, cascade: int, most: int = 50) -> list[str]:
    """Ids of the first posts of a cascade.

    Parameters
    ----------
    graph : SpreadGraph
    cascade : int
        Number of the cascade in the forest.
    most : int
        How many ids at most.

    Returns
    -------
    list of str
        The earliest first.
    """
    inside = np.flatnonzero(graph.forest.cascade[: graph.n_posts] == cascade)
    return graph.names(inside[np.argsort(graph.at[inside], kind="stable")][:most])
