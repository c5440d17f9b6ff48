"""From an incident to a list of actions with owners and clocks, and how a plan follows what becomes known."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pyarrow as pa

from crisislib.core.finding import Finding
from crisislib.core.i18n import N_
from crisislib.core.levels import LEVELS, Level, rank
from crisislib.core.phrase import pack, unpack
from crisislib.core.tables import conform, empty
from crisislib.core.watch import Watch
from crisislib.respond.action_words import action_words
from crisislib.respond.duty_clocks import known_duties
from crisislib.respond.playbook import AlertLevel, Duty, Playbook, Step
from crisislib.respond.response_clock import starts
from crisislib.respond.roles_resources import Vocabulary, both
from crisislib.respond.task_states import ONLY_IF, newest, open_actions

_OPEN = N_("{open} {open:step is|steps are} open, {late} of them late; next: {first} ({owner}, due {due}).")
_NONE_OPEN = N_("Every step is settled ({done}).")
_NO_PLAN = N_("At this level the playbook calls for no step.")
DUTY = "duty."
"""How the id of a step begins that is a duty to an authority."""
Clocks = Mapping[AlertLevel, datetime]
"""When the clock of each level began."""


def plan(
    incident: Mapping[str, Any],
    watch: Watch,
    book: Playbook,
    words: Vocabulary,
    *,
    risk: Mapping[str, Any] | None = None,
    decided: Mapping[AlertLevel, datetime] | None = None,
    now: datetime,
) -> pa.Table:
    """The actions that an incident calls for.

    Parameters
    ----------
    incident : mapping
        A row of INCIDENTS: incident_id, kind, level, opened_at, and how the claim stands.
    watch : Watch
        Whose.
    book : Playbook
        The steps; see :meth:`crisislib.respond.Playbooks.for_kind`.
    words : Vocabulary
        Titles of roles and resources, :attr:`crisislib.respond.Playbooks.words`.
    risk : mapping, optional
        A row of RISKS; where its level is worse than the incident's, its level sets the clocks.
    decided : mapping, optional
        When each level was first decided, :func:`~crisislib.respond.decided_times`: deadlines count from there, for
        nobody can act before they know. The incident's `opened_at` where it is left out.
    now : datetime
        UTC.

    Returns
    -------
    pyarrow.Table
        ACTIONS, soonest first: `step`, `owner` and `resources` are keys, `reason` is `step`, `unjudged` or
        `duty`, and `facts` hold the words in both languages, so that the plan is the same for every reader.
        A step is due by the earliest of the clocks of the levels reached so far. `status` is `open`, or `late`
        where `due_at` has passed. An incident of level `none` calls for nothing; one of level `unknown` is treated
        as yellow and says so.
    """
    level = _level(incident, risk)
    if level == "none":
        return empty("ACTIONS")
    clock: AlertLevel = "yellow" if level == "unknown" else level
    began = starts(incident, clock, decided, now=now)
    words = words.joined("roles", {key: both(title) for key, title in book.roles.items()})
    words = words.joined("resources", {key: both(title) for key, title in book.resources.items()})
    steps = [step for step in _applying(book, incident) if clock in step.due]
    rows = [_step(step, clock, words, began, now, unjudged=level == "unknown") for step in steps]
    _follow(rows, book)
    rows += [_duty(duty, words, began) for duty in book.duties if rank(clock) >= rank(duty.from_level)]
    frame = pd.DataFrame(rows).sort_values("due_at", kind="stable", ignore_index=True)
    frame["action_id"] = f"{incident['incident_id']}/{book.playbook}/" + frame["step"]
    frame["status"] = (frame["due_at"] < now).map({True: "late", False: "open"})
    same = {"at": now, "watch": watch.watch, "incident_id": incident["incident_id"], "playbook": book.playbook}
    return conform(frame.assign(**same), "ACTIONS")


def steps_of(book: Playbook, incident: Mapping[str, Any]) -> set[str]:
    """The steps that a playbook has for an incident at any level, as its claim stands.

    Parameters
    ----------
    book : Playbook
        The steps.
    incident : mapping
        A row of INCIDENTS: how the claim stands.

    Returns
    -------
    set of str
        Their ids, as ACTIONS has them.
    """
    return {step.id for step in _applying(book, incident)} | {f"{DUTY}{duty.id}" for duty in book.duties}


def _applying(book: Playbook, incident: Mapping[str, Any]) -> list[Step]:
    standing = incident.get("standing") if isinstance(incident.get("standing"), str) else None
    return [step for step in book.steps if step.applies(standing)]


def _level(incident: Mapping[str, Any], risk: Mapping[str, Any] | None) -> Level:
    levels = [incident.get("level") or "unknown", (risk or {}).get("level") or "unknown"]
    known = [level for level in levels if level in LEVELS]
    return max(known, key=rank, default="unknown")


def _step(
    step: Step, level: AlertLevel, words: Vocabulary, began: Clocks, now: datetime, *, unjudged: bool
) -> dict[str, Any]:
    clocks = {one: at + timedelta(minutes=step.due[one]) for one, at in began.items() if one in step.due}
    sets = min(clocks, key=lambda one: (clocks[one], one != level))
    facts = {
        "title": both(step.title),
        "what": both(step.what),
        "owner": words.roles[step.owner],
        "resources": [words.resources[key] for key in step.resources],
        "minutes": step.due[sets],
        "level": sets,
        "phase": step.phase,
        "done_by": step.done_by,
    }
    due = clocks[sets]
    if step.only_if:  # nobody could begin it before the claim stood so: its minutes count from when that is known
        due, facts = max(due, now + timedelta(minutes=step.due[sets])), facts | {ONLY_IF: step.only_if}
    return {
        "step": step.id,
        "owner": step.owner,
        "resources": " ".join(step.resources),
        "due_at": due,
        "reason": "unjudged" if unjudged else "step",
        "facts": pack(facts),
    }


def _follow(rows: list[dict[str, Any]], book: Playbook) -> None:
    """Steps that wait for another are due so long after it; until it is done, after the time by which it should be."""
    planned, after = {row["step"]: row for row in rows}, {step.id: step for step in book.steps if step.after}

    def due(key: str) -> datetime:
        row, step = planned[key], after.get(key)
        if step is None or step.after not in planned:
            return row["due_at"]  # type: ignore[no-any-return]
        return due(step.after) + timedelta(minutes=unpack(row["facts"])["minutes"])

    for row in rows:
        step = after.get(row["step"])
        if step is None or step.after not in planned:
            continue
        facts = unpack(row["facts"]) | {"after": step.after, "first": unpack(planned[step.after]["facts"])["title"]}
        row |= {"due_at": due(step.id), "facts": pack(facts), "reason": "after"}


def _duty(duty: Duty, words: Vocabulary, began: Clocks) -> dict[str, Any]:
    facts = {
        "title": both(duty.authority),
        "what": both(duty.what),
        "owner": words.roles[duty.owner],
        "resources": [words.resources[key] for key in duty.resources],
        "rule": duty.rule,
        "jurisdiction": duty.jurisdiction,
        "hours": duty.due_hours,
        "read": [f"{url} ({one.checked})" for one in known_duties() if one.id in duty.clocks for url in one.sources],
    }
    known = min(at for level, at in began.items() if rank(level) >= rank(duty.from_level))
    return {
        "step": f"{DUTY}{duty.id}",
        "owner": duty.owner,
        "resources": " ".join(duty.resources),
        "due_at": known + timedelta(hours=duty.due_hours),
        "reason": "duty",
        "facts": pack(facts),
    }


def next_steps(actions: pa.Table | pd.DataFrame, watch: Watch, *, now: datetime) -> Finding:
    """What is to be done next, as a finding; its table lists the open steps by key, soonest first.

    Parameters
    ----------
    actions : pyarrow.Table or pandas.DataFrame
        ACTIONS of one incident, every observation.
    watch : Watch
        Whose persons are named, and its time zone.
    now : datetime
        What is due before is late.

    Returns
    -------
    Finding
        `respond.next`; silent where no plan has been made.
    """
    frame = newest(actions)
    frame = frame[frame["status"] != "replaced"]
    pending = open_actions(frame).sort_values(["due_at", "action_id"])
    table = pending[["action_id", "step", "owner", "resources", "due_at", "status"]].reset_index(drop=True)
    if frame.empty:
        return Finding("respond.next", _NO_PLAN, {}, table, silent=True)
    if pending.empty:
        return Finding("respond.next", _NONE_OPEN, {"done": len(frame)}, table, n=len(frame))
    first = pending.iloc[0].to_dict()
    words = action_words(first, watch)
    facts = {
        "open": len(pending),
        "late": int((pending["due_at"] < pd.Timestamp(now)).sum()),
        "first": words.title,
        "owner": words.owner,
        "due": f"{first['due_at'].astimezone(watch.zone):%m-%d %H:%M}",
    }
    return Finding("respond.next", _OPEN, facts, table, n=len(frame), weight=0.8)
