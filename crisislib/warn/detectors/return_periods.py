"""The return periods of a watch's series: every window, and what was seen in one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crisislib.core.watch import Watch
from crisislib.core.window_times import continuous
from crisislib.warn.detectors.burst_tail import DAY_S, FIT_S, SCALES_S, Floats, return_period, running_sums

FEW = 5.0
"""Posts beyond the usual below which nothing is a burst, however quiet: two who talk write as many."""


@dataclass(frozen=True)
class Burst:
    """What was seen in one window that made it a burst.

    Attributes
    ----------
    signal : str
        `volume`, or `heat` where only trending lists are collected.
    days : float
        Return period.
    span_s : int
        Seconds, up to the window's end, over which the count is the rarest.
    count : float
        Posts (or heat) collected within them.
    usual : float
        Median over such spans in the memory.
    known_days : float
        Days of collection that this rests on.
    """

    signal: str
    days: float
    span_s: int
    count: float
    usual: float
    known_days: float


@dataclass(frozen=True)
class Bursts:
    """Return periods of all windows of one series.

    Attributes
    ----------
    signal : str
        Which signal was judged; empty where none was measured.
    at : pandas.DatetimeIndex
        Starts of the windows, without holes.
    values : numpy.ndarray
        Shape (windows,), NaN where nothing was collected.
    days : numpy.ndarray
        Return period; 0 where the window is no burst or too little is known, NaN where nothing was collected.
    span : numpy.ndarray
        Windows over which the count is the rarest.
    step_s, memory_s : int
        Length of a window and of the memory, seconds.
    """

    signal: str
    at: pd.DatetimeIndex
    values: Floats
    days: Floats
    span: NDArray[np.int64]
    step_s: int
    memory_s: int

    def of(self, at: pd.DatetimeIndex) -> Floats:
        """Return periods of some windows; 0 for those that are not stored.

        Parameters
        ----------
        at : pandas.DatetimeIndex
            Starts of windows, shape (n,).

        Returns
        -------
        numpy.ndarray
            Shape (n,), days.
        """
        place = self.at.get_indexer(at)
        return np.where(place >= 0, np.append(self.days, 0.0)[place], 0.0)

    def one(self, at: pd.Timestamp) -> Burst | None:
        """What was seen in one window; None where it is no burst.

        Parameters
        ----------
        at : pandas.Timestamp
            Start of the window.

        Returns
        -------
        Burst or None
            Its return period, span, count and the usual count.
        """
        row = int(self.at.get_indexer(pd.DatetimeIndex([at]))[0])
        if row < 0 or not self.days[row] > 0:
            return None
        span = int(self.span[row])
        begin = max(0, row - self.memory_s // self.step_s)
        past = self.values[begin:row]
        sums, collected = running_sums(past, span)
        usual = float(np.median(sums[collected])) if collected.any() else float("nan")
        known = float(np.isfinite(past).sum() * self.step_s / DAY_S)
        count = float(np.nansum(self.values[max(0, row + 1 - span) : row + 1]))
        return Burst(self.signal, float(self.days[row]), span * self.step_s, count, usual, known)


def bursts(signals: pd.DataFrame, watch: Watch, *, among: Sequence[str] = ("volume", "heat")) -> Bursts:
    """Return periods of a watch's volume; of the heat of its topics where it collects trending lists only.

    Parameters
    ----------
    signals : pandas.DataFrame
        SIGNALS rows of the watch, in any order; those of its step count.
    watch : Watch
        Its step and the length of its baseline, which is the memory.
    among : sequence of str
        Signals; the first that has values is judged.

    Returns
    -------
    Bursts
        Each window's answer rests on itself and the windows before it, no further back than :func:`reach`, so that a
        replay and a monitor agree.
    """
    step_s, memory_s = watch.window.step_minutes * 60, watch.window.baseline_days * DAY_S
    for signal in among:
        rows = signals[(signals["signal"] == signal) & (signals["step_s"] == step_s) & signals["value"].notna()]
        if len(rows):
            break
    else:
        none = np.zeros(0)
        return Bursts("", pd.DatetimeIndex([], tz="UTC"), none, none, none.astype(np.int64), step_s, memory_s)
    rows = rows.drop_duplicates("at", keep="last")
    at, place = continuous(rows["at"], step_s, watch.timezone)
    values = np.full(len(at), np.nan)
    values[place] = rows["value"].to_numpy(dtype=float)
    few = FEW if signal in ("volume", "negative_posts") else 0.0
    days, span = return_period(values, step_s, first_s=int(at[0].timestamp()), memory_s=memory_s, few=few)
    return Bursts(signal, at, values, days, span, step_s, memory_s)


def reach(watch: Watch) -> pd.Timedelta:
    """How far before a moment the signals must reach, so that its decision does not hang on where they begin.

    Parameters
    ----------
    watch : Watch
        Its length of baseline.

    Returns
    -------
    pandas.Timedelta
        The baseline, one block of the fit, the longest scale and a day.
    """
    return pd.Timedelta(seconds=watch.window.baseline_days * DAY_S + FIT_S + max(SCALES_S) + DAY_S)
