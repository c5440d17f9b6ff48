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
from crisislib.respond.task_states import PENDING, SETTLED, changed, chosen, newest, states, stay_open

RESPONSE = "response "
"""How the note of a step begins that a logged response has ticked off; its id follows."""


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
        raise ResponseError(
            N_("the time {at} is in the future"), do=N_("mark a step when it is done"), facts={"at": at}
        )
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
        raise ResponseError(N_("a step is not left out without a reason"), do=N_("say why it does not apply"))
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
        An action that is not in the plan, or that is open and not begun.
    """
    rows = chosen(actions, action_ids)
    if len(waits := rows[rows["started_at"].isna() & states(rows, now=now).isin(PENDING)]):
        raise ResponseError(
            N_("{steps} is open already"), do=N_("crisis task list shows who has it"),
            facts={"steps": ", ".join(waits["step"])},
        )  # fmt: skip
    return stay_open(rows.assign(started_at=None), now, by, note)


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


def done_by(actions: pa.Table | pd.DataFrame, kind: str) -> pd.DataFrame:
    """The steps that a kind of response ticks off, open or settled.

    Parameters
    ----------
    actions : pyarrow.Table or pandas.DataFrame
        ACTIONS, every observation.
    kind : str
        A kind of response.

    Returns
    -------
    pandas.DataFrame
        One row an action, the newest.
    """
    frame = newest(actions)
    kinds = frame["facts"].map(lambda facts: (unpack(facts) or {}).get("done_by", []))
    return frame[kinds.map(lambda known: kind in known) & (frame["status"] != "replaced")]


def _by_responses(actions: pa.Table | pd.DataFrame) -> pd.DataFrame:
    """The steps that are open, and those that a response has ticked off."""
    frame = newest(actions)
    waits = frame["done_at"].isna() & ~frame["status"].isin(SETTLED)
    ticked = frame["done_at"].notna() & frame["note"].fillna("").str.startswith(RESPONSE)
    return frame[waits | ticked]


def _reopened(actions: pa.Table | pd.DataFrame) -> pd.Series:
    """When a step was settled that somebody has put back on the list since, by action."""
    whole = actions.to_pandas() if isinstance(actions, pa.Table) else actions
    settled = whole["done_at"].notna() | (whole["status"] == "na")
    last_open = whole["at"].where(~settled).groupby(whole["action_id"]).transform("max")
    before = settled & (whole["at"] < last_open)
    return whole[before].groupby("action_id")["at"].max()
