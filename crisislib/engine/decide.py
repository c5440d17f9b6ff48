"""Decide: the decisions of a span, window by window, the same for a batch run and for the monitor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import pandas as pd
import pyarrow as pa

from crisislib import warn
from crisislib.core.levels import Level, rank
from crisislib.core.tables import empty
from crisislib.core.window_times import shifted, window_end
from crisislib.engine.cache.decision_inputs import DecisionInputs
from crisislib.engine.cache.watch_state import WatchState
from crisislib.engine.context import RunContext
from crisislib.engine.findings import newest_rows, revived
from crisislib.lake import Lake

REMEMBERED = timedelta(days=90)
"""How far back closed incidents and their alerts are read: they are the memory of the decider."""
TRIGGER_POSTS = 5
"""Grave posts within six hours that make a window worth a visit; below any trigger's need."""
SIX_HOURS = pd.Timedelta(hours=6)
"""What the hard triggers look back over."""


@dataclass(frozen=True)
class Memory:
    """INCIDENTS and ALERTS rows of a watch, every observation, as they stood before a span.

    Attributes
    ----------
    incidents : pandas.DataFrame
        INCIDENTS rows.
    alerts : pandas.DataFrame
        ALERTS rows.
    """

    incidents: pd.DataFrame
    alerts: pd.DataFrame

    def of(self, watch: str) -> Memory:
        """The rows of one watch.

        Parameters
        ----------
        watch : str
            Name of the watch.

        Returns
        -------
        Memory
            Its incidents and alerts only.
        """
        return Memory(*(rows[rows["watch"] == watch] for rows in (self.incidents, self.alerts)))

    def with_rows(self, decision: warn.Decision) -> Memory:
        """The memory after a decision.

        Parameters
        ----------
        decision : Decision
            Its new rows are added.

        Returns
        -------
        Memory
            A new one; this one is unchanged.
        """
        return Memory(_with(self.incidents, decision.incidents), _with(self.alerts, decision.alerts))


def read_memory(lake: Lake, before: datetime, watch: str | None = None) -> Memory:
    """What decisions from an instant on need to know: open incidents, and all of the ninety days before.

    Parameters
    ----------
    lake : Lake
        The lake.
    before : datetime
        Judged-until time of the first decision.
    watch : str or None, default None
        One watch; all when left out.

    Returns
    -------
    Memory
        INCIDENTS and ALERTS rows, every observation of each incident.
    """
    rows = {name: lake.read(name, watch=watch, present=False) for name in ("INCIDENTS", "ALERTS")}
    incidents = rows["INCIDENTS"]
    newest = incidents.sort_values("at").drop_duplicates("incident_id", keep="last")
    recent = newest["at"] >= pd.Timestamp(before - REMEMBERED)
    wanted = set(newest.loc[recent | (newest["status"] != "closed"), "incident_id"])
    return Memory(*(frame[frame["incident_id"].isin(wanted)] for frame in (incidents, rows["ALERTS"])))


def track_record(lake: Lake, watch: str, now: datetime) -> warn.TrackRecord | None:
    """How the rules of a watch did in its newest backtest; None where none was run over a history before now.

    Parameters
    ----------
    lake : Lake
        The lake.
    watch : str
        Name of the watch.
    now : datetime
        Judged-until time: later histories are not read.

    Returns
    -------
    TrackRecord or None
        What `crisis backtest` stored.
    """
    rows = newest_rows(lake, watch, ["warn.record"], now=now)
    if rows.empty:
        return None
    tables = [revived(row).table for row in rows.to_dict("records")]
    return warn.TrackRecord(pd.concat(tables, ignore_index=True), rows["at"].iloc[0].to_pydatetime())


@dataclass(frozen=True)
class Decisions:
    """The decisions of a span.

    Attributes
    ----------
    each : tuple of (datetime, Decision)
        In order of time; the last is as at the end of the span.
    peak, peak_at : str, datetime or None
        Highest level on the way, and when it was first reached.
    missed : tuple of datetime
        Ends of windows before the last one, decided on after the fact.
    """

    each: tuple[tuple[datetime, warn.Decision], ...]
    missed: tuple[datetime, ...] = ()

    @property
    def last(self) -> warn.Decision:
        """The decision as at the end."""
        return self.each[-1][1]

    @property
    def peak(self) -> Level:
        """Highest level on the way."""
        return max((one.level for _, one in self.each), key=rank)

    @property
    def peak_at(self) -> datetime | None:
        """When the highest level was first reached; None where nothing was raised."""
        return next((at for at, one in self.each if one.level == self.peak), None) if rank(self.peak) > 0 else None

    def rows(self, name: str) -> pa.Table:
        """ALERTS or INCIDENTS rows that are new.

        Parameters
        ----------
        name : str
            `ALERTS` or `INCIDENTS`.

        Returns
        -------
        pyarrow.Table
            Of all decisions, in their order.
        """
        parts = [one.alerts if name == "ALERTS" else one.incidents for _, one in self.each]
        return pa.concat_tables([empty(name), *parts])

    def reported(self) -> list[tuple[datetime, warn.Decision]]:
        """The decisions that changed something, and the last."""
        changed = [(at, one) for at, one in self.each[:-1] if one.alerts.num_rows or one.incidents.num_rows]
        return [*changed, self.each[-1]]


def replay(
    ctx: RunContext, state: WatchState, inputs: DecisionInputs, memory: Memory, earlier: pd.DataFrame | None = None
) -> Decisions:
    """Decide at the end of every window since the last decision that could matter, and at the end of the span.

    Baselines look back only, so a window's decision is the one that was or would have been taken live; what was
    collected later is in it all the same, and is reported.

    Parameters
    ----------
    ctx : RunContext
        The run; its `at` is the last moment.
    state : WatchState
        Signals, and until when was decided.
    inputs : DecisionInputs
        Labels and posts.
    memory : Memory
        Incidents and alerts so far.
    earlier : pandas.DataFrame, optional
        Volume of the windows before the signals begin: what a burst is rare for.

    Returns
    -------
    Decisions
        With rows that are not in the lake yet.
    """
    at = ctx.window.at
    ends = window_ends(state, at)
    known = state.history if earlier is None or earlier.empty else pd.concat([earlier, state.history])
    windows = warn.index_windows(state.history, ctx.watch, series=warn.series_evidence(known, ctx.watch))
    visited = _worth_visiting(ctx, state, memory, ends, windows) if len(ends) > 1 else ends
    each: list[tuple[datetime, warn.Decision]] = []
    moments = [*visited, at]
    record: warn.TrackRecord | None = None
    asked = False
    for number, moment in enumerate(moments):
        ctx.progress("warn", number, len(moments))
        labels, posts = inputs.at(moment)
        decide = partial(
            warn.decide, windows, ctx.watch, now=moment, incidents=memory.incidents, alerts=memory.alerts,
            labels=labels, posts=posts,
        )  # fmt: skip
        decision = decide(record=record)
        if rank(decision.level) > 0 and not asked:
            record, asked = track_record(ctx.lake, ctx.watch.watch, at), True
            decision = decide(record=record)
        each.append((moment, decision))
        memory = memory.with_rows(decision)
    ctx.progress("warn", len(moments), len(moments))
    return Decisions(tuple(each), tuple(ends[:-1]))


def window_ends(state: WatchState, at: datetime) -> list[datetime]:
    """Ends of the windows after the last decision and before a moment, in order.

    Parameters
    ----------
    state : WatchState
        Whose last decision counts.
    at : datetime
        Event time, exclusive.

    Returns
    -------
    list of datetime
        Spaced by the windows of the watch.
    """
    end, result = window_end(state.watch, state.decided), []
    while end < at:
        result.append(end)
        end = window_end(state.watch, end)
    return result


def _worth_visiting(
    ctx: RunContext,
    state: WatchState,
    memory: Memory,
    ends: Sequence[datetime],
    windows: warn.IndexedWindows,
) -> list[datetime]:
    """The ends at which a decision could write anything: raised windows, their aftermath, severe posts."""
    at = pd.DatetimeIndex(list(ends))
    history = warn.decide(windows, ctx.watch, now=ends[-1]).history
    step_s, zone = int(state.step.total_seconds()), ctx.watch.timezone
    level = pd.Series(
        [rank(v) > 0 for v in history["level"]], index=shifted(pd.DatetimeIndex(history["at"]), step_s, zone)
    )
    raised = level.reindex(at, fill_value=False).to_numpy(dtype=bool)
    tallies = windows.series.tallies
    harm = tallies[[c for c in tallies if str(c).startswith("harm.")]].sum(axis=1)
    recent = harm.rolling(SIX_HOURS).sum()
    recent.index = shifted(pd.DatetimeIndex(recent.index), step_s, zone)
    wanted = raised | (recent.reindex(at).fillna(0.0) >= TRIGGER_POSTS).to_numpy(dtype=bool)
    raised = wanted.copy()
    if len(memory.incidents) and _open(memory.incidents):
        raised[0] = wanted[0] = True  # an incident that is open already is in its aftermath
    # Visited so long after a raised window that an incident can be closed, twice over.
    for back in range(1, min(2 * warn.close_after(ctx.watch), len(at) - 1) + 1):
        wanted[back:] |= raised[:-back]
    return [end for end, visit in zip(ends, wanted, strict=True) if visit]


def _open(incidents: pd.DataFrame) -> bool:
    newest = incidents.sort_values("at").drop_duplicates("incident_id", keep="last")
    return bool((newest["status"] != "closed").any())


def _with(frame: pd.DataFrame, rows: pa.Table) -> pd.DataFrame:
    if rows.num_rows == 0:
        return frame
    new: pd.DataFrame = rows.to_pandas()
    return new if frame.empty else pd.concat([frame, new], ignore_index=True)
