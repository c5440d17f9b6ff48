"""The plan of an incident in the words of its reader."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd

from crisislib import respond
from crisislib.core.i18n import tr
from crisislib.core.phrase import Both
from crisislib.core.watch import Watch
from crisislib.engine.home import Home
from crisislib.engine.incident_records import actions_of
from crisislib.engine.response_plan import playbooks


def plan_table(
    home: Home, watch: Watch, incident: Mapping[str, Any], *, language: str, now: datetime, every: bool = False
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

    Returns
    -------
    pandas.DataFrame
        ACTIONS in words, with `id` (the step), `late` and `state` in words; what another playbook replaced is left
        out.
    """
    return plan_in_words(actions_of(home, watch, incident), watch, language=language, now=now, every=every)


def plan_in_words(
    actions: pd.DataFrame, watch: Watch, *, language: str, now: datetime, every: bool = False
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

    Returns
    -------
    pandas.DataFrame
        As :func:`in_words` gives them, with `status` and `late`.
    """
    state = respond.states(actions, now=now)
    wanted = state != "replaced" if every else state.isin(respond.PENDING)
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
        by=result["by"].fillna(""),
        note=result["note"].fillna(""),
    )


def guidance(home: Home, incident: Mapping[str, Any]) -> tuple[list[Both], list[Both]]:
    """What the playbook of an incident says to watch, and what must hold before it is closed.

    Parameters
    ----------
    home : Home
        The workbench.
    incident : Mapping[str, Any]
        The INCIDENTS row.

    Returns
    -------
    tuple of list of Both and list of Both
        What to watch, and the exit criteria.
    """
    book = playbooks(home).for_kind(incident.get("kind"))
    return book.to_watch, book.exit_criteria
