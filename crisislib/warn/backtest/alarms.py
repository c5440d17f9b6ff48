"""From a statistic to alarms, and from alarms to what a team would have lived through."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Event:
    """A crisis that should be warned of.

    Attributes
    ----------
    series : int
        In which series.
    opens, peak, closes : int
        Window from which an alarm counts as a warning of it, window of its peak, and last window in
        which an alarm is no false one.
    """

    series: int
    opens: int
    peak: int
    closes: int


def alarms(statistic: Floats, threshold: float, refractory: int) -> Bools:
    """Windows in which an alarm goes out: above the threshold, and none within the windows before.

    Parameters
    ----------
    statistic : numpy.ndarray
        Shape (series, windows), NaN where a rule cannot judge.
    threshold : float
        Fires strictly above.
    refractory : int
        Windows of quiet after an alarm: one incident is one alarm.

    Returns
    -------
    numpy.ndarray of bool
        Shape (series, windows).
    """
    above = np.nan_to_num(statistic, nan=-np.inf) > threshold
    out = np.zeros(above.shape, dtype=bool)
    free = np.zeros(len(above), dtype=np.int64)
    for t in range(above.shape[1]):
        fires = above[:, t] & (free <= t)
        out[fires, t] = True
        # A statistic that stays above alarms again after the quiet: being always on is not free.
        free[fires] = t + 1 + refractory
    return out


@dataclass(frozen=True)
class Outcome:
    """What one rule at one threshold would have done; see :func:`outcome`."""

    threshold: float
    leads: Floats
    false: int
    weeks: float
    hits: int

    @property
    def false_per_week(self) -> float:
        """False alarms per watched week."""
        return self.false / self.weeks if self.weeks > 0 else float("nan")

    @property
    def recall(self) -> float:
        """Share of the events that were warned of by their peak."""
        return self.hits / len(self.leads) if len(self.leads) else float("nan")

    @property
    def precision(self) -> float:
        """Share of the alarms that warned of an event."""
        return self.hits / (self.hits + self.false) if self.hits + self.false else float("nan")


def outcome(
    statistic: Floats, events: Sequence[Event], *, threshold: float, refractory: int, step_s: int, evaluated: Bools
) -> Outcome:
    """Replay one rule over some series.

    Parameters
    ----------
    statistic : numpy.ndarray
        Shape (series, windows).
    events : sequence of Event
        What should be warned of.
    threshold, refractory
        See :func:`alarms`.
    step_s : int
        Length of a window, seconds.
    evaluated : numpy.ndarray
        Bool, same shape: windows whose alarms count as false unless they belong to an event.

    Returns
    -------
    Outcome
        `leads`: hours from the first warning to the peak, per event; NaN where none came by the peak.
    """
    fired = alarms(statistic, threshold, refractory)
    quiet = evaluated.copy()
    leads = np.full(len(events), np.nan)
    for i, event in enumerate(events):
        quiet[event.series, event.opens : event.closes + 1] = False
        rows = np.nan_to_num(statistic[event.series, event.opens : event.peak + 1], nan=-np.inf) > threshold
        if rows.any():
            leads[i] = (event.peak - event.opens - int(np.argmax(rows))) * step_s / 3600.0
    weeks = float(quiet.sum()) * step_s / (7 * 86400.0)
    return Outcome(threshold, leads, int((fired & quiet).sum()), weeks, int(np.isfinite(leads).sum()))


def matched(
    statistic: Floats, events: Sequence[Event], *, budget: float, refractory: int, step_s: int, evaluated: Bools
) -> float:
    """The least threshold whose false alarms per week stay within a budget.

    Parameters
    ----------
    statistic : numpy.ndarray
        Shape (series, windows).
    events : sequence of Event
        Their windows count for no false alarm.
    budget : float
        False alarms per week.
    refractory : int
        Windows of quiet after an alarm.
    step_s : int
        Length of a window, seconds.
    evaluated : numpy.ndarray
        Bool, same shape, see :func:`outcome`.

    Returns
    -------
    float
        In the unit of the statistic; infinite where it is never known.
    """
    known = statistic[np.isfinite(statistic) & evaluated]
    if not len(known):
        return float("inf")
    # Only levels that are reached can matter; a few hundred quantiles of the upper tail are enough.
    tail = 1.0 - np.logspace(0, -5, 240)
    tries = np.unique(np.concatenate([np.quantile(known, tail), [known.max()]]))
    low, high = 0, len(tries) - 1
    while low < high:
        middle = (low + high) // 2
        here = outcome(
            statistic, events, threshold=float(tries[middle]), refractory=refractory, step_s=step_s, evaluated=evaluated
        )
        if here.false_per_week <= budget:
            high = middle
        else:
            low = middle + 1
    return float(tries[low])


def summary(name: str, result: Outcome) -> dict[str, object]:
    """One row of a backtest's table; a missed event leads by nothing.

    Parameters
    ----------
    name : str
        Of the rule.
    result : Outcome
        What it would have done.

    Returns
    -------
    dict of str to object
        Column -> value; lead in hours, false alarms per week.
    """
    leads = np.nan_to_num(result.leads)
    return {
        "rule": name,
        "threshold": result.threshold,
        "events": len(result.leads),
        "recall": result.recall,
        "precision": result.precision,
        "lead_hours": float(np.median(leads)) if len(leads) else float("nan"),
        "lead_hours_mean": float(leads.mean()) if len(leads) else float("nan"),
        "false_per_week": result.false_per_week,
        "false": result.false,
        "weeks": result.weeks,
    }


EVENT_COLUMNS = ["watch", "opens", "peak", "closes"]
"""Columns of :func:`known_events`."""


def known_events(history: pd.DataFrame, *, until: datetime, without: Collection[str] = ()) -> pd.DataFrame:
    """Known incidents: `watch`, `opens`, `peak` (of the index), `closes`.

    Parameters
    ----------
    history : pandas.DataFrame
        INCIDENTS rows, every change of each.
    until : datetime
        Where an incident that is still open is cut off.
    without : collection of str
        Incidents that a review has found to be no crisis: warnings of them were false.

    Returns
    -------
    pandas.DataFrame
        One row per incident, UTC.
    """
    rows = []
    real = history[~history["incident_id"].isin(list(without))]
    for _, one in real.sort_values("at").groupby("incident_id"):
        peak = one.sort_values(["index", "at"], ascending=[False, True], na_position="last")["at"].iloc[0]
        closes = one["closed_at"].dropna()
        end = closes.iloc[-1] if len(closes) else pd.Timestamp(until)
        first = one.iloc[0]
        rows.append({"watch": first["watch"], "opens": first["opened_at"], "peak": peak, "closes": end})
    return pd.DataFrame(rows, columns=EVENT_COLUMNS)
