"""The logbook: what the team writes down, one kind of entry beside the other, each change with who and when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

import pandas as pd
import pyarrow as pa

from crisislib.core.i18n import N_
from crisislib.core.phrase import pack, unpack
from crisislib.core.schema_faults import near
from crisislib.core.tables import conform
from crisislib.respond.response_log import ResponseError

KINDS_OF_ENTRY: dict[str, tuple[str, tuple[str, ...]]] = {
    "comment": (N_("comment"), ("noted",)),
    "statement": (N_("statement"), ("draft", "approved", "scheduled", "published", "followed", "withdrawn")),
    "decision": (N_("decision"), ("made", "revised", "withdrawn")),
    "meeting": (N_("meeting"), ("planned", "done", "cancelled")),
    "notice": (N_("internal notice"), ("draft", "sent", "read", "cancelled")),
    "feedback": (N_("feedback from staff"), ("open", "answered", "closed")),
    "enquiry": (N_("press enquiry"), ("open", "replied", "declined")),
    "press_conference": (N_("press conference"), ("proposed", "planned", "done", "cancelled")),
    "contact": (N_("person to speak to"), ("open", "contacted", "answered", "settled", "declined")),
    "partner": (N_("partner"), ("open", "asked", "agreed", "done", "declined")),
    "joint_action": (N_("joint statement or action"), ("proposed", "agreed", "done", "cancelled")),
    "training": (N_("training"), ("planned", "done")),
    "risk": (N_("risk"), ("open", "treated", "accepted", "closed")),
    "evidence": (N_("evidence archive"), ("sealed", "handed_over", "withdrawn")),
    "review": (N_("after-action review"), ("done", "withdrawn")),
    "publicity": (N_("positive publicity"), ("proposed", "planned", "running", "done", "cancelled")),
}
"""Kind -> its name (a gettext id), and the states that an entry of it goes through, the first of them first."""


STATE_NAMES: dict[str, str] = {
    "noted": N_("noted"), "made": N_("made"), "revised": N_("revised"), "withdrawn": N_("withdrawn"),
    "planned": N_("planned"), "done": N_("done"), "cancelled": N_("cancelled"), "draft": N_("draft"),
    "sent": N_("sent"), "read": N_("read"), "open": N_("open"), "answered": N_("answered"), "closed": N_("closed"),
    "declined": N_("declined"), "proposed": N_("proposed"), "contacted": N_("contacted"), "settled": N_("settled"),
    "asked": N_("asked"), "agreed": N_("agreed"), "running": N_("running"), "replied": N_("replied"),
    "approved": N_("approved"), "scheduled": N_("scheduled"), "published": N_("published"),
    "followed": N_("followed"), "sealed": N_("sealed"), "handed_over": N_("handed over"),
    "treated": N_("treated"), "accepted": N_("accepted"),
}  # fmt: skip
"""State of an entry to its name; gettext ids."""
ENDED = frozenset(
    {
        "noted",
        "made",
        "withdrawn",
        "done",
        "cancelled",
        "read",
        "closed",
        "declined",
        "settled",
        "revised",
        "replied",
        "followed",
        "handed_over",
    }
)
"""States after which nothing is left to do."""
AS_RESPONSE = {
    ("press_conference", "done"): "press_conference",
    ("contact", "contacted"): "one_to_one",
    ("partner", "done"): "partner",
    ("joint_action", "done"): "joint_action",
    ("publicity", "running"): "publicity",
    ("notice", "sent"): "internal",
}
"""Kind and state at which an entry is a response: it is logged as one, closes its step, and its effect is estimated."""


def new_entry(
    kind: str,
    *,
    watch: str,
    incident_id: str,
    title: str,
    now: datetime,
    by: str,
    about: str = "",
    owner: str = "",
    due_at: datetime | None = None,
    facts: Mapping[str, Any] | None = None,
    note: str = "",
    status: str = "",
) -> pa.Table:
    """One new entry of the logbook.

    Parameters
    ----------
    kind : str
        One of :data:`KINDS_OF_ENTRY`.
    watch, incident_id : str
        Whose, and of which incident.
    title : str
        Its words, or what it is called; needed.
    now : datetime
        When it is written down.
    by : str
        Who writes it.
    about : str
        What it speaks of: an action, an account, another entry.
    owner : str
        Role or person who sees to it.
    due_at : datetime, optional
        By when.
    facts : mapping, optional
        What its kind needs.
    note : str
        More words.
    status : str
        Its state; the first of its kind when empty.

    Returns
    -------
    pyarrow.Table
        One row to append to LOGBOOK; its id is new, so that two writers never share one.

    Raises
    ------
    ResponseError
        There is no such kind or state, or it says nothing.
    """
    if kind not in KINDS_OF_ENTRY:
        raise ResponseError(
            N_("{kind} is no kind of entry"),
            do=N_("use {near}"),
            facts={"kind": repr(kind), "near": near(kind, KINDS_OF_ENTRY)},
        )
    if not title.strip():
        raise ResponseError(N_("an entry needs words"), do=N_("say what it is about"))
    row = {
        "entry_id": f"{kind}-{uuid4().hex[:8]}", "at": now, "watch": watch, "incident_id": incident_id or None,
        "kind": kind, "about": about or None, "status": _known_state(kind, status or KINDS_OF_ENTRY[kind][1][0]),
        "title": title.strip(), "owner": owner or None, "due_at": due_at, "facts": pack(dict(facts or {})), "by": by,
        "note": note or None,
    }  # fmt: skip
    return conform(pd.DataFrame([row]), "LOGBOOK")


def changed_entry(
    entries: pd.DataFrame,
    entry_id: str,
    *,
    now: datetime,
    by: str,
    facts: Mapping[str, Any] | None = None,
    **columns: Any,
) -> pa.Table:
    """The row that an entry becomes.

    Parameters
    ----------
    entries : pandas.DataFrame
        LOGBOOK as it stands.
    entry_id : str
        Which.
    now : datetime
        When it is written down; later than what it changes, whatever the clock says.
    by : str
        Who changes it.
    facts : mapping, optional
        Facts that are added or replaced; the others stay.
    **columns : Any
        Columns with their new values, such as `status`, `owner`, `due_at`, `title` and `note`.

    Returns
    -------
    pyarrow.Table
        One row to append to LOGBOOK.

    Raises
    ------
    ResponseError
        There is no such entry, or no such state of its kind.
    """
    row = entry(entries, entry_id)
    if "status" in columns:
        _known_state(row["kind"], columns["status"])
    at = max(pd.Timestamp(now), row["at"] + pd.Timedelta(microseconds=1))
    joined = pack((unpack(row["facts"]) or {}) | dict(facts or {}))
    new = row | {"at": at, "by": by, "note": None, "run_id": None, "facts": joined} | columns
    return conform(pd.DataFrame([new]), "LOGBOOK")


def entry(entries: pd.DataFrame, entry_id: str) -> dict[str, Any]:
    """One entry as it stands, by its id or by the begin of it.

    Parameters
    ----------
    entries : pandas.DataFrame
        LOGBOOK as it stands.
    entry_id : str
        Its id, or as much of it as no other has.

    Returns
    -------
    dict of str to Any
        The LOGBOOK row.

    Raises
    ------
    ResponseError
        There is none, or more than one.
    """
    mine = entries[entries["entry_id"].str.startswith(entry_id)] if entry_id else entries.iloc[:0]
    if len(mine) != 1:
        known = ", ".join(sorted(entries["entry_id"])) or "(none)"
        raise ResponseError(
            N_("{n} entries are called {name}"), do=N_("use one of {known}"),
            facts={"n": len(mine), "name": repr(entry_id), "known": known},
        )  # fmt: skip
    return {str(key): value for key, value in mine.iloc[0].items()}


def _known_state(kind: str, status: str) -> str:
    states = KINDS_OF_ENTRY[kind][1]
    if status not in states:
        raise ResponseError(
            N_("{status} is no state of {kind}"),
            do=N_("use one of {states}"),
            facts={"status": repr(status), "kind": kind, "states": ", ".join(states)},
        )
    return status
