"""Statements on their way, as the response page shows them: text, faults, approvals, and what can be filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from crisislib.core.i18n import N_
from crisislib.engine.draft_choices import Place, is_personal, places_of
from crisislib.engine.logbook_reading import entries_of, entry_in_words
from crisislib.engine.statement_basis import fingerprint
from crisislib.engine.statement_drafts import content_faults, standing
from crisislib.engine.statement_release import APPROVERS
from crisislib.workbench.pages.reading import Reading

APPROVED_BY = N_("{role}: {by}, {at}")
ANSWERS = {True: "yes", False: "no", None: ""}
UNDER_WAY = ("draft", "approved", "scheduled")
"""States of a statement that can still be stopped."""


@dataclass(frozen=True)
class Draft:
    """A statement on its way.

    Attributes
    ----------
    entry_id, title, state, text : str
        Which, what it is called, where it stands, its words.
    faults : sequence of str
        What the checklist finds wrong.
    approvals : sequence of str
        Who has approved it, and when.
    content : str
        Names just these words, so that nothing else is approved.
    claim : {"", "yes", "no"}
        Whether what people say is true, as its author knows.
    wanted : sequence of (str, str)
        Approvals that are missing: key and name.
    advice : sequence of str
        Strategy, with the reasons for it.
    places : sequence of Place
        What can be filled in.
    cleared, personal : bool
        Whether it is approved, so that it can go out; whether it goes to each affected person instead of the public.
    again : bool
        Whether its form holds what the reader typed and was refused.
    """

    entry_id: str
    title: str
    state: str
    text: str
    faults: Sequence[str]
    approvals: Sequence[str]
    content: str
    claim: str
    wanted: Sequence[tuple[str, str]]
    advice: Sequence[str]
    places: Sequence[Place]
    cleared: bool
    personal: bool
    again: bool


def drafts_of(reading: Reading, incident: str) -> list[Draft]:
    """The statements of an incident that are on their way.

    Parameters
    ----------
    reading : Reading
        The reading.
    incident : str
        Its id.

    Returns
    -------
    list of Draft
    """
    home, watch = reading.snapshot.home, reading.snapshot.watch
    rows = reading.snapshot.once(
        ("statements", incident), lambda: entries_of(home, watch, incident_id=incident, kind="statement")
    )
    made = []
    for row in ({str(k): v for k, v in one.items()} for one in rows.to_dict("records")):
        if row["status"] not in UNDER_WAY:
            continue
        content = standing(row)
        approvals, typed = content["approvals"], dict(reading.typed)
        typed = typed if typed.get("action") == row["entry_id"] else {}
        given = [
            reading.words(APPROVED_BY, role=reading.words(APPROVERS[role]), by=one["by"],
                          at=reading.time(pd.Timestamp(one["at"])))
            for role, one in approvals.items()
        ]  # fmt: skip
        made.append(
            Draft(
                str(row["entry_id"]), str(row["title"]), str(entry_in_words(row, reading.language)["status"]),
                str(content["text"]), [one.render(reading.language) for one in content_faults(home, watch, content)],
                given, fingerprint(content), typed.get("true", ANSWERS[content["claim_true"]]),
                [(role, reading.words(name)) for role, name in APPROVERS.items() if role not in approvals],
                [str(reason.render(reading.language)) for reason in content["reasons"]],
                _typed(typed, places_of(home, content, reading.language)), row["status"] in ("approved", "scheduled"),
                is_personal(content), bool(typed),
            )
        )  # fmt: skip
    return made


def _typed(typed: Mapping[str, str], places: Sequence[Place]) -> Sequence[Place]:
    """Places with what the reader has just typed and was refused, so that it is not lost."""
    return [
        replace(one, fact=typed.get(f"fact:{one.key}", one.fact), evidence=typed.get(f"proof:{one.key}", one.evidence))
        for one in places
    ]
