"""Incidents in hand: two become one, one becomes two; the tasks go along, on record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd

from crisislib.core.errors import InputError
from crisislib.core.i18n import N_
from crisislib.core.levels import rank
from crisislib.core.tables import conform
from crisislib.engine.incident_corrections import open_incident, write_change
from crisislib.engine.incident_records import incident_of
from crisislib.engine.team_change import TeamChange

REOPEN = N_("reopen it first: crisis incident reopen --watch {watch} --incident {incident_id} --why …")
OTHER_WAY = N_(
    "reopen it first: crisis incident reopen --watch {watch} --incident {incident_id} --why …; or merge the other way "
    "round: crisis incident merge {incident_id} --watch {watch} --into {other} --why …"
)


def merge(change: TeamChange, incident_id: str, into: str, *, why: str) -> dict[str, Any]:
    """Make one incident of two: the first is closed, its alerts and responses count for the second.

    Parameters
    ----------
    change : TeamChange
        Where, whose, by whom and when.
    incident_id, into : str
        Which is closed, and which goes on: from the earlier beginning, at the higher level.
    why : str
        For what reason; needed.

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
    gone, stays = incident_of(change.home, change.watch, incident_id), incident_of(change.home, change.watch, into)
    if gone["incident_id"] == stays["incident_id"]:
        raise InputError(
            N_("an incident cannot be merged with itself"), do=N_("name two: crisis incident list shows them")
        )
    _refuse_closed(stays, OTHER_WAY if gone["status"] != "closed" else REOPEN, other=incident_id)
    if isinstance(gone["merged_into"], str):
        raise InputError(
            N_("incident {incident_id} is merged into {merged_into} already"),
            do=REOPEN,
            facts={"incident_id": incident_id, "merged_into": gone["merged_into"], "watch": change.watch.watch},
        )
    ended = {"status": "closed", "closed_at": pd.Timestamp(change.now), "merged_into": into}
    write_change(change, gone, ended, why=why)
    _hand_over(change, "ALERTS", "made_at", incident_id, into)
    joined = {
        "opened_at": min(gone["opened_at"], stays["opened_at"]),
        "level": max((gone["level"], stays["level"]), key=rank),
    }
    return write_change(change, stays, joined, why=why, replan=True)


def split(
    change: TeamChange, at: datetime, *, kind: str, title: str, why: str, incident_id: str = ""
) -> dict[str, Any]:
    """Take what began at an instant out of an incident, as an incident of its own; the first one ends there.

    Parameters
    ----------
    change : TeamChange
        Where, whose, by whom and when.
    at : datetime
        Where the second incident begins; alerts of windows from then on are its own.
    kind, title : str
        Of the second; the kind of the first, and no title, when left empty.
    why : str
        For what reason; needed.
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
    first, cut = incident_of(change.home, change.watch, incident_id), pd.Timestamp(at)
    _refuse_closed(first)
    if not first["opened_at"] < cut <= pd.Timestamp(change.now):
        zone = change.watch.zone
        local, began = (f"{one.astimezone(zone):%Y-%m-%d %H:%M}" for one in (cut, first["opened_at"]))
        raise InputError(
            N_("{local} is not within incident {incident_id}"),
            do=N_("choose a time after {began} and not in the future"),
            facts={"local": local, "incident_id": first["incident_id"], "began": began},
        )
    second = open_incident(change, kind=kind or first["kind"], level=first["level"], title=title, why=why, at=at)
    _hand_over(change, "ALERTS", "made_at", first["incident_id"], second["incident_id"], since=cut)
    write_change(change, first, {"status": "closed", "closed_at": cut}, why=why)
    return second


def _refuse_closed(row: Mapping[str, Any], do: str = REOPEN, **more: str) -> None:
    """What is closed takes in nothing and is not divided: the open one would be gone, or the end of the other moved."""
    if row["status"] == "closed":
        facts = {"incident_id": row["incident_id"], "watch": row["watch"], **more}
        raise InputError(N_("incident {incident_id} is closed"), do=do, facts=facts)


def _hand_over(
    change: TeamChange, table: str, clock: str, gone: str, into: str, *, since: pd.Timestamp | None = None
) -> None:
    """Rows of one incident, seen again as another's."""
    rows = change.home.lake.read(table, watch=change.watch.watch)
    mine = rows[(rows["incident_id"] == gone) & ((rows["at"] >= since) if since is not None else True)]
    if len(mine):
        change.home.lake.append(
            table, conform(mine.assign(incident_id=into, **{clock: pd.Timestamp(change.now)}), table)
        )
