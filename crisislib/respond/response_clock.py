"""When the clocks of a response begin: when somebody could know, which is after the event that set them off."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd

from crisislib.core.levels import LEVELS, rank
from crisislib.respond.playbook import AlertLevel

RISING: tuple[AlertLevel, ...] = ("blue", "yellow", "orange", "red")
"""The levels that call for steps, from least to most urgent."""


def decided_times(observations: pd.DataFrame) -> dict[AlertLevel, datetime]:
    """When each alert level was first decided.

    Parameters
    ----------
    observations : pandas.DataFrame
        `at` and `level` of every INCIDENTS row, and RISKS row, of one incident. `at` is the moment of the decision;
        `opened_at`, the begin of the window that it speaks of, may be an hour before.

    Returns
    -------
    dict
        Level -> the first moment at which that level or a worse one was on record; a level never reached is missing.
        An incident whose level was never known counts as yellow.
    """
    known = observations[observations["level"].isin(set(LEVELS) - {"unknown"})]
    if known.empty:
        known = observations.assign(level="yellow")
    ranks = known["level"].map(rank)
    firsts = {level: known.loc[ranks >= rank(level), "at"].min() for level in RISING}
    return {level: pd.Timestamp(at).to_pydatetime() for level, at in firsts.items() if pd.notna(at)}


def starts(
    incident: Mapping[str, Any], level: AlertLevel, decided: Mapping[AlertLevel, datetime] | None, *, now: datetime
) -> dict[AlertLevel, datetime]:
    """When the clock of each level up to the present one began.

    Parameters
    ----------
    incident : mapping
        INCIDENTS row.
    level : AlertLevel
        The present one.
    decided : mapping or None
        From :func:`decided_times`; where nothing is known of it, all clocks begin with the incident.
    now : datetime
        The moment of the plan; when a level that is on no record counts as decided.
    """
    if decided is None:
        return {level: pd.Timestamp(incident["opened_at"]).to_pydatetime()}
    reached = {one: at for one, at in decided.items() if rank(one) <= rank(level)}
    return {level: now, **reached}
