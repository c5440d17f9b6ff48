"""Assess and respond: the risk of the incident that matters, its plan, and whether responses worked."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crisislib import respond, risk
from crisislib.core.durations import ONE_MOMENT
from crisislib.core.finding import Finding
from crisislib.core.i18n import N_
from crisislib.core.levels import rank
from crisislib.core.phrase import Phrase
from crisislib.core.tables import empty
from crisislib.engine.case_library import loss_comparison
from crisislib.engine.context import RunContext
from crisislib.engine.loss_what_if import response_what_if, what_if_findings
from crisislib.engine.response_effects import effects
from crisislib.engine.response_plan import playbooks, revise_plan

LEFT_OUT = N_("A playbook file has a fault and was left out ({file}: {what}); crisis check says more.")


@dataclass(frozen=True)
class Assessed:
    """What follows from the decisions of a run.

    Attributes
    ----------
    incident : dict or None
        Row of INCIDENTS: the one that matters.
    risk : dict
        Row of RISKS, of the incident or of the watch's year.
    actions : pandas.DataFrame
        ACTIONS of the incident as they stand.
    findings : list of Finding
        Impact, loss, effect, next steps.
    """

    incident: dict[str, Any] | None
    risk: dict[str, Any]
    actions: pd.DataFrame
    findings: list[Finding] = field(default_factory=list)


def assess(ctx: RunContext, *, within_a_day: float | None = None, unassessed: bool = False) -> Assessed:
    """Risk, plan and effect for the incident that matters, or the watch's own risk where there is none.

    Parameters
    ----------
    ctx : RunContext
        The run.
    within_a_day : float, optional
        The outlook's chance of orange; None where it has none.
    unassessed : bool
        Whether so much is bad, without a baseline, that the steps of an incident that nobody has assessed are due.
    """
    ctx.progress("risk", 0, 1)
    incident, watch, lake = chosen(ctx), ctx.watch, ctx.lake
    at = ctx.window.at if incident is None else _moment(incident, ctx)
    assessed = risk.assess(
        watch,
        incident=incident,
        signals=lake.arrow("SIGNALS", **ctx.scope()),
        cascades=lake.arrow("CASCADES", watch=watch.watch),
        labels=_risk_labels(ctx),
        now=at,
        outlook=within_a_day,
    )
    ctx.append("RISKS", _newest(ctx, assessed.risks))
    row = assessed.risks.to_pylist()[0]
    findings = [*assessed.findings, *effects(lake, watch, now=ctx.window.at)]
    actions = _no_actions()
    if incident is not None:
        books = playbooks(ctx.home)
        actions = revise_plan(ctx, incident, books, risk=row, now=at)
        what_if = response_what_if(ctx.home, watch, now=ctx.window.at, incident_id=str(incident["incident_id"]))
        findings += what_if_findings(what_if, watch)
        findings += [loss_comparison(ctx.home, watch, incident), _due(ctx, actions, books)]
    elif unassessed:
        actions = _first_steps(ctx)
    ctx.progress("risk", 1, 1)
    return Assessed(incident, row, actions, findings)


def _newest(ctx: RunContext, risks: pa.Table) -> pa.Table:
    """An assessment, the least time after one of the same moment that says something else.

    Who corrects the customers of a watch and runs again over a closed incident, or on a clock that stands still, would
    else be shown the former loss.
    """
    at, identity = risks["at"][0].as_py(), risks["incident_id"][0].as_py()
    stored = ctx.lake.arrow("RISKS", watch=ctx.watch.watch, since=at, until=at + ONE_MOMENT, present=False)
    same = stored.filter(pc.equal(stored["incident_id"], identity)).sort_by("at").to_pylist()
    if not same or _values(same[-1]) == _values(risks.to_pylist()[0]):
        return risks
    later = pa.array([same[-1]["at"] + timedelta(microseconds=1)], risks.schema.field("at").type)
    return risks.set_column(risks.column_names.index("at"), risks.schema.field("at"), later)


def _values(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in ("at", "run_id")}


def chosen(ctx: RunContext) -> dict[str, Any] | None:
    """The incident that a run reports on: the worst open one of the window, or the worst of all where all are closed.

    Parameters
    ----------
    ctx : RunContext
        The run.

    Returns
    -------
    dict[str, Any] or None
        An INCIDENTS row; of closed incidents as it was at its worst.
    """
    rows = ctx.lake.read("INCIDENTS", watch=ctx.watch.watch, present=False)
    rows = rows[rows["at"] <= pd.Timestamp(ctx.window.at + ONE_MOMENT)].sort_values("at")
    newest = rows.drop_duplicates("incident_id", keep="last")
    open_now = newest[newest["status"] != "closed"]  # also one that has stood unchanged since before the window
    closed_in = newest.loc[newest["at"] > pd.Timestamp(ctx.window.since), "incident_id"]
    pool = open_now if len(open_now) else rows[rows["incident_id"].isin(closed_in) & (rows["status"] != "closed")]
    if pool.empty:
        return None
    worst = pool.assign(worst=pool["level"].map(rank)).sort_values(["worst", "at"])
    row: dict[str, Any] = {str(k): v for k, v in worst.iloc[-1].drop("worst").items()}
    return row


def _moment(incident: dict[str, Any], ctx: RunContext) -> datetime:
    """When the incident is answered: now while it lasts, else when it was at its worst."""
    last = pd.Timestamp(incident["at"]).to_pydatetime()
    recent = (ctx.window.at - last).days < 1
    return ctx.window.at if pd.isna(incident["closed_at"]) and recent else min(last, ctx.window.at)


def _risk_labels(ctx: RunContext) -> pa.Table:
    """Labels that the risk room reads: sensitive subjects, kinds, calls to action."""
    rows = ctx.lake.sql("LABELS", **ctx.scope())
    return rows.filter(
        "starts_with(label, 'sensitive.') OR label IN ('crisis_type', 'call_to_action')"
    ).to_arrow_table()


def _no_actions() -> pd.DataFrame:
    frame: pd.DataFrame = empty("ACTIONS").to_pandas()
    return frame


def _first_steps(ctx: RunContext) -> pd.DataFrame:
    """Steps of an incident that no rule could open yet: shown, not stored, for there is nothing to tick them off on."""
    books, at = playbooks(ctx.home), ctx.window.at
    row = {"incident_id": "", "kind": "other", "level": "unknown", "opened_at": pd.Timestamp(at)}
    steps: pd.DataFrame = respond.plan(row, ctx.watch, books.for_kind("other"), books.words, now=at).to_pandas()
    return steps


def _due(ctx: RunContext, actions: pd.DataFrame, books: respond.Playbooks) -> Finding:
    """What is to be done next, with the playbook files that had to be left out."""
    result = respond.next_steps(actions, ctx.watch, now=ctx.window.at)
    left_out = [Phrase(LEFT_OUT, {"file": fault.where, "what": fault.wrong}) for fault in books.faults]
    return replace(result, limits=[*result.limits, *left_out])
