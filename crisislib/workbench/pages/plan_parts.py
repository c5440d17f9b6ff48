"""The steps of an incident on its pages: what is open, who settled what and when, what people wrote about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from crisislib.core.i18n import N_
from crisislib.design import Step
from crisislib.engine.plan_in_words import PENDING, RESPONSE, plan_in_words
from crisislib.workbench.pages.reading import Reading

TAG, NO_STEPS = N_("{open} open · {done} done"), N_("no step is due")
DUE, LATE = N_("due {at}"), N_("due {at}, {span} late")
SETTLED_BY, COMMENT = N_("by {by}"), N_("{text} ({by}, {at})")
STEPS = 3
"""Steps that a reader takes in at a glance; the response page has all."""


def open_steps(reading: Reading, incident: str, *, most: int = STEPS) -> tuple[list[Step], str]:
    """The next open steps of an incident, and how many there are.

    Parameters
    ----------
    reading : Reading
        The reading.
    incident : str
        Its id.
    most : int
        Steps at most.

    Returns
    -------
    tuple of (list of Step, str)
    """
    rows = reading.snapshot.table("ACTIONS")
    rows = rows[rows["incident_id"] == incident]
    if rows.empty:
        return [], reading.words(NO_STEPS)
    plan = plan_of(reading, incident)
    due = plan[plan["status"].isin(PENDING)]
    done = int(plan["status"].isin(["done", "done late"]).sum())
    tag = reading.words(TAG, open=len(due), done=done) if len(due) else reading.words(NO_STEPS)
    return [step_of(reading, r) for r in due.head(most).to_dict("records")], tag


def plan_of(reading: Reading, incident: str) -> pd.DataFrame:
    """Every step of an incident in words; the same for all filters, so it is made once a minute.

    Parameters
    ----------
    reading : Reading
        The reading.
    incident : str
        Its id; it has steps.

    Returns
    -------
    pandas.DataFrame
        See :func:`crisislib.engine.plan_in_words.plan_in_words`; shared, not to be changed.
    """
    watch, language, now = reading.snapshot.watch, reading.language, reading.now

    def make() -> pd.DataFrame:
        rows = reading.snapshot.table("ACTIONS")
        mine = rows[rows["incident_id"] == incident]
        return plan_in_words(mine, watch, language=language, now=now, every=True)

    return reading.snapshot.once(("plan", incident, language, f"{now:%H:%M}"), make)


def step_of(reading: Reading, row: Mapping[Any, Any], notes: Sequence[str] = ()) -> Step:
    """A step as a component.

    Parameters
    ----------
    reading : Reading
        The reading.
    row : mapping
        A row of :func:`crisislib.engine.plan_in_words.plan_in_words`.
    notes : sequence of str
        What people wrote about it.

    Returns
    -------
    Step
    """
    late = row["status"] == "late"
    behind = (pd.Timestamp(reading.now) - row["due_at"]).total_seconds() if late else 0.0
    at = reading.time(row["due_at"])
    due = reading.words(LATE, at=at, span=reading.span(behind)) if late else reading.words(DUE, at=at)
    state = "open" if row["status"] in PENDING else "done"
    if state == "open":
        begun = str(row["state"]) if pd.notna(row["started_at"]) else ""
        detail = reading.joined(str(row["owner"] or ""), begun, due)
    else:
        at = reading.time(row["done_at"]) if pd.notna(row["done_at"]) else ""
        who = reading.words(SETTLED_BY, by=row["by"]) if row["by"] else ""
        detail = reading.joined(str(row["owner"] or ""), " ".join(filter(None, (str(row["state"]), at))), who)
        notes = [*([str(row["note"])] if row["by"] and not _by_response(row["note"]) else []), *notes]
    return Step(str(row["step"]), detail, late, str(row["action_id"]), state, notes)


def _by_response(note: object) -> bool:
    """Whether there is no note, or only the id of the response that settled the step: what was published is shown."""
    return not note or str(note).startswith(RESPONSE)


def comments_of(reading: Reading, incident: str) -> dict[str, list[str]]:
    """What people wrote about the steps of an incident.

    Parameters
    ----------
    reading : Reading
        The reading.
    incident : str
        Its id.

    Returns
    -------
    dict of str to list of str
        Action id to sentences, the oldest first.
    """
    rows = reading.snapshot.table("LOGBOOK")
    mine = rows[(rows["kind"] == "comment") & (rows["incident_id"] == incident)].sort_values("at")
    made: dict[str, list[str]] = {}
    for row in mine.to_dict("records"):
        words = reading.words(COMMENT, text=row["title"], by=row["by"], at=reading.time(row["at"]))
        made.setdefault(str(row["about"]), []).append(words)
    return made
