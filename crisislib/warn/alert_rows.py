"""The alert that a decision sends: what is due, by which rule, and the posts behind it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from crisislib.warn import alerts as out
from crisislib.warn import evidence_posts
from crisislib.warn import incidents as episodes
from crisislib.warn.bad_stories import every_days
from crisislib.warn.decision_evidence import DecisionBasis
from crisislib.warn.detectors import Burst
from crisislib.warn.hysteresis import threshold


def points_of(basis: DecisionBasis) -> dict[str, float]:
    """Points of the index by dimension, to a tenth.

    Parameters
    ----------
    basis : DecisionBasis
        What was computed for the newest window.
    """
    parts = basis.contributions
    return dict(zip(parts["dimension"], parts["points"].round(1), strict=True)) if len(parts) else {}


def alert_row(
    basis: DecisionBasis, alerts: pd.DataFrame | None, incident: dict[str, Any] | None, opened: episodes.State | None
) -> dict[str, Any] | None:
    """The ALERTS row that a decision sends, or None.

    Parameters
    ----------
    basis : DecisionBasis
        What was computed for the newest window.
    alerts : pandas.DataFrame or None
        ALERTS rows so far.
    incident : dict or None
        The INCIDENTS row that the decision writes.
    opened : State or None
        The open incident.
    """
    identity = incident["incident_id"] if incident else (opened.incident_id if opened else None)
    closing = incident is not None and incident["status"] == "closed"
    if identity is None or closing or not (basis.health.ok or basis.fired):
        return None
    before = out.sent(alerts, identity, basis.at)
    taken = incident is None and opened is not None and opened.status == "acknowledged"
    alone = basis.rare if basis.rule in (out.BY_BURST, out.BY_GAIN) else None
    days = alone.days if alone else 0.0
    why = out.due(basis.watch, basis.level, before, basis.at, acknowledged=taken, days=days)
    if why is None:
        return None
    posts = [p for f in basis.fired for p in f.post_ids]
    onset = opened.opened_at if opened else basis.onset
    posts += [p for p in basis.evidence(onset) if p not in posts]
    return {
        "alert_id": out.alert_id(identity, basis.level, why, days),
        "made_at": basis.at,
        "watch": basis.watch.watch,
        "incident_id": identity,
        "signal": _leading(basis, alone),
        "at": basis.made.at[-1] if len(basis.made.at) else basis.at,
        "level": basis.level,
        "statistic": days if alone else basis.value,
        "threshold": every_days(basis.watch) if alone else threshold(basis.level, basis.watch.levels),
        "method": f"{basis.rule};{why}",
        "evidence": evidence_posts.packed(
            posts[: evidence_posts.MOST],
            points=points_of(basis),
            **evidence_posts.burst_facts(basis.rare),
            **({"record": basis.record.of(basis.rule)} if basis.record else {}),
        ),
    }


def _leading(basis: DecisionBasis, alone: Burst | None) -> str:
    """The signal that an alert names: the trigger, the series that bursts, or what adds most to the index."""
    if basis.fired:
        return f"trigger.{basis.fired[0].trigger.name}"
    if alone is not None:
        return alone.signal
    speaks = {out.BY_MOOD: "negative_share", out.BY_DRIFT: "negative_share", out.BY_GAIN: "top_gain"}
    if basis.rule in speaks:
        return speaks[basis.rule]
    return str(basis.contributions.iloc[0]["signal"]) if len(basis.contributions) else ""
