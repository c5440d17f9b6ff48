"""From an incident to a list of actions with owners and clocks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pyarrow as pa

from crisislib.core.errors import PlaybookError
from crisislib.core.finding import Finding
from crisislib.core.i18n import N_, tr
from crisislib.core.levels import LEVEL_NAMES, LEVELS, Level, rank
from crisislib.core.tables import conform, empty
from crisislib.core.watch import Watch
from crisislib.respond.playbook import PLAYBOOKS, AlertLevel, Duty, Playbook, Step, playbook_for
from crisislib.respond.words import RESOURCES, ROLES

_STEP = N_("{what} (level {level}: due {minutes} minutes after opening)")
_UNJUDGED = N_("{what} (level not judged yet, treated as yellow: due {minutes} minutes after opening)")
_DUTY = N_(
    "{what} Rule: {rule} ({jurisdiction}). Check with counsel whether it applies; {hours} h is the time to plan for."
)
_DUTY_TITLE = N_("Duty: {authority}")
_OPEN = N_("{open} steps are open, {late} of them late; next: {first} ({owner}, due {due}).")
_NONE_OPEN = N_("All {done} steps are done.")


def plan(
    incident: Mapping[str, Any],
    watch: Watch,
    *,
    risk: Mapping[str, Any] | None = None,
    now: datetime,
    playbook: str | None = None,
) -> pa.Table:
    """The actions that an incident calls for.

    Parameters
    ----------
    incident : mapping
        A row of INCIDENTS: incident_id, kind, level, opened_at.
    watch : Watch
        Owners, language.
    risk : mapping, optional
        A row of RISKS; where its level is worse than the incident's, its level sets the clocks.
    now : datetime
        UTC.
    playbook : str, optional
        Name of a playbook; chosen by the incident's kind when not given.

    Returns
    -------
    pyarrow.Table
        ACTIONS, soonest first; `status` is `open`, or `late` where `due_at` has passed. An incident of
        level `none` calls for nothing; one of level `unknown` is treated as yellow and says so.

    Raises
    ------
    PlaybookError
        There is no such playbook.
    """
    level = _level(incident, risk)
    if level == "none":
        return empty("ACTIONS")
    if playbook is not None and playbook not in PLAYBOOKS:
        raise PlaybookError(f"there is no playbook {playbook!r}", do=f"use one of {', '.join(PLAYBOOKS)}")
    book = PLAYBOOKS[playbook] if playbook else playbook_for(incident.get("kind"))
    clock: AlertLevel = "yellow" if level == "unknown" else level
    opened = pd.Timestamp(incident["opened_at"]).to_pydatetime()
    rows = [_step(step, clock, watch, opened, unjudged=level == "unknown") for step in book.steps if clock in step.due]
    rows += [_duty(duty, watch, opened) for duty in book.duties if rank(clock) >= rank(duty.from_level)]
    frame = pd.DataFrame(rows).sort_values("due_at", kind="stable", ignore_index=True)
    frame["action_id"] = f"{incident['incident_id']}/{book.playbook}/" + frame.pop("id")
    frame["status"] = (frame["due_at"] < now).map({True: "late", False: "open"})
    same = {"at": now, "watch": watch.watch, "incident_id": incident["incident_id"], "playbook": book.playbook}
    return conform(frame.assign(**same), "ACTIONS")


def _level(incident: Mapping[str, Any], risk: Mapping[str, Any] | None) -> Level:
    levels = [incident.get("level") or "unknown", (risk or {}).get("level") or "unknown"]
    known = [level for level in levels if level in LEVELS]
    return max(known, key=rank, default="unknown")


def owner_name(role: str, watch: Watch) -> str:
    """A role as readers see it, with the person where the watch names one."""
    said = tr(ROLES[role], watch.language)
    person = watch.respond.owners.get(role)
    if person is None and role == "spokesperson":
        person = watch.respond.spokesperson or None
    return f"{said} ({person})" if person else said


def _step(step: Step, level: AlertLevel, watch: Watch, opened: datetime, *, unjudged: bool) -> dict[str, Any]:
    language = watch.language
    minutes = step.due[level]
    known_as = tr(LEVEL_NAMES[level], language)
    return {
        "id": step.id,
        "step": step.title[language],
        "owner": owner_name(step.owner, watch),
        "resources": tr("; ", language).join(tr(RESOURCES[r], language) for r in step.resources),
        "due_at": opened + timedelta(minutes=minutes),
        "reason": tr(
            _UNJUDGED if unjudged else _STEP, language, what=step.what[language], level=known_as, minutes=minutes
        ),
    }


def _duty(duty: Duty, watch: Watch, opened: datetime) -> dict[str, Any]:
    language = watch.language
    said = {"rule": duty.rule, "jurisdiction": duty.jurisdiction, "hours": duty.due_hours}
    return {
        "id": f"duty.{duty.id}",
        "step": tr(_DUTY_TITLE, language, authority=duty.authority[language]),
        "owner": owner_name("legal_lead", watch),
        "resources": tr(RESOURCES["legal"], language),
        "due_at": opened + timedelta(hours=duty.due_hours),
        "reason": tr(_DUTY, language, what=duty.what[language], **said),
    }


def next_steps(actions: pa.Table | pd.DataFrame, watch: Watch, *, now: datetime) -> Finding:
    """What is to be done next, as a finding; its table lists the open steps, soonest first."""
    frame = actions.to_pandas() if isinstance(actions, pa.Table) else actions
    frame = frame.sort_values(["due_at", "at"]).drop_duplicates("action_id", keep="last")
    open_steps = frame[frame["done_at"].isna()]
    if open_steps.empty:
        return Finding("respond.next", _NONE_OPEN, {"done": len(frame)}, open_steps, n=len(frame))
    first = open_steps.iloc[0]
    facts = {
        "open": len(open_steps),
        "late": int((open_steps["due_at"] < now).sum()),
        "first": first["step"],
        "owner": first["owner"],
        "due": f"{first['due_at'].astimezone(watch.zone):%m-%d %H:%M}",
    }
    table = open_steps[["step", "owner", "resources", "due_at", "status"]].reset_index(drop=True)
    return Finding("respond.next", _OPEN, facts, table, n=len(frame), weight=0.8)


def five_s(book: Playbook, watch: Watch, scores: Mapping[str, tuple[int, str]]) -> pd.DataFrame:
    """The 5S checklist (承担责任 真诚沟通 速度第一 系统运行 权威证实) with scores 0-2 and their evidence.

    Parameters
    ----------
    book : Playbook
        Whose checklist.
    watch : Watch
        Language.
    scores : mapping
        Item id -> (score 0, 1 or 2, evidence); items not scored stay null, never 0.

    Returns
    -------
    pandas.DataFrame
        id, title, check, score (nullable), evidence.
    """
    unknown = set(scores) - {c.id for c in book.five_s}
    wrong = {k: s for k, (s, _) in scores.items() if s not in (0, 1, 2)}
    if unknown or wrong:
        raise PlaybookError(
            f"5S scores {sorted(unknown) or wrong} cannot be", do="give known items a score of 0, 1 or 2"
        )
    rows = [
        (c.id, c.title[watch.language], c.check[watch.language], *scores.get(c.id, (None, ""))) for c in book.five_s
    ]
    frame = pd.DataFrame(rows, columns=["id", "title", "check", "score", "evidence"])
    return frame.astype({"score": "Int64"})
