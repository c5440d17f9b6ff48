"""Incidents: one episode is one incident, however many windows and alerts it has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from crisislib.core.errors import CrisisError
from crisislib.core.i18n import N_, tr
from crisislib.core.ids import short_hash
from crisislib.core.levels import Level, rank
from crisislib.core.tables import TABLES
from crisislib.core.watch import Watch

OPEN = ("open", "acknowledged")
CLOSE_AFTER = 24
"""Calm windows after which an incident closes by itself."""

KINDS = {
    "rumour": N_("rumour"),
    "data_breach": N_("data breach"),
    "malicious_attack": N_("malicious attack"),
    "product_harm": N_("product harm"),
    "service_outage": N_("service outage"),
    "executive_misconduct": N_("executive misconduct"),
    "labour": N_("labour dispute"),
    "discrimination": N_("discrimination"),
    "other": N_("unclassified"),
}
TITLE = N_("{brand}: {kind}, since {since}")


@dataclass(frozen=True)
class State:
    """What the decider knows of the open incident of a watch: the newest row, or nothing."""

    incident_id: str
    opened_at: pd.Timestamp
    level: Level
    status: str
    kind: str
    title: str


def newest(incidents: pd.DataFrame | None, watch: Watch, now: pd.Timestamp) -> pd.DataFrame:
    """The newest row of every incident of a watch that was written until now."""
    columns = TABLES["INCIDENTS"].columns
    if incidents is None or not len(incidents):
        return pd.DataFrame(columns=columns)
    mine = incidents[(incidents["watch"] == watch.watch) & (incidents["at"] <= now)]
    return mine.sort_values("at", kind="stable").drop_duplicates("incident_id", keep="last")


def open_incident(held: pd.DataFrame) -> State | None:
    """The open incident; the one opened last where an analyst opened several."""
    mine = held[held["status"].isin(OPEN)].sort_values("opened_at")
    if not len(mine):
        return None
    row = mine.iloc[-1]
    return State(row["incident_id"], row["opened_at"], row["level"], row["status"], row["kind"], row["title"])


def incident_id(watch: Watch, onset: pd.Timestamp) -> str:
    """Identity of the incident of an episode: the watch and the window in which it began."""
    return "inc-" + short_hash(watch.watch, onset.isoformat(), length=12)


def title(watch: Watch, kind: str, onset: pd.Timestamp) -> str:
    """Title in the watch's language and time."""
    since = onset.tz_convert(watch.timezone).strftime("%Y-%m-%d %H:%M")
    named = tr(KINDS.get(kind, kind), watch.language)
    return tr(TITLE, watch.language, brand=_spoken(watch), kind=named, since=since)


def _spoken(watch: Watch) -> str:
    """The brand's name in the script of the watch's language, or its first."""
    fits = [name for name in watch.brand.names if name.isascii() == (watch.language == "en")]
    return fits[0] if fits else watch.brand.names[0]


def closed_by_hand(held: pd.DataFrame, onset: pd.Timestamp) -> Level:
    """Highest level of an incident that was closed within the present episode; `none` where there is none."""
    done = held[(held["status"] == "closed") & (held["closed_at"] >= onset)]
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
        raise CrisisError(f"status {status!r} is not known", do="use acknowledged, closed or open")
    mine = incidents[incidents["incident_id"] == incident_id].sort_values("at", kind="stable").tail(1)
    if not len(mine):
        known = ", ".join(sorted(set(incidents["incident_id"]))[:10]) or "(none)"
        raise CrisisError(f"there is no incident {incident_id!r}", do=f"use one of {known}")
    closed = pd.Series([now if status == "closed" else None], index=mine.index, dtype="datetime64[us, UTC]")
    return mine.assign(at=pd.Timestamp(now), status=status, by=by, closed_at=closed)
