"""What a page offers to those who may change something: forms on steps, on the incident, on statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from markupsafe import Markup

from crisislib.core.i18n import N_
from crisislib.engine.logbook_reading import entries_of, entry_in_words
from crisislib.engine.rendering import KINDS
from crisislib.engine.statement_drafts import content_faults, fingerprint, standing
from crisislib.engine.statement_release import APPROVERS
from crisislib.workbench.pages.incident_parts import STANDINGS
from crisislib.workbench.pages.reading import Reading
from crisislib.workbench.pages.visitor import TOKEN_PLACE

TOKEN_FIELD = Markup('<input type="hidden" name="_xsrf" value="{}">').format(TOKEN_PLACE)
"""Against forged requests; the value is put in when the page is sent."""
APPROVER_NAMES = {"legal": N_("Legal"), "lead": N_("Lead")}
APPROVED_BY = N_("{role}: {by}, {at}")
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
    wanted : sequence of (str, str)
        Approvals that are missing: key and name.
    """

    entry_id: str
    title: str
    state: str
    text: str
    faults: Sequence[str]
    approvals: Sequence[str]
    content: str
    wanted: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Forms:
    """Where forms are sent; empty where the reader may not change that.

    Attributes
    ----------
    step, incident, statement : str
        Addresses.
    token : Markup
        Hidden field of every form.
    incident_id : str
        What is shown, so that just that is changed.
    closed : bool
        Whether the incident is closed.
    kinds, standings : sequence of (str, str, bool)
        Key, name and whether it is so now.
    drafts : sequence of Draft
        Statements on their way; for those who may change something.
    """

    step: str = ""
    incident: str = ""
    statement: str = ""
    token: Markup = TOKEN_FIELD
    incident_id: str = ""
    closed: bool = False
    kinds: Sequence[tuple[str, str, bool]] = ()
    standings: Sequence[tuple[str, str, bool]] = ()
    drafts: Sequence[Draft] = ()


def forms_for(reading: Reading, row: pd.Series | None) -> Forms:
    """The forms of a page.

    Parameters
    ----------
    reading : Reading
        The reading.
    row : pandas.Series or None
        The INCIDENTS row that is shown.

    Returns
    -------
    Forms
        Without addresses where the reader may change nothing.
    """
    visitor, address = reading.visitor, reading.address
    if row is None or not visitor.may("step"):
        return Forms()
    to = {w: address.to(f"act/{address.page}/{w}") if visitor.may(w) else "" for w in ("step", "incident", "statement")}
    kind, stands = str(row["kind"]), str(row.get("standing"))
    return Forms(
        step=to["step"],
        incident=to["incident"],
        statement=to["statement"],
        incident_id=str(row["incident_id"]),
        closed=row["status"] == "closed",
        kinds=[(key, reading.words(name), key == kind) for key, name in KINDS.items()],
        standings=[(key, reading.words(name), key == stands) for key, name in STANDINGS.items()],
        drafts=_drafts(reading, str(row["incident_id"])) if address.page == "response" else (),
    )


def _drafts(reading: Reading, incident: str) -> list[Draft]:
    home, watch = reading.snapshot.home, reading.snapshot.watch
    rows = reading.snapshot.once(
        ("statements", incident), lambda: entries_of(home, watch, incident_id=incident, kind="statement")
    )
    made = []
    for row in ({str(k): v for k, v in one.items()} for one in rows.to_dict("records")):
        if row["status"] not in UNDER_WAY:
            continue
        content = standing(row)
        approvals = content["approvals"]
        given = [
            reading.words(APPROVED_BY, role=reading.words(APPROVER_NAMES[role]), by=one["by"],
                          at=reading.time(pd.Timestamp(one["at"])))
            for role, one in approvals.items()
        ]  # fmt: skip
        made.append(
            Draft(
                str(row["entry_id"]), str(row["title"]), str(entry_in_words(row, reading.language)["status"]),
                str(content["text"]), [one.render(reading.language) for one in content_faults(home, watch, content)],
                given, fingerprint(content),
                [(role, reading.words(APPROVER_NAMES[role])) for role in APPROVERS if role not in approvals],
            )
        )  # fmt: skip
    return made
