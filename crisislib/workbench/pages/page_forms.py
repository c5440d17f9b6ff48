"""What a page offers to those who may change something: forms on steps, on the incident, on statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd
from markupsafe import Markup

from crisislib.engine.draft_choices import drafts_offered
from crisislib.engine.rendering import KINDS, response_kinds
from crisislib.workbench.pages.draft_forms import Draft, drafts_of
from crisislib.workbench.pages.incident_head import STANDINGS
from crisislib.workbench.pages.reading import Reading
from crisislib.workbench.pages.visitor import TOKEN_PLACE

TOKEN_FIELD = Markup('<input type="hidden" name="_xsrf" value="{}">').format(TOKEN_PLACE)
"""Against forged requests; the value is put in when the page is sent."""
WHAT = ("step", "incident", "draft", "response", "statement")
"""What forms change; see :data:`crisislib.workbench.pages.page_actions.ACTIONS`."""


@dataclass(frozen=True)
class Forms:
    """Where forms are sent; empty where the reader may not change that.

    Attributes
    ----------
    step, incident, draft, response, statement : str
        Addresses.
    token : Markup
        Hidden field of every form.
    incident_id : str
        What is shown, so that just that is changed.
    closed : bool
        Whether the incident is closed.
    kinds, standings : sequence of (str, str, bool)
        Key, name and whether it is so now.
    spoken : str
        Language of the watch, in which a draft is written unless another is chosen.
    offered : sequence of (str, str)
        Drafts of the playbook that can be proposed: id and title.
    drafts : sequence of Draft
        Statements on their way; for those who may change something.
    responses : sequence of (str, str)
        Kinds of response that can be logged: key and name.
    zone : str
        In which the times of forms are read.
    typed : mapping of str to str
        What stood in the form of a response that was refused.
    """

    step: str = ""
    incident: str = ""
    draft: str = ""
    response: str = ""
    statement: str = ""
    token: Markup = TOKEN_FIELD
    incident_id: str = ""
    closed: bool = False
    kinds: Sequence[tuple[str, str, bool]] = ()
    standings: Sequence[tuple[str, str, bool]] = ()
    spoken: str = ""
    offered: Sequence[tuple[str, str]] = ()
    drafts: Sequence[Draft] = ()
    responses: Sequence[tuple[str, str]] = ()
    zone: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)


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
    to = {w: address.to(f"act/{address.page}/{w}") if visitor.may(w) else "" for w in WHAT}
    typed = dict(reading.typed)
    kind, stands = str(row["kind"]), str(row.get("standing"))
    return Forms(
        step=to["step"],
        incident=to["incident"],
        draft=to["draft"],
        response=to["response"] if address.page == "response" else "",
        statement=to["statement"],
        incident_id=str(row["incident_id"]),
        closed=row["status"] == "closed",
        kinds=[(key, reading.words(name), key == kind) for key, name in KINDS.items()],
        standings=[(key, reading.words(name), key == stands) for key, name in STANDINGS.items()],
        spoken=reading.snapshot.watch.language,
        offered=_offered(reading, row) if address.page == "response" else (),
        responses=response_kinds(reading.language),
        zone=reading.snapshot.watch.timezone,
        typed=typed if typed.get("how") == "log" else {},
        drafts=drafts_of(reading, str(row["incident_id"])) if address.page == "response" else (),
    )


def _offered(reading: Reading, row: pd.Series) -> list[tuple[str, str]]:
    return drafts_offered(reading.snapshot.home, {str(k): v for k, v in row.items()}, reading.language)
