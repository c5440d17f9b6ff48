"""Notices to the people that a data breach affects: the text for each, and who is informed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from crisislib.core.errors import InputError
from crisislib.core.finding import Finding
from crisislib.core.i18n import N_

NOTICE_STATES: dict[str, str] = {
    "open": N_("not notified yet"),
    "written": N_("notice written"),
    "sent": N_("notice sent"),
    "answered": N_("answered"),
    "informed": N_("informed in another way"),
    "bounced": N_("came back"),
    "unreachable": N_("cannot be reached"),
    "removed": N_("taken off the list"),
}
"""State of an affected person -> its name; gettext ids."""
INFORMED = frozenset({"sent", "answered", "informed"})
"""States of a person who has been informed."""
ENDED = INFORMED | {"unreachable"}
"""States after which nothing is left to do for a person; who cannot be reached has a reason on record."""
WITH_REASON = ("unreachable", "removed")
"""States that need a reason: nobody is given up, or taken off the list as a mistake or a double, without one."""
NOTICE_PLACES = {"affected_name": "name", "affected_data": "data"}
"""Place of a notice that is filled for each person -> what fills it."""
_PLACE = re.compile("{(" + "|".join(NOTICE_PLACES) + ")}")
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
        raise InputError(
            N_("the list of people has no column {missing}"),
            do=N_("add it, or take its place out"),
            facts={"missing": repr(missing[0])},
        )
    for place, column in used.items():
        empty = people[column].fillna("").str.strip() == ""
        if empty.any():
            raise InputError(
                N_("{empty} of {n} people have no {column}, which the notice names ({place})"),
                do=N_("add it to the list, or give one for all: --data"),
                facts={"empty": int(empty.sum()), "n": len(people), "column": column, "place": f"{{{place}}}"},
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
        People on the list; who was taken off it is not among them.
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
    by_state = {state: int(counts.get(state, 0)) for state in NOTICE_STATES}
    return NoticeCounts(len(rows) - by_state["removed"], by_state)
