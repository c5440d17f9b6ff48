"""From SIGNALS to a level, an incident and alerts: one decision, repeatable to the letter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from crisislib.core.finding import Finding
from crisislib.core.levels import Level, rank
from crisislib.core.tables import conform, empty
from crisislib.core.watch import Watch
from crisislib.warn import alerts as out
from crisislib.warn import decision_findings, evidence_posts
from crisislib.warn import incidents as episodes
from crisislib.warn.classification import Classification, classify
from crisislib.warn.crisis_index import Index, contributions, index
from crisislib.warn.decision_evidence import DecisionBasis
from crisislib.warn.detectors import Burst
from crisislib.warn.hysteresis import threshold, walk, window_level
from crisislib.warn.index_weights import SHIPPED, Weights
from crisislib.warn.judgeability import health
from crisislib.warn.series_evidence import SeriesEvidence, every_days, series_evidence
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
    series: SeriesEvidence | None = None,
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
    series : SeriesEvidence, optional
        From :func:`~crisislib.warn.series_evidence.series_evidence` over the same signals or longer ones: who replays
        a history computes them once. A window's answer hangs on no later one, so it is the same.

    Returns
    -------
    Decision
        The same tables and the same `now` give the same rows with the same ids.
    """
    clock = pd.Timestamp(now)
    rows = signals.to_pandas() if isinstance(signals, pa.Table) else signals
    rows = rows[(rows["watch"] == watch.watch) & (rows["at"] < clock)]
    rows = rows[rows["step_s"] == watch.window.step_minutes * 60]
    series = series_evidence(rows, watch) if series is None else series
    rows, made = _settled(rows, index(rows, weights=weights), series, clock, weights)
    state = health(rows, made, watch, clock)
    parts = contributions(made, rows) if len(made.at) else pd.DataFrame()
    floor, cap = series.limits(made.at)
    levels = walk(made.value, watch.levels, floor=floor, cap=cap)
    seen = DecisionBasis(watch, clock, made, series, levels, state, fired(series, labels, clock), parts, labels, posts)
    held = episodes.newest(incidents, watch, clock)
    opened = episodes.open_incident(held)
    incident = _incident(seen, held, opened, incidents)
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
        decision_findings.history(made, seen.days, levels),
        str(identity) if not incident or incident["status"] != "closed" else "",
    )


def _settled(
    rows: pd.DataFrame, made: Index, series: SeriesEvidence, now: pd.Timestamp, weights: Weights
) -> tuple[pd.DataFrame, Index]:
    """The windows to judge: the running one only where its index is already no less, or something else raises it.

    Half an hour may raise an alarm, but it is no calm window.
    """
    watch = series.watch
    if len(made.at) < 2 or made.at[-1] + pd.Timedelta(minutes=watch.window.step_minutes) <= now:
        return rows, made
    floor, cap = series.limits(made.at[-2:])
    before, running = (
        window_level(float(v), int(low), int(high), watch.levels)
        for v, low, high in zip(made.value[-2:], floor, cap, strict=True)
    )
    if made.value[-1] >= made.value[-2] or (rank(running) > rank(before) and floor[-1] > 0):
        return rows, made
    whole = rows[rows["at"] < made.at[-1]]
    return whole, index(whole, weights=weights)


def _table(name: str, row: dict[str, Any] | None) -> pa.Table:
    return conform(pd.DataFrame([row]), name) if row else empty(name)


def _incident(
    seen: DecisionBasis, held: pd.DataFrame, opened: episodes.State | None, incidents: pd.DataFrame | None
) -> dict[str, Any] | None:
    """The INCIDENTS row that this decision writes, or None."""
    level = seen.level
    if opened is None:
        if rank(level) < rank("blue") or not (seen.health.ok or seen.fired):
            return None
        # An analyst who closed it does not want it back, unless it got worse since; nor the next burst of the same day.
        rest = pd.Timedelta(minutes=episodes.CALM_MINUTES if seen.rule in out.ALONE else 0)
        if rank(level) <= rank(episodes.closed_by_hand(held, seen.onset - rest)):
            return None
        return _row(seen, episodes.incident_id(seen.watch, seen.onset), seen.onset, "open")
    if not (seen.health.ok or seen.fired):
        return None
    if rank(level) < rank("blue") and _calm_for(seen.levels) >= episodes.close_after(seen.watch):
        return _row(seen, opened.incident_id, opened.opened_at, "closed", opened, incidents)
    kind = episodes.typed_by_hand(incidents, opened.incident_id, seen.at)
    if level == opened.level and not _reclassified(seen, held, opened, kind):
        return None
    # Worse than what somebody took: it is open again.
    worse = rank(level) > rank(opened.level)
    return _row(seen, opened.incident_id, opened.opened_at, "open" if worse else opened.status, opened, incidents)


def _reclassified(seen: DecisionBasis, held: pd.DataFrame, opened: episodes.State, by_hand: str | None) -> bool:
    """Whether what the incident is has changed; a kind that a person gave stands."""
    row = held[held["incident_id"] == opened.incident_id].iloc[-1]
    now = _classified(seen, opened.opened_at)
    before = (row["kind"], row.get("subject"), row.get("standing"))
    return (by_hand or now.kind, now.subject, now.standing) != before


def _classified(seen: DecisionBasis, opened_at: pd.Timestamp) -> Classification:
    parts = seen.contributions
    mine = parts[parts["dimension"] == "coordination"] if len(parts) else parts
    share = float(mine["value"].iloc[0]) if len(mine) and pd.notna(mine["value"].iloc[0]) else 0.0
    return classify(seen.series, opened_at, seen.at, share)


def _calm_for(levels: list[Level]) -> int:
    busy = np.flatnonzero([rank(level) >= rank("blue") for level in levels])
    return len(levels) - 1 - int(busy[-1]) if len(busy) else len(levels)


def _row(
    seen: DecisionBasis, identity: str, opened_at: pd.Timestamp, status: str, opened: episodes.State | None = None,
    incidents: pd.DataFrame | None = None,
) -> dict[str, Any]:  # fmt: skip
    what = _classified(seen, opened_at)
    by_hand = episodes.typed_by_hand(incidents, identity, seen.at) if opened is not None else None
    return {
        "incident_id": identity,
        "at": seen.at,
        "watch": seen.watch.watch,
        "title": opened.title if opened is not None else None,
        "kind": by_hand or what.kind,
        "subject": what.subject,
        "standing": what.standing,
        "coordinated": what.coordinated,
        "about": seen.about,
        "level": seen.level,
        "status": status,
        "opened_at": opened_at,
        "closed_at": seen.at if status == "closed" else pd.NaT,
        "index": seen.value,
        "by": seen.rule,
        "evidence": evidence_posts.packed(
            evidence_posts.chosen(seen.labels, seen.posts, opened_at, seen.at),
            typed_posts=what.posts,
            triggers=[f.trigger.name for f in seen.fired],
            points=_points(seen),
            **evidence_posts.burst_facts(seen.rare),
        ),
    }


def _points(seen: DecisionBasis) -> dict[str, float]:
    """What each dimension adds to the index of the newest window."""
    parts = seen.contributions
    return dict(zip(parts["dimension"], parts["points"].round(1), strict=True)) if len(parts) else {}


def _alert(
    seen: DecisionBasis, alerts: pd.DataFrame | None, incident: dict[str, Any] | None, opened: episodes.State | None
) -> dict[str, Any] | None:
    """The ALERTS row that this decision sends, or None."""
    identity = incident["incident_id"] if incident else (opened.incident_id if opened else None)
    closing = incident is not None and incident["status"] == "closed"
    if identity is None or closing or not (seen.health.ok or seen.fired):
        return None
    before = out.sent(alerts, identity, seen.at)
    taken = incident is None and opened is not None and opened.status == "acknowledged"
    alone = seen.rare if seen.rule in (out.BY_BURST, out.BY_GAIN) else None
    days = alone.days if alone else 0.0
    why = out.due(seen.watch, seen.level, before, seen.at, acknowledged=taken, days=days)
    if why is None:
        return None
    posts = [p for f in seen.fired for p in f.post_ids]
    onset = opened.opened_at if opened else seen.onset
    posts += [p for p in evidence_posts.chosen(seen.labels, seen.posts, onset, seen.at) if p not in posts]
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
            posts[: evidence_posts.MOST], points=_points(seen), **evidence_posts.burst_facts(seen.rare)
        ),
    }


def _leading(seen: DecisionBasis, alone: Burst | None) -> str:
    """The signal that an alert names: the trigger, the series that bursts, or what adds most to the index."""
    if seen.fired:
        return f"trigger.{seen.fired[0].trigger.name}"
    if alone is not None:
        return alone.signal
    if seen.rule in (out.BY_MOOD, out.BY_DRIFT):
        return "negative_share"
    return str(seen.contributions.iloc[0]["signal"]) if len(seen.contributions) else ""
