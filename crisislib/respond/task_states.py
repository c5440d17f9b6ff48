"""Where each step of a plan stands: the newest row of it, what is open, what a change of it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pandas as pd
import pyarrow as pa

from crisislib.core.i18n import N_
from crisislib.core.tables import conform
from crisislib.respond.response_log import ResponseError

STATES: dict[str, str] = {
    "open": N_("open"),
    "started": N_("in progress"),
    "late": N_("overdue"),
    "late started": N_("overdue, in progress"),
    "done": N_("done"),
    "done late": N_("done late"),
    "na": N_("not applicable"),
    "replaced": N_("taken back: another playbook applies"),
}
"""State of a step to its name; gettext ids. `late started` is a name only: such a step counts as late."""
PENDING = ("open", "started", "late")
"""States of a step that is still to be done."""
OWN = "team"
"""Playbook of the tasks that the team has added itself; no change of the kind of crisis takes them back."""
SET = "due_set"
"""Fact of a step whose time a person has set: who."""
ONLY_IF = "only_if"
"""Fact of a step: how the claim must stand for it."""
SETTLED = ("done", "done late", "na", "replaced")
TICK = pd.Timedelta(microseconds=1)
"""The least by which a change is later than what it changes: of two rows of one moment none would be the newer."""


def newest(actions: pa.Table | pd.DataFrame) -> pd.DataFrame:
    """One row per action, the newest.

    Parameters
    ----------
    actions : pyarrow.Table or pandas.DataFrame
        ACTIONS, every observation.

    Returns
    -------
    pandas.DataFrame
        By `at`, one row an `action_id`.
    """
    frame = actions.to_pandas() if isinstance(actions, pa.Table) else actions
    return frame.sort_values("at", kind="stable").drop_duplicates("action_id", keep="last")


def open_actions(actions: pa.Table | pd.DataFrame) -> pd.DataFrame:
    """The steps that are still to be done.

    Parameters
    ----------
    actions : pyarrow.Table or pandas.DataFrame
        ACTIONS, every observation.

    Returns
    -------
    pandas.DataFrame
        Newest rows that are neither done nor taken off the list.
    """
    frame = newest(actions)
    return frame[frame["done_at"].isna() & ~frame["status"].isin(SETTLED)]


def states(actions: pd.DataFrame, *, now: datetime) -> pd.Series:
    """State of each row as it is now, a key of :data:`STATES`: what was open when it was written may be late.

    Parameters
    ----------
    actions : pandas.DataFrame
        ACTIONS, one row an action.
    now : datetime
        What is due before is late.

    Returns
    -------
    pandas.Series of str
        With the index of `actions`.
    """
    pending = actions["done_at"].isna() & ~actions["status"].isin(SETTLED)
    late = pending & (pd.to_datetime(actions["due_at"], utc=True) < pd.Timestamp(now))
    ended = actions["status"].where(actions["status"].isin(SETTLED), "done")
    started = pending & actions["started_at"].notna()
    return ended.mask(pending, "open").mask(started, "started").mask(late, "late")


def find_actions(actions: pa.Table | pd.DataFrame, wanted: Sequence[str]) -> list[str]:
    """Ids of the actions that a person means, by id or by step.

    Parameters
    ----------
    actions : pyarrow.Table or pandas.DataFrame
        ACTIONS, every observation.
    wanted : sequence of str
        Action ids or keys of steps, as a person types them.

    Returns
    -------
    list of str
        Action ids, each once, in the order asked for.

    Raises
    ------
    ResponseError
        Nothing goes by that name; says which steps there are.
    """
    frame = newest(actions)
    frame = frame[frame["status"] != "replaced"]
    found = []
    for name in wanted:
        mine = frame[(frame["action_id"] == name) | (frame["step"] == name)]
        if mine.empty:
            steps = ", ".join(sorted(frame["step"])) or "(none: no plan has been made)"
            raise ResponseError(
                N_("there is no step {name}"), do=N_("use one of {known}"), facts={"name": repr(name), "known": steps}
            )
        found += list(mine["action_id"])
    return list(dict.fromkeys(found))


def chosen(actions: pa.Table | pd.DataFrame, action_ids: Sequence[str]) -> pd.DataFrame:
    """Some actions as they stand.

    Parameters
    ----------
    actions : pyarrow.Table or pandas.DataFrame
        ACTIONS, every observation.
    action_ids : sequence of str
        Which.

    Returns
    -------
    pandas.DataFrame
        One row an action.

    Raises
    ------
    ResponseError
        An action that is not in the plan.
    """
    frame = newest(actions)
    if unknown := sorted(set(action_ids) - set(frame["action_id"])):
        raise ResponseError(
            N_("there are no steps {names}"), do=N_("see the plan for the ids"), facts={"names": ", ".join(unknown)}
        )
    return frame[frame["action_id"].isin(list(action_ids))]


def changed(
    rows: pd.DataFrame, now: datetime, by: str, note: str | pd.Series, *, done_at: object, status: str | pd.Series
) -> pa.Table:
    """The rows that some actions become.

    Parameters
    ----------
    rows : pandas.DataFrame
        Newest row of each.
    now : datetime
        When it is written down; later than what it changes, whatever the clock says.
    by : str
        Who.
    note : str or pandas.Series
        Why, or what came of it.
    done_at : object
        An instant, or NaT.
    status : str or pandas.Series
        Of each.

    Returns
    -------
    pyarrow.Table
        ACTIONS to append.
    """
    later = rows["at"] + TICK
    at = later.where(later > pd.Timestamp(now), pd.Timestamp(now))
    when = pd.Series(done_at, index=rows.index, dtype="datetime64[us, UTC]")
    new = rows.assign(at=at, by=by, note=note, done_at=when, status=status, run_id=None)
    return conform(new, "ACTIONS")


LATER = {True: "late", False: "open"}


def stay_open(rows: pd.DataFrame, now: datetime, by: str, note: str | pd.Series) -> pa.Table:
    """The rows that some actions become that stay open, or late, whatever else has changed.

    Parameters
    ----------
    rows : pandas.DataFrame
        Newest row of each.
    now : datetime
        When it is written down; what was due before is late.
    by : str
        Who.
    note : str or pandas.Series
        Why.

    Returns
    -------
    pyarrow.Table
        ACTIONS to append.
    """
    late = (rows["due_at"] < pd.Timestamp(now)).map(LATER)
    return changed(rows, now, by, note, done_at=pd.NaT, status=late)
