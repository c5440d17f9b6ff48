"""The plan of an incident: made from the playbook, followed as the incident changes, ticked off by people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import pyarrow as pa

from crisislib import respond
from crisislib.core.errors import CrisisError
from crisislib.core.i18n import tr
from crisislib.core.phrase import Both
from crisislib.core.watch import Watch
from crisislib.engine.context import RunContext
from crisislib.engine.home import Home
from crisislib.respond.playbook import AlertLevel

NO_INCIDENT = "watch"
"""Incident id of a response that answers to no incident."""


def playbook_folders(home: Home) -> list[Path]:
    """The user's folders of playbooks: those of the workbench, and the one beside the watches' folder.

    Parameters
    ----------
    home : Home
        The workbench.

    Returns
    -------
    list of Path
        In the order in which they are searched; they need not exist.
    """
    shipped, beside = set(type(home).playbooks), home.watches.parent / "playbooks"
    return list(dict.fromkeys([*(f for f in home.playbooks if f not in shipped), beside]))


def playbooks(home: Home) -> respond.Playbooks:
    """The user's playbooks before the shipped ones.

    Parameters
    ----------
    home : Home
        The workbench.

    Returns
    -------
    Playbooks
        One a kind of crisis.

    Raises
    ------
    PlaybookError
        A file is wrong.
    """
    return respond.load_playbooks(playbook_folders(home))


def latest_incident(home: Home, watch: Watch) -> dict[str, Any] | None:
    """The open incident that began last, else the one that began last; None where there is none.

    Parameters
    ----------
    home : Home
        The workbench.
    watch : Watch
        The watch.

    Returns
    -------
    dict[str, Any] or None
        An INCIDENTS row, as it stands.
    """
    rows = home.lake.read("INCIDENTS", watch=watch.watch).sort_values("opened_at")
    unsettled = rows[rows["status"] != "closed"]
    chosen = unsettled if len(unsettled) else rows
    return {str(key): value for key, value in chosen.iloc[-1].items()} if len(chosen) else None


def incident_of(home: Home, watch: Watch, incident_id: str = "") -> dict[str, Any]:
    """The named incident, or the latest one.

    Parameters
    ----------
    home : Home
        The workbench.
    watch : Watch
        The watch.
    incident_id : str, default ""
        Its id; empty means the latest.

    Returns
    -------
    dict[str, Any]
        The INCIDENTS row, as it stands.

    Raises
    ------
    CrisisError
        There is no such incident, or none at all.
    """
    if not incident_id:
        latest = latest_incident(home, watch)
        if latest is None:
            raise CrisisError("no incident has been opened", where=watch.watch, do="crisis run --watch … detects them")
        return latest
    rows = home.lake.read("INCIDENTS", watch=watch.watch).sort_values("opened_at")
    mine = rows[rows["incident_id"] == incident_id]
    if mine.empty:
        known = ", ".join(rows["incident_id"]) or "(none)"
        raise CrisisError(f"there is no incident {incident_id!r}", where=watch.watch, do=f"use one of {known}")
    return {str(key): value for key, value in mine.iloc[-1].items()}


def responses_of(home: Home, watch: Watch, incident: Mapping[str, Any]) -> pd.DataFrame:
    """The response log of an incident, with what was logged while it was open and named no incident.

    Parameters
    ----------
    home : Home
        The workbench.
    watch : Watch
        The watch.
    incident : Mapping[str, Any]
        The INCIDENTS row.

    Returns
    -------
    pandas.DataFrame
        RESPONSES rows.
    """
    log = home.lake.read("RESPONSES", watch=watch.watch)
    during = log["at"] >= pd.Timestamp(incident["opened_at"])
    if pd.notna(incident.get("closed_at")):
        during &= log["at"] <= pd.Timestamp(incident["closed_at"])
    unnamed = log["incident_id"].isna() | (log["incident_id"] == NO_INCIDENT)
    result: pd.DataFrame = log[log["incident_id"].isin(_merged_ids(home, watch, incident)) | (unnamed & during)]
    return result


def _merged_ids(home: Home, watch: Watch, incident: Mapping[str, Any]) -> set[str]:
    """The incident and those that people merged into it."""
    rows, ids = home.lake.read("INCIDENTS", watch=watch.watch), {str(incident["incident_id"])}
    merged = rows.dropna(subset=["merged_into"])
    while more := set(merged.loc[merged["merged_into"].isin(ids), "incident_id"]) - ids:
        ids |= more
    return ids


def actions_of(home: Home, watch: Watch, incident: Mapping[str, Any], *, present: bool = True) -> pd.DataFrame:
    """The steps of an incident, as they stand or with every change.

    Parameters
    ----------
    home : Home
        The workbench.
    watch : Watch
        The watch.
    incident : Mapping[str, Any]
        The INCIDENTS row.
    present : bool, default True
        The steps as they stand; False gives every change.

    Returns
    -------
    pandas.DataFrame
        ACTIONS rows.
    """
    rows = home.lake.read("ACTIONS", watch=watch.watch, present=present)
    result: pd.DataFrame = rows[rows["incident_id"] == incident["incident_id"]]
    return result


def decided_times(
    home: Home, watch: Watch, incident: Mapping[str, Any], *, until: datetime | None = None
) -> dict[AlertLevel, datetime]:
    """When each level of an incident was first decided, by its index, by a person or by its risk.

    Parameters
    ----------
    home : Home
        The workbench.
    watch : Watch
        Whose.
    incident : mapping
        The INCIDENTS row.
    until : datetime, optional
        What was decided later does not count; everything does when left out.

    Returns
    -------
    dict
        See :func:`crisislib.respond.decided_times`.
    """
    tables = [home.lake.read(name, watch=watch.watch, present=False) for name in ("INCIDENTS", "RISKS")]
    rows = pd.concat([t.loc[t["incident_id"] == incident["incident_id"], ["at", "level"]] for t in tables])
    return respond.decided_times(rows if until is None else rows[rows["at"] <= pd.Timestamp(until)])


def alerted_at(home: Home, watch: Watch, incident: Mapping[str, Any]) -> datetime:
    """When the first alert of an incident was decided, from which its clocks count; else when it was opened.

    Parameters
    ----------
    home : Home
        The workbench.
    watch : Watch
        Whose.
    incident : mapping
        The INCIDENTS row.

    Returns
    -------
    datetime
        UTC.
    """
    opened = pd.Timestamp(incident["opened_at"]).to_pydatetime()
    return min(decided_times(home, watch, incident).values(), default=opened)


def revise_plan(
    ctx: RunContext, incident: Mapping[str, Any], books: respond.Playbooks, *, risk: Mapping[str, Any], now: datetime
) -> pd.DataFrame:
    """Bring the plan of an incident up to date; the steps as they stand then.

    An incident that has calmed to `none` gets no new step; what was begun stays on the list. Steps that a response
    logged by the end of the run's window has fulfilled are done.

    Parameters
    ----------
    ctx : RunContext
        The run.
    incident : mapping
        Row of INCIDENTS.
    books : Playbooks
        See :func:`playbooks`.
    risk : mapping
        Row of RISKS.
    now : datetime
        Moment of the plan.
    """
    home, watch = ctx.home, ctx.watch
    book, decided = books.for_kind(incident.get("kind")), decided_times(home, watch, incident, until=now)
    made = respond.plan(incident, watch, book, books.words, risk=risk, decided=decided, now=now)
    stored = actions_of(home, watch, incident, present=False)
    ctx.append("ACTIONS", respond.revise(stored, made.to_pandas(), now=now))
    log = responses_of(home, watch, incident)
    ctx.append("ACTIONS", _fulfilled(home, watch, incident, log, now=ctx.window.at))
    return actions_of(home, watch, incident)


def tick(
    home: Home, watch: Watch, incident: Mapping[str, Any], responses: pd.DataFrame, *, now: datetime
) -> pd.DataFrame:
    """Mark the open steps that responses have fulfilled as done, and store that.

    Parameters
    ----------
    home : Home
        The workbench.
    watch : Watch
        The watch.
    incident : Mapping[str, Any]
        The INCIDENTS row.
    responses : pandas.DataFrame
        RESPONSES rows.
    now : datetime
        Wall clock.

    Returns
    -------
    pandas.DataFrame
        The changed ACTIONS rows.
    """
    rows = _fulfilled(home, watch, incident, responses, now=now)
    home.lake.append("ACTIONS", rows)
    changed: pd.DataFrame = rows.to_pandas()
    return changed


def _fulfilled(
    home: Home, watch: Watch, incident: Mapping[str, Any], responses: pd.DataFrame, *, now: datetime
) -> pa.Table:
    stored = actions_of(home, watch, incident, present=False)
    opened = pd.Timestamp(incident["opened_at"]).to_pydatetime()
    return respond.fulfilled(stored, responses, opened_at=opened, now=now)


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
    wanted = state != "replaced" if every else state.isin(["open", "late"])
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
    return result.assign(
        id=result["action_id"].str.rsplit("/", n=1).str[-1],
        state=[tr(respond.STATES[key], language) for key in result["status"]],
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


def mark(
    home: Home,
    watch: Watch,
    steps: Sequence[str],
    how: Literal["done", "na", "open"],
    *,
    by: str,
    now: datetime,
    at: datetime | None = None,
    note: str = "",
    incident_id: str = "",
) -> pd.DataFrame:
    """Tick steps off, leave them out, or put them back, by whom and when; the changed rows.

    Parameters
    ----------
    home : Home
        The workbench.
    watch : Watch
        The watch.
    steps : sequence of str
        Ids of actions, or of steps of the playbook.
    how : {"done", "na", "open"}
        Ticked off, does not apply, or open again.
    by : str
        Who says so.
    now : datetime
        Wall clock.
    at : datetime, optional
        When a step was done; `now` when left out.
    note : str
        What came of it; why it does not apply.
    incident_id : str, default ""
        The incident; empty means the latest.

    Returns
    -------
    pandas.DataFrame
        The changed ACTIONS rows.

    Raises
    ------
    CrisisError
        There is no such incident or step, no reason, or a time in the future.
    """
    actions = actions_of(home, watch, incident_of(home, watch, incident_id))
    ids = respond.find_actions(actions, steps)
    if how == "done":
        rows = respond.done(actions, ids, at=at or now, now=now, by=by, note=note)
    elif how == "na":
        rows = respond.not_applicable(actions, ids, now=now, by=by, note=note)
    else:
        rows = respond.reopen(actions, ids, now=now, by=by, note=note)
    home.lake.append("ACTIONS", rows)
    changed: pd.DataFrame = rows.to_pandas()
    return changed
