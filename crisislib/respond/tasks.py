"""The team's board: which steps are open, and how they are ticked off, each change with who and when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pandas as pd
import pyarrow as pa

from crisislib.core.i18n import N_
from crisislib.core.phrase import unpack
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
_SETTLED = ("done", "done late", "na", "replaced")
RESPONSE = "response "
"""How the note of a step begins that a logged response has ticked off; its id follows."""
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
    return frame[frame["done_at"].isna() & ~frame["status"].isin(_SETTLED)]


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
    pending = actions["done_at"].isna() & ~actions["status"].isin(_SETTLED)
    late = pending & (pd.to_datetime(actions["due_at"], utc=True) < pd.Timestamp(now))
    ended = actions["status"].where(actions["status"].isin(_SETTLED), "done")
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
            raise ResponseError(f"there is no step {name!r}", do=f"use one of {steps}")
        found += list(mine["action_id"])
    return list(dict.fromkeys(found))


def done(
    actions: pa.Table | pd.DataFrame,
    action_ids: Sequence[str],
    *,
    at: datetime,
    now: datetime,
    by: str = "",
    note: str = "",
) -> pa.Table:
    """New ACTIONS rows that mark steps as done `at` some time; after its due time a step is done late.

    Parameters
    ----------
    actions : pyarrow.Table or pandas.DataFrame
        ACTIONS, every observation.
    action_ids : sequence of str
        Which.
    at : datetime
        When it was done.
    now : datetime
        When it is written down.
    by : str
        Who says so.
    note : str
        What is worth knowing of it.

    Returns
    -------
    pyarrow.Table
        Rows to append to ACTIONS.

    Raises
    ------
    ResponseError
        An action that is not in the plan, or a time in the future.
    """
    if at > now:
        raise ResponseError(f"the time {at} is in the future", do="mark a step when it is done")
    rows = chosen(actions, action_ids)
    in_time = (pd.Timestamp(at) <= rows["due_at"]).map({True: "done", False: "done late"})
    return changed(rows, now, by, note, done_at=pd.Timestamp(at), status=in_time)


def not_applicable(
    actions: pa.Table | pd.DataFrame, action_ids: Sequence[str], *, now: datetime, by: str, note: str
) -> pa.Table:
    """New ACTIONS rows that take steps off the list; `note` says why.

    Parameters
    ----------
    actions : pyarrow.Table or pandas.DataFrame
        ACTIONS, every observation.
    action_ids : sequence of str
        Which.
    now : datetime
        When it is written down.
    by : str
        Who decided it.
    note : str
        Why it does not apply; needed.

    Returns
    -------
    pyarrow.Table
        Rows to append to ACTIONS.

    Raises
    ------
    ResponseError
        An action that is not in the plan, or no reason.
    """
    if not note.strip():
        raise ResponseError("a step is not left out without a reason", do="say why it does not apply")
    return changed(chosen(actions, action_ids), now, by, note, done_at=pd.NaT, status="na")


def reopen(
    actions: pa.Table | pd.DataFrame, action_ids: Sequence[str], *, now: datetime, by: str, note: str = ""
) -> pa.Table:
    """New ACTIONS rows that put steps back on the list.

    Parameters
    ----------
    actions : pyarrow.Table or pandas.DataFrame
        ACTIONS, every observation.
    action_ids : sequence of str
        Which.
    now : datetime
        When it is written down; a step that was due before is late at once.
    by : str
        Who decided it.
    note : str
        Why.

    Returns
    -------
    pyarrow.Table
        Rows to append to ACTIONS.

    Raises
    ------
    ResponseError
        An action that is not in the plan.
    """
    rows = chosen(actions, action_ids)
    late = (rows["due_at"] < pd.Timestamp(now)).map({True: "late", False: "open"})
    return changed(rows.assign(started_at=None), now, by, note, done_at=pd.NaT, status=late)


def fulfilled(
    actions: pa.Table | pd.DataFrame,
    responses: pa.Table | pd.DataFrame,
    *,
    opened_at: datetime,
    now: datetime,
) -> pa.Table:
    """New ACTIONS rows for steps that a logged response has done.

    A response may be logged long after it went out: what an earlier one has ticked off is settled anew where a
    response of before that is logged later, as what it was at its own time. What a person settled stays.

    Parameters
    ----------
    actions : ACTIONS
        Of one incident; the `done_by` in their facts names kinds of response.
    responses : RESPONSES
        The log; entries from `opened_at` to `now` count, the first of its kind ticks the step off. A step that
        was reopened stays open until a later response.
    opened_at, now : datetime
        Begin of the incident, and the present.
    """
    candidates = _by_responses(actions)
    log = responses.to_pandas() if isinstance(responses, pa.Table) else responses
    log = log[(log["at"] >= pd.Timestamp(opened_at)) & (log["at"] <= pd.Timestamp(now))].sort_values("at")
    reopened = _reopened(actions)
    parts = []
    for row in candidates.to_dict("records"):
        kinds = (unpack(row["facts"]) or {}).get("done_by", [])
        mine = log[log["kind"].isin(kinds)]
        if row["action_id"] in reopened.index:
            mine = mine[mine["at"] > reopened[row["action_id"]]]
        if pd.notna(row["done_at"]):
            mine = mine[mine["at"] < row["done_at"]]
        if len(mine):
            first = mine.iloc[0]
            rows = candidates[candidates["action_id"] == row["action_id"]]
            said = pd.Series("done" if first["at"] <= row["due_at"] else "done late", index=rows.index)
            who = first["by"] if isinstance(first["by"], str) else ""
            note = f"{RESPONSE}{first['response_id']}"
            parts.append(changed(rows, now, who, note, done_at=first["at"], status=said))
    return pa.concat_tables(parts) if parts else conform(candidates.iloc[:0], "ACTIONS")


def _by_responses(actions: pa.Table | pd.DataFrame) -> pd.DataFrame:
    """The steps that are open, and those that a response has ticked off."""
    frame = newest(actions)
    waits = frame["done_at"].isna() & ~frame["status"].isin(_SETTLED)
    ticked = frame["done_at"].notna() & frame["note"].fillna("").str.startswith(RESPONSE)
    return frame[waits | ticked]


def _reopened(actions: pa.Table | pd.DataFrame) -> pd.Series:
    """When a step was settled that somebody has put back on the list since, by action."""
    whole = actions.to_pandas() if isinstance(actions, pa.Table) else actions
    settled = whole["done_at"].notna() | (whole["status"] == "na")
    last_open = whole["at"].where(~settled).groupby(whole["action_id"]).transform("max")
    before = settled & (whole["at"] < last_open)
    return whole[before].groupby("action_id")["at"].max()


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
        raise ResponseError(f"there are no actions {unknown}", do="see the plan for the ids")
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
