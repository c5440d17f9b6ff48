"""What a person can choose and fill in while a statement is proposed: drafts of the playbook, and their places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crisislib import respond
from crisislib.engine.home import Home
from crisislib.engine.response_plan import playbooks

OF_THE_WATCH = frozenset({"brand", "spokesperson"})
"""Places that the watch file fills."""


@dataclass(frozen=True)
class Place:
    """One place of a draft.

    Attributes
    ----------
    key, label : str
        Its name, and what belongs there.
    fact, evidence : str
        What stands there, and what bears it out; empty where nothing was given.
    proven : bool
        Whether its words must be borne out by something.
    """

    key: str
    label: str
    fact: str
    evidence: str
    proven: bool


def drafts_offered(home: Home, incident: Mapping[str, Any], language: str) -> list[tuple[str, str]]:
    """The drafts of an incident's playbook.

    Parameters
    ----------
    home : Home
        Whose playbooks count.
    incident : mapping
        The INCIDENTS row.
    language : {"zh", "en"}
        Of the titles.

    Returns
    -------
    list of (str, str)
        Id and title.
    """
    kind = incident["kind"] if isinstance(incident["kind"], str) else "other"
    book = playbooks(home).for_kind(kind)
    return [(one.id, str(respond.both(one.title).render(language))) for one in book.statements]


def places_of(home: Home, content: Mapping[str, Any], language: str) -> Sequence[Place]:
    """What a statement leaves to fill in, with what stands there.

    Parameters
    ----------
    home : Home
        Whose playbooks count.
    content : mapping
        As :func:`crisislib.engine.statement_drafts.standing` gives it.
    language : {"zh", "en"}
        Of the labels.

    Returns
    -------
    sequence of Place
        In the order of the playbook; what the watch file fills, and what differs from person to person, is left out.
    """
    book = playbooks(home).named(content["playbook"])
    skeleton = book.draft(content["draft"])
    open_places = skeleton.placeholders() - OF_THE_WATCH - set(skeleton.each)
    return [
        Place(
            key, str(respond.both(words).render(language)), str(content["facts"].get(key, "")),
            str(content["evidence"].get(key, "")), key not in respond.NEEDS_NO_EVIDENCE,
        )
        for key, words in book.places.items() if key in open_places
    ]  # fmt: skip


def is_personal(content: Mapping[str, Any]) -> bool:
    """Whether a statement is filled for each affected person, so that it is not published.

    Parameters
    ----------
    content : mapping
        As :func:`crisislib.engine.statement_drafts.standing` gives it.
    """
    return respond.for_each(str(content["text"]))
