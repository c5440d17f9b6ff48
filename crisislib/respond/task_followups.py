"""What changes a task without a person: another one is done, or it is long overdue."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import pandas as pd
import pyarrow as pa

from crisislib.core.phrase import unpack
from crisislib.respond.task_states import PENDING, newest, states, stay_open

ESCALATION = "escalation"
"""Who hands an overdue step to the deputy of its owner."""
FOLLOWING = "plan"
"""Who moves a deadline that counts from another step when that one is done."""


def followers(actions: pa.Table | pd.DataFrame, *, now: datetime) -> pa.Table:
    """New ACTIONS rows for open steps whose time counts from a step that is done by now.

    Parameters
    ----------
    actions : pyarrow.Table or pandas.DataFrame
        ACTIONS of one incident, every observation.
    now : datetime
        When it is written down.

    Returns
    -------
    pyarrow.Table
        Rows to append to ACTIONS: the same steps, due so long after the other one was done.
    """
    frame = newest(actions)
    done = {row["step"]: row["done_at"] for row in frame.dropna(subset=["done_at"]).to_dict("records")}
    times: dict[str, pd.Timestamp] = {}
    for row in frame[states(frame, now=now).isin(PENDING)].to_dict("records"):
        facts = unpack(row["facts"]) or {}
        if facts.get("after") in done:
            due = done[facts["after"]] + timedelta(minutes=int(facts["minutes"]))
            times |= {row["action_id"]: due} if due != row["due_at"] else {}
    rows = frame[frame["action_id"].isin(list(times))]
    rows = rows.assign(due_at=pd.to_datetime(rows["action_id"].map(times), utc=True))
    return stay_open(rows, now, FOLLOWING, "")


def escalated(
    actions: pa.Table | pd.DataFrame, deputies: Mapping[str, str], *, now: datetime, wait: timedelta
) -> pa.Table:
    """New ACTIONS rows that hand what is long overdue to the deputy of its owner, once.

    Parameters
    ----------
    actions : pyarrow.Table or pandas.DataFrame
        ACTIONS, every observation.
    deputies : mapping of str to str
        Role -> who stands in for it.
    now : datetime
        The clock.
    wait : timedelta
        How long after its due time a step is handed on.

    Returns
    -------
    pyarrow.Table
        Rows to append to ACTIONS; `person` is the deputy, and the note says from whom. A step that is at work, or that
        was handed on before, stays where it is.
    """
    whole = actions.to_pandas() if isinstance(actions, pa.Table) else actions
    frame = newest(whole)
    before = set(whole.loc[whole["by"] == ESCALATION, "action_id"])
    late = (states(frame, now=now) == "late") & frame["started_at"].isna()
    due = late & (frame["due_at"] + wait <= pd.Timestamp(now)) & ~frame["action_id"].isin(before)
    deputy = frame["owner"].map(dict(deputies))
    rows = frame[due & deputy.notna() & (deputy != frame["person"])]
    former = rows["person"].fillna("").where(rows["person"].notna(), rows["owner"])
    return stay_open(rows.assign(person=deputy[rows.index]), now, ESCALATION, former)
