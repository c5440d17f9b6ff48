"""The plan of an incident: made from the playbook, followed as the incident changes, ticked off by people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import pyarrow as pa

from crisislib import respond
from crisislib.core.levels import rank
from crisislib.core.watch import Watch
from crisislib.engine.context import RunContext
from crisislib.engine.home import Home
from crisislib.engine.incident_records import actions_of, decided_times, incident_of, refuse_before, responses_of
from crisislib.engine.runs import TICK
from crisislib.engine.team_change import TeamChange

SettledError = respond.SettledError
"""Raised by :func:`mark` for a step that somebody else has settled."""


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


def revise_plan(
    ctx: RunContext, incident: Mapping[str, Any], books: respond.Playbooks, *, risk: Mapping[str, Any], now: datetime
) -> pd.DataFrame:
    """Bring the plan of an incident up to date; the steps as they stand then.

    An incident that has calmed to `none` gets no new step; what was begun stays on the list. Where its rise and its
    calm lie in one run and nothing was begun, it gets the steps of its highest level above blue: it is open still.
    Steps that a response logged by the end of the run's window has fulfilled are done.

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
    log = responses_of(home, watch, incident)
    with home.lake.changing("ACTIONS"):
        stored = actions_of(home, watch, incident, present=False)
        highest = max(decided, key=rank, default="blue")
        if incident.get("level") == "none" and rank(highest) > rank("blue") and not len(stored):
            incident = {**incident, "level": highest}
        made = respond.plan(incident, watch, book, books.words, risk=risk, decided=decided, now=now)
        steps = respond.steps_of(book, incident)
        ctx.append("ACTIONS", respond.revise(stored, made.to_pandas(), now=now, playbook=book.playbook, steps=steps))
        ctx.append("ACTIONS", _fulfilled(home, watch, incident, log, now=ctx.window.at))
        ctx.append("ACTIONS", _followers(home, watch, incident, now=ctx.window.at))
    return actions_of(home, watch, incident)


def plan_incident(
    home: Home, watch: Watch, incident: Mapping[str, Any], *, now: datetime, by: str = "", why: str = ""
) -> None:
    """Bring the plan of an incident up to date outside a run; what people settled stays settled.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    incident : mapping
        The INCIDENTS row.
    now : datetime
        Wall clock. Where it stands still, as in a demonstration, the plan is made the least time after the one before.
    by, why : str
        Who changed the incident, and for what reason: it stands with the steps that are taken back.
    """
    books = playbooks(home)
    risks = home.lake.read("RISKS", watch=watch.watch)
    mine = risks[risks["incident_id"] == incident["incident_id"]].sort_values("at").tail(1).to_dict("records")
    risk = {str(key): value for key, value in mine[0].items()} if mine else {}
    book = books.for_kind(incident["kind"])
    with home.lake.changing("ACTIONS"):
        stored = actions_of(home, watch, incident, present=False)
        at = now if stored.empty else max(pd.Timestamp(now), stored["at"].max() + TICK).to_pydatetime()
        decided = decided_times(home, watch, incident, until=at)
        made = respond.plan(incident, watch, book, books.words, risk=risk, decided=decided, now=at).to_pandas()
        steps = respond.steps_of(book, incident)
        rows = respond.revise(stored, made, now=at, playbook=book.playbook, steps=steps, by=by, why=why)
        home.lake.append("ACTIONS", rows)
        home.lake.append("ACTIONS", _followers(home, watch, incident, now=at))


def still_open(actions: pd.DataFrame, *, now: datetime) -> pd.DataFrame:
    """The steps that are still to be done, as keys, soonest first.

    Parameters
    ----------
    actions : pandas.DataFrame
        ACTIONS, as they stand.
    now : datetime
        Wall clock.

    Returns
    -------
    pandas.DataFrame
        ACTIONS rows.
    """
    rows: pd.DataFrame = actions[respond.states(actions, now=now).isin(respond.PENDING)]
    return rows.sort_values(["due_at", "action_id"])


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
    with home.lake.changing("ACTIONS"):
        rows = _fulfilled(home, watch, incident, responses, now=now)
        home.lake.append("ACTIONS", rows)
        home.lake.append("ACTIONS", _followers(home, watch, incident, now=now))
    changed: pd.DataFrame = rows.to_pandas()
    return changed


def _fulfilled(
    home: Home, watch: Watch, incident: Mapping[str, Any], responses: pd.DataFrame, *, now: datetime
) -> pa.Table:
    stored = actions_of(home, watch, incident, present=False)
    opened = pd.Timestamp(incident["opened_at"]).to_pydatetime()
    return respond.fulfilled(stored, responses, opened_at=opened, now=now)


def _followers(home: Home, watch: Watch, incident: Mapping[str, Any], *, now: datetime) -> pa.Table:
    """Steps whose time counts from another, which is done by now."""
    return respond.followers(actions_of(home, watch, incident, present=False), now=now)


def mark(
    change: TeamChange,
    steps: Sequence[str],
    how: Literal["done", "na", "open"],
    *,
    at: datetime | None = None,
    note: str = "",
    incident_id: str = "",
    pending_only: bool = False,
) -> pd.DataFrame:
    """Tick steps off, leave them out, or put them back, by whom and when; the changed rows.

    Parameters
    ----------
    change : TeamChange
        Where, whose, by whom and when.
    steps : sequence of str
        Ids of actions, or of steps of the playbook.
    how : {"done", "na", "open"}
        Ticked off, does not apply, or open again.
    at : datetime, optional
        When a step was done; `now` when left out.
    note : str
        What came of it; why it does not apply.
    incident_id : str, default ""
        The incident; empty means the latest.
    pending_only : bool
        Whether a step that somebody has settled meanwhile is refused instead of being settled anew.

    Returns
    -------
    pandas.DataFrame
        The changed ACTIONS rows.

    Raises
    ------
    CrisisError
        There is no such incident or step, no reason, or a time in the future.
    """
    incident = incident_of(change.home, change.watch, incident_id)
    with change.home.lake.changing("ACTIONS"):
        actions = actions_of(change.home, change.watch, incident)
        ids = respond.find_actions(actions, steps)
        if pending_only:
            respond.refuse_settled(actions, ids, now=change.now)
        if how == "done":
            refuse_before(incident, at or change.now, change.watch)
            rows = respond.done(actions, ids, at=at or change.now, now=change.now, by=change.by, note=note)
        elif how == "na":
            rows = respond.not_applicable(actions, ids, now=change.now, by=change.by, note=note)
        else:
            rows = respond.reopen(actions, ids, now=change.now, by=change.by, note=note)
        change.home.lake.append("ACTIONS", rows)
        change.home.lake.append("ACTIONS", _followers(change.home, change.watch, incident, now=change.now))
    changed: pd.DataFrame = rows.to_pandas()
    return changed
