"""How fast the team was: steps and milestones against their clocks, in a drill or a real incident."""

from __future__ import annotations

from datetime import datetime

import pandas as pd
import pyarrow as pa

from crisislib.core.finding import Finding
from crisislib.core.i18n import N_, tr
from crisislib.core.watch import Watch

MILESTONES: tuple[tuple[str, str, int, tuple[str, ...]], ...] = (
    ("assessed", N_("facts established"), 15, ("verify",)),
    ("gathered", N_("crisis team called"), 20, ("war_room",)),
    ("acknowledged", N_("holding statement out"), 60, ("holding", "status_page")),
    ("answering", N_("answering those affected"), 90, ("answer_people", "care_first", "notify_users")),
    ("explained", N_("full statement out"), 240, ("full_statement", "apologise")),
)
"""The 15-20-60-90 minutes of the field's guides and the golden four hours; key, title, minutes, steps."""
_BY_RESPONSE = {"holding": "acknowledged", "one_to_one": "answering", "statement": "explained"}
_SAID = N_("{in_time} of {n} steps in time, {late} late, {open} not done; first public word after {first} minutes.")
_SILENT = N_("{in_time} of {n} steps in time, {late} late, {open} not done; nothing was said in public yet.")


def score(
    actions: pa.Table | pd.DataFrame,
    responses: pa.Table | pd.DataFrame,
    watch: Watch,
    *,
    opened_at: datetime,
    now: datetime,
) -> tuple[pd.DataFrame, pd.DataFrame, Finding]:
    """Score a team against the clocks of its plan.

    Parameters
    ----------
    actions : ACTIONS
        All observations; the latest of each action counts.
    responses : RESPONSES
        The response log: a logged statement reaches its milestone too.
    watch : Watch
        Language.
    opened_at, now : datetime
        Begin of the clock, and the present.

    Returns
    -------
    steps : pandas.DataFrame
        step, owner, due_at, done_at, minutes_late (negative: early; until now where not done), result
        (`in time`, `late`, `open`, `overdue`).
    milestones : pandas.DataFrame
        key, title, target_min, taken_min (null where not reached), met (null where still possible).
    finding : Finding
        The sum of it.
    """
    plan = actions.to_pandas() if isinstance(actions, pa.Table) else actions
    said = responses.to_pandas() if isinstance(responses, pa.Table) else responses
    plan = plan.sort_values("at").drop_duplicates("action_id", keep="last").sort_values("due_at")
    finished = plan["done_at"].notna()
    until = plan["done_at"].where(finished, pd.Timestamp(now))
    late = (until - plan["due_at"]).dt.total_seconds() / 60
    result = pd.Series("open", index=plan.index)
    result[~finished & (late > 0)] = "overdue"
    result[finished] = (late[finished] <= 0).map({True: "in time", False: "late"})
    steps = plan[["step", "owner", "due_at", "done_at"]].assign(minutes_late=late.round(1), result=result)
    milestones = _milestones(plan, said, watch, opened_at, now)
    counts = result.value_counts()
    public = said.loc[said["kind"].isin(["holding", "statement", "correction", "press_conference"]), "at"]
    facts: dict[str, object] = {
        "in_time": int(counts.get("in time", 0)),
        "late": int(counts.get("late", 0)),
        "open": int(counts.get("open", 0) + counts.get("overdue", 0)),
        "n": len(plan),
    }
    if len(public):
        facts["first"] = f"{(public.min() - opened_at).total_seconds() / 60:.0f}"
    message = _SAID if len(public) else _SILENT
    return (
        steps.reset_index(drop=True),
        milestones,
        Finding("respond.score", message, facts, steps, n=len(plan), weight=0.4),
    )


def _milestones(
    plan: pd.DataFrame, said: pd.DataFrame, watch: Watch, opened_at: datetime, now: datetime
) -> pd.DataFrame:
    step = plan["action_id"].str.rsplit("/", n=1).str[-1]
    rows = []
    for key, title, target, ids in MILESTONES:
        moments = list(plan.loc[step.isin(ids) & plan["done_at"].notna(), "done_at"])
        moments += [at for at, kind in zip(said["at"], said["kind"], strict=True) if _BY_RESPONSE.get(kind) == key]
        taken = (min(moments) - opened_at).total_seconds() / 60 if moments else None
        missed = (now - opened_at).total_seconds() / 60 > target
        met = taken <= target if taken is not None else (False if missed else None)
        rows.append((key, tr(title, watch.language), target, taken, met))
    frame = pd.DataFrame(rows, columns=["key", "title", "target_min", "taken_min", "met"])
    return frame.astype({"taken_min": "float64", "met": "boolean"})
