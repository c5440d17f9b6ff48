"""Notices to the people that a data breach affects: the list as it is read, the text for each, who is informed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from crisislib.core.errors import InputError
from crisislib.core.finding import Finding
from crisislib.core.i18n import N_
from crisislib.core.schema_faults import near

NOTICE_STATES: dict[str, str] = {
    "open": N_("not notified yet"),
    "written": N_("notice written"),
    "sent": N_("notice sent"),
    "answered": N_("answered"),
    "informed": N_("informed in another way"),
    "bounced": N_("came back"),
    "unreachable": N_("cannot be reached"),
}
"""State of an affected person -> its name; gettext ids."""
INFORMED = frozenset({"sent", "answered", "informed"})
"""States of a person who has been informed."""
ENDED = INFORMED | {"unreachable"}
"""States after which nothing is left to do for a person; who cannot be reached has a reason on record."""
PEOPLE_COLUMNS: dict[str, tuple[str, ...]] = {
    "name": ("name", "full name", "customer", "recipient", "姓名", "名字", "称呼", "客户姓名", "收件人"),
    "contact": (
        "contact", "email", "e-mail", "mail", "email address", "phone", "mobile", "telephone", "联系方式", "邮箱",
        "电子邮箱", "电子邮件", "手机号", "手机", "手机号码", "电话",
    ),
    "data": ("data", "kinds of data", "fields", "affected data", "数据", "信息", "涉及信息", "泄露信息", "信息种类"),
}  # fmt: skip
"""What is known of a person -> names that the column has in a list, in the order in which they are tried."""
NOTICE_PLACES = {"affected_name": "name", "affected_data": "data"}
"""Place of a notice that is filled for each person -> what fills it."""
_PLACE = re.compile("{(" + "|".join(NOTICE_PLACES) + ")}")
_PHONE = re.compile(r"\+?[\d\s().-]+")
_PROGRESS = N_(
    "Of {n} affected people, {informed} have been informed ({answered} answered). {open} {open:is|are} still to be "
    "informed, {bounced} of them because a notice came back; {unreachable} cannot be reached."
)
_ALL_INFORMED = N_(
    "All {n} affected people have been informed or cannot be reached: {informed} informed, {answered} answered, "
    "{unreachable} not reachable."
)


def for_each(text: str) -> bool:
    """Whether a text is filled for each person.

    Parameters
    ----------
    text : str
        Of a statement.

    Returns
    -------
    bool
        True where it names the person or their data.
    """
    return _PLACE.search(text) is not None


def contact_key(contact: str) -> str:
    """A contact as compared: the same for every way in which one address or number is written.

    Parameters
    ----------
    contact : str
        A mail address or telephone number.

    Returns
    -------
    str
        Addresses in small letters; of numbers the digits, with the plus sign that they begin with.
    """
    plain = contact.strip()
    if _PHONE.fullmatch(plain):
        return ("+" if plain.startswith("+") else "") + re.sub(r"\D", "", plain)
    return plain.casefold()


def people_columns(header: Iterable[str], chosen: Mapping[str, str]) -> dict[str, str]:
    """Which column of a list holds the name, the contact and the kinds of data.

    Parameters
    ----------
    header : iterable of str
        Column names of the list.
    chosen : mapping of str to str
        `name`, `contact` or `data` to the column that a person names for it.

    Returns
    -------
    dict of str to str
        What is known of a person, to the column; `contact` is always among it.

    Raises
    ------
    InputError
        A column that is named does not exist, or none holds a contact.
    """
    names = [name for name in header if name]
    folded = {" ".join(name.split()).casefold(): name for name in names}
    if unknown := sorted(set(chosen) - set(PEOPLE_COLUMNS)):
        raise InputError(f"{unknown[0]!r} is nothing that a list tells", do=f"use {', '.join(PEOPLE_COLUMNS)}")
    for what, column in chosen.items():
        if column not in names:
            raise InputError(f"the list has no column {column!r} for {what}", do=f"use {near(column, names)}")
    columns = {w: folded[a] for w, known in PEOPLE_COLUMNS.items() for a in reversed(known) if a in folded} | dict(
        chosen
    )
    if "contact" not in columns:
        raise InputError(
            f"no column of the list is known to hold a contact: {', '.join(names)}",
            do="name it: --column contact=…",
        )
    return columns


def contact_columns(header: Sequence[str]) -> list[str]:
    """Every column of a list that is known to hold a contact, in the order in which they are tried.

    Parameters
    ----------
    header : sequence of str
        The columns of the list.

    Returns
    -------
    list of str
        Addresses before telephone numbers, as :data:`PEOPLE_COLUMNS` has them.
    """
    folded = {" ".join(name.split()).casefold(): name for name in header if name}
    return [folded[one] for one in PEOPLE_COLUMNS["contact"] if one in folded]


def notices(people: pd.DataFrame, text: str) -> pd.DataFrame:
    """The notice to each affected person.

    Parameters
    ----------
    people : pandas.DataFrame
        One row a person; `name`, `contact`, and `data`, which kinds of data it concerns.
    text : str
        With the places `{affected_name}` and `{affected_data}`; every other brace stays as it is.

    Returns
    -------
    pandas.DataFrame
        The same rows with `notice`, the text for the person.

    Raises
    ------
    InputError
        A column is missing, or somebody has no entry for a place of the text.

    Examples
    --------
    >>> import crisislib, pandas
    >>> people = pandas.DataFrame({"name": ["Ann"], "contact": ["ann@example.org"], "data": ["address"]})
    >>> crisislib.notices(people, "Dear {affected_name}, it concerns your {affected_data}.")["notice"][0]
    'Dear Ann, it concerns your address.'
    """
    used = {place: NOTICE_PLACES[place] for place in _PLACE.findall(text)}
    if missing := sorted({"contact", *used.values()} - set(people.columns)):
        raise InputError(f"the list of people has no column {missing[0]!r}", do="add it, or take its place out")
    for place, column in used.items():
        empty = people[column].fillna("").str.strip() == ""
        if empty.any():
            raise InputError(
                f"{int(empty.sum())} of {len(people)} people have no {column}, which the notice names ({{{place}}})",
                do="add it to the list, or give one for all: --data",
            )
    pieces = _PLACE.split(text)  # text, place, text, place, …, text
    filled = pd.Series(pieces[0], index=people.index)
    for place, after in zip(pieces[1::2], pieces[2::2], strict=True):
        filled = filled + people[NOTICE_PLACES[place]] + after
    return people.assign(notice=filled)


@dataclass(frozen=True)
class NoticeCounts:
    """How many affected people stand where.

    Attributes
    ----------
    n : int
        People on the list.
    by_state : mapping of str to int
        State, a key of :data:`NOTICE_STATES`, to people; states of nobody are 0.
    """

    n: int
    by_state: Mapping[str, int]

    @property
    def ended(self) -> bool:
        """Whether somebody is on the list and nothing is left to do for anybody."""
        return self.n > 0 and sum(self.by_state[state] for state in ENDED) == self.n

    def finding(self) -> Finding:
        """The counts as a sentence; its table has a row for each state."""
        informed = sum(self.by_state[state] for state in INFORMED)
        facts = {
            "n": self.n, "informed": informed, "answered": self.by_state["answered"],
            "bounced": self.by_state["bounced"],
            "open": self.n - informed - self.by_state["unreachable"], "unreachable": self.by_state["unreachable"],
        }  # fmt: skip
        table = pd.DataFrame({"state": list(self.by_state), "people": list(self.by_state.values())})
        return Finding("respond.notices", _ALL_INFORMED if self.ended else _PROGRESS, facts, table, weight=0.6)


def notice_counts(rows: pd.DataFrame) -> NoticeCounts:
    """How many affected people stand where.

    Parameters
    ----------
    rows : pandas.DataFrame
        NOTICES of one incident as they stand, one row a person.

    Returns
    -------
    NoticeCounts
        With every state.
    """
    counts = rows["status"].value_counts().to_dict()
    return NoticeCounts(len(rows), {state: int(counts.get(state, 0)) for state in NOTICE_STATES})
