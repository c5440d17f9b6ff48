"""Incidents in hand: people open, retype, rename, merge, split, close and reopen them; the plan follows, on record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd

from crisislib import warn
from crisislib.core.errors import InputError
from crisislib.core.i18n import N_
from crisislib.core.ids import short_hash
from crisislib.core.levels import LEVELS, rank
from crisislib.core.tables import conform
from crisislib.core.watch import Watch
from crisislib.engine.home import Home
from crisislib.engine.incident_records import incident_of
from crisislib.engine.response_plan import plan_incident, playbooks
from crisislib.engine.runs import TICK
from crisislib.engine.team_change import TeamChange
from crisislib.warn.classification import STANDINGS

RAISED = tuple(level for level in LEVELS if rank(level) > 0)
"""Levels that an incident can be opened at."""


def history(home: Home, watch: Watch, incident_id: str = "") -> pd.DataFrame:
    """Every change of the incidents of a watch, oldest first.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    incident_id : str
        Of one incident only; all when left out.

    Returns
    -------
    pandas.DataFrame
        INCIDENTS rows, every observation.
    """
    rows = home.lake.read("INCIDENTS", watch=watch.watch, present=False).sort_values(["at", "incident_id"])
    return rows[rows["incident_id"] == incident_id] if incident_id else rows


def open_incident(
    change: TeamChange, *, kind: str, level: str, title: str, why: str, at: datetime | None = None
) -> dict[str, Any]:
    """Open an incident that no rule has opened, and plan for it.

    Parameters
    ----------
    change : TeamChange
        Where, whose, by whom and when.
    kind : str
        A kind of crisis that a playbook may name.
    level : str
        blue, yellow, orange or red.
    title : str
        What it is called; empty for brand, kind and time.
    why : str
        For what reason; needed.
    at : datetime, optional
        When it began; `now` when left out.

    Returns
    -------
    dict
        The INCIDENTS row.

    Raises
    ------
    InputError
        There is no such kind or level, no reason, or it would begin in the future.
    """
    began = pd.Timestamp(at or change.now)
    if began > pd.Timestamp(change.now):
        raise InputError(
            N_("{began} is in the future"),
            do=N_("say when it began, or leave the time out"),
            facts={"began": began.isoformat()},
        )
    if level not in RAISED:
        raise InputError(
            N_("level {level} is not known"),
            do=N_("use one of {raised}"),
            facts={"level": repr(level), "raised": ", ".join(RAISED)},
        )
    row = {
        "incident_id": "inc-" + short_hash(change.watch.watch, began.isoformat(), change.by, title, length=12),
        "watch": change.watch.watch, "title": title or None, "kind": known_kind(change.home, kind), "level": level,
        "status": "open", "opened_at": began,
    }  # fmt: skip
    return write_change(change, {"incident_id": row["incident_id"]}, row, why=why, replan=True)


def retype(change: TeamChange, kind: str, *, why: str, standing: str = "", incident_id: str = "") -> dict[str, Any]:
    """Say what kind of crisis an incident is, and how its claim stands; no rule changes it then, and the plan follows.

    Parameters
    ----------
    change : TeamChange
        Where, whose, by whom and when.
    kind : str
        A kind of crisis that a playbook may name.
    why : str
        For what reason; needed.
    standing : str
        unverified, disputed, denied or confirmed; as it was when empty.
    incident_id : str
        Which; the newest open one when left out.

    Returns
    -------
    dict
        The INCIDENTS row.

    Raises
    ------
    InputError
        There is no such kind or standing, or no reason.
    CrisisError
        There is no such incident.
    """
    row = incident_of(change.home, change.watch, incident_id)
    if standing and standing not in STANDINGS:
        raise InputError(
            N_("{name} is no standing"), where="--standing", do=N_("use one of {known}"),
            facts={"name": repr(standing), "known": ", ".join(STANDINGS)},
        )  # fmt: skip
    said = {"kind": known_kind(change.home, kind)} | ({"standing": standing} if standing else {})
    return write_change(change, row, said, why=why, replan=True)


def rename(change: TeamChange, title: str, *, why: str = "", incident_id: str = "") -> dict[str, Any]:
    """Call an incident by a person's words.

    Parameters
    ----------
    change : TeamChange
        Where, whose, by whom and when.
    title : str
        Its new title.
    why : str
        For what reason; that it was renamed when empty.
    incident_id : str
        Which; the newest open one when left out.

    Returns
    -------
    dict
        The INCIDENTS row.

    Raises
    ------
    InputError
        The title is empty.
    CrisisError
        There is no such incident.
    """
    if not title.strip():
        raise InputError(N_("the title is empty"), do=N_("say what the incident shall be called"))
    row = incident_of(change.home, change.watch, incident_id)
    return write_change(change, row, {"title": title.strip()}, why=why.strip() or "renamed")


def settle(change: TeamChange, status: str, *, why: str, incident_id: str = "") -> dict[str, Any]:
    """Close an incident, or open it again.

    Parameters
    ----------
    change : TeamChange
        Where, whose, by whom and when.
    status : str
        `closed` or `open`.
    why : str
        For what reason; needed.
    incident_id : str
        Which; the newest open one, else the newest, when left out.

    Returns
    -------
    dict
        The INCIDENTS row.

    Raises
    ------
    InputError
        It is so already, or no reason is given.
    CrisisError
        There is no such incident.
    """
    row = incident_of(change.home, change.watch, incident_id)
    if (row["status"] == "closed") == (status == "closed"):
        raise InputError(
            N_("incident {incident} is closed already")
            if status == "closed" else N_("incident {incident} is open already"),
            do=N_("crisis incident list shows all"), facts={"incident": row["incident_id"]},
        )  # fmt: skip
    new = {"status": status, "closed_at": pd.Timestamp(change.now) if status == "closed" else None, "merged_into": None}
    return write_change(change, row, new, why=why, replan=status == "open")


def known_kind(home: Home, kind: str) -> str:
    """A kind of crisis, checked against the shipped and the user's own.

    Parameters
    ----------
    home : Home
        Whose `kinds.yml` and playbooks count.
    kind : str
        Its key.

    Returns
    -------
    str
        The key.

    Raises
    ------
    InputError
        There is no such kind.
    """
    known = {*warn.KINDS, *playbooks(home).kinds}
    if kind not in known:
        raise InputError(
            N_("kind {name} is not known"),
            do=N_("use one of {known}, or give it a title in a playbook or in kinds.yml"),
            facts={"name": repr(kind), "known": ", ".join(sorted(known))},
        )  # fmt: skip
    return kind


def write_change(
    change: TeamChange, row: Mapping[str, Any], changes: Mapping[str, Any], *, why: str, replan: bool = False
) -> dict[str, Any]:
    """Append an incident with what one person changes; what others changed meanwhile stays.

    Parameters
    ----------
    change : TeamChange
        Where, whose, by whom and when.
    row : mapping
        The INCIDENTS row as it stands.
    changes : mapping
        Column -> what it becomes.
    why : str
        For what reason; needed.
    replan : bool
        Whether the plan follows.

    Returns
    -------
    dict
        The row as written.

    Raises
    ------
    InputError
        No reason is given.
    """
    if not why.strip():
        raise InputError(N_("no reason is given"), do=N_("say why: it is kept with the change"))
    with change.home.lake.changing("INCIDENTS"):
        rows = change.home.lake.read("INCIDENTS", watch=change.watch.watch)
        mine = rows[rows["incident_id"] == row["incident_id"]]
        stored = {str(key): value for key, value in mine.iloc[0].items()} if len(mine) else dict(row)
        at = max(pd.Timestamp(change.now), stored["at"] + TICK) if len(mine) else pd.Timestamp(change.now)
        new = {**stored, **changes, "at": at, "by": change.by, "note": why.strip(), "run_id": None}
        change.home.lake.append("INCIDENTS", conform(pd.DataFrame([new]), "INCIDENTS"))
    if replan:
        plan_incident(change.home, change.watch, new, now=change.now, by=change.by, why=why.strip())
    return new
