"""What people do to a task between open and done: assigned, started, moved, added."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pyarrow as pa

from crisislib.core.i18n import N_
from crisislib.core.ids import short_hash
from crisislib.core.phrase import Both, pack, unpack
from crisislib.core.schema_faults import near
from crisislib.core.tables import conform
from crisislib.core.watch import Watch
from crisislib.respond.response_log import ResponseError
from crisislib.respond.roles_resources import Vocabulary
from crisislib.respond.task_states import LATER, OWN, PENDING, SET, chosen, newest, states, stay_open


class SettledError(ResponseError):
    """A step that is not open any more.

    Parameters
    ----------
    steps : iterable of str
        Which.
    by : str
        Who settled them; empty where no person did.
    """

    def __init__(self, steps: Iterable[str], by: str) -> None:
        self.by = by
        words = N_("{steps} is settled by {by}") if by else N_("{steps} is settled")
        facts = {"steps": ", ".join(steps), "by": by}
        super().__init__(words, do=N_("reopen it first: crisis task reopen"), facts=facts)


def assign(
    actions: pa.Table | pd.DataFrame, action_ids: Sequence[str], person: str, *, now: datetime, by: str, note: str = ""
) -> pa.Table:
    """New ACTIONS rows that say who does some steps.

    Parameters
    ----------
    actions : pyarrow.Table or pandas.DataFrame
        ACTIONS, every observation.
    action_ids : sequence of str
        Which.
    person : str
        Who does them; empty gives them back to whoever the watch names for the role.
    now : datetime
        When it is written down.
    by, note : str
        Who decided it, and why.

    Returns
    -------
    pyarrow.Table
        Rows to append to ACTIONS.

    Raises
    ------
    ResponseError
        An action that is not in the plan, or that is settled.
    """
    rows = refuse_settled(actions, action_ids, now=now)
    return stay_open(rows.assign(person=person.strip() or None), now, by, note)


def start(
    actions: pa.Table | pd.DataFrame, action_ids: Sequence[str], *, at: datetime, now: datetime, by: str, note: str = ""
) -> pa.Table:
    """New ACTIONS rows that say that somebody is at work on some steps; whoever starts a step has it.

    Parameters
    ----------
    actions : pyarrow.Table or pandas.DataFrame
        ACTIONS, every observation.
    action_ids : sequence of str
        Which.
    at : datetime
        Since when; not after `now`.
    now : datetime
        When it is written down.
    by, note : str
        Who is at work, and what is worth knowing.

    Returns
    -------
    pyarrow.Table
        Rows to append to ACTIONS.

    Raises
    ------
    ResponseError
        An action that is not in the plan, that is settled, or a time in the future.
    """
    if at > now:
        raise ResponseError(
            N_("the time {at} is in the future"), do=N_("start a step when somebody is at work on it"), facts={"at": at}
        )
    rows = refuse_settled(actions, action_ids, now=now)
    rows = rows.assign(started_at=pd.Timestamp(at), person=rows["person"].fillna(by))
    return stay_open(rows, now, by, note)


def move_due(
    actions: pa.Table | pd.DataFrame,
    action_ids: Sequence[str],
    *,
    now: datetime,
    by: str,
    note: str,
    due_at: datetime | None = None,
    after: str = "",
    minutes: int = 0,
) -> pa.Table:
    """New ACTIONS rows that set when some steps are due: by the clock, or so long after another step.

    Parameters
    ----------
    actions : pyarrow.Table or pandas.DataFrame
        ACTIONS of one incident, every observation.
    action_ids : sequence of str
        Which.
    now : datetime
        When it is written down.
    by, note : str
        Who decided it, and why; the reason is needed.
    due_at : datetime, optional
        By the clock.
    after : str
        Id of the step that comes first.
    minutes : int
        So long after it is done; until then, after the time by which it should be.

    Returns
    -------
    pyarrow.Table
        Rows to append to ACTIONS.

    Raises
    ------
    ResponseError
        An action that is not in the plan or settled, no reason, or neither a time nor another step; a step that would
        wait for itself.
    """
    if not note.strip():
        raise ResponseError(N_("a deadline is not moved without a reason"), do=N_("say why"))
    if (due_at is None) == (not after):
        raise ResponseError(N_("a step is due by the clock or after another step"), do=N_("give one of the two"))
    rows = refuse_settled(actions, action_ids, now=now)
    board = newest(actions)
    known = {str(row["step"]): row for row in board[board["status"] != "replaced"].to_dict("records")}
    more: dict[str, object] = {SET: by}
    due = due_at
    if after:
        if after not in known:
            raise ResponseError(
                N_("there is no step {after}"),
                do=N_("use {near}"),
                facts={"after": repr(after), "near": near(after, known)},
            )
        if _waits_for(known, after) & {*rows["step"]}:
            raise ResponseError(
                N_("{after} waits for that step itself"),
                do=N_("choose a step that does not"),
                facts={"after": repr(after)},
            )
        first = known[after]
        due = (first["due_at"] if pd.isna(first["done_at"]) else first["done_at"]) + timedelta(minutes=minutes)
        more |= {"after": after, "minutes": minutes, "first": (unpack(first["facts"]) or {}).get("title", after)}
    before = [{k: v for k, v in (unpack(f) or {}).items() if k not in ("after", "first")} for f in rows["facts"]]
    return stay_open(rows.assign(due_at=due, facts=[pack(facts | more) for facts in before]), now, by, note)


def _waits_for(known: Mapping[str, Mapping[Any, Any]], step: str) -> set[str]:
    """The step and all that must be done before it."""
    chain: list[str] = []
    while step in known and step not in chain:
        chain.append(step)
        step = (unpack(known[step]["facts"]) or {}).get("after", "")
    return set(chain)


def add_task(
    watch: Watch,
    incident_id: str,
    title: str,
    *,
    owner: str,
    words: Vocabulary,
    due_at: datetime,
    now: datetime,
    by: str,
    person: str = "",
    about: str = "",
) -> pa.Table:
    """An ACTIONS row for a task that no playbook has.

    Parameters
    ----------
    watch : Watch
        Whose.
    incident_id : str
        Of which incident.
    title : str
        What is to be done.
    owner : str
        A role.
    words : Vocabulary
        Titles of the roles.
    due_at : datetime
        By when.
    now : datetime
        When it is written down.
    by : str
        Who adds it.
    person : str
        Who does it; whoever the watch names for the role when empty.
    about : str
        More words on it.

    Returns
    -------
    pyarrow.Table
        One row to append to ACTIONS.

    Raises
    ------
    ResponseError
        No title, or no such role.
    """
    if not title.strip():
        raise ResponseError(N_("a task needs a title"), do=N_("say what is to be done"))
    if owner not in words.roles:
        raise ResponseError(
            N_("there is no role {owner}"),
            do=N_("use {near}"),
            facts={"owner": repr(owner), "near": near(owner, words.roles)},
        )
    said = title.strip()
    key = "own_" + short_hash(incident_id, said, now.isoformat(), by, length=6)
    facts = {
        "title": Both(said, said), "what": about.strip() or said, "owner": words.roles[owner], "resources": [],
        SET: by, "by": by,
    }  # fmt: skip
    row = {
        "action_id": f"{incident_id}/{OWN}/{key}", "at": now, "watch": watch.watch, "incident_id": incident_id,
        "playbook": OWN, "step": key, "owner": owner, "resources": "", "due_at": due_at, "reason": "own", "by": by,
        "status": LATER[due_at < now], "facts": pack(facts), "person": person or None,
    }  # fmt: skip
    return conform(pd.DataFrame([row]), "ACTIONS")


def refuse_settled(actions: pa.Table | pd.DataFrame, action_ids: Sequence[str], *, now: datetime) -> pd.DataFrame:
    """Some steps that are still to be done, as they stand.

    Parameters
    ----------
    actions : pyarrow.Table or pandas.DataFrame
        ACTIONS, every observation.
    action_ids : sequence of str
        Which.
    now : datetime
        Wall clock.

    Returns
    -------
    pandas.DataFrame
        Their newest rows.

    Raises
    ------
    SettledError
        Somebody has settled one of them; by whom is said.
    ResponseError
        An action that is not in the plan.
    """
    rows = chosen(actions, action_ids)
    settled = rows[~states(rows, now=now).isin(PENDING)]
    if len(settled):
        by = ", ".join(dict.fromkeys(settled["by"].dropna().astype(str)))
        raise SettledError(settled["step"], by)
    return rows
