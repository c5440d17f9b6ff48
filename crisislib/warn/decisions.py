"""From SIGNALS to a level, an incident and alerts: one decision, repeatable to the letter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from crisislib.core.finding import Finding
from crisislib.core.levels import Level, rank
from crisislib.core.tables import conform, empty
from crisislib.core.watch import Watch
from crisislib.warn import alerts as out
from crisislib.warn import decision_findings, evidence_posts
from crisislib.warn import incidents as episodes
from crisislib.warn.crisis_index import Index, contributions, index
from crisislib.warn.decision_evidence import Seen, every_days
from crisislib.warn.detectors import Burst, Bursts
from crisislib.warn.detectors import bursts as bursts_of
from crisislib.warn.hysteresis import level_of, threshold, walk
from crisislib.warn.index_weights import SHIPPED, Weights
from crisislib.warn.judgeability import health
from crisislib.warn.triggers import fired


@dataclass(frozen=True)
class Decision:
    """What is decided now.

    Attributes
    ----------
    level : str
        `unknown` where it cannot be judged (the findings say why); an open incident keeps its own.
    index : float
        0-100 of the newest window, NaN where it cannot be judged.
    contributions : pandas.DataFrame
        What the index is made of, see :func:`crisislib.warn.crisis_index.contributions`.
    alerts, incidents : pyarrow.Table
        Rows to append to ALERTS and INCIDENTS; none where nothing changed.
    findings : list of Finding
        What a reader is told.
    history : pandas.DataFrame
        Per window `at`, `index`, `level`, `return_days` (of its burst of volume; 0 for none, NaN where nothing was
        collected), and one column per dimension.
    incident_id : str
        The open incident, empty where there is none.
    """

    level: Level
    index: float
    contributions: pd.DataFrame
    alerts: pa.Table
    incidents: pa.Table
    findings: list[Finding]
    history: pd.DataFrame
    incident_id: str = ""


def decide(
    signals: pa.Table | pd.DataFrame,
    watch: Watch,
    *,
    now: datetime,
    incidents: pd.DataFrame | None = None,
    alerts: pd.DataFrame | None = None,
    labels: pd.DataFrame | None = None,
    posts: pd.DataFrame | None = None,
    weights: Weights = SHIPPED,
    bursts: Bursts | None = None,
) -> Decision:
    """Judge the newest window of a watch and say what follows.

    Parameters
    ----------
    signals : pyarrow.Table or pandas.DataFrame
        SIGNALS rows of the watch (present state); those of :func:`~crisislib.warn.detectors.reach` before `now`
        make the decision independent of where they begin.
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
    bursts : Bursts, optional
        From :func:`~crisislib.warn.detectors.bursts` over the same signals or longer ones: who replays a history
        computes them once. A window's answer hangs on no later one, so it is the same.

    Returns
    -------
    Decision
        The same tables and the same `now` give the same rows with the same ids.
    """
    clock = pd.Timestamp(now)
    rows = signals.to_pandas() if isinstance(signals, pa.Table) else signals
    rows = rows[(rows["watch"] == watch.watch) & (rows["at"] < clock)]
    rows = rows[rows["step_s"] == watch.window.step_minutes * 60]
    bursts = bursts_of(rows, watch) if bursts is None else bursts
    rows, made = _settled(rows, index(rows, weights=weights), bursts, watch, clock, weights)
    days = bursts.of(made.at)
    state = health(rows, made, watch, clock)
    parts = contributions(made, rows) if len(made.at) else pd.DataFrame()
    levels = walk(made.value, watch.levels, rare=_rare(days, watch))
    burst = bursts.one(made.at[-1]) if len(made.at) else None
    seen = Seen(watch, clock, made, days, burst, levels, state, fired(labels, clock), parts, labels, posts)
    held = episodes.newest(incidents, watch, clock)
    opened = episodes.open_incident(held)
    incident = _incident(seen, held, opened)
    alert = _alert(seen, alerts, incident, opened)
    level: Level = seen.level if state.ok or seen.fired else "unknown"
    identity = incident["incident_id"] if incident else (opened.incident_id if opened else "")
    said = decision_findings.findings(seen, level, incident, alert)
    return Decision(
        level,
        seen.value if state.ok else float("nan"),
        parts,
        _table("ALERTS", alert),
        _table("INCIDENTS", incident),
        said,
        decision_findings.history(made, days, levels),
        str(identity) if not incident or incident["status"] != "closed" else "",
    )


def _rare(days: npt.NDArray[np.float64], watch: Watch) -> npt.NDArray[np.bool_]:
    """Windows whose burst is rarer than the budget of false alarms."""
    return np.nan_to_num(days) >= every_days(watch)


def _settled(
    rows: pd.DataFrame, made: Index, bursts: Bursts, watch: Watch, now: pd.Timestamp, weights: Weights
) -> tuple[pd.DataFrame, Index]:
    """The windows to judge: the running one only where its index is already no less, or its burst alone makes it blue.

    Half an hour may raise an alarm, but it is no calm window.
    """
    if len(made.at) < 2 or made.at[-1] + pd.Timedelta(minutes=watch.window.step_minutes) <= now:
        return rows, made
    calm = rank(level_of(float(made.value[-2]), watch.levels)) < rank("blue")
    if made.value[-1] >= made.value[-2] or (calm and _rare(bursts.of(made.at[-1:]), watch)[0]):
        return rows, made
    whole = rows[rows["at"] < made.at[-1]]
    return whole, index(whole, weights=weights)


def _table(name: str, row: dict[str, Any] | None) -> pa.Table:
    return conform(pd.DataFrame([row]), name) if row else empty(name)


def _incident(seen: Seen, held: pd.DataFrame, opened: episodes.State | None) -> dict[str, Any] | None:
    """The INCIDENTS row that this decision writes, or None."""
    level = seen.level
    if opened is None:
        if rank(level) < rank("blue") or not (seen.health.ok or seen.fired):
            return None
        # An analyst who closed it does not want it back, unless it got worse since; nor the next burst of the same day.
        rest = pd.Timedelta(minutes=episodes.CALM_MINUTES if seen.rule == out.BY_BURST else 0)
        if rank(level) <= rank(episodes.closed_by_hand(held, seen.onset - rest)):
            return None
        return _row(seen, episodes.incident_id(seen.watch, seen.onset), seen.onset, "open")
    if not (seen.health.ok or seen.fired):
        return None
    if rank(level) < rank("blue") and _calm_for(seen.levels) >= episodes.close_after(seen.watch):
        return _row(seen, opened.incident_id, opened.opened_at, "closed", opened.title)
    if level == opened.level:
        return None
    # Worse than what somebody took: it is open again.
    worse = rank(level) > rank(opened.level)
    return _row(seen, opened.incident_id, opened.opened_at, "open" if worse else opened.status, opened.title)


def _calm_for(levels: list[Level]) -> int:
    busy = np.flatnonzero([rank(level) >= rank("blue") for level in levels])
    return len(levels) - 1 - int(busy[-1]) if len(busy) else len(levels)


def _row(seen: Seen, identity: str, opened_at: pd.Timestamp, status: str, title: str | None = None) -> dict[str, Any]:
    kind, typed = episodes_kind(seen, opened_at)
    return {
        "incident_id": identity,
        "at": seen.at,
        "watch": seen.watch.watch,
        "title": title,
        "kind": kind,
        "level": seen.level,
        "status": status,
        "opened_at": opened_at,
        "closed_at": seen.at if status == "closed" else pd.NaT,
        "index": seen.value,
        "by": seen.rule,
        "evidence": evidence_posts.packed(
            evidence_posts.chosen(seen.labels, seen.posts, opened_at, seen.at),
            typed_posts=typed,
            triggers=[f.trigger.name for f in seen.fired],
            **evidence_posts.burst_facts(seen.rare),
        ),
    }


def episodes_kind(seen: Seen, since: pd.Timestamp) -> tuple[str, int]:
    """Kind of the crisis over its whole span, and how many posts carry any."""
    return evidence_posts.majority_kind(seen.labels, since, seen.at)


def _alert(
    seen: Seen, alerts: pd.DataFrame | None, incident: dict[str, Any] | None, opened: episodes.State | None
) -> dict[str, Any] | None:
    """The ALERTS row that this decision sends, or None."""
    identity = incident["incident_id"] if incident else (opened.incident_id if opened else None)
    closing = incident is not None and incident["status"] == "closed"
    if identity is None or closing or not (seen.health.ok or seen.fired):
        return None
    before = out.sent(alerts, identity, seen.at)
    taken = incident is None and opened is not None and opened.status == "acknowledged"
    alone = seen.burst if seen.rule == out.BY_BURST else None
    days = alone.days if alone else 0.0
    why = out.due(seen.watch, seen.level, before, seen.at, acknowledged=taken, days=days)
    if why is None:
        return None
    posts = [p for f in seen.fired for p in f.post_ids]
    onset = opened.opened_at if opened else seen.onset
    posts += [p for p in evidence_posts.chosen(seen.labels, seen.posts, onset, seen.at) if p not in posts]
    parts = seen.contributions
    points = dict(zip(parts["dimension"], parts["points"].round(1), strict=True)) if len(parts) else {}
    return {
        "alert_id": out.alert_id(identity, seen.level, why, days),
        "made_at": seen.at,
        "watch": seen.watch.watch,
        "incident_id": identity,
        "signal": _leading(seen, alone),
        "at": seen.made.at[-1] if len(seen.made.at) else seen.at,
        "level": seen.level,
        "statistic": days if alone else seen.value,
        "threshold": every_days(seen.watch) if alone else threshold(seen.level, seen.watch.levels),
        "method": f"{seen.rule};{why}",
        "evidence": evidence_posts.packed(
            posts[: evidence_posts.MOST], points=points, **evidence_posts.burst_facts(seen.rare)
        ),
    }


def _leading(seen: Seen, alone: Burst | None) -> str:
    """The signal that an alert names: the trigger, the series that bursts, or what adds most to the index."""
    if seen.fired:
        return f"trigger.{seen.fired[0].trigger.name}"
    if alone is not None:
        return alone.signal
    return str(seen.contributions.iloc[0]["signal"]) if len(seen.contributions) else ""
