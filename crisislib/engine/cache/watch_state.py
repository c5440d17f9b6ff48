"""What is known of one watch between two evaluations: its history and inputs, each bounded, and where it stands.

A batch run begins with an empty state; the monitor carries one from tick to tick. The evaluation is the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.core.levels import Level
from crisislib.core.tables import empty
from crisislib.core.watch import Watch
from crisislib.core.window_times import window_start
from crisislib.engine.cache.decision_inputs import LOOK_BACK, DecisionInputs, none_of
from crisislib.engine.cache.window_cache import WindowCache
from crisislib.engine.screening import Counts
from crisislib.lake import Lake
from crisislib.signals import ReductionCache, gap_spans
from crisislib.warn import reach

PENDING_MOST = 20_000
"""Unlabelled posts cached in memory, a few minutes of the busiest watch; more are read from the lake."""
SIGNAL_COLUMNS = [
    "watch", "signal", "at", "step_s", "value", "expected", "lo", "hi", "surprise", "n_posts", "complete",
]  # fmt: skip


@dataclass
class WatchState:
    """One watch under way.

    Attributes
    ----------
    decided : datetime
        Everything up to here has been decided on; the monitor stores it on disk.
    history : pandas.DataFrame
        Signals of earlier windows; the windows to be measured are not in it.
    inputs : DecisionInputs or None
        Labels and posts that decisions read; None where they are to be read from the lake.
    dirty : datetime or None
        Earliest post that the signals do not know yet.
    evaluated : datetime or None
        When the last evaluation was.
    attempted : datetime or None
        When it was last tried.
    """

    watch: Watch
    decided: datetime
    history: pd.DataFrame = field(default_factory=lambda: none_of(SIGNAL_COLUMNS, "SIGNALS"))
    inputs: DecisionInputs | None = None
    dirty: datetime | None = None
    evaluated: datetime | None = None
    attempted: datetime | None = None
    level: Level = "unknown"
    incident: str = ""
    counts: Counts = field(default_factory=Counts)
    cache: WindowCache = field(init=False)
    """Rows of the newest windows."""
    reductions: ReductionCache = field(default_factory=ReductionCache)
    """What the last evaluation reduced earlier windows to."""
    pending: list[pa.Table] = field(default_factory=list)
    shared_labels: list[pa.Table] = field(default_factory=list)
    """LABELS of the pending posts by what all watches share."""
    overflow: bool = True
    """Whether posts without labels may lie in the lake only; so it is at the start."""
    unstored: list[pa.Table] = field(default_factory=list)
    """SIGNALS that the lake does not hold yet."""
    moved: datetime | None = None
    """When the counters of a post were last seen to have risen."""
    stored: datetime | None = None
    """When signals were last put into the lake."""

    def __post_init__(self) -> None:
        self.cache = WindowCache(self.watch)

    @property
    def step(self) -> timedelta:
        """Length of a window."""
        return timedelta(minutes=self.watch.window.step_minutes)

    def window(self, at: datetime) -> datetime:
        """Start of the window that an instant lies in.

        Parameters
        ----------
        at : datetime
            Event time.

        Returns
        -------
        datetime
            At most `at`, less than a step before it.
        """
        return window_start(self.watch, at)

    def take(self, posts: pa.Table, labels: pa.Table | None, earliest: datetime) -> None:
        """Take new posts that wait for the next evaluation.

        Parameters
        ----------
        posts : pyarrow.Table
            POSTS rows.
        labels : pyarrow.Table or None
            Their labels by the shared models; None where they could not be made, so that the lake is read.
        earliest : datetime
            Event time of the first of them; windows from there on are computed anew.
        """
        self.dirty = earliest if self.dirty is None else min(self.dirty, earliest)
        if earliest < self.decided:
            self.moved = pc.max(posts["collected_at"]).as_py()  # some of them may have been observed before
        if labels is None or sum(p.num_rows for p in self.pending) + posts.num_rows > PENDING_MOST:
            self.pending, self.shared_labels, self.overflow = [], [], True
        elif not self.overflow:
            self.pending.append(posts)
            self.shared_labels.append(labels)

    def add_records(self, records: pa.Table) -> None:
        """Take the records of a collection; they change the windows in which their gaps lie, and those of a file.

        Parameters
        ----------
        records : pyarrow.Table
            BATCHES rows of any watch.
        """
        self.cache.add_batches(records)
        mine = records.filter(pc.equal(records["watch"], self.watch.watch))
        starts = [datetime.fromtimestamp(lo, UTC) for cell in mine["gaps"].to_pylist() for lo, _ in gap_spans(cell)]
        # A file says of its whole span that it was collected, also where all its new posts lie at the end of it.
        from_file = mine.filter(pc.is_valid(mine["file"]))["since"]
        starts += from_file.drop_null().to_pylist()
        if starts:
            oldest = self.decided - timedelta(days=self.watch.window.baseline_days)
            self.dirty = max(oldest, min(*starts, self.dirty or starts[0]))

    def labels_stored(self) -> None:
        """What waited is labelled, and the lake has it."""
        self.pending, self.shared_labels = [], []

    def forget(self) -> None:
        """Somebody else has written: what is in memory may not be what the lake has."""
        self.cache.forget()
        self.cache.batches = None
        self.reductions.forget()
        self.inputs = None

    def waiting(self) -> pa.Table:
        """The posts that wait, in one table."""
        return pa.concat_tables([empty("POSTS"), *self.pending])

    def update_history(self, signals: pd.DataFrame, since: datetime, now: datetime) -> None:
        """Put newly computed windows in the place of old ones, and drop what no baseline reaches any more.

        Parameters
        ----------
        signals : pandas.DataFrame
            SIGNALS rows from `since` on.
        since : datetime
            Event time from which windows were computed anew.
        now : datetime
            Wall clock.
        """
        oldest = pd.Timestamp(now) - reach(self.watch)
        first = pd.Timestamp(window_start(self.watch, since))
        earlier = self.history[(self.history["at"] >= oldest) & (self.history["at"] < first)]
        new = signals[SIGNAL_COLUMNS]
        self.history = new.reset_index(drop=True) if earlier.empty else pd.concat([earlier, new], ignore_index=True)

    def update_inputs(self, labels: pd.DataFrame, posts: pd.DataFrame, now: datetime) -> None:
        """Add newly labelled posts to the inputs of decisions, where those are in memory.

        Parameters
        ----------
        labels : pandas.DataFrame
            LABELS rows.
        posts : pandas.DataFrame
            POSTS rows.
        now : datetime
            Wall clock; what lies :data:`LOOK_BACK` before it and before the last decision is dropped.
        """
        if self.inputs is not None:
            self.inputs.add(labels, posts, oldest=min(now, self.decided) - LOOK_BACK)


def mark_foreign(lake: Lake, state: WatchState) -> None:
    """Have posts labelled and measured that another process stored since the last evaluation.

    Parameters
    ----------
    lake : Lake
        The lake.
    state : WatchState
        Gets `dirty` and `overflow`, so that the next evaluation reads the lake.
    """
    if state.evaluated is None:
        return
    back = state.decided - timedelta(days=state.watch.window.baseline_days)
    rows = lake.sql("POSTS", watch=state.watch.watch, since=back, present=False)
    since = f"TIMESTAMPTZ '{state.evaluated.isoformat()}'"
    batches = lake.sql("BATCHES", watch=state.watch.watch, since=state.evaluated).select("batch_id").fetchall()
    stored = ", ".join(f"'{one}'" for (one,) in batches if one is not None)
    # A file may say that its posts were collected before it was imported.
    new = rows.filter(f"collected_at > {since}" + (f" OR batch_id IN ({stored})" if stored else ""))
    first = new.aggregate('min(created_at) AS "first"').to_arrow_table()["first"][0].as_py()
    if first is not None:
        state.dirty, state.overflow = min(first, state.dirty or first), True
        state.moved = state.evaluated
        records = lake.sql("BATCHES", watch=state.watch.watch, since=state.evaluated).to_arrow_table()
        state.add_records(records)


def open_state(lake: Lake, watch: Watch, *, decided: datetime | None, now: datetime) -> WatchState:
    """Take up a watch where the lake and its last position say it was left.

    Without a position nothing has been decided on yet: what the lake holds becomes history, and
    decisions begin now.

    Parameters
    ----------
    lake : Lake
        The lake.
    watch : Watch
        The watch.
    decided : datetime or None
        The stored position: up to when the watch was decided on.
    now : datetime
        Wall clock.

    Returns
    -------
    WatchState
        With its stored signals; `dirty` where windows must be computed first.
    """
    back = now - timedelta(days=watch.window.baseline_days)
    history = lake.read("SIGNALS", watch=watch.watch, since=now - reach(watch), until=now)[SIGNAL_COLUMNS]
    facts = lake.sql("POSTS", watch=watch.watch, since=back, until=now, present=False)
    first = facts.aggregate('min(created_at) AS "first"').to_arrow_table()["first"][0].as_py()
    state = WatchState(watch, decided or now, history)
    if first is not None:
        # Windows without signals are computed first; a day of them again in any case, for posts that came late.
        measured = [] if history.empty else [history["at"].max().to_pydatetime() - timedelta(days=1)]
        state.dirty = max([first, *measured])
    return state
