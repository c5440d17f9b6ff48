"""Measure: signals of the windows that are new or touched, over memory where it reaches and the lake where not."""

from __future__ import annotations

from datetime import datetime, timedelta

import narwhals as nw
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crisislib import nlp, signals, warn
from crisislib.core.prevalence import Calibration
from crisislib.core.tables import TIME
from crisislib.core.watch import Watch
from crisislib.engine.cache.shared_tables import SharedTables
from crisislib.engine.cache.watch_state import WatchState
from crisislib.engine.context import RunContext
from crisislib.lake import Lake

DAY = timedelta(days=1)
"""Records of batches reach so far before the windows: a batch that was asked for earlier may cover them."""
GRACE = timedelta(minutes=2)
"""How long the rows of an ended window stay in memory: its last posts come after its end."""


def measure(
    ctx: RunContext, state: WatchState, labels: pa.Table, begin: datetime, shared: SharedTables
) -> tuple[pa.Table, pa.Table]:
    """Signals of the windows from `begin` to the end of the run's window.

    Parameters
    ----------
    ctx : RunContext
        The run.
    state : WatchState
        Signals of earlier windows and rows in memory; earlier windows are not read again.
    labels : pyarrow.Table
        LABELS that the lake does not hold yet.
    begin : datetime
        Start of the first window that is new or touched.
    shared : SharedTables
        Accounts and groups.

    Returns
    -------
    signals, labels : pyarrow.Table
        SIGNALS, and the labels that are still to be put into the lake.
    """
    watch, lake, until, now = ctx.watch, ctx.lake, ctx.window.until, ctx.window.at
    before = state.history[state.history["at"] < pd.Timestamp(begin)]
    start = signals.grid(watch, begin - signals.CONTEXT * state.step, until).start
    fresh = state.reductions.known_until(start, begin, watch.window.step_minutes * 60)
    if len(before) and not state.cache.reaches(fresh):
        state.cache.fill(lake, fresh, until)
        state.cache.add_labels(labels)
    in_memory = len(before) > 0 and state.cache.reaches(fresh)
    if in_memory and state.cache.batches_from(lake, start - DAY).num_rows > 0:
        frames = _frames_in_memory(ctx, state, shared)
    else:
        ctx.append("LABELS", labels)
        labels = labels.slice(0, 0)
        reach = begin - timedelta(days=watch.window.baseline_days) if before.empty else fresh
        frames = stored_frames(lake, watch, reach, min(reach, start) - DAY, until)
    result: pa.Table = signals.compute(
        frames, watch, since=begin, until=until, now=now,
        history=None if before.empty else before, kept=None if before.empty else state.reductions,
    )  # fmt: skip
    state.cache.trim(state.window(now - GRACE))
    return result, labels


def volume_before(ctx: RunContext, begin: datetime) -> pd.DataFrame:
    """Volume of the windows before a run's first, as far back as a burst is compared; empty where nothing is stored.

    Parameters
    ----------
    ctx : RunContext
        The run.
    begin : datetime
        Event time of its first window.
    """
    since = begin - warn.reach(ctx.watch).to_pytimedelta()
    posts = ctx.lake.sql("POSTS", watch=ctx.watch.watch, since=since, until=begin)
    if not posts.aggregate("count(*)").fetchall()[0][0]:
        return pd.DataFrame()
    frames = stored_frames(ctx.lake, ctx.watch, since, since - DAY, begin)
    result: pd.DataFrame = signals.compute(
        frames, ctx.watch, since=since, until=begin, now=begin, only=("volume", "heat")
    ).to_pandas()
    return result


def _frames_in_memory(ctx: RunContext, state: WatchState, shared: SharedTables) -> signals.Frames:
    """What the indicators read, from memory; posts that are dated ahead wait for their time, as in the lake."""
    cache, until = state.cache, pa.scalar(ctx.window.until, TIME)
    posts, labels = (t.filter(pc.less(t["created_at"], until)) for t in (cache.posts, cache.labels))
    tables = {
        "posts": posts,
        "labels": labels,
        "groups": shared.groups(ctx.watch.watch),
        "accounts": shared.accounts(posts["account_id"]),
        "batches": cache.batches,
        "observations": cache.observations,
    }
    lazy = {name: nw.from_native(t, eager_only=True).lazy() for name, t in tables.items() if t is not None}
    return signals.Frames(**lazy, taught=calibration(ctx.lake, ctx.watch))


def stored_frames(lake: Lake, watch: Watch, since: datetime, records: datetime, until: datetime) -> signals.Frames:
    """What the indicators read, from the lake.

    Parameters
    ----------
    lake : Lake
        Where it lies.
    watch : Watch
        Whose rows.
    since, until : datetime
        Event times of posts and labels.
    records : datetime
        Since when the records of batches are read.
    """
    name = watch.watch
    return signals.Frames(
        posts=lake.scan("POSTS", watch=name, since=since, until=until),
        labels=lake.scan("LABELS", watch=name, since=since, until=until),
        groups=lake.scan("GROUPS", watch=name, present=False),
        accounts=lake.scan("ACCOUNTS"),
        batches=lake.scan("BATCHES", watch=name, since=records),
        observations=lake.scan("POSTS", watch=name, present=False),
        taught=calibration(lake, watch),
    )


def calibration(lake: Lake, watch: Watch) -> Calibration | None:
    """What the analysts' labels say of the model that was taught for a watch; None where nobody taught one.

    Parameters
    ----------
    lake : Lake
        The lake, which has the taught models.
    watch : Watch
        The watch.

    Returns
    -------
    Calibration or None
        Probabilities of the model for labelled posts that it was not taught with.
    """
    return nlp.calibration(watch, lake.artifact(watch.watch, "models", "text"))
