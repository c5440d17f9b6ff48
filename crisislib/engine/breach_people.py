"""The people that a data breach affects: read from a list, stored apart, and how far each has been informed.

Names and contacts lie in `artifacts/breach` of the lake, in a folder that only its owner may read; NOTICES knows
people by a salted hash. Erasure, export and retention reach both (`crisis erase contact:…`, `crisis forget`).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from crisislib import respond
from crisislib.core.errors import InputError
from crisislib.core.i18n import N_, tr
from crisislib.core.tables import conform
from crisislib.core.watch import Watch
from crisislib.engine.breach_contacts import joined, owners_of
from crisislib.engine.breach_lists import COLUMNS, PeopleList, read_people
from crisislib.engine.home import Home
from crisislib.engine.incident_records import incident_of
from crisislib.engine.pseudonyms import CONTACT, pseudonym, salt_of
from crisislib.engine.runs import TICK
from crisislib.engine.team_change import TeamChange

PRIVATE = 0o700
"""Rights on the folder of the lists: its owner's alone."""
TYPED = 12
"""Digits of a hash that a list shows: 48 bits, so that two of a million people are alike once in five hundred lists."""
_PLACE, _FILE = ("breach",), "people.jsonl"
_FROM = N_("from the list {file}")


@dataclass(frozen=True)
class PeopleAdded:
    """What came of a list.

    Attributes
    ----------
    new, known : int
        People who were not on record before, and who were.
    read : PeopleList
        The list: its columns, and the rows that were left out.
    """

    new: int
    known: int
    read: PeopleList


def add_people(
    change: TeamChange, file: Path, *, columns: Mapping[str, str], data: str = "", incident_id: str = ""
) -> PeopleAdded:
    """Put the people of a list on record; who is there already gets what the list says anew.

    Parameters
    ----------
    change : TeamChange
        Where, whose, by whom and when.
    file : Path
        CSV, XLSX or another table, one row a person; several rows of one contact are one person.
    columns : mapping of str to str
        `name`, `contact`, `data`, `preferred` to the column of the file; what is not named is found by its name.
    data : str
        Which kinds of data it concerns, where the list does not say it.
    incident_id : str
        The incident; the latest when empty.

    Returns
    -------
    PeopleAdded
        How many.

    Raises
    ------
    InputError
        The file cannot be read, or no column holds a contact.
    CrisisError
        There is no such incident.
    """
    incident = str(incident_of(change.home, change.watch, incident_id)["incident_id"])
    joint = "、" if change.watch.language == "zh" else ", "
    read = read_people(change.home, file, columns, data=data, joint=joint)
    listed = read.people
    with change.home.lake.changing("NOTICES"):
        before = people_of(change.home, change.watch, incident)
        listed = joined(listed, before)
        new = listed[~listed["account_id"].isin(before["account_id"])]
        store_people(change, incident, listed)
        rows = new.assign(status="open", note=tr(_FROM, change.watch.language, file=file.name))
        change.home.lake.append("NOTICES", notice_rows(change, incident, rows, before))
    return PeopleAdded(len(new), len(listed) - len(new), read)


def store_people(change: TeamChange, incident: str, people: pd.DataFrame) -> None:
    """Append one line a person; time and watch stand first, where retention looks for them.

    Parameters
    ----------
    change : TeamChange
        Where, whose and when.
    incident : str
        Id of the incident.
    people : pandas.DataFrame
        :data:`~crisislib.engine.breach_lists.COLUMNS`; of several lines of a person the last counts.
    """
    head = {"at": change.now.isoformat(), "watch": change.watch.watch}
    lines = [json.dumps({**head, **row}, ensure_ascii=False) + "\n" for row in people[list(COLUMNS)].to_dict("records")]
    path = change.home.lake.artifact(*_PLACE, incident, _FILE)
    path.parent.parent.chmod(PRIVATE)
    with path.open("a", encoding="utf-8") as file:
        file.writelines(lines)


def people_of(home: Home, watch: Watch, incident: str) -> pd.DataFrame:
    """The affected people of an incident, and where each stands.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    incident : str
        Id of the incident.

    Returns
    -------
    pandas.DataFrame
        `account_id`, `name`, `contact` (the preferred one), `data`, `contacts` and `chosen` (plain; empty where they
        have been deleted), and of NOTICES `status`, `at`, `channel`, `contact_id` (the contact that was used),
        `about`, `by`, `note`; in the order of the lists.
    """
    path = home.lake.root.joinpath("artifacts", *_PLACE, incident, _FILE)
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    stored = pd.DataFrame([json.loads(line) for line in lines], columns=list(COLUMNS))
    stored = stored.drop_duplicates("account_id", keep="last")
    rows = home.lake.read("NOTICES", watch=watch.watch)
    of_state = ["account_id", "status", "at", "channel", "contact_id", "about", "by", "note"]
    rows = rows.loc[rows["incident_id"] == incident, of_state]
    people = stored.merge(rows, on="account_id", how="outer", sort=False)
    texts = ["name", "contact", "data", "channel", "contact_id", "about", "by", "note"]
    people = people.assign(**people[texts].fillna(""), status=people["status"].fillna("open"))
    # Lists of an earlier version know one contact a person.
    several = [
        own if isinstance(own, list) else [one] if one else []
        for own, one in zip(people["contacts"], people["contact"], strict=True)
    ]
    contacts = pd.Series(several, index=people.index, dtype=object)
    return people.assign(contacts=contacts, chosen=people["chosen"].eq(True))


def accounts_with(home: Home, contact: str) -> list[str]:
    """Affected people, of any incident, who have a contact among theirs.

    Parameters
    ----------
    home : Home
        The workbench.
    contact : str
        A mail address or number, however it is written.

    Returns
    -------
    list of str
        `account_id` of each; of a person with several contacts it is the hash of another one.
    """
    wanted, found = respond.contact_key(contact), dict[str, None]()
    for path in sorted(home.lake.root.joinpath("artifacts", *_PLACE).glob(f"*/{_FILE}")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if wanted in map(respond.contact_key, row.get("contacts") or [row["contact"]]):
                found[row["account_id"]] = None
    return list(found)


def short_ids(ids: pd.Series) -> pd.Series:
    """Ids of people as they are typed: the first digits of the hash.

    Parameters
    ----------
    ids : pandas.Series of str
        `contact:~` and a hash.

    Returns
    -------
    pandas.Series of str
        With the same index.
    """
    digits: pd.Series = ids.str.split("~").str[-1].str[:TYPED]
    return digits


def chosen_people(
    home: Home, people: pd.DataFrame, *, ids: Sequence[str] = (), file: Path | None = None,
    states: Collection[str] = (), columns: Mapping[str, str] | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Some of the affected people.

    Parameters
    ----------
    home : Home
        The workbench.
    people : pandas.DataFrame
        See :func:`people_of`.
    ids : sequence of str
        Begins of hashes as `crisis breach list` prints them, or contacts.
    file : Path, optional
        A list with a column of contacts, such as the bounces of a mail program.
    states : collection of str
        Everybody in these states.
    columns : mapping of str to str, optional
        `contact` to the column of the file, where its name is not known.

    Returns
    -------
    pandas.DataFrame
        The rows that were meant; `contact_id` is the contact by which each was named, where it was.

    Raises
    ------
    InputError
        Somebody is meant who is not on the list, or an id is of several people, or nobody was named.
    """
    if not (ids or file or states):
        raise InputError(N_("nobody is named"), do=N_("name people, a --file of contacts, or --state"))
    salt, owners = salt_of(home), owners_of(people)
    used: dict[str, str] = {}
    for one in ids:
        hashed = pseudonym(f"{CONTACT}:{one}", salt)
        mine = people["account_id"] == owners.get(respond.contact_key(one), hashed)
        if mine.any():
            used[str(people.loc[mine, "account_id"].iloc[0])] = hashed
            continue
        mine = people["account_id"].str.startswith(f"{CONTACT}:~{one}")
        if mine.sum() != 1:
            raise InputError(
                N_("{mine} affected people go by {one}"),
                do=N_("crisis breach list shows the ids"),
                facts={"mine": int(mine.sum()), "one": repr(one)},
            )
        used.setdefault(str(people.loc[mine, "account_id"].iloc[0]), "")
    if file is not None:
        used |= _of_file(read_people(home, file, columns or {}).people, people, owners, salt, file)
    chosen = people[people["account_id"].isin(used) | people["status"].isin(list(states))]
    now = chosen["account_id"].map(used).fillna("")
    return chosen.assign(contact_id=now.where(now != "", chosen["contact_id"]))


def _of_file(
    listed: pd.DataFrame, people: pd.DataFrame, owners: Mapping[str, str], salt: bytes, file: Path
) -> dict[str, str]:
    """The people of a file, each to the hash of the contact by which the file knows it."""
    found, known = {}, set(people["account_id"])
    for own, contacts in zip(listed["account_id"], listed["contacts"], strict=True):
        one = next((c for c in contacts if respond.contact_key(c) in owners), None)
        if one is not None:
            found[owners[respond.contact_key(one)]] = pseudonym(f"{CONTACT}:{one}", salt)
        elif own in known:
            found[own] = own
    if unknown := len(listed) - len(found):
        raise InputError(
            N_("{unknown} of the {n} people of the file are not on the list"),
            where=str(file),
            do=N_("crisis breach add puts them on it; nothing was changed"),
            facts={"unknown": unknown, "n": len(listed)},
        )
    return found


def notice_rows(change: TeamChange, incident: str, people: pd.DataFrame, before: pd.DataFrame) -> Any:
    """NOTICES rows for some people: `status` and what else the frame has; later than what they change.

    Parameters
    ----------
    change : TeamChange
        Whose, by whom and when.
    incident : str
        Id of the incident.
    people : pandas.DataFrame
        `account_id`, `status`, and `channel`, `contact_id`, `about`, `note` where known.
    before : pandas.DataFrame
        As they stood: `account_id`, `at`.

    Returns
    -------
    pyarrow.Table
        To be appended.
    """
    last = people["account_id"].map(before.set_index("account_id")["at"]) if len(before) else None
    now = pd.Series(pd.Timestamp(change.now), index=people.index)
    at = now if last is None else now.where(last.isna() | (now > last), last + TICK)
    more = {name: people.get(name) for name in ("channel", "contact_id", "about", "note")}
    rows = people[["account_id", "status"]].assign(
        **more, at=at, incident_id=incident, watch=change.watch.watch, by=change.by
    )
    return conform(rows, "NOTICES")
