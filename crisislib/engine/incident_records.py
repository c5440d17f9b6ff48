"""What is recorded of an incident: its row, its responses and actions, when it was decided on and alerted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from crisislib import respond, warn
from crisislib.core.errors import CrisisError, InputError
from crisislib.core.finding import Finding
from crisislib.core.i18n import N_
from crisislib.core.watch import Watch
from crisislib.engine.findings import newest_rows, revived
from crisislib.engine.home import Home
from crisislib.respond.playbook import AlertLevel

EARLY = timedelta(days=1)
"""Who opens an incident may be a day late: what was done for it the day before counts; earlier is a slip."""
NO_INCIDENT = "watch"
"""Incident id of a response that answers to no incident."""


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
            raise CrisisError(
                N_("no incident has been opened"), where=watch.watch, do=N_("crisis run --watch … detects them")
            )
        return latest
    rows = home.lake.read("INCIDENTS", watch=watch.watch).sort_values("opened_at")
    mine = rows[rows["incident_id"] == incident_id]
    if mine.empty:
        known = ", ".join(rows["incident_id"]) or "(none)"
        raise CrisisError(
            N_("there is no incident {name}"), where=watch.watch, do=N_("use one of {known}"),
            facts={"name": repr(incident_id), "known": known},
        )  # fmt: skip
    return {str(key): value for key, value in mine.iloc[-1].items()}


def begun_at(home: Home, watch: Watch, incident: Mapping[str, Any]) -> pd.Timestamp:
    """When an incident began, as its newest brief has it; when it was opened where it has none.

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
    pandas.Timestamp
        From then on posts count to it.
    """
    own = str(incident["incident_id"])
    rows = newest_rows(home.lake, watch.watch, ["brief.what"], now=home.now(), incident=own)
    return begun_by(incident, [revived(row) for row in rows.to_dict("records")])


def begun_by(incident: Mapping[str, Any] | pd.Series, findings: Sequence[Finding]) -> pd.Timestamp:
    """When an incident began, by the findings of its newest run.

    Parameters
    ----------
    incident : Mapping[str, Any] or pandas.Series
        The INCIDENTS row.
    findings : sequence of Finding
        Among them `brief.what`; runs of former versions did not store the begin, so that it is when it was opened.

    Returns
    -------
    pandas.Timestamp
    """
    known = next((one.facts["begins_at"] for one in findings if "begins_at" in one.facts), None)
    opened = pd.Timestamp(incident["opened_at"])
    return warn.begins_at(opened, None if known is None else pd.Timestamp(known))  # type: ignore[arg-type]


def refuse_before(incident: Mapping[str, Any], at: datetime, watch: Watch) -> None:
    """Refuse a time of an action that lies long before its incident began.

    Parameters
    ----------
    incident : Mapping[str, Any]
        The INCIDENTS row.
    at : datetime
        When it was done, as it was typed.
    watch : Watch
        Its zone is that of the times in the error.

    Raises
    ------
    InputError
        It is more than :data:`EARLY` before the incident began.
    """
    opened = pd.Timestamp(incident["opened_at"])
    if at < opened - EARLY:
        local, began = (f"{one.astimezone(watch.zone):%Y-%m-%d %H:%M}" for one in (at, opened))
        raise InputError(
            N_("{at} is before incident {incident}"), where="--at", do=N_("it began on {began}: mind the date"),
            facts={"at": local, "incident": incident["incident_id"], "began": began},
        )  # fmt: skip


def claim_known(incident: Mapping[str, Any], answer: bool | None) -> bool | None:
    """Whether what people say is true: as somebody answers, else as the incident stands.

    Parameters
    ----------
    incident : Mapping[str, Any]
        The INCIDENTS row.
    answer : bool or None
        What is known; None where nobody answers.

    Returns
    -------
    bool or None
        True where the incident is confirmed. A denial by the brand makes no claim false.
    """
    return True if answer is None and incident.get("standing") == "confirmed" else answer


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
    log, rows = (home.lake.read(name, watch=watch.watch) for name in ("RESPONSES", "INCIDENTS"))
    return own_responses(log, rows, incident)


def own_responses(log: pd.DataFrame, rows: pd.DataFrame, incident: Mapping[str, Any]) -> pd.DataFrame:
    """The responses of a log that belong to an incident.

    Parameters
    ----------
    log : pandas.DataFrame
        RESPONSES rows of the watch.
    rows : pandas.DataFrame
        INCIDENTS rows of the watch, the newest of each: which were merged into which.
    incident : Mapping[str, Any]
        The INCIDENTS row.

    Returns
    -------
    pandas.DataFrame
        Rows of the log that name it, or one that was merged into it, and those that name none and were logged while it
        was open.
    """
    ids, merged = {str(incident["incident_id"])}, rows.dropna(subset=["merged_into"])
    while more := set(merged.loc[merged["merged_into"].isin(ids), "incident_id"]) - ids:
        ids |= more
    during = log["at"] >= pd.Timestamp(incident["opened_at"])
    if pd.notna(incident.get("closed_at")):
        during &= log["at"] <= pd.Timestamp(incident["closed_at"])
    unnamed = log["incident_id"].isna() | (log["incident_id"] == NO_INCIDENT)
    result: pd.DataFrame = log[log["incident_id"].isin(ids) | (unnamed & during)]
    return result


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
