"""The plan of an incident in the words of its reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from crisislib import respond
from crisislib.core.i18n import N_, tr
from crisislib.core.phrase import Listing, Phrase, render, unpack
from crisislib.core.watch import Watch
from crisislib.engine import breach_reading
from crisislib.engine.home import Home
from crisislib.engine.incident_records import actions_of
from crisislib.engine.response_plan import playbooks
from crisislib.warn.classification import STANDINGS

GUIDANCE = {
    "triggers": N_("What sets it off"),
    "watch": N_("Watch for"),
    "forbidden": N_("Do not say"),
    "contacts": N_("Whom to call"),
    "waiting": N_("Steps that wait"),
    "affected": N_("Affected people"),
    "close": N_("Close it when"),
}
"""Part of what a playbook says beside its steps, to its heading; gettext ids."""
PENDING = respond.PENDING
"""States of a step that is still to be done, begun or not."""
RESPONSE = respond.RESPONSE
"""How the note of a step begins that a logged response has settled."""
ACTORS = {respond.ESCALATION: N_("escalation"), respond.FOLLOWING: N_("the plan"), respond.REPLACED_BY: N_("the plan")}
"""Rules that change steps, as they stand where a person else would, to their names; gettext ids."""
_HANDED_ON = N_("handed on by {who}, who had not begun")
_BY_RESPONSE = N_("response {id}")
_CONTACT = N_("{name} ({kind}): {how}")
_CALL_WHEN = N_("{contact}. {when}")
_NO_ADDRESS = N_("no address yet; whoever keeps the playbook adds it under contacts")
_FORBIDDEN = N_("“{words}”: {why}")
_WAITS = N_("{step}: only if it is {standing}")


def plan_table(
    home: Home,
    watch: Watch,
    incident: Mapping[str, Any],
    *,
    language: str,
    now: datetime,
    every: bool = False,
    replaced: bool = False,
) -> pd.DataFrame:
    """The steps of an incident as a team reads them, soonest first.

    Parameters
    ----------
    home : Home
        The workbench.
    watch : Watch
        The watch.
    incident : mapping
        See :func:`incident_of`.
    language : str
        Of the reader.
    now : datetime
        Wall clock: what is due before it is late.
    every : bool
        Whether the settled ones are listed too.
    replaced : bool
        With `every`, whether those are listed too that were taken back, by whom and why.

    Returns
    -------
    pandas.DataFrame
        ACTIONS in words, with `id` (the step), `late` and `state` in words.
    """
    rows = actions_of(home, watch, incident)
    return plan_in_words(rows, watch, language=language, now=now, every=every, replaced=replaced)


def plan_in_words(
    actions: pd.DataFrame, watch: Watch, *, language: str, now: datetime, every: bool = False, replaced: bool = False
) -> pd.DataFrame:
    """The open steps among some actions as text, soonest first.

    Parameters
    ----------
    actions : pandas.DataFrame
        ACTIONS rows, as they stand.
    watch : Watch
        The watch, for owners and resources.
    language : str
        `zh` or `en`.
    now : datetime
        Wall clock: what is due before it is late.
    every : bool, default False
        Whether steps that are done or skipped are shown too.
    replaced : bool, default False
        With `every`, whether steps of a former playbook that were taken back are shown too.

    Returns
    -------
    pandas.DataFrame
        As :func:`in_words` gives them, with `status` and `late`.
    """
    state = respond.states(actions, now=now)
    wanted = (state != "replaced") | replaced if every else state.isin(PENDING)
    rows = actions.assign(status=state, late=state == "late")[wanted].sort_values(["due_at", "action_id"])
    return in_words(rows.reset_index(drop=True), watch, language)


def in_words(rows: pd.DataFrame, watch: Watch, language: str) -> pd.DataFrame:
    """ACTIONS rows as text, with `id` (the step's key) and `state`.

    Parameters
    ----------
    rows : pandas.DataFrame
        ACTIONS rows with `status`.
    watch : Watch
        The watch, for owners and resources.
    language : str
        `zh` or `en`.

    Returns
    -------
    pandas.DataFrame
        The same rows in the same order.
    """
    result = respond.describe_actions(rows, watch, language)
    begun = rows["started_at"].notna() & rows["status"].isin(["open", "late"])
    state = rows["status"].mask(begun, rows["status"].map({"open": "started", "late": "late started"}))
    return result.assign(
        id=result["action_id"].str.rsplit("/", n=1).str[-1],
        state=[tr(respond.STATES[key], language) for key in state],
        by=[_who(one, language) for one in result["by"].fillna("")],
        note=[_note(row, language) for row in rows.to_dict("records")],
    )


def _who(by: str, language: str) -> str:
    """Who changed a step: a person as written, a rule by its name."""
    return tr(ACTORS[by], language) if by in ACTORS else by


def _note(row: Mapping[Any, Any], language: str) -> str:
    """What is noted on a step; what a rule notes is a key."""
    note = row["note"] if isinstance(row["note"], str) else ""
    if row["by"] == respond.ESCALATION and note:
        role = (unpack(row.get("facts")) or {}).get("owner") if note == row["owner"] else None
        return tr(_HANDED_ON, language, who=render(role, language) if role else note)
    if row["by"] == respond.REPLACED_BY:
        return ""  # the key of the playbook that applies; the state says it
    if note.startswith(RESPONSE):
        return tr(_BY_RESPONSE, language, id=note.removeprefix(RESPONSE))
    return note


@dataclass(frozen=True)
class GuidancePart:
    """One part of what a playbook says beside its steps.

    Attributes
    ----------
    key : {"triggers", "watch", "forbidden", "contacts", "waiting", "affected", "close"}
        Which.
    heading : str
        Its heading, a gettext id.
    lines : list of str
        In the reader's language; empty where the playbook says nothing.
    """

    key: str
    heading: str
    lines: list[str]


def guidance(home: Home, incident: Mapping[str, Any], language: str) -> list[GuidancePart]:
    """What the playbook of an incident says beside its steps, in the reader's language.

    Parameters
    ----------
    home : Home
        The workbench.
    incident : Mapping[str, Any]
        The INCIDENTS row.
    language : str
        `zh` or `en`.

    Returns
    -------
    list of GuidancePart
        What sets it off, what to watch or not to say, whom to call, which steps wait, who is informed, when it is over.
    """
    standing = incident.get("standing")
    people = breach_reading.progress(home, home.watch(incident["watch"]), incident_id=str(incident["incident_id"]))
    found = playbooks(home).for_kind(incident.get("kind")).guidance(standing if isinstance(standing, str) else None)
    lines = {
        "triggers": [words.render(language) for words in found.triggers],
        "watch": [words.render(language) for words in found.to_watch],
        "forbidden": [tr(_FORBIDDEN, language, words=w, why=why.render(language)) for w, why in found.forbidden],
        "contacts": [_contact(one, language) for one in found.contacts],
        "waiting": [
            tr(_WAITS, language, step=title.render(language),
               standing=Listing(tuple(Phrase(STANDINGS[one]) for one in needed)).render(language))
            for title, needed in found.waiting
        ],
        "affected": [people.render(language)] if people else [],
        "close": [words.render(language) for words in found.exit_criteria],
    }  # fmt: skip
    return [GuidancePart(key, heading, lines[key]) for key, heading in GUIDANCE.items()]


def _contact(one: respond.Contact, language: str) -> str:
    """Whom to call, where and when."""
    name, kind = respond.both(one.name).render(language), tr(respond.CONTACT_KINDS[one.kind], language)
    line = tr(_CONTACT, language, name=name, kind=kind, how=one.how or tr(_NO_ADDRESS, language))
    when = respond.both(one.when or {}).render(language)
    return tr(_CALL_WHEN, language, contact=line, when=when) if when else line
