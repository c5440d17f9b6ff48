"""Incidents in hand: two become one, one becomes two; the tasks go along, on record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd

from crisislib.core.errors import InputError
from crisislib.core.levels import rank
from crisislib.core.tables import conform
from crisislib.core.watch import Watch
from crisislib.engine.home import Home
from crisislib.engine.incident_corrections import open_incident, write_change
from crisislib.engine.incident_records import incident_of

REOPEN = "reopen it first: crisis incident reopen"


def merge(home: Home, watch: Watch, incident_id: str, into: str, *, by: str, why: str, now: datetime) -> dict[str, Any]:
    """Make one incident of two: the first is closed, its alerts and responses count for the second.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    incident_id, into : str
        Which is closed, and which goes on: from the earlier beginning, at the higher level.
    by, why : str
        Who, and for what reason.
    now : datetime
        The clock.

    Returns
    -------
    dict
        The INCIDENTS row of the one that goes on.

    Raises
    ------
    InputError
        Both are the same, the first is merged already, the second is closed, or no reason is given.
    CrisisError
        There is no such incident.
    """
    gone, stays = incident_of(home, watch, incident_id), incident_of(home, watch, into)
    if gone["incident_id"] == stays["incident_id"]:
        raise InputError("an incident cannot be merged with itself", do="name two: crisis incident list shows them")
    _refuse_closed(stays)
    if isinstance(gone["merged_into"], str):
        raise InputError(f"incident {incident_id} is merged into {gone['merged_into']} already", do=REOPEN)
    ended = {"status": "closed", "closed_at": pd.Timestamp(now), "merged_into": into}
    write_change(home, watch, gone, ended, by=by, why=why, now=now)
    _hand_over(home, watch, "ALERTS", "made_at", incident_id, into, now=now)
    joined = {
        "opened_at": min(gone["opened_at"], stays["opened_at"]),
        "level": max((gone["level"], stays["level"]), key=rank),
    }
    return write_change(home, watch, stays, joined, by=by, why=why, now=now, replan=True)


def split(
    home: Home, watch: Watch, at: datetime, *, kind: str, title: str, by: str, why: str, now: datetime,
    incident_id: str = "",
) -> dict[str, Any]:  # fmt: skip
    """Take what began at an instant out of an incident, as an incident of its own; the first one ends there.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    at : datetime
        Where the second incident begins; alerts of windows from then on are its own.
    kind, title : str
        Of the second; the kind of the first, and no title, when left empty.
    by, why : str
        Who, and for what reason.
    now : datetime
        The clock.
    incident_id : str
        Which is split; the newest open one when left out.

    Returns
    -------
    dict
        The INCIDENTS row of the second.

    Raises
    ------
    InputError
        The incident is closed, the instant is not within it, or no reason is given.
    CrisisError
        There is no such incident.
    """
    first, cut = incident_of(home, watch, incident_id), pd.Timestamp(at)
    _refuse_closed(first)
    if not first["opened_at"] < cut <= pd.Timestamp(now):
        raise InputError(f"{cut.isoformat()} is not within incident {first['incident_id']}",
                         do=f"choose a time after {first['opened_at'].isoformat()} and not in the future")  # fmt: skip
    second = open_incident(home, watch, kind=kind or first["kind"], level=first["level"], title=title, by=by, why=why,
                           now=now, at=at)  # fmt: skip
    _hand_over(home, watch, "ALERTS", "made_at", first["incident_id"], second["incident_id"], now=now, since=cut)
    write_change(home, watch, first, {"status": "closed", "closed_at": cut}, by=by, why=why, now=now)
    return second


def _refuse_closed(row: Mapping[str, Any]) -> None:
    """What is closed takes in nothing and is not divided: the open one would be gone, or the end of the other moved."""
    if row["status"] == "closed":
        raise InputError(f"incident {row['incident_id']} is closed", do=REOPEN)


def _hand_over(
    home: Home, watch: Watch, table: str, clock: str, gone: str, into: str, *, now: datetime,
    since: pd.Timestamp | None = None,
) -> None:  # fmt: skip
    """Rows of one incident, seen again as another's."""
    rows = home.lake.read(table, watch=watch.watch)
    mine = rows[(rows["incident_id"] == gone) & ((rows["at"] >= since) if since is not None else True)]
    if len(mine):
        home.lake.append(table, conform(mine.assign(incident_id=into, **{clock: pd.Timestamp(now)}), table))
