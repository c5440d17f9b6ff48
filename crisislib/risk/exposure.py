"""How many people an incident reached, and what that does to the loss."""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from crisislib.risk.severity import RECENT

PER_POST = 100.0
"""Assumption: people who see a post, where followers and views are not known; the least of an ordinary account."""
ORDINARY_REACH = 1e5
"""Assumption: people reached in a day by the incident for which the shares of revenue, customers and value were
stated (`loss_forms`). More or fewer scale what is derived from them."""
POWER = 0.25
"""Assumption: sixteen times the people double the derived loss, for most of those who hear later of a story did not
buy. What the user gives as a range keeps its ends; its most likely value moves within them."""


def people_reached(signals: pd.DataFrame, now: datetime, *, worst: bool = False) -> float | None:
    """People reached in a day.

    Parameters
    ----------
    signals : pandas.DataFrame
        SIGNALS; `reach` (estimated impressions) and `volume` (posts) are read.
    now : datetime
        Nothing later is read.
    worst : bool
        Of the worst day known, for a year without an incident; else of the last 24 hours.

    Returns
    -------
    float or None
        The larger of the summed reach and :data:`PER_POST` people a post; None where neither was measured.
    """
    found = []
    for name, people in (("reach", 1.0), ("volume", PER_POST)):
        rows = signals[(signals["signal"] == name) & signals["value"].notna() & (signals["at"] <= now)]
        if rows.empty:
            continue
        rows = rows[rows["step_s"] == rows["step_s"].min()].sort_values("made_at").drop_duplicates("at", keep="last")
        days = (pd.Timestamp(now) - rows["at"]) // RECENT
        sums = rows.groupby(days)["value"].sum()
        last = float(sums.max()) if worst else float(sums.get(0, 0.0))
        found.append(people * last)
    return max(found) if found else None


def loss_factor(people: float | None) -> float:
    """What the derived losses are multiplied by: (people / 100,000)^¼, 1 where nothing is known.

    Parameters
    ----------
    people : float or None
        People reached in a day.
    """
    return 1.0 if people is None else float((max(people, 1.0) / ORDINARY_REACH) ** POWER)


def loss_severity(severity: float | None, people: float | None) -> float | None:
    """Severity that moves the most likely loss: the mean of the incident's own and of how many it reached.

    Parameters
    ----------
    severity : float or None
        0-1, relative to the brand's own past.
    people : float or None
        People reached in a day.

    Returns
    -------
    float or None
        0-1; the part of the reach is √p / (√p + √100,000), which never stops to rise. None where neither is known.
    """
    if people is None:
        return severity
    own = float(people**0.5 / (people**0.5 + ORDINARY_REACH**0.5))
    return own if severity is None else (severity + own) / 2
