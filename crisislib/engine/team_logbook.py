"""The logbook in hand: decisions, meetings, notices, feedback, enquiries, contacts, partners, publicity."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypedDict, Unpack

import pandas as pd

from crisislib import respond
from crisislib.core.errors import InputError
from crisislib.core.i18n import N_
from crisislib.core.phrase import unpack
from crisislib.engine.analyst_actions import log_response
from crisislib.engine.incident_records import NO_INCIDENT, incident_of
from crisislib.engine.logbook_reading import only_row
from crisislib.engine.runs import TICK
from crisislib.engine.team_change import TeamChange

SAME_MOMENT = timedelta(seconds=1)
"""Entries so close are ordered by a tick each; a clock that is further ahead is another machine's."""
STATEMENT = "statement"
"""Kind of entry that goes out only when its facts are established and two people have approved it."""
RELEASE = "crisis release"
"""Command by which it does."""


class EntryWords(TypedDict, total=False):
    """What a new entry says besides its kind and title; each may be left out.

    Attributes
    ----------
    about : str
        What it speaks of: an account, a post, a step, another entry.
    owner : str
        Role or person who sees to it.
    due_at : datetime or None
        By when, or when it takes place.
    note : str
        More words.
    status : str
        Its state; the first of its kind when empty.
    facts : mapping or None
        What its kind needs.
    """

    about: str
    owner: str
    due_at: datetime | None
    note: str
    status: str
    facts: Mapping[str, Any] | None


class EntryChanges(TypedDict, total=False):
    """What an entry becomes; what is left out stays.

    Attributes
    ----------
    status, owner, title : str or None
        New values.
    due_at : datetime or None
        New time.
    note : str
        Why, or what came of it.
    facts : mapping or None
        Facts that are added or replaced.
    """

    status: str | None
    owner: str | None
    title: str | None
    due_at: datetime | None
    note: str
    facts: Mapping[str, Any] | None


def write_entry(
    change: TeamChange, kind: str, title: str, *, incident_id: str = "", **words: Unpack[EntryWords]
) -> dict[str, Any]:
    """Write something down; a statement is proposed instead (:mod:`crisislib.engine.statement_drafts`).

    Parameters
    ----------
    change : TeamChange
        Where, whose, by whom and when.
    kind : str
        A key of :data:`crisislib.respond.KINDS_OF_ENTRY`.
    title : str
        What is decided, asked, planned: the words of it.
    incident_id : str
        The incident; the latest when empty; `watch` for none.
    **words : EntryWords
        What else it says.

    Returns
    -------
    dict
        The LOGBOOK row.

    Raises
    ------
    InputError
        It is a statement.
    CrisisError
        There is no such incident, kind or state, or no words.
    """
    if kind == STATEMENT:
        raise InputError(
            N_("a statement is not written down but proposed"),
            where="kind",
            do=N_("{release} propose"),
            facts={"release": RELEASE},
        )
    return record_entry(change, kind, title, incident_id=incident_id, **words)


def record_entry(
    change: TeamChange, kind: str, title: str, *, incident_id: str = "", **words: Unpack[EntryWords]
) -> dict[str, Any]:
    """Write an entry of any kind.

    Parameters and result as for :func:`write_entry`.
    """
    home, watch = change.home, change.watch
    own = incident_id if incident_id == NO_INCIDENT else str(incident_of(home, watch, incident_id)["incident_id"])
    with home.lake.changing("LOGBOOK"):
        at = after_others(home.lake.read("LOGBOOK", watch=watch.watch, present=False)["at"], change.now)
        rows = respond.new_entry(kind, watch=watch.watch, incident_id=own, title=title, now=at, by=change.by, **words)
        home.lake.append("LOGBOOK", rows)
    row = only_row(rows.to_pandas())
    _log_as_response(change, row, "")
    return row


def after_others(written: pd.Series, now: datetime) -> datetime:
    """When a row is written: now, or just after the others of this moment on a clock that stands still.

    Which of two rows is the newer one must not be left to chance.

    Parameters
    ----------
    written : pandas.Series of datetime
        When the rows so far were written.
    now : datetime
        The clock.

    Returns
    -------
    datetime
    """
    same = written[(written >= pd.Timestamp(now)) & (written < pd.Timestamp(now) + SAME_MOMENT)]
    return now if same.empty else (same.max() + TICK).to_pydatetime()


def change_entry(change: TeamChange, entry_id: str, **changes: Unpack[EntryChanges]) -> dict[str, Any]:
    """Change an entry: its state, owner, time or words; what others changed meanwhile stays.

    Of a statement only its owner and a note are changed here: what it says, and that it goes out, is approved by two
    (:mod:`crisislib.engine.statement_release`).

    Parameters
    ----------
    change : TeamChange
        Where, whose, by whom and when.
    entry_id : str
        Which; as much of the id as no other has.
    **changes : EntryChanges
        What it becomes.

    Returns
    -------
    dict
        The LOGBOOK row.

    Raises
    ------
    InputError
        It is a statement, and more than its owner would change.
    CrisisError
        There is no such entry or state.
    """
    before = respond.entry(change.home.lake.read("LOGBOOK", watch=change.watch.watch), entry_id)
    said = changes.get("facts") or any(changes.get(key) is not None for key in ("status", "due_at", "title"))
    if before["kind"] == STATEMENT and said:
        raise InputError(
            N_("{entry_id} is a statement"),
            do=N_("use {release} fill, approve, schedule, publish"),
            facts={"entry_id": before["entry_id"], "release": RELEASE},
        )
    return record_change(change, str(before["entry_id"]), **changes)


def record_change(change: TeamChange, entry_id: str, **changes: Unpack[EntryChanges]) -> dict[str, Any]:
    """Change an entry of any kind.

    Parameters and result as for :func:`change_entry`.
    """
    return record_decided(change, entry_id, lambda _: changes)


def record_decided(
    change: TeamChange, entry_id: str, decide: Callable[[dict[str, Any]], EntryChanges]
) -> dict[str, Any]:
    """Change an entry by what it is at that moment: nobody else changes it between the decision and the record.

    Parameters
    ----------
    change : TeamChange
        Where, whose, by whom and when.
    entry_id : str
        Which; as much of the id as no other has.
    decide : callable
        From the LOGBOOK row as it stands to what it becomes; an error that it raises leaves the entry as it is.

    Returns
    -------
    dict
        The LOGBOOK row.

    Raises
    ------
    CrisisError
        There is no such entry or state, or the decision is refused.
    """
    with change.home.lake.changing("LOGBOOK"):
        entries = change.home.lake.read("LOGBOOK", watch=change.watch.watch)
        before = respond.entry(entries, entry_id)
        given: dict[str, Any] = {key: value for key, value in decide(before).items() if value is not None}
        facts, note = given.pop("facts", None), given.pop("note", "")
        own = str(before["entry_id"])
        rows = respond.changed_entry(
            entries, own, now=change.now, by=change.by, facts=facts, note=note or None, **given
        )
        change.home.lake.append("LOGBOOK", rows)
    row = only_row(rows.to_pandas())
    _log_as_response(change, row, str(before["status"]))
    return row


def _log_as_response(change: TeamChange, row: Mapping[str, Any], before: str) -> None:
    """An entry that has become a response is logged as one, once."""
    kind = respond.AS_RESPONSE.get((row["kind"], row["status"]))
    if kind is None or row["status"] == before:
        return
    facts = unpack(row["facts"]) or {}
    log_response(
        change, kind=kind, channel=str(facts.get("channel", "")), strategy=str(facts.get("strategy", "")),
        url=str(facts.get("url", "")), text=str(row["title"]), at=change.now, incident_id=str(row["incident_id"]),
    )  # fmt: skip
