"""How an action reads: title, owner, resources and reason, in the reader's language.

ACTIONS holds keys; its `facts` hold the words in both languages as they were when the step was planned, so that
a row reads the same for ever, whatever becomes of the playbook.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from crisislib.core.i18n import N_
from crisislib.core.levels import LEVEL_NAMES
from crisislib.core.phrase import Listing, Phrase, render, unpack
from crisislib.core.watch import Watch

_WITH_PERSON = N_("{role} ({person})")
_DUTY_TITLE = N_("Duty: {authority}")
_REASONS = {
    "step": N_("{what} (level {level}: due {after} after opening)"),
    "unjudged": N_("{what} (level not assessed yet, treated as yellow: due {after} after opening)"),
    "after": N_("{what} (level {level}: due {after} after “{first}” is done)"),
    "own": N_("{what} (added by {by})"),
    "duty": N_(
        "{what} Rule: {rule} ({jurisdiction}). Check with counsel whether it applies; "
        "{hours} h is the time to plan for."
    ),
    "confirmed": N_(
        "{what} Rule: {rule} ({jurisdiction}). Check with counsel whether it applies; "
        "{hours} h is the time to plan for; the rule was read at {read}."
    ),
    "unconfirmed": N_(
        "{what} Rule: {rule} ({jurisdiction}). Check with counsel whether it applies; {hours} h is a time to plan for "
        "that is not confirmed by a page that was checked."
    ),
}
"""Key of why a step is there, to the sentence that says so."""
_MINUTES, _HOURS, _DAYS = N_("{n} {n:minute|minutes}"), N_("{n} {n:hour|hours}"), N_("{n} {n:day|days}")


@dataclass(frozen=True)
class ActionWords:
    """The words of one action, still in every language.

    Attributes
    ----------
    title, owner, resources, reason : object
        Words of :mod:`crisislib.core.phrase`, or the text of a row of before.
    """

    title: object
    owner: object
    resources: object
    reason: object


@dataclass(frozen=True)
class ActionText:
    """One action in one language."""

    title: str
    owner: str
    resources: str
    reason: str


def action_words(row: Mapping[Any, Any], watch: Watch) -> ActionWords:
    """The words of a row of ACTIONS; a row without facts is shown as it stands.

    Parameters
    ----------
    row : mapping
        A row of ACTIONS.
    watch : Watch
        Its `respond.owners` say who a role is today.
    """
    facts = unpack(row.get("facts"))
    if not facts:
        step, role, resources, reason = (_plain(row.get(k)) for k in ("step", "owner", "resources", "reason"))
        person = _plain(row.get("person"))
        owner = Phrase(_WITH_PERSON, {"role": role, "person": person}) if person else role
        return ActionWords(step, owner, resources, reason)
    duty = row.get("reason") == "duty"
    return ActionWords(
        Phrase(_DUTY_TITLE, {"authority": facts["title"]}) if duty else facts["title"],
        owner_words(str(row["owner"]), facts["owner"], watch, person=_plain(row.get("person"))),
        Listing(tuple(facts["resources"])),
        _reason(str(row["reason"]), facts),
    )


def _plain(value: object) -> str:
    return value if isinstance(value, str) else ""


def _reason(key: str, facts: Mapping[str, Any]) -> Phrase:
    places = {k: facts[k] for k in ("what", "rule", "jurisdiction", "hours", "first", "by") if k in facts}
    if key == "duty" and "read" in facts:  # a plan of an earlier version does not say
        key, places["read"] = ("confirmed", ", ".join(facts["read"])) if facts["read"] else ("unconfirmed", "")
    if "minutes" in facts:
        places |= {"level": Phrase(LEVEL_NAMES[facts["level"]]), "after": _duration(int(facts["minutes"]))}
    return Phrase(_REASONS[key], places)


def _duration(minutes: int) -> Phrase:
    """Minutes in the unit in which a person would say them."""
    if minutes >= 2880 and minutes % 1440 == 0:
        return Phrase(_DAYS, {"n": minutes // 1440})
    if minutes >= 120 and minutes % 60 == 0:
        return Phrase(_HOURS, {"n": minutes // 60})
    return Phrase(_MINUTES, {"n": minutes})


def owner_words(role: str, title: object, watch: Watch, *, person: str = "") -> object:
    """A role's title with the person where the watch names one.

    Parameters
    ----------
    role : str
        Key of the role, as `owner` of ACTIONS holds it.
    title : object
        The role's title: a phrase or words of both languages.
    watch : Watch
        `respond.owners` and `respond.spokesperson` name persons.
    person : str
        To whom it was assigned; whom the watch names when empty.

    Returns
    -------
    object
        A phrase with the person, or the title as it was given.
    """
    person = person or watch.respond.owners.get(role, "")
    if not person and role == "spokesperson":
        person = watch.respond.spokesperson
    return Phrase(_WITH_PERSON, {"role": title, "person": person}) if person else title


def describe_action(row: Mapping[Any, Any], watch: Watch, language: str) -> ActionText:
    """Title, owner with the person's name, resources and reason of one row of ACTIONS, in `zh` or `en`.

    Parameters
    ----------
    row : mapping
        One row of ACTIONS.
    watch : Watch
        Whose persons and playbooks are named.
    language : {"zh", "en"}
        Of the reader.

    Returns
    -------
    ActionText
        Title, owner, resources, reason.
    """
    words = action_words(row, watch)
    return ActionText(
        *(str(render(value, language)) for value in (words.title, words.owner, words.resources, words.reason))
    )


def describe_actions(actions: pd.DataFrame, watch: Watch, language: str) -> pd.DataFrame:
    """ACTIONS with `step`, `owner`, `resources` and `reason` in words, for tables and pictures.

    Parameters
    ----------
    actions : pandas.DataFrame
        ACTIONS.
    watch : Watch
        Whose persons and playbooks are named.
    language : {"zh", "en"}
        Of the reader.

    Returns
    -------
    pandas.DataFrame
        The same rows; the four columns hold words in place of keys.
    """
    said = [describe_action(row, watch, language) for row in actions.to_dict("records")]
    return actions.assign(
        step=[one.title for one in said],
        owner=[one.owner for one in said],
        resources=[one.resources for one in said],
        reason=[one.reason for one in said],
    )
