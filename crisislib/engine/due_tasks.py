"""Which open tasks of the team are due to whom, as a digest and as a calendar."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pandas as pd

from crisislib import respond
from crisislib.core.errors import InputError
from crisislib.core.finding import Finding
from crisislib.core.i18n import N_
from crisislib.core.ids import short_hash
from crisislib.core.phrase import Listing, Phrase, render
from crisislib.core.watch import Watch
from crisislib.engine.home import Home
from crisislib.engine.incident_records import actions_of, incident_of
from crisislib.engine.plan_in_words import plan_in_words
from crisislib.engine.rendering import incident_title
from crisislib.engine.risk_register import due_risks
from crisislib.respond.action_words import action_words

AHEAD = timedelta(hours=1)
"""What is due within an hour belongs to a digest: the shortest clocks of the playbooks are of a quarter of an hour, and
nobody should hear of a step only when it is late."""
MOST_LISTED = 8
"""Steps that a digest names one by one; a phone shows about as many lines."""
_DIGEST = N_("{owner}, on “{incident}”: {due} {due:task is|tasks are} due within the hour, {late} overdue: {steps}.")
_STEP, _LATE_STEP = N_("{step} ({due})"), N_("{step} (overdue since {due})")
_MORE = N_("and {n} more")


def calendar(
    home: Home, watch: Watch, *, language: str, now: datetime, owner: str = "", incident_id: str = "",
    events: bool = False,
) -> str:  # fmt: skip
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
    events : bool
        Events instead of to-dos.

    Returns
    -------
    str
        See :func:`crisislib.respond.calendar_text`.

    Raises
    ------
    InputError
        Nobody of that name has a step.
    """
    incident = incident_of(home, watch, incident_id)
    actions = actions_of(home, watch, incident)
    mine = _owned(actions, owner, watch)
    if owner and not mine.any():
        raise InputError(
            N_("{owner} has no step"),
            do=N_("name a role or a person that crisis task list shows"),
            facts={"owner": repr(owner)},
        )
    steps = plan_in_words(actions[mine], watch, language=language, now=now)
    title = str(render(incident_title(incident, watch), language))
    return respond.calendar_text(steps, name=title, now=now, events=events)


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
        An identity that stays the same while the same steps are due and late, and `task.digest`; then the risks that
        are due for review, `register.due`.
    """
    rows = home.lake.read("ACTIONS", watch=watch.watch)
    incidents = home.lake.read("INCIDENTS", watch=watch.watch).to_dict("records")
    titles = {str(one["incident_id"]): incident_title(one, watch) for one in incidents}
    rows = rows[rows["incident_id"].isin(open_incidents(home, watch))]
    state = respond.states(rows, now=now)
    near = state.isin(respond.PENDING) & (rows["due_at"] <= pd.Timestamp(now + AHEAD))
    wanted = pd.Series(True, index=rows.index)
    if owners:
        wanted = pd.concat([_owned(rows, one, watch) for one in owners], axis=1).any(axis=1)
    rows = rows.assign(state=state, who=_who(rows, watch))[near & wanted]
    result = []
    for (role, who, own), mine in rows.groupby(["owner", "who", "incident_id"], sort=True):
        mine = mine.sort_values(["due_at", "action_id"])
        key = short_hash(
            watch.watch, str(role), str(who), *(mine["action_id"] + mine["state"] + mine["due_at"].astype(str))
        )
        result.append((f"task-{key}", _digest(mine, watch, titles[str(own)])))
    return result + due_risks(home, watch, now=now, owners=owners)


def _digest(mine: pd.DataFrame, watch: Watch, incident: object) -> Finding:
    """What one owner owes to one incident: a watch may have several, and each is another night's work."""
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
        "incident": incident,
        "due": int((~late).sum()),
        "late": int(late.sum()),
        "steps": Listing(tuple(listed)),
    }
    table = mine[["action_id", "step", "owner", "person", "due_at", "state"]].reset_index(drop=True)
    return Finding("task.digest", _DIGEST, facts, table, n=0, weight=0.6)


def open_incidents(home: Home, watch: Watch) -> set[str]:
    """The incidents of a watch that are not closed.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.

    Returns
    -------
    set of str
        Their ids.
    """
    rows = home.lake.read("INCIDENTS", watch=watch.watch)
    return set(rows.loc[rows["status"] != "closed", "incident_id"])


def _who(actions: pd.DataFrame, watch: Watch) -> pd.Series:
    """The person who has each step: assigned, else named by the watch for the role, else nobody."""
    return actions["person"].fillna(actions["owner"].map(watch.respond.owners)).fillna("")


def _owned(actions: pd.DataFrame, owner: str, watch: Watch) -> pd.Series:
    """Which steps are of a role or a person; all where none is named."""
    return (actions["owner"] == owner) | (_who(actions, watch) == owner) | (owner == "")
