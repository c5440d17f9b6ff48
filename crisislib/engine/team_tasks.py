"""Tasks in hand: assigned, started, commented, moved, added, escalated; a calendar of them; what is due to whom."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pandas as pd
import pyarrow as pa

from crisislib import respond
from crisislib.core.watch import Watch
from crisislib.engine.due_tasks import open_incidents
from crisislib.engine.home import Home
from crisislib.engine.incident_records import actions_of, incident_of
from crisislib.engine.response_plan import playbooks
from crisislib.engine.team_change import TeamChange


def assign(
    change: TeamChange, steps: Sequence[str], person: str, *, note: str = "", incident_id: str = ""
) -> pd.DataFrame:
    """Say who does some steps.

    Parameters
    ----------
    change : TeamChange
        Where, whose, by whom and when.
    steps : sequence of str
        Ids of actions, or of steps of the playbook.
    person : str
        Who; empty gives them back to whoever the watch names.
    note : str
        Why.
    incident_id : str
        The incident; the latest when empty.

    Returns
    -------
    pandas.DataFrame
        The changed ACTIONS rows.

    Raises
    ------
    CrisisError
        There is no such incident or step, or it is settled.
    """
    return _change(
        change,
        steps,
        incident_id,
        lambda rows, ids: respond.assign(rows, ids, person, now=change.now, by=change.by, note=note),
    )


def start(
    change: TeamChange, steps: Sequence[str], *, at: datetime | None = None, note: str = "", incident_id: str = ""
) -> pd.DataFrame:
    """Say that somebody is at work on some steps.

    Parameters
    ----------
    change : TeamChange
        Where, whose, by whom and when.
    steps : sequence of str
        Ids of actions, or of steps of the playbook.
    note : str
        What is worth knowing.
    at : datetime, optional
        Since when; `now` when left out.
    incident_id : str
        The incident; the latest when empty.

    Returns
    -------
    pandas.DataFrame
        The changed ACTIONS rows.

    Raises
    ------
    CrisisError
        There is no such incident or step, it is settled, or a time in the future.
    """
    return _change(
        change,
        steps,
        incident_id,
        lambda rows, ids: respond.start(rows, ids, at=at or change.now, now=change.now, by=change.by, note=note),
    )


def move_due(
    change: TeamChange,
    steps: Sequence[str],
    *,
    note: str,
    due_at: datetime | None = None,
    after: str = "",
    minutes: int = 0,
    incident_id: str = "",
) -> pd.DataFrame:
    """Set when some steps are due: by the clock, or so many minutes after another step.

    Parameters
    ----------
    change : TeamChange
        Where, whose, by whom and when.
    steps : sequence of str
        Ids of actions, or of steps of the playbook.
    note : str
        Why; needed.
    due_at : datetime, optional
        By the clock.
    after : str
        The step that comes first.
    minutes : int
        So long after it is done.
    incident_id : str
        The incident; the latest when empty.

    Returns
    -------
    pandas.DataFrame
        The changed ACTIONS rows.

    Raises
    ------
    CrisisError
        There is no such incident or step, no reason, or steps would wait for each other.
    """
    return _change(
        change,
        steps,
        incident_id,
        lambda rows, ids: respond.move_due(
            rows, ids, now=change.now, by=change.by, note=note, due_at=due_at, after=after, minutes=minutes
        ),
    )


def add(
    change: TeamChange,
    title: str,
    *,
    owner: str,
    due_at: datetime,
    person: str = "",
    about: str = "",
    incident_id: str = "",
) -> pd.DataFrame:
    """Add a task that no playbook has; no change of the kind of crisis takes it back.

    Parameters
    ----------
    change : TeamChange
        Where, whose, by whom and when.
    title : str
        What is to be done.
    owner : str
        A role of the playbooks.
    due_at : datetime
        By when.
    person : str
        Who does it.
    about : str
        More words on it.
    incident_id : str
        The incident; the latest when empty.

    Returns
    -------
    pandas.DataFrame
        The new ACTIONS row.

    Raises
    ------
    CrisisError
        There is no such incident or role, or no title.
    """
    incident, words = incident_of(change.home, change.watch, incident_id), playbooks(change.home).words
    rows = respond.add_task(
        change.watch, str(incident["incident_id"]), title, owner=owner, words=words, due_at=due_at,
        now=change.now, by=change.by, person=person, about=about,
    )  # fmt: skip
    change.home.lake.append("ACTIONS", rows)
    added: pd.DataFrame = rows.to_pandas()
    return added


def comment(change: TeamChange, step: str, text: str, *, incident_id: str = "") -> pd.DataFrame:
    """Write something down about a step; its state stays.

    Parameters
    ----------
    change : TeamChange
        Where, whose, by whom and when.
    step : str
        Id of an action, or of a step of the playbook.
    text : str
        The words.
    incident_id : str
        The incident; the latest when empty.

    Returns
    -------
    pandas.DataFrame
        The LOGBOOK row.

    Raises
    ------
    CrisisError
        There is no such incident or step, or no words.
    """
    incident = incident_of(change.home, change.watch, incident_id)
    own = str(incident["incident_id"])
    (about,) = respond.find_actions(actions_of(change.home, change.watch, incident), [step])[:1]
    rows = respond.new_entry(
        "comment", watch=change.watch.watch, incident_id=own, title=text, now=change.now, by=change.by, about=about
    )
    change.home.lake.append("LOGBOOK", rows)
    written: pd.DataFrame = rows.to_pandas()
    return written


def comments(home: Home, watch: Watch, *, incident_id: str = "") -> pd.DataFrame:
    """What people wrote about the steps of an incident, oldest first.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    incident_id : str
        The incident; the latest when empty.

    Returns
    -------
    pandas.DataFrame
        LOGBOOK rows; `about` is the action.
    """
    own = incident_of(home, watch, incident_id)["incident_id"]
    rows = home.lake.read("LOGBOOK", watch=watch.watch)
    mine: pd.DataFrame = rows[(rows["kind"] == "comment") & (rows["incident_id"] == own)].sort_values("at")
    return mine


def escalate(home: Home, watch: Watch, *, now: datetime) -> pd.DataFrame:
    """Hand steps of open incidents that are overdue and not begun to the deputies that the watch names.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    now : datetime
        Wall clock.

    Returns
    -------
    pandas.DataFrame
        The changed ACTIONS rows.
    """
    wait = timedelta(minutes=watch.levels.escalate_after_minutes)
    with home.lake.changing("ACTIONS"):
        rows = home.lake.read("ACTIONS", watch=watch.watch, present=False)
        changed = respond.escalated(
            rows[rows["incident_id"].isin(open_incidents(home, watch))], watch.respond.deputies, now=now, wait=wait
        )
        home.lake.append("ACTIONS", changed)
    handed: pd.DataFrame = changed.to_pandas()
    return handed


def _change(
    change: TeamChange, steps: Sequence[str], incident_id: str, work: Callable[[pd.DataFrame, list[str]], pa.Table]
) -> pd.DataFrame:
    """Read, change and append as one step, so that of two people at once neither loses anything."""
    incident = incident_of(change.home, change.watch, incident_id)
    with change.home.lake.changing("ACTIONS"):
        actions = actions_of(change.home, change.watch, incident)
        rows = work(actions, respond.find_actions(actions, steps))
        change.home.lake.append("ACTIONS", rows)
    changed: pd.DataFrame = rows.to_pandas()
    return changed
