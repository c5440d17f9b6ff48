"""The periodic risk report: this period against the one before."""

from __future__ import annotations

from datetime import datetime
from typing import get_args

import pandas as pd

from crisislib import risk
from crisislib.core.errors import InputError
from crisislib.core.finding import Finding
from crisislib.core.i18n import N_
from crisislib.core.watch import Watch
from crisislib.engine.home import Home
from crisislib.engine.risk_register import register_finding
from crisislib.lake import AsOf

TITLES = {
    "day": N_("Daily report, {period}"),
    "week": N_("Weekly report, {period}"),
    "month": N_("Monthly report, {period}"),
    "quarter": N_("Quarterly report, {period}"),
}
"""Length of a period to the name of its report."""


def period_findings(
    home: Home, watch: Watch, *, every: risk.Every = "month", now: datetime, as_of: AsOf = None
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
    as_of : datetime or mapping, optional
        The lake as it was.

    Returns
    -------
    table : pandas.DataFrame
        See :func:`crisislib.risk.period_comparison`.
    findings : list of Finding
        The last whole period against the one before it, then the one that is running; each with its posts.
        Then the risk register in one sentence.

    Raises
    ------
    InputError
        `every` is no period.
    """
    _check(every)
    incidents = home.lake.read("INCIDENTS", watch=watch.watch, as_of=as_of, present=False)
    risks = home.lake.read("RISKS", watch=watch.watch, as_of=as_of, present=False)
    signals = home.lake.sql("SIGNALS", watch=watch.watch, as_of=as_of).filter("signal = 'volume'")
    windows = signals.project('"at", step_s, complete').df()
    finest = windows[windows["step_s"] == windows["step_s"].min()]
    table, findings = risk.periods(incidents, risks, watch, now=now, every=every, windows=finest)
    return table, [*findings, *register_finding(home, watch, now=now)]


def period_title(watch: Watch, every: str, *, now: datetime) -> tuple[str, object]:
    """What a report of a period is called.

    Parameters
    ----------
    watch : Watch
        Whose.
    every : {"day", "week", "month", "quarter"}
        Length of a period.
    now : datetime
        The period contains it.

    Returns
    -------
    tuple of (str, object)
        Marked words with the place `{period}`, and what fills it.

    Raises
    ------
    InputError
        `every` is no period.
    """
    _check(every)
    return TITLES[every], risk.period_name(now, watch, every)


def _check(every: str) -> None:
    if every not in get_args(risk.Every):
        known = ", ".join(get_args(risk.Every))
        raise InputError(
            N_("{every} is no period"),
            where="every",
            do=N_("use one of {known}"),
            facts={"every": repr(every), "known": known},
        )
