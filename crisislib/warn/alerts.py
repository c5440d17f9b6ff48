"""Alerts: when one goes out, and when it must not."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, time

import pandas as pd

from crisislib.core.errors import CrisisError
from crisislib.core.i18n import N_
from crisislib.core.ids import short_hash
from crisislib.core.levels import Level, rank
from crisislib.core.tables import TABLES
from crisislib.core.watch import Watch

BY_BURST = "return_period@1"
"""Method of alerts whose level comes from a rare burst alone."""
BY_GAIN, BY_MOOD, BY_DRIFT = "counters@1", "mood@1", "drift@1"
"""Methods of alerts whose level comes from the counters of one post, the mood of a day, or its slow change."""
ALONE = (BY_BURST, BY_GAIN, BY_MOOD, BY_DRIFT)
"""Rules that give a level without the index."""
RARER = 10.0
"""A burst one order of magnitude rarer than the last one that was alerted is news, also while its incident lasts."""


@dataclass(frozen=True)
class Sent:
    """What went out for an incident so far."""

    highest: Level
    last_at: pd.Timestamp | None
    acknowledged: bool
    escalated: bool
    """Whether the highest level was escalated already."""
    highest_at: pd.Timestamp | None
    rarest_days: float = 0.0
    """Return period of the rarest burst that was alerted; 0 where the level had other reasons."""


def sent(alerts: pd.DataFrame | None, incident_id: str, now: pd.Timestamp) -> Sent:
    """Read the alerts of an incident; an acknowledgement is a newer row of the same alert.

    Parameters
    ----------
    alerts : pandas.DataFrame or None
        ALERTS rows.
    incident_id : str
        Which incident.
    now : pandas.Timestamp
        Rows written later do not count.

    Returns
    -------
    Sent
        Level `none` where nothing went out.
    """
    columns = TABLES["ALERTS"].columns
    rows = alerts if alerts is not None else pd.DataFrame(columns=columns)
    mine = rows[(rows["incident_id"] == incident_id) & (rows["made_at"] <= now)]
    if not len(mine):
        return Sent("none", None, False, False, None)
    first = mine.sort_values("made_at", kind="stable").drop_duplicates("alert_id", keep="first")
    highest = max(first["level"], key=rank)
    top = first[first["level"] == highest]
    escalated = bool(top["method"].str.endswith(";escalated").any())
    # An acknowledgement holds for the level that it was given at; worse must be acknowledged anew.
    taken = mine[mine["acknowledged_at"].notna() & (mine["level"] == highest)]
    rarest = first.loc[first["method"].str.startswith((BY_BURST, BY_GAIN)), "statistic"].max()
    rarest_days = 0.0 if pd.isna(rarest) else float(rarest)
    return Sent(highest, first["made_at"].max(), bool(len(taken)), escalated, top["made_at"].min(), rarest_days)


def quiet(watch: Watch, now: pd.Timestamp) -> bool:
    """Whether the watch's quiet hours hold now, in its own time zone; they may run over midnight.

    Parameters
    ----------
    watch : Watch
        Its quiet hours and time zone.
    now : pandas.Timestamp
        The clock, UTC.

    Returns
    -------
    bool
        False where the watch has no quiet hours.
    """
    begin, end = watch.levels.quiet_from, watch.levels.quiet_to
    if begin is None or end is None:
        return False
    here = now.tz_convert(watch.timezone).time()
    lo, hi = time.fromisoformat(begin), time.fromisoformat(end)
    return lo <= here < hi if lo <= hi else (here >= lo or here < hi)


def due(
    watch: Watch, level: Level, before: Sent, now: pd.Timestamp, *, acknowledged: bool, days: float = 0.0
) -> str | None:
    """Why an alert goes out now: `opened`, `worsened`, `rarer`, `escalated`; None where none does.

    Parameters
    ----------
    watch : Watch
        Quiet hours, cooldown, escalation.
    level : str
        In force.
    before : Sent
        What went out for the incident so far.
    now : pandas.Timestamp
        The clock.
    acknowledged : bool
        Whether somebody has taken the incident.
    days : float
        Return period of the burst where the level rests on it alone, else 0.

    Returns
    -------
    str or None
        The reason.

    Notes
    -----
    Worsening only: a level that was alerted is not alerted again, except that a burst which is :data:`RARER` times
    rarer than the one that was alerted is. Within the cooldown and in quiet
    hours only red goes out; what is held back goes out at the first decision after, if the level
    still stands. Nobody acknowledging for `escalate_after_minutes` escalates once per level.
    """
    if rank(level) < rank("blue"):
        return None
    if level != "red" and quiet(watch, now):
        return None
    cooling = before.last_at is not None and now - before.last_at < pd.Timedelta(minutes=watch.levels.cooldown_minutes)
    if rank(level) > rank(before.highest):
        if level != "red" and cooling:
            return None
        return "opened" if before.last_at is None else "worsened"
    if rank(level) == rank(before.highest) and 0.0 < before.rarest_days * RARER <= days:
        return None if cooling else "rarer"
    waited = pd.Timedelta(minutes=watch.levels.escalate_after_minutes)
    unanswered = not (acknowledged or before.acknowledged or before.escalated) and before.highest_at is not None
    # Blue asks for nobody's action, so nobody can be late with it.
    if unanswered and before.highest_at is not None and rank(level) >= rank("yellow"):
        return "escalated" if rank(level) == rank(before.highest) and now - before.highest_at >= waited else None
    return None


def alert_id(incident_id: str, level: str, why: str, days: float = 0.0) -> str:
    """Identity of an alert: one per incident, level, reason and order of rarity, so that a retry writes the same.

    Parameters
    ----------
    incident_id : str
        Which incident.
    level : str
        The level alerted.
    why : str
        As :func:`due` gives it.
    days : float
        Return period of the burst, days; its order of magnitude counts where `why` is `rarer`.

    Returns
    -------
    str
        `alert-` and twelve hexadecimal digits.
    """
    order = [str(math.floor(math.log10(days)))] if why == "rarer" else []
    return "alert-" + short_hash(incident_id, level, why, *order, length=12)


def acknowledge(alerts: pd.DataFrame, alert_id: str, *, by: str, now: datetime) -> pd.DataFrame:
    """The row by which a person takes an alert.

    Parameters
    ----------
    alerts : pandas.DataFrame
        ALERTS rows.
    alert_id : str
        Which alert.
    by : str
        Who takes it.
    now : datetime
        The clock.

    Returns
    -------
    pandas.DataFrame
        One ALERTS row to append.

    Raises
    ------
    CrisisError
        There is no such alert.
    """
    mine = alerts[alerts["alert_id"] == alert_id].sort_values("made_at", kind="stable").tail(1)
    if not len(mine):
        known = ", ".join(sorted(set(alerts["alert_id"]))[:10]) or "(none)"
        raise CrisisError(
            N_("there is no alert {alert_id!r}"),
            do=N_("use one of {known}"),
            facts={"alert_id": alert_id, "known": known},
        )
    return mine.assign(made_at=pd.Timestamp(now), acknowledged_by=by, acknowledged_at=pd.Timestamp(now))
