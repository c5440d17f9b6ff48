"""Tasks in hand: assigned, started, commented, moved, added, escalated; a calendar of them; what is due to whom."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pandas as pd
import pyarrow as pa

from crisislib import respond
from crisislib.core.errors import InputError
from crisislib.core.finding import Finding
from crisislib.core.i18n import N_
from crisislib.core.ids import short_hash
from crisislib.core.phrase import Listing, Phrase
from crisislib.core.watch import Watch
from crisislib.engine.home import Home
from crisislib.engine.incident_records import actions_of, incident_of
from crisislib.engine.response_plan import plan_in_words, playbooks
from crisislib.respond.action_words import action_words

AHEAD = timedelta(hours=1)
"""What is due within an hour belongs to a digest: the shortest clocks of the playbooks are of a quarter of an hour, and
nobody should hear of a step only when it is late."""
MOST_LISTED = 8
"""Steps that a digest names one by one; a phone shows about as many lines."""
_DIGEST = N_("{owner}: {due} {due:task is|tasks are} due within the hour, {late} overdue: {steps}.")
_STEP, _LATE_STEP = N_("{step} ({due})"), N_("{step} (overdue since {due})")
_MORE = N_("and {n} more")


def assign(
    home: Home, watch: Watch, steps: Sequence[str], person: str, *, by: str, now: datetime, note: str = "",
    incident_id: str = "",
) -> pd.DataFrame:  # fmt: skip
    """Say who does some steps.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    steps : sequence of str
        Ids of actions, or of steps of the playbook.
    person : str
        Who; empty gives them back to whoever the watch names.
    by, note : str
        Who decided it, and why.
    now : datetime
        Wall clock.
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
        home, watch, steps, incident_id, lambda rows, ids: respond.assign(rows, ids, person, now=now, by=by, note=note)
    )


def start(
    home: Home, watch: Watch, steps: Sequence[str], *, by: str, now: datetime, at: datetime | None = None,
    note: str = "", incident_id: str = "",
) -> pd.DataFrame:  # fmt: skip
    """Say that somebody is at work on some steps.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    steps : sequence of str
        Ids of actions, or of steps of the playbook.
    by, note : str
        Who is at work, and what is worth knowing.
    now : datetime
        Wall clock.
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
        home, watch, steps, incident_id,
        lambda rows, ids: respond.start(rows, ids, at=at or now, now=now, by=by, note=note),
    )  # fmt: skip


def move_due(
    home: Home, watch: Watch, steps: Sequence[str], *, by: str, now: datetime, note: str,
    due_at: datetime | None = None, after: str = "", minutes: int = 0, incident_id: str = "",
) -> pd.DataFrame:  # fmt: skip
    """Set when some steps are due: by the clock, or so many minutes after another step.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    steps : sequence of str
        Ids of actions, or of steps of the playbook.
    by, note : str
        Who decided it, and why; the reason is needed.
    now : datetime
        Wall clock.
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
        home, watch, steps, incident_id,
        lambda rows, ids: respond.move_due(
            rows, ids, now=now, by=by, note=note, due_at=due_at, after=after, minutes=minutes
        ),
    )  # fmt: skip


def add(
    home: Home, watch: Watch, title: str, *, owner: str, by: str, now: datetime, due_at: datetime, person: str = "",
    about: str = "", incident_id: str = "",
) -> pd.DataFrame:  # fmt: skip
    """Add a task that no playbook has; no change of the kind of crisis takes it back.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    title : str
        What is to be done.
    owner : str
        A role of the playbooks.
    by : str
        Who adds it.
    now : datetime
        Wall clock.
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
    incident, words = incident_of(home, watch, incident_id), playbooks(home).words
    rows = respond.add_task(
        watch, str(incident["incident_id"]), title, owner=owner, words=words, due_at=due_at, now=now, by=by,
        person=person, about=about,
    )  # fmt: skip
    home.lake.append("ACTIONS", rows)
    added: pd.DataFrame = rows.to_pandas()
    return added


def comment(
    home: Home, watch: Watch, step: str, text: str, *, by: str, now: datetime, incident_id: str = ""
) -> pd.DataFrame:
    """Write something down about a step; its state stays.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    step : str
        Id of an action, or of a step of the playbook.
    text : str
        The words.
    by : str
        Who writes.
    now : datetime
        Wall clock.
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
    incident = incident_of(home, watch, incident_id)
    own = str(incident["incident_id"])
    (about,) = respond.find_actions(actions_of(home, watch, incident), [step])[:1]
    rows = respond.new_entry("comment", watch=watch.watch, incident_id=own, title=text, now=now, by=by, about=about)
    home.lake.append("LOGBOOK", rows)
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
            rows[rows["incident_id"].isin(_open_incidents(home, watch))], watch.respond.deputies, now=now, wait=wait
        )
        home.lake.append("ACTIONS", changed)
    handed: pd.DataFrame = changed.to_pandas()
    return handed


def calendar(home: Home, watch: Watch, *, language: str, now: datetime, owner: str = "", incident_id: str = "") -> str:
    """The open steps of an incident as an iCalendar file.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    language : str
        `zh` or `en`.
    now : datetime
        Wall clock.
    owner : str
        Only the steps of this role or person; all when empty.
    incident_id : str
        The incident; the latest when empty.

    Returns
    -------
    str
        See :func:`crisislib.respond.calendar_text`.

    Raises
    ------
    InputError
        Nobody of that name has a step.
    """
    actions = actions_of(home, watch, incident_of(home, watch, incident_id))
    mine = _owned(actions, owner, watch)
    if owner and not mine.any():
        raise InputError(f"{owner!r} has no step", do="name a role or a person that crisis task list shows")
    steps = plan_in_words(actions[mine], watch, language=language, now=now)
    return respond.calendar_text(steps, name=watch.name(language), now=now)


def due_tasks(home: Home, watch: Watch, *, now: datetime, owners: Sequence[str] = ()) -> list[tuple[str, Finding]]:
    """What is due within the hour or overdue in the open incidents, owner by owner.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    now : datetime
        Wall clock.
    owners : sequence of str
        Only these roles and persons; everybody when empty.

    Returns
    -------
    list of (str, Finding)
        An identity that stays the same while the same steps are due and late, and `task.digest`.
    """
    rows = home.lake.read("ACTIONS", watch=watch.watch)
    rows = rows[rows["incident_id"].isin(_open_incidents(home, watch))]
    state = respond.states(rows, now=now)
    near = state.isin(respond.PENDING) & (rows["due_at"] <= pd.Timestamp(now + AHEAD))
    wanted = pd.Series(True, index=rows.index)
    if owners:
        wanted = pd.concat([_owned(rows, one, watch) for one in owners], axis=1).any(axis=1)
    rows = rows.assign(state=state, who=_who(rows, watch))[near & wanted]
    result = []
    for (role, who), mine in rows.groupby(["owner", "who"], sort=True):
        mine = mine.sort_values(["due_at", "action_id"])
        key = short_hash(
            watch.watch, str(role), str(who), *(mine["action_id"] + mine["state"] + mine["due_at"].astype(str))
        )
        result.append((f"task-{key}", _digest(mine, watch)))
    return result


def _digest(mine: pd.DataFrame, watch: Watch) -> Finding:
    late = mine["state"] == "late"
    words = [action_words(row, watch) for row in mine.to_dict("records")]
    listed = [
        Phrase(_LATE_STEP if is_late else _STEP, {"step": one.title, "due": f"{at.astimezone(watch.zone):%m-%d %H:%M}"})
        for one, is_late, at in zip(words, late, mine["due_at"], strict=True)
    ][:MOST_LISTED]
    if len(mine) > MOST_LISTED:
        listed.append(Phrase(_MORE, {"n": len(mine) - MOST_LISTED}))
    facts = {
        "owner": words[0].owner,
        "due": int((~late).sum()),
        "late": int(late.sum()),
        "steps": Listing(tuple(listed)),
    }
    table = mine[["action_id", "step", "owner", "person", "due_at", "state"]].reset_index(drop=True)
    return Finding("task.digest", _DIGEST, facts, table, n=0, weight=0.6)


def _open_incidents(home: Home, watch: Watch) -> set[str]:
    rows = home.lake.read("INCIDENTS", watch=watch.watch)
    return set(rows.loc[rows["status"] != "closed", "incident_id"])


def _who(actions: pd.DataFrame, watch: Watch) -> pd.Series:
    """The person who has each step: assigned, else named by the watch for the role, else nobody."""
    return actions["person"].fillna(actions["owner"].map(watch.respond.owners)).fillna("")


def _owned(actions: pd.DataFrame, owner: str, watch: Watch) -> pd.Series:
    """Which steps are of a role or a person; all where none is named."""
    return (actions["owner"] == owner) | (_who(actions, watch) == owner) | (owner == "")


def _change(
    home: Home, watch: Watch, steps: Sequence[str], incident_id: str,
    work: Callable[[pd.DataFrame, list[str]], pa.Table],
) -> pd.DataFrame:  # fmt: skip
    """Read, change and append as one step, so that of two people at once neither loses anything."""
    incident = incident_of(home, watch, incident_id)
    with home.lake.changing("ACTIONS"):
        actions = actions_of(home, watch, incident)
        rows = work(actions, respond.find_actions(actions, steps))
        home.lake.append("ACTIONS", rows)
    changed: pd.DataFrame = rows.to_pandas()
    return changed
