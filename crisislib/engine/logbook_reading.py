"""The team's logbook as it is read: entries as they stand, their history, in the reader's words."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import pandas as pd

from crisislib import respond
from crisislib.core.i18n import tr
from crisislib.core.phrase import Both
from crisislib.core.watch import Watch
from crisislib.engine.home import Home


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


def entries_in_words(rows: pd.DataFrame, language: str) -> pd.DataFrame:
    """Entries with `kind`, `status` and an `owner` that is a role as words.

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
    text["owner"] = text["owner"].map(lambda owner: owner_title(owner).render(language) if owner else "")
    return rows.assign(
        kind_key=rows["kind"], state_key=rows["status"], kind=rows["kind"].map(names).fillna(rows["kind"]),
        status=rows["status"].map(states).fillna(rows["status"]), **text,
    )  # fmt: skip


def owner_title(owner: str) -> Both:
    """Who sees to an entry, as words: the title of a role; any other name as it was written.

    Parameters
    ----------
    owner : str
        A role or a person.

    Returns
    -------
    Both
        In both languages.
    """
    return _roles().get(owner, Both(owner, owner))


@cache
def _roles() -> Mapping[str, Both]:
    """Titles of the shipped roles; an owner of any other name is shown as it was written."""
    return respond.vocabulary([])[0].roles


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
    return only_row(entries_in_words(pd.DataFrame([dict(row)]), language))


def only_row(frame: pd.DataFrame) -> dict[str, Any]:
    """The one row of a frame.

    Parameters
    ----------
    frame : pandas.DataFrame
        Of one row.

    Returns
    -------
    dict
        Column -> value.
    """
    return {str(key): value for key, value in frame.iloc[0].items()}
