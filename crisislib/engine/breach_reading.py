"""How far the people affected by a data breach have been informed, in the words of a reader."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from crisislib import respond
from crisislib.core.errors import InputError
from crisislib.core.finding import Finding
from crisislib.core.i18n import N_, tr
from crisislib.core.ids import mask_name
from crisislib.core.watch import Watch
from crisislib.engine.breach_contacts import used_of
from crisislib.engine.breach_people import people_of, short_ids
from crisislib.engine.home import Home
from crisislib.engine.incident_records import incident_of
from crisislib.engine.pseudonyms import salt_of


def progress(home: Home, watch: Watch, *, incident_id: str = "") -> Finding | None:
    """How far the affected people of an incident have been informed.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    incident_id : str
        The incident; the latest when empty.

    Returns
    -------
    Finding or None
        None where nobody is on a list.
    """
    incident = str(incident_of(home, watch, incident_id)["incident_id"])
    return counts(home.lake.read("NOTICES", watch=watch.watch), incident)


def counts(rows: pd.DataFrame, incident: str) -> Finding | None:
    """How far the affected people of an incident have been informed, from rows that are read already.

    Parameters
    ----------
    rows : pandas.DataFrame
        NOTICES as they stand.
    incident : str
        Id of the incident.

    Returns
    -------
    Finding or None
        None where nobody is on a list.
    """
    found = respond.notice_counts(rows[rows["incident_id"] == incident])
    return found.finding() if found.n else None


def people_in_words(
    home: Home, watch: Watch, *, language: str, states: Collection[str] = (), plain: bool = False,
    incident_id: str = "",
) -> pd.DataFrame:  # fmt: skip
    """The affected people of an incident as a list to read.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    language : str
        `zh` or `en`.
    states : collection of str
        Only people in these states; all when empty.
    plain : bool
        Whether names and contacts stand in full; masked otherwise.
    incident_id : str
        The incident; the latest when empty.

    Returns
    -------
    pandas.DataFrame
        id, name, contacts (the preferred one first), data, state, used (the contact that was used last), since (in the
        watch's zone), by, note.
    """
    people = people_of(home, watch, str(incident_of(home, watch, incident_id)["incident_id"]))
    rows = people[people["status"].isin(list(states))] if states else people
    shown = (lambda text: text) if plain else mask_name
    salt = salt_of(home)
    used = [used_of(salt, own, one) for own, one in zip(rows["contacts"], rows["contact_id"], strict=True)]
    since = pd.to_datetime(rows["at"], utc=True).dt.tz_convert(watch.zone).dt.strftime("%m-%d %H:%M").fillna("")
    return pd.DataFrame(
        {
            "id": short_ids(rows["account_id"]), "name": rows["name"].map(shown),
            "contacts": [", ".join(map(shown, own)) for own in rows["contacts"]], "data": rows["data"],
            "state": [notice_state(one, language) for one in rows["status"]],
            "used": [shown(one) for one in used], "since": since,
            "by": rows["by"], "note": rows["note"],
        }
    )  # fmt: skip


def known_states(states: Collection[str]) -> Collection[str]:
    """States of people, checked.

    Parameters
    ----------
    states : collection of str
        As they were typed.

    Returns
    -------
    collection of str
        The same.

    Raises
    ------
    InputError
        One of them is none.
    """
    if unknown := sorted(set(states) - set(respond.NOTICE_STATES)):
        raise InputError(
            N_("{unknown} is no state of a person"),
            where="--state",
            do=N_("use {notice_states}"),
            facts={"unknown": repr(unknown[0]), "notice_states": ", ".join(respond.NOTICE_STATES)},
        )
    return states


def with_contact(home: Home, watch: Watch, states: Collection[str], *, incident_id: str = "") -> int:
    """How many affected people in some states have a contact.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    states : collection of str
        Which states.
    incident_id : str
        The incident; the latest when empty.

    Returns
    -------
    int
        People.
    """
    people = people_of(home, watch, str(incident_of(home, watch, incident_id)["incident_id"]))
    return int((people["status"].isin(list(states)) & (people["contact"] != "")).sum())


def notice_state(status: str, language: str) -> str:
    """The name of a state of an affected person.

    Parameters
    ----------
    status : str
        A key of :data:`crisislib.respond.NOTICE_STATES`.
    language : str
        `zh` or `en`.

    Returns
    -------
    str
        The name.
    """
    return tr(respond.NOTICE_STATES[status], language)
