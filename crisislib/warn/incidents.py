"""Incidents: one episode is one incident, however many windows and alerts it has."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd

from crisislib.core.durations import ONE_MOMENT
from crisislib.core.errors import CrisisError
from crisislib.core.i18n import N_
from crisislib.core.ids import short_hash
from crisislib.core.levels import Level, rank
from crisislib.core.tables import TABLES
from crisislib.core.watch import Watch
from crisislib.warn.alerts import ALONE

OPEN = ("open", "acknowledged")
CALM_WINDOWS, CALM_MINUTES = 24, 24 * 60
"""Calm windows, and calm minutes, after which an incident closes by itself; within them a new burst belongs to it, so
that a series that bursts again and again does not alarm again and again."""

LEAD_IN = timedelta(hours=6)
"""How long before an incident was opened its first post may have come: it was opened because of what had come."""
RULES = ("index@1", "trigger@1", *ALONE)
"""Who writes INCIDENTS rows that no person wrote: the rule that speaks for the level."""


@dataclass(frozen=True)
class State:
    """What the decider knows of the open incident of a watch: the newest row, or nothing."""

    incident_id: str
    opened_at: pd.Timestamp
    level: Level
    status: str
    kind: str
    title: str | None
    """What a person called it; None where nobody did."""
    subject: str = "other"


def newest(incidents: pd.DataFrame | None, watch: Watch, now: pd.Timestamp) -> pd.DataFrame:
    """The newest row of every incident of a watch that was written until now.

    Parameters
    ----------
    incidents : pandas.DataFrame or None
        INCIDENTS rows, every observation.
    watch : Watch
        Which watch.
    now : pandas.Timestamp
        Rows written later do not count.

    Returns
    -------
    pandas.DataFrame
        One row an incident.
    """
    columns = TABLES["INCIDENTS"].columns
    if incidents is None or not len(incidents):
        return pd.DataFrame(columns=columns)
    mine = incidents[(incidents["watch"] == watch.watch) & (incidents["at"] <= now + ONE_MOMENT)]
    return mine.sort_values("at", kind="stable").drop_duplicates("incident_id", keep="last")


def open_incident(current: pd.DataFrame) -> State | None:
    """The open incident; the one opened last where an analyst opened several.

    Parameters
    ----------
    current : pandas.DataFrame
        The newest row of each incident.

    Returns
    -------
    State or None
        None where none is open.
    """
    mine = current[current["status"].isin(OPEN)].sort_values("opened_at")
    if not len(mine):
        return None
    row = mine.iloc[-1]
    subject = row["subject"] if isinstance(row["subject"], str) else "other"
    return State(row["incident_id"], row["opened_at"], row["level"], row["status"], row["kind"], row["title"], subject)


def begins_at(opened_at: pd.Timestamp, first_post: pd.Timestamp | None) -> pd.Timestamp:
    """When an incident begins: with the first post that states the claim, at the latest when it was opened.

    Parameters
    ----------
    opened_at : pandas.Timestamp
        Start of the window that raised the alert.
    first_post : pandas.Timestamp or None
        The first post that states it, among those since :data:`LEAD_IN` before; None where no claim is known.

    Returns
    -------
    pandas.Timestamp
        From then on posts count to the incident.
    """
    if first_post is None or pd.isna(first_post):
        return opened_at
    return min(opened_at, max(first_post, opened_at - LEAD_IN))


def set_by_hand(incidents: pd.DataFrame | None, incident_id: str, now: pd.Timestamp) -> dict[str, str]:
    """What a person has said that an incident is; no rule changes it.

    Parameters
    ----------
    incidents : pandas.DataFrame or None
        INCIDENTS rows, every observation.
    incident_id : str
        Which.
    now : pandas.Timestamp
        Rows written until then count.

    Returns
    -------
    dict of str to str
        `kind` and `standing`, each where a person's row gives it: where it differs from the row before, or opened
        the incident.
    """
    if incidents is None or not len(incidents):
        return {}
    mine = incidents[(incidents["incident_id"] == incident_id) & (incidents["at"] <= now + ONE_MOMENT)].sort_values(
        "at"
    )
    given = {}
    for column in {"kind", "standing"} & set(mine.columns):
        changed = mine[column].notna() & (mine[column] != mine[column].shift(1)) & ~mine["by"].isin(RULES)
        if changed.any():
            given[column] = str(mine.loc[changed, column].iloc[-1])
    return given


def incident_id(watch: Watch, onset: pd.Timestamp) -> str:
    """Identity of the incident of an episode: the watch and the window in which it began.

    Parameters
    ----------
    watch : Watch
        Which watch.
    onset : pandas.Timestamp
        Start of the first window of the episode, UTC.

    Returns
    -------
    str
        `inc-` and twelve hexadecimal digits.
    """
    return "inc-" + short_hash(watch.watch, onset.isoformat(), length=12)


def close_after(watch: Watch) -> int:
    """Calm windows after which an incident of a watch closes by itself.

    Parameters
    ----------
    watch : Watch
        Its step.

    Returns
    -------
    int
        Windows of a day, and :data:`CALM_WINDOWS` at least.
    """
    return max(CALM_WINDOWS, math.ceil(CALM_MINUTES / watch.window.step_minutes))


def closed_by_hand(current: pd.DataFrame, onset: pd.Timestamp) -> Level:
    """Highest level of an incident that a person closed since an instant; `none` where there is none.

    Parameters
    ----------
    current : pandas.DataFrame
        The newest row of each incident.
    onset : pandas.Timestamp
        Since when, UTC.

    Returns
    -------
    str
        A level.
    """
    done = current[(current["status"] == "closed") & (current["closed_at"] >= onset) & ~current["by"].isin(RULES)]
    levels: list[Level] = list(done["level"])
    return max(levels, key=rank, default="none")


def change(incidents: pd.DataFrame, incident_id: str, *, status: str, by: str, now: datetime) -> pd.DataFrame:
    """The row by which a person acknowledges or closes an incident.

    Parameters
    ----------
    incidents : pandas.DataFrame
        INCIDENTS rows.
    incident_id : str
        Which.
    status : str
        `acknowledged` or `closed`.
    by : str
        Who.
    now : datetime
        The clock.

    Returns
    -------
    pandas.DataFrame
        One INCIDENTS row to append.

    Raises
    ------
    CrisisError
        There is no such incident, or no such status.
    """
    if status not in ("acknowledged", "closed", "open"):
        raise CrisisError(
            N_("status {status!r} is not known"), do=N_("use acknowledged, closed or open"), facts={"status": status}
        )
    mine = incidents[incidents["incident_id"] == incident_id].sort_values("at", kind="stable").tail(1)
    if not len(mine):
        known = ", ".join(sorted(set(incidents["incident_id"]))[:10]) or "(none)"
        raise CrisisError(
            N_("there is no incident {incident_id!r}"),
            do=N_("use one of {known}"),
            facts={"incident_id": incident_id, "known": known},
        )
    closed = pd.Series([now if status == "closed" else None], index=mine.index, dtype="datetime64[us, UTC]")
    return mine.assign(at=pd.Timestamp(now), status=status, by=by, closed_at=closed)
