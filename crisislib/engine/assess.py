"""Assess and respond: the risk of the incident that matters, its plan, and whether responses worked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pandas as pd

from crisislib import respond, risk
from crisislib.core.finding import Finding
from crisislib.core.i18n import N_, tr
from crisislib.core.levels import rank
from crisislib.core.watch import Watch
from crisislib.engine.enrich import Span
from crisislib.engine.home import Home
from crisislib.engine.progress import Told

STEP = N_("{due}  {step} — {owner}")
NO_INCIDENT = N_("No incident is open: nothing to do but to watch, and to see that the sources answer.")
SHOWN_STEPS = 4


@dataclass(frozen=True)
class Answered:
    """What follows from a judgement."""

    title: str = ""
    findings: list[Finding] = field(default_factory=list)
    next_steps: list[str] = field(default_factory=list)


def answer(home: Home, watch: Watch, span: Span, told: Told, *, within_a_day: float | None = None) -> Answered:
    """Risk, plan and effect for the incident that matters, or the watch's own risk where there is none.

    `within_a_day` is the outlook's chance of orange, None where it has none.
    """
    told("risk", 0, 1)
    incident = chosen(home, watch, span)
    at = span.at if incident is None else _moment(incident, span)
    window = {"watch": watch.watch, "since": span.since, "until": span.until}
    assessed = risk.assess(
        watch,
        incident=incident,
        signals=home.lake.arrow("SIGNALS", **window),
        cascades=home.lake.arrow("CASCADES", watch=watch.watch),
        labels=grave(home, watch, span),
        now=at,
        outlook=within_a_day,
    )
    home.lake.append("RISKS", assessed.risks)
    findings = [*assessed.findings, *effects(home, watch, now=span.at)]
    told("risk", 1, 1)
    if incident is None:
        return Answered("", findings, [tr(NO_INCIDENT, watch.language)])
    actions = planned(home, watch, incident, assessed, at)
    findings.append(respond.next_steps(actions, watch, now=span.at))
    due = actions[actions["done_at"].isna()].sort_values("due_at").head(SHOWN_STEPS)
    clock = due["due_at"].dt.tz_convert(watch.zone).dt.strftime("%m-%d %H:%M")
    steps = [
        tr(STEP, watch.language, due=at, step=step, owner=owner)
        for at, step, owner in zip(clock, due["step"], due["owner"], strict=True)
    ]
    return Answered(str(incident["title"]), findings, steps)


def chosen(home: Home, watch: Watch, span: Span) -> dict[str, Any] | None:
    """The incident of the span that is open and worst; where all are closed, the worst as it was at its worst."""
    rows = home.lake.read("INCIDENTS", watch=watch.watch, present=False)
    rows = rows[(rows["at"] <= pd.Timestamp(span.at)) & (rows["at"] > pd.Timestamp(span.since))]
    if rows.empty:
        return None
    newest = rows.sort_values("at").drop_duplicates("incident_id", keep="last")
    open_now = newest[newest["status"] != "closed"]
    pool = open_now if len(open_now) else rows[rows["status"] != "closed"]
    worst = pool.assign(worst=pool["level"].map(rank)).sort_values(["worst", "at"])
    row: dict[str, Any] = {str(k): v for k, v in worst.iloc[-1].drop("worst").items()}
    return row


def _moment(incident: dict[str, Any], span: Span) -> datetime:
    """When the incident is answered: now while it lasts, else when it was at its worst."""
    last = pd.Timestamp(incident["at"]).to_pydatetime()
    return span.at if pd.isna(incident["closed_at"]) and (span.at - last).days < 1 else min(last, span.at)


def grave(home: Home, watch: Watch, span: Span) -> Any:
    """Labels that the risk room reads: sensitive subjects, kinds, calls to action."""
    rows = home.lake.sql("LABELS", watch=watch.watch, since=span.since, until=span.until)
    return rows.filter(
        "starts_with(label, 'sensitive.') OR label IN ('crisis_type', 'call_to_action')"
    ).to_arrow_table()


def planned(
    home: Home, watch: Watch, incident: dict[str, Any], assessed: risk.Assessment, at: datetime
) -> pd.DataFrame:
    """The actions of an incident: the playbook's, without undoing what people have ticked off."""
    row = assessed.risks.to_pylist()[0]
    made = respond.plan(incident, watch, risk=row, now=at).to_pandas()
    held = home.lake.read("ACTIONS", watch=watch.watch)
    held = held[held["incident_id"] == incident["incident_id"]]
    known = held.set_index("action_id")["due_at"]
    fresh = made[[a not in known.index or known[a] > d for a, d in zip(made["action_id"], made["due_at"], strict=True)]]
    done = held[held["done_at"].notna()]["action_id"]
    fresh = fresh[~fresh["action_id"].isin(done)]
    if len(fresh):
        home.lake.append("ACTIONS", fresh)
    present = home.lake.read("ACTIONS", watch=watch.watch)
    mine: pd.DataFrame = present[present["incident_id"] == incident["incident_id"]]
    return mine


def effects(home: Home, watch: Watch, *, now: datetime) -> list[Finding]:
    """Whether the logged responses changed the course, each with its interval; says so where it cannot tell."""
    responses = home.lake.read("RESPONSES", watch=watch.watch)
    responses = responses[responses["at"] <= pd.Timestamp(now)]
    if responses.empty:
        return []
    signals = home.lake.read("SIGNALS", watch=watch.watch)
    return respond.effect(signals, responses, watch, now=now)[1]
