"""The periodic risk report: this period against the one before."""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from crisislib import risk
from crisislib.core.finding import Finding
from crisislib.core.watch import Watch
from crisislib.engine.home import Home


def period_findings(
    home: Home, watch: Watch, *, every: risk.Every = "month", now: datetime
) -> tuple[pd.DataFrame, list[Finding]]:
    """Incidents, levels, durations and losses by period.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    every : {"day", "week", "month", "quarter"}
        Length of a period, in the watch's time zone.
    now : datetime
        The last period contains it.

    Returns
    -------
    table : pandas.DataFrame
        See :func:`crisislib.risk.periods`.
    findings : list of Finding
        The last whole period against the one before it, then the one that is running.
    """
    incidents = home.lake.read("INCIDENTS", watch=watch.watch, present=False)
    risks = home.lake.read("RISKS", watch=watch.watch, present=False)
    return risk.periods(incidents, risks, watch, now=now, every=every)
