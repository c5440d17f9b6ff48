"""The logbook in hand: decisions, meetings, notices, feedback, enquiries, contacts, partners, publicity."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd

from crisislib import respond
from crisislib.core.errors import InputError
from crisislib.core.i18n import tr
from crisislib.core.phrase import unpack
from crisislib.core.watch import Watch
from crisislib.engine.analyst_actions import log_response
from crisislib.engine.home import Home
from crisislib.engine.incident_records import NO_INCIDENT, incident_of
from crisislib.engine.team_change import TeamChange

STATEMENT = "statement"
"""Kind of entry that goes out only when its facts are established and two people have approved it."""
RELEASE = "crisis release"
"""Command by which it does."""


def entries_of(
    home: Home, watch: Watch, *, incident_id: str = "", kind: str = "", open_only: bool = False
) -> pd.DataFrame:
    """The logbook as it stands, oldest first.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    incident_id : str
        Of one incident; of all when empty.
    kind : str
        Of one kind; of all when empty.
    open_only : bool
        Without what is ended.

    Returns
    -------
    pandas.DataFrame
        LOGBOOK, one row an entry, with `written_at`, when it was first written, and `first_by`, by whom.
    """
    rows = home.lake.read("LOGBOOK", watch=watch.watch, present=False).sort_values("at", kind="stable")
    first = rows.drop_duplicates("entry_id").set_index("entry_id")
    rows = rows.drop_duplicates("entry_id", keep="last")
    rows = rows.assign(
        written_at=rows["entry_id"].map(first["at"].to_dict()), first_by=rows["entry_id"].map(first["by"].to_dict())
    )
    wanted = ~(rows["status"].isin(respond.ENDED) & open_only)
    if incident_id:
        wanted &= rows["incident_id"] == incident_id
    if kind:
        wanted &= rows["kind"] == kind
    result: pd.DataFrame = rows[wanted].sort_values("written_at", kind="stable").reset_index(drop=True)
    return result


def history_of(home: Home, watch: Watch, entry_id: str) -> pd.DataFrame:
    """Every change of an entry, oldest first.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    entry_id : str
        Which.

    Returns
    -------
    pandas.DataFrame
        LOGBOOK rows.

    Raises
    ------
    ResponseError
        There is no such entry.
    """
    own = respond.entry(home.lake.read("LOGBOOK", watch=watch.watch), entry_id)["entry_id"]
    rows = home.lake.read("LOGBOOK", watch=watch.watch, present=False)
    mine: pd.DataFrame = rows[rows["entry_id"] == own].sort_values("at")
    return mine


def write_entry(
    change: TeamChange,
    kind: str,
    title: str,
    *,
    about: str = "",
    owner: str = "",
    due_at: datetime | None = None,
    note: str = "",
    status: str = "",
    facts: Mapping[str, Any] | None = None,
    incident_id: str = "",
) -> dict[str, Any]:
    """Write something down; a statement is proposed instead (:mod:`crisislib.engine.statement_release`).

    Parameters
    ----------
    change : TeamChange
        Where, whose, by whom and when.
    kind : str
        A key of :data:`crisislib.respond.KINDS_OF_ENTRY`.
    title : str
        What is decided, asked, planned: the words of it.
    about : str
        What it speaks of: an account, a post, a step, another entry.
    owner : str
        Role or person who sees to it.
    due_at : datetime, optional
        By when, or when it takes place.
    note : str
        More words.
    status : str
        Its state; the first of its kind when empty.
    facts : mapping, optional
        What its kind needs.
    incident_id : str
        The incident; the latest when empty; `watch` for none.

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
        raise InputError("a statement is not written down but proposed", where="kind", do=f"{RELEASE} propose")
    return record_entry(
        change,
        kind,
        title,
        about=about,
        owner=owner,
        due_at=due_at,
        note=note,
        status=status,
        facts=facts,
        incident_id=incident_id,
    )


def record_entry(
    change: TeamChange,
    kind: str,
    title: str,
    *,
    about: str = "",
    owner: str = "",
    due_at: datetime | None = None,
    note: str = "",
    status: str = "",
    facts: Mapping[str, Any] | None = None,
    incident_id: str = "",
) -> dict[str, Any]:
    """Write an entry of any kind; see :func:`write_entry` for the parameters.

    Parameters
    ----------
    change, kind, title, about, owner, due_at, note, status, facts, incident_id
        As there.

    Returns
    -------
    dict
        The LOGBOOK row.
    """
    home, watch = change.home, change.watch
    own = incident_id if incident_id == NO_INCIDENT else str(incident_of(home, watch, incident_id)["incident_id"])
    rows = respond.new_entry(
        kind, watch=watch.watch, incident_id=own, title=title, now=change.now, by=change.by, about=about, owner=owner,
        due_at=due_at, note=note, status=status, facts=facts,
    )  # fmt: skip
    home.lake.append("LOGBOOK", rows)
    row = _only(rows.to_pandas())
    _log_as_response(change, row, "")
    return row


def change_entry(
    change: TeamChange,
    entry_id: str,
    *,
    status: str | None = None,
    owner: str | None = None,
    due_at: datetime | None = None,
    title: str | None = None,
    note: str = "",
    facts: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Change an entry: its state, owner, time or words; what others changed meanwhile stays.

    Of a statement only its owner and a note are changed here: what it says, and that it goes out, is approved by two
    (:mod:`crisislib.engine.statement_release`).

    Parameters
    ----------
    change : TeamChange
        Where, whose, by whom and when.
    entry_id : str
        Which; as much of the id as no other has.
    status, owner, title : str, optional
        New values; what is left out stays.
    due_at : datetime, optional
        New time.
    note : str
        Why, or what came of it.
    facts : mapping, optional
        Facts that are added or replaced.

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
    if before["kind"] == STATEMENT and (facts or any(v is not None for v in (status, due_at, title))):
        raise InputError(f"{before['entry_id']} is a statement", do=f"use {RELEASE} fill, approve, schedule, publish")
    return record_change(
        change, str(before["entry_id"]), status=status, owner=owner, due_at=due_at, title=title, note=note, facts=facts
    )


def record_change(
    change: TeamChange,
    entry_id: str,
    *,
    status: str | None = None,
    owner: str | None = None,
    due_at: datetime | None = None,
    title: str | None = None,
    note: str = "",
    facts: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Change an entry of any kind; see :func:`change_entry` for the parameters.

    Parameters
    ----------
    change, entry_id, status, owner, due_at, title, note, facts
        As there.

    Returns
    -------
    dict
        The LOGBOOK row.
    """
    columns = {"status": status, "owner": owner, "due_at": due_at, "title": title}
    given = {key: value for key, value in columns.items() if value is not None}
    with change.home.lake.changing("LOGBOOK"):
        entries = change.home.lake.read("LOGBOOK", watch=change.watch.watch)
        before = respond.entry(entries, entry_id)
        own = str(before["entry_id"])
        rows = respond.changed_entry(
            entries, own, now=change.now, by=change.by, facts=facts, note=note or None, **given
        )
        change.home.lake.append("LOGBOOK", rows)
    row = _only(rows.to_pandas())
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


def entries_in_words(rows: pd.DataFrame, language: str) -> pd.DataFrame:
    """Entries with `kind` and `status` as words.

    Parameters
    ----------
    rows : pandas.DataFrame
        LOGBOOK.
    language : str
        `zh` or `en`.

    Returns
    -------
    pandas.DataFrame
        The same rows; `kind_key` and `state_key` hold the keys, and empty cells are empty strings.
    """
    names = {key: tr(name, language) for key, (name, _) in respond.KINDS_OF_ENTRY.items()}
    states = {key: tr(name, language) for key, name in respond.STATE_NAMES.items()}
    text = {column: rows[column].fillna("") for column in ("about", "owner", "note", "by")}
    return rows.assign(
        kind_key=rows["kind"], state_key=rows["status"], kind=rows["kind"].map(names).fillna(rows["kind"]),
        status=rows["status"].map(states).fillna(rows["status"]), **text,
    )  # fmt: skip


def entry_in_words(row: Mapping[str, Any], language: str) -> dict[str, Any]:
    """One entry with `kind` and `status` as words; see :func:`entries_in_words`.

    Parameters
    ----------
    row : mapping
        A LOGBOOK row.
    language : str
        `zh` or `en`.

    Returns
    -------
    dict
        The row.
    """
    return _only(entries_in_words(pd.DataFrame([dict(row)]), language))


def _only(frame: pd.DataFrame) -> dict[str, Any]:
    return {str(key): value for key, value in frame.iloc[0].items()}
