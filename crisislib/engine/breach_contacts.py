"""Several contacts of one affected person: who has which, which is preferred, which one a channel takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd

from crisislib import respond
from crisislib.core.errors import InputError
from crisislib.core.i18n import N_
from crisislib.engine.home import Home
from crisislib.engine.pseudonyms import CONTACT, pseudonym, salt_of

KINDS = ("mail", "phone")
"""Kinds of contact that can be asked for."""


def owners_of(people: pd.DataFrame) -> dict[str, str]:
    """Whose each contact is.

    Parameters
    ----------
    people : pandas.DataFrame
        `account_id` and `contacts`.

    Returns
    -------
    dict of str to str
        Contact as compared -> `account_id`; of two who share one that is not preferred, the first.
    """
    owners: dict[str, str] = {}
    for place in (slice(0, 1), slice(1, None)):  # somebody's preferred contact before somebody else's second
        for account, contacts in zip(people["account_id"], people["contacts"], strict=True):
            for one in contacts[place]:
                owners.setdefault(respond.contact_key(one), account)
    return owners


def joined(listed: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """The people of a list as they are stored: who is on record already keeps the contacts that the list lacks.

    Parameters
    ----------
    listed : pandas.DataFrame
        People of a list.
    before : pandas.DataFrame
        People on record.

    Returns
    -------
    pandas.DataFrame
        One row a person; a contact that somebody has chosen stays the preferred one unless the list chooses another.
    """
    stored = before.set_index("account_id")[["name", "contacts", "chosen"]].to_dict("index")
    owners = owners_of(before)
    rows = []
    for row in listed.to_dict("records"):
        known = {owners[key] for key in map(respond.contact_key, row["contacts"]) if key in owners}
        same = [one for one in known if row["name"] and stored[one]["name"] == row["name"]]
        account = row["account_id"] if row["account_id"] in stored or not same else same[0]
        if account in stored:
            old = stored[account]
            keep = old["chosen"] and not row["chosen"]
            both = [*old["contacts"], *row["contacts"]] if keep else [*row["contacts"], *old["contacts"]]
            row |= {"contacts": respond.contacts_in(both), "chosen": bool(old["chosen"] or row["chosen"])}
            row |= {"contact": (row["contacts"] or [""])[0], "name": row["name"] or old["name"]}
        rows.append({**row, "account_id": account})
    return pd.DataFrame(rows, columns=listed.columns).drop_duplicates("account_id", keep="last", ignore_index=True)


def contact_for(contacts: Sequence[str], takes: Callable[[str], bool], tried: str = "") -> str:
    """The contact that a channel is given.

    Parameters
    ----------
    contacts : sequence of str
        The preferred one first.
    takes : callable
        Whether the channel takes a contact.
    tried : str
        One that a notice came back from: it is given only where there is no other.

    Returns
    -------
    str
        Empty where the channel takes none.
    """
    able = [one for one in contacts if takes(one)]
    return next((one for one in able if one != tried), able[0] if able else "")


def contact_ids(home: Home, contacts: Sequence[str]) -> list[str]:
    """Contacts as they are recorded: hashed, since a record of what was done holds no address.

    Parameters
    ----------
    home : Home
        Whose salt makes the hashes.
    contacts : sequence of str
        Plain; empty where there is none.

    Returns
    -------
    list of str
        Empty where there is none.
    """
    salt = salt_of(home)
    return [pseudonym(f"{CONTACT}:{one}", salt) if one else "" for one in contacts]


def reached_by(people: pd.DataFrame, kind: str) -> pd.DataFrame:
    """The people with a contact of one kind, which takes the place of the preferred one.

    Parameters
    ----------
    people : pandas.DataFrame
        `contact` and `contacts`.
    kind : str
        One of :data:`KINDS`; empty for the preferred contact of each.

    Returns
    -------
    pandas.DataFrame
        Without those who have none.

    Raises
    ------
    InputError
        There is no such kind.
    """
    if kind and kind not in KINDS:
        raise InputError(
            N_("{kind} is no kind of contact"), where="--kind", do=N_("use one of {kinds}"),
            facts={"kind": repr(kind), "kinds": ", ".join(KINDS)},
        )  # fmt: skip
    if kind:
        chosen = [next((c for c in own if respond.contact_kind(c) == kind), "") for own in people["contacts"]]
        people = people.assign(contact=chosen)
    result: pd.DataFrame = people[people["contact"] != ""]
    return result


def returned(home: Home, people: pd.DataFrame) -> list[str]:
    """The contact of each from which a notice came back.

    Parameters
    ----------
    home : Home
        Whose salt makes the hashes.
    people : pandas.DataFrame
        `status`, `contacts` and `contact_id`.

    Returns
    -------
    list of str
        Plain; empty where none came back, or it is not known which.
    """
    salt = salt_of(home)
    return [
        used_of(salt, contacts, used) if status == "bounced" else ""
        for status, contacts, used in zip(people["status"], people["contacts"], people["contact_id"], strict=True)
    ]


def used_of(salt: bytes, contacts: Sequence[str], contact_id: str) -> str:
    """The contact that was used, of those of a person.

    Parameters
    ----------
    salt : bytes
        Of the lake, as it made the hash.
    contacts : sequence of str
        Plain.
    contact_id : str
        As it is recorded; empty where it is not known.

    Returns
    -------
    str
        Plain; empty where it is not known, or no longer on the list.
    """
    if not contact_id:
        return ""
    return next((one for one in contacts if pseudonym(f"{CONTACT}:{one}", salt) == contact_id), "")
