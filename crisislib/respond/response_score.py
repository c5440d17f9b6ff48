"""How fast the team was: steps and milestones against their clocks, in a drill or a real incident."""

from __future__ import annotations

from datetime import datetime

import pandas as pd
import pyarrow as pa

from crisislib.core.finding import Finding
from crisislib.core.i18n import N_
from crisislib.core.phrase import Phrase
from crisislib.respond.task_states import newest, states

MILESTONES: tuple[tuple[str, str, int, tuple[str, ...]], ...] = (
    ("assessed", N_("facts established"), 15, ("verify",)),
    ("gathered", N_("crisis team called"), 20, ("war_room",)),
    ("acknowledged", N_("holding statement out"), 60, ("holding", "status_page")),
    ("answering", N_("answering those affected"), 90, ("answer_people", "care_first", "notify_users")),
    ("explained", N_("full statement out"), 240, ("full_statement", "apologise")),
)
"""The 15-20-60-90 minutes of the field's guides and the golden four hours; key, title, minutes, steps."""
_BY_RESPONSE = {"holding": "acknowledged", "one_to_one": "answering", "statement": "explained"}
PUBLIC = ("holding", "statement", "correction", "press_conference")
"""Kinds of response that everybody can see; the first of them is the first public word."""
_SCORED = N_(
    "{in_time} of {n} {n:step|steps} in time, {late} late, {open} not done; first public word after {first} min."
)
_SILENT = N_("{in_time} of {n} {n:step|steps} in time, {late} late, {open} not done; no public statement yet.")


def score(
    actions: pa.Table | pd.DataFrame,
    responses: pa.Table | pd.DataFrame,
    *,
    opened_at: datetime,
    alerted_at: datetime | None = None,
    now: datetime,
) -> tuple[pd.DataFrame, pd.DataFrame, Finding]:
    """Score a team against the clocks of its plan.

    Parameters
    ----------
    actions : ACTIONS
        All observations; the latest of each action counts.
    responses : RESPONSES
        The response log: a logged statement reaches its milestone too.
    opened_at, now : datetime
        Begin of the incident, from which on responses count, and the present.
    alerted_at : datetime, optional
        When its first alert was decided: the begin of the clocks, which are those of people who know. `opened_at` when
        left out. What was done before it took no minute.

    Returns
    -------
    steps : pandas.DataFrame
        The rows of ACTIONS that count (steps that do not apply are left out), with minutes_late (negative: early;
        until now where not done) and result (`in time`, `late`, `open`, `overdue`).
    milestones : pandas.DataFrame
        key, title (words), target_min, taken_min (null where not reached), met (null where still
        possible).
    finding : Finding
        The sum of it.
    """
    answers = responses.to_pandas() if isinstance(responses, pa.Table) else responses
    answers = answers[(answers["at"] >= pd.Timestamp(opened_at)) & (answers["at"] <= pd.Timestamp(now))]
    plan = newest(actions)
    plan = plan[~plan["status"].isin(["na", "replaced"])].sort_values(["due_at", "action_id"])
    state = states(plan, now=now)
    until = plan["done_at"].fillna(pd.Timestamp(now))
    late = (until - plan["due_at"]).dt.total_seconds() / 60
    result = state.map({"open": "open", "started": "open", "late": "overdue", "done": "in time", "done late": "late"})
    steps = plan.assign(minutes_late=late.round(1), result=result).reset_index(drop=True)
    began = opened_at if alerted_at is None else alerted_at
    milestones = _milestones(plan, answers, began, now)
    counts = result.value_counts()
    public = answers.loc[answers["kind"].isin(PUBLIC), "at"]
    facts: dict[str, object] = {
        "in_time": int(counts.get("in time", 0)),
        "late": int(counts.get("late", 0)),
        "open": int(counts.get("open", 0) + counts.get("overdue", 0)),
        "n": len(plan),
    }
    if len(public):
        facts["first"] = round(_minutes(began, public.min()))
    message = _SCORED if len(public) else _SILENT
    return steps, milestones, Finding("score.clocks", message, facts, milestones, n=len(plan), weight=0.4)


def _minutes(began: datetime, at: datetime) -> float:
    return max(0.0, (at - began).total_seconds() / 60)


def _milestones(plan: pd.DataFrame, answers: pd.DataFrame, began: datetime, now: datetime) -> pd.DataFrame:
    # Rows of before held the step's title in `step`; its key is the end of every action id.
    step = plan["action_id"].str.rsplit("/", n=1).str[-1]
    rows = []
    for key, title, target, ids in MILESTONES:
        moments = list(plan.loc[step.isin(ids) & plan["done_at"].notna(), "done_at"])
        moments += [
            at for at, kind in zip(answers["at"], answers["kind"], strict=True) if _BY_RESPONSE.get(kind) == key
        ]
        taken = _minutes(began, min(moments)) if moments else None
        missed = _minutes(began, now) > target
        met = taken <= target if taken is not None else (False if missed else None)
        rows.append((key, Phrase(title), target, taken, met))
    frame = pd.DataFrame(rows, columns=["key", "title", "target_min", "taken_min", "met"])
    return frame.astype({"taken_min": "float64", "met": "boolean"})
