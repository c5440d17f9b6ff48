"""From SIGNALS to a level, an incident and alerts: one decision, repeatable to the letter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, partial
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from crisislib.core.finding import Finding
from crisislib.core.levels import Level, rank
from crisislib.core.tables import conform, empty
from crisislib.core.watch import Watch
from crisislib.core.window_times import window_end
from crisislib.warn import alerts as out
from crisislib.warn import decision_findings, evidence_posts, mood_findings
from crisislib.warn import incidents as episodes
from crisislib.warn.alert_rows import alert_row, points_of
from crisislib.warn.classification import Classification, classify
from crisislib.warn.decision_evidence import DecisionBasis
from crisislib.warn.hysteresis import window_level
from crisislib.warn.index_weights import SHIPPED, Weights
from crisislib.warn.indexed_windows import IndexedWindows, index_windows
from crisislib.warn.judgeability import HALF, health
from crisislib.warn.track_record import TrackRecord
from crisislib.warn.triggers import fired
from crisislib.warn.watch_series import ASKS_NOTHING, SeriesEvidence


@dataclass(frozen=True)
class Decision:
    """What is decided now.

    Attributes
    ----------
    level : str
        `unknown` where no level can be given (the findings say why); an open incident keeps its own.
    index : float
        0-100 of the newest window, NaN where it is not known.
    alerts, incidents : pyarrow.Table
        Rows to append to ALERTS and INCIDENTS; none where nothing changed.
    incident_id : str
        The open incident, empty where there is none.
    """

    level: Level
    index: float
    alerts: pa.Table
    incidents: pa.Table
    incident_id: str
    _sentences: Callable[[], list[Finding]] = field(repr=False)
    _course: Callable[[], pd.DataFrame] = field(repr=False)
    _parts: Callable[[], pd.DataFrame] = field(repr=False)

    @property
    def contributions(self) -> pd.DataFrame:
        """What the index is made of, see :func:`crisislib.warn.crisis_index.contributions`."""
        return self._parts()

    @cached_property
    def findings(self) -> list[Finding]:
        """What a reader is shown; written when it is asked for, since of a replayed history few are."""
        return self._sentences()

    @cached_property
    def history(self) -> pd.DataFrame:
        """Per window `at`, `index`, `level`, `return_days` (of its burst of volume; 0 for none, NaN where nothing was
        collected), and one column per dimension.
        """
        return self._course()

    @property
    def severe_first_day(self) -> bool:
        """Whether there is no level yet, and most of what is said is bad."""
        return any(one.message == mood_findings.FIRST_DAY for one in self.findings)


def decide(
    signals: pa.Table | pd.DataFrame | IndexedWindows,
    watch: Watch,
    *,
    now: datetime,
    incidents: pd.DataFrame | None = None,
    alerts: pd.DataFrame | None = None,
    labels: pd.DataFrame | None = None,
    posts: pd.DataFrame | None = None,
    weights: Weights = SHIPPED,
    series: SeriesEvidence | None = None,
    record: TrackRecord | None = None,
) -> Decision:
    """Judge the newest window of a watch and say what follows.

    Parameters
    ----------
    signals : pyarrow.Table, pandas.DataFrame or IndexedWindows
        SIGNALS rows of the watch (present state); those of :func:`~crisislib.warn.detectors.reach` before `now`
        make the decision independent of where they begin. Who replays a history judges its windows once
        (:func:`~crisislib.warn.indexed_windows.index_windows`): weights and series are then theirs.
    watch : Watch
        Thresholds, quiet hours, language.
    now : datetime
        The clock; windows that begin after it are left out.
    incidents, alerts : pandas.DataFrame, optional
        INCIDENTS and ALERTS rows so far; they are the memory of the decider.
    labels, posts : pandas.DataFrame, optional
        LABELS and POSTS rows of the last fortnight: hard triggers, kind of crisis, evidence.
    weights : Weights
        Frozen weights of the index.
    series : SeriesEvidence, optional
        From :func:`~crisislib.warn.watch_series.series_evidence` over the same signals or longer ones: who replays
        a history computes them once. A window's answer hangs on no later one, so it is the same.
    record : TrackRecord
        How the rules did in the newest backtest; an alert carries what is known of the rule that fired.

    Returns
    -------
    Decision
        The same tables and the same `now` give the same rows with the same ids.
    """
    clock = pd.Timestamp(now)
    if not isinstance(signals, IndexedWindows):
        rows = signals.to_pandas() if isinstance(signals, pa.Table) else signals
        signals = index_windows(rows[rows["at"] < clock], watch, weights=weights, series=series)
    windows = _settled(signals.before(clock), clock)
    made, series, levels = windows.made, windows.series, windows.levels
    state = health(windows.rows, made, watch, clock)
    hard = fired(series, labels, clock)
    basis = DecisionBasis(watch, clock, made, series, levels, state, hard, windows.rows, labels, posts, record)
    current = episodes.newest(incidents, watch, clock)
    opened = episodes.open_incident(current)
    incident = _incident(basis, current, opened, incidents)
    alert = alert_row(basis, alerts, incident, opened)
    level: Level = basis.level if state.ok or basis.fired else "unknown"
    identity = incident["incident_id"] if incident else (opened.incident_id if opened else "")
    return Decision(
        level,
        basis.value if state.ok else float("nan"),
        _table("ALERTS", alert),
        _table("INCIDENTS", incident),
        str(identity) if not incident or incident["status"] != "closed" else "",
        partial(decision_findings.findings, basis, level, incident, alert),
        partial(decision_findings.history, made, basis.days, levels),
        lambda: basis.contributions,
    )


def _settled(windows: IndexedWindows, now: pd.Timestamp) -> IndexedWindows:
    """The windows to judge: the running one only where its index is already no less, or something else raises it.

    Half an hour may raise an alarm, but it is no calm window. Where a file ends within the window it runs no further.
    """
    made, watch = windows.made, windows.series.watch
    whole = len(made.at) > 0 and window_end(watch, made.at[-1]) <= now and made.complete[-1] >= HALF
    if len(made.at) < 2 or whole:
        return windows
    floor, cap = windows.series.limits(made.at[-2:])
    before, running = (
        window_level(float(v), int(low), int(high), watch.levels)
        for v, low, high in zip(made.value[-2:], floor, cap, strict=True)
    )
    if made.value[-1] >= made.value[-2] or (rank(running) > rank(before) and floor[-1] > 0):
        return windows
    return windows.before(made.at[-1])


def _table(name: str, row: dict[str, Any] | None) -> pa.Table:
    return conform(pd.DataFrame([row]), name) if row else empty(name)


def _incident(
    basis: DecisionBasis, current: pd.DataFrame, opened: episodes.State | None, incidents: pd.DataFrame | None
) -> dict[str, Any] | None:
    """The INCIDENTS row that this decision writes, or None."""
    level = basis.level
    if opened is None:
        # A burst of praise, or of what blames nobody, asks nothing of anybody; nor does the calm after it.
        quiet = level == "blue" and (basis.about in ASKS_NOTHING or not basis.raised)
        if rank(level) < rank("blue") or quiet or not (basis.health.ok or basis.fired):
            return None
        # Who closed it does not want it back, unless it got worse since; nor the next burst of the same day.
        rest = pd.Timedelta(minutes=episodes.CALM_MINUTES if basis.rule in out.ALONE else 0)
        if rank(level) <= rank(episodes.closed_by_hand(current, basis.onset - rest)):
            return None
        return _row(basis, episodes.incident_id(basis.watch, basis.onset), basis.onset, "open")
    if not (basis.health.ok or basis.fired):
        return None
    if rank(level) < rank("blue") and _calm_for(basis.levels) >= episodes.close_after(basis.watch):
        return _row(basis, opened.incident_id, opened.opened_at, "closed", opened, incidents)
    by_hand = episodes.set_by_hand(incidents, opened.incident_id, basis.at)
    if level == opened.level and not _reclassified(basis, current, opened, by_hand):
        return None
    # Worse than what somebody took: it is open again.
    worse = rank(level) > rank(opened.level)
    return _row(basis, opened.incident_id, opened.opened_at, "open" if worse else opened.status, opened, incidents)


def _reclassified(basis: DecisionBasis, current: pd.DataFrame, opened: episodes.State, given: dict[str, str]) -> bool:
    """Whether what the incident is has changed; what a person gave stands."""
    row = current[current["incident_id"] == opened.incident_id].iloc[-1]
    now = _classified(basis, opened.opened_at, opened)
    before = (row["kind"], row.get("subject"), row.get("standing"))
    return (given.get("kind", now.kind), now.subject, given.get("standing", now.standing)) != before


def _classified(basis: DecisionBasis, opened_at: pd.Timestamp, opened: episodes.State | None) -> Classification:
    parts = basis.contributions
    mine = parts[parts["dimension"] == "coordination"] if len(parts) else parts
    share = float(mine["value"].iloc[0]) if len(mine) and pd.notna(mine["value"].iloc[0]) else 0.0
    before = ("other", "other") if opened is None else (opened.subject, opened.kind)
    return classify(basis.series, opened_at, basis.at, share, before)


def _calm_for(levels: list[Level]) -> int:
    busy = np.flatnonzero([rank(level) >= rank("blue") for level in levels])
    return len(levels) - 1 - int(busy[-1]) if len(busy) else len(levels)


def _row(
    basis: DecisionBasis, identity: str, opened_at: pd.Timestamp, status: str, opened: episodes.State | None = None,
    incidents: pd.DataFrame | None = None,
) -> dict[str, Any]:  # fmt: skip
    what = _classified(basis, opened_at, opened)
    by_hand = episodes.set_by_hand(incidents, identity, basis.at) if opened is not None else {}
    return {
        "incident_id": identity,
        "at": basis.at,
        "watch": basis.watch.watch,
        "title": opened.title if opened is not None else None,
        "kind": by_hand.get("kind", what.kind),
        "subject": what.subject,
        "standing": by_hand.get("standing", what.standing),
        "coordinated": what.coordinated,
        "about": basis.about,
        "level": basis.level,
        "status": status,
        "opened_at": opened_at,
        "closed_at": basis.at if status == "closed" else pd.NaT,
        "index": basis.value,
        "by": basis.rule,
        "evidence": evidence_posts.packed(
            basis.evidence(opened_at),
            typed_posts=what.posts,
            triggers=[f.trigger.name for f in basis.fired],
            points=points_of(basis),
            **evidence_posts.burst_facts(basis.rare),
        ),
    }
