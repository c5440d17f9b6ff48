"""Which duties towards authorities an incident may set off, by when, and as tasks of the plan."""

from __future__ import annotations

from datetime import datetime, timedelta

import pandas as pd

from crisislib import respond
from crisislib.core.errors import InputError
from crisislib.core.i18n import N_, tr
from crisislib.engine.team_change import TeamChange
from crisislib.engine.team_tasks import add

COLUMNS = (
    "id", "jurisdiction", "trigger", "duty", "deadline", "due_at", "counted_from", "to_whom", "legal_basis", "sources",
    "checked", "note",
)  # fmt: skip
_ABOUT = N_("To whom: {to_whom}. Rule: {legal_basis}. Counted from: {counted_from}. Read at {sources} on {checked}.")
_MIND = N_("{about} To mind: {note}.")
AT_ONCE = timedelta(hours=1)
"""Time that a task is given for what a rule wants at once: long enough to call counsel, short enough to be at once."""


def duties(jurisdictions: list[str], triggers: list[str], *, begin: datetime) -> pd.DataFrame:
    """Duties with their clocks.

    Parameters
    ----------
    jurisdictions : list of str
        Such as CN, EU, US-CA; all when empty. US takes its states along.
    triggers : list of str
        Such as data_breach, product_safety; all when empty.
    begin : datetime
        When the clocks began.

    Returns
    -------
    pandas.DataFrame
        id, jurisdiction, trigger, deadline, due_at (null where it is due at once), sources and the day on which
        they were checked; duty, counted_from,
        to_whom, legal_basis and note (or None) as words; soonest first; empty where a jurisdiction has none for a
        trigger.

    Raises
    ------
    InputError
        There is no clock for a jurisdiction, or for a trigger in any.
    """
    clocks = respond.known_duties()
    for name, wanted, known in (
        ("jurisdiction", jurisdictions, {c.jurisdiction for c in clocks}),
        ("trigger", triggers, {c.trigger for c in clocks}),
    ):
        if unknown := sorted(set(wanted) - known - {k.split("-")[0] for k in known}):
            raise InputError(
                N_("no clock is known for the {name} {unknown}"),
                do=N_("use {known}"),
                facts={"name": name, "unknown": repr(unknown[0]), "known": ", ".join(sorted(known))},
            )
    rows = [
        {
            "id": c.id, "jurisdiction": c.jurisdiction, "trigger": c.trigger, "duty": respond.both(c.duty),
            "deadline": c.deadline, "due_at": c.due(begin), "counted_from": respond.both(c.counted_from),
            "to_whom": respond.both(c.to_whom), "legal_basis": respond.both(c.legal_basis), "sources": c.sources,
            "checked": c.checked.isoformat(),
            "note": None if c.note is None else respond.both(c.note),
        }
        for c in clocks
        if (not jurisdictions or {c.jurisdiction, c.jurisdiction.split("-")[0]} & set(jurisdictions))
        and (not triggers or c.trigger in triggers)
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=COLUMNS)
    frame["due_at"] = pd.to_datetime(frame["due_at"], utc=True)
    return frame.sort_values("due_at", na_position="first", kind="stable", ignore_index=True)


def add_duties(change: TeamChange, rows: pd.DataFrame, *, incident_id: str = "") -> pd.DataFrame:
    """Duties as tasks of an incident, for counsel to check.

    Parameters
    ----------
    change : TeamChange
        Where, whose, by whom and when.
    rows : pandas.DataFrame
        Of :func:`duties`.
    incident_id : str
        The incident; the latest when empty.

    Returns
    -------
    pandas.DataFrame
        The new ACTIONS rows.

    Raises
    ------
    CrisisError
        There is no such incident.
    """
    made = []
    for row in rows.to_dict("records"):
        due = change.now + AT_ONCE if pd.isna(row["due_at"]) else row["due_at"].to_pydatetime()
        spoken = change.watch.language
        facts = {key: row[key].render(spoken) for key in ("to_whom", "legal_basis", "counted_from")}
        about = tr(_ABOUT, spoken, **facts, sources=" ".join(row["sources"]), checked=row["checked"])
        if row["note"] is not None:
            about = tr(_MIND, spoken, about=about, note=row["note"].render(spoken))
        title = f"{row['jurisdiction']}: {row['duty'].render(spoken)}"
        made.append(add(change, title, owner="legal_lead", due_at=due, about=about, incident_id=incident_id))
    return pd.concat(made, ignore_index=True)
