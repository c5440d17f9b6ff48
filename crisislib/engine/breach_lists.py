"""A list of affected people as it is read: who is on it, by which columns, and which rows name nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from crisislib import respond
from crisislib.collect import read_table
from crisislib.core.errors import InputError
from crisislib.core.i18n import N_
from crisislib.core.sanitize import one_line
from crisislib.engine.home import Home
from crisislib.engine.pseudonyms import CONTACT, pseudonym, salt_of

COLUMNS = ("account_id", "name", "contact", "data", "contacts", "chosen")
"""What is stored of a person: `contact` is the preferred one of `contacts`, `chosen` whether somebody has chosen it."""


@dataclass(frozen=True)
class PeopleList:
    """The people of a file.

    Attributes
    ----------
    people : pandas.DataFrame
        `account_id`, `name`, `contact`, `data`, `contacts`, `chosen`; one row a person.
    columns : dict of str to list of str
        What is known of a person, to the columns that it was read from.
    unused : list of str
        Columns that nothing was read from, and tables of the file that were not read.
    without_contact, unnamed, broken, shared : list of int
        Rows, as a spreadsheet counts them: people with no contact; rows with neither name nor contact; rows that could
        not be split into cells; people of another name with the contact of somebody above.
    """

    people: pd.DataFrame
    columns: dict[str, list[str]]
    unused: list[str]
    without_contact: list[int]
    unnamed: list[int]
    broken: list[int]
    shared: list[int]


def read_people(home: Home, file: Path, columns: Mapping[str, str], *, data: str = "", joint: str = ", ") -> PeopleList:
    """The people of a file with their hashes.

    Parameters
    ----------
    home : Home
        Whose salt makes the hashes.
    file : Path
        CSV, XLSX or another table, one row a person; several rows of one contact are one person.
    columns : mapping of str to str
        `name`, `contact`, `data`, `preferred` to the column of the file; what is not named is found by its name.
    data : str
        Which kinds of data it concerns, where the list does not say it.
    joint : str
        Between the names of people who share a contact.

    Returns
    -------
    PeopleList
        Nothing was stored.

    Raises
    ------
    InputError
        The file cannot be read, no column holds a contact, or it names nobody.
    """
    known = [*(name for names in respond.PEOPLE_COLUMNS.values() for name in names), *columns.values()]
    read = read_table(file, known, meant=lambda header: _names_contacts(header, columns))
    named = respond.people_columns(read.header, columns)
    frame = read.table.to_pandas()
    cells = frame.drop(columns="row_no").fillna("").apply(lambda column: column.str.strip())
    people = _rows(cells, read.header, named, data)
    filled = (people["name"] != "") | (people["contacts"].str.len() > 0)
    unnamed = frame.loc[~filled & (cells != "").any(axis=1), "row_no"]
    people, numbers = people[filled], frame.loc[filled, "row_no"]
    if people.empty:
        raise InputError(N_("the list names nobody"), where=str(file), do=N_("give one row a person"))
    without = people["contacts"].str.len() == 0
    people["account_id"] = known_people(people, numbers, salt_of(home))
    first = people.groupby("account_id", sort=False)["name"].transform("first")
    shared = (people["name"] != first) & (people["name"] != "")
    together = _together(people, joint)
    used = {column for found in named.values() for column in found}
    return PeopleList(
        people=together[list(COLUMNS)],
        columns=named,
        unused=[one_line(name) for name in [*read.header, *read.left_out] if name and name not in used],
        without_contact=_numbers(numbers[without]),
        unnamed=_numbers(unnamed),
        broken=read.broken,
        shared=_numbers(numbers[shared]),
    )


def _rows(cells: pd.DataFrame, header: list[str], named: Mapping[str, list[str]], data: str) -> pd.DataFrame:
    """Name, data, wish and contacts of each row; a wish may hold a contact that stands in no other column."""
    rows = pd.DataFrame(
        {what: _first_filled(cells, header, named.get(what, [])) for what in ("name", "data", "preferred")}
    )
    given = [cells[f"c{header.index(column)}"] for column in named["contact"]]
    wished = rows["preferred"].where(rows["preferred"].map(respond.contact_kind) != "other", "")
    rows["contacts"] = [respond.contacts_in(row) for row in zip(*given, wished, strict=True)]
    rows["data"] = rows["data"].where(rows["data"] != "", data)
    return rows


def _together(people: pd.DataFrame, joint: str) -> pd.DataFrame:
    """One row a person, with all contacts of all rows, the preferred one first."""
    found = people.groupby("account_id", sort=False).agg(
        name=("name", lambda names: joint.join(dict.fromkeys(n for n in names if n))),
        data=("data", lambda kinds: "; ".join(dict.fromkeys(kind for kind in kinds if kind))),
        given=("contacts", lambda rows: [one for row in rows for one in row]),
        preferred=("preferred", lambda wishes: next((wish for wish in wishes if wish), "")),
    )
    found["contacts"] = [
        respond.contacts_in(own, wish) for own, wish in zip(found["given"], found["preferred"], strict=True)
    ]
    found["contact"] = [own[0] if own else "" for own in found["contacts"]]
    return found.assign(chosen=found["preferred"] != "").reset_index()


def known_people(people: pd.DataFrame, numbers: pd.Series, salt: bytes) -> list[str]:
    """Who is who on a list: the same first contact is the same person, and so is another contact with the same name.

    Parameters
    ----------
    people : pandas.DataFrame
        `name` and `contacts`, a row each.
    numbers : pandas.Series
        The rows of the file: somebody without a contact is known by the row, since two of one name are two.
    salt : bytes
        Of the lake.

    Returns
    -------
    list of str
        `account_id` of each row: of the first contact, in the order of the columns, whichever is preferred.
    """
    first: dict[str, str] = {}
    others: dict[tuple[str, str], str] = {}
    found = []
    for name, contacts, number in zip(people["name"], people["contacts"], numbers, strict=True):
        keys = [respond.contact_key(one) for one in contacts]
        account = first.get(keys[0]) if keys else None
        account = account or next((others[key, name] for key in keys if name and (key, name) in others), None)
        if account is None:
            account = pseudonym(f"{CONTACT}:{contacts[0] if contacts else f'row {number} {name}'}", salt)
            first |= {keys[0]: account} if keys else {}
        others |= {(key, name): account for key in keys}
        found.append(account)
    return found


def _names_contacts(header: list[str], columns: Mapping[str, str]) -> bool:
    """Whether a table of a file can be the list: a workbook often has a sheet of explanations beside it."""
    return columns.get("contact") in header if "contact" in columns else bool(respond.known_columns("contact", header))


def _first_filled(cells: pd.DataFrame, header: list[str], columns: list[str]) -> pd.Series:
    """The first filled cell of some columns."""
    found = pd.Series("", index=cells.index)
    for column in columns:
        given = cells[f"c{header.index(column)}"]
        found = found.where(found != "", given)
    return found


def _numbers(rows: pd.Series) -> list[int]:
    return [int(number) for number in rows]
