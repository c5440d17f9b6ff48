"""How rare a burst is for this series: its return period, from the tail of its own past bursts.

Mention counts are bursty, so a distance from the mean says little: a brand that triples every
evening is not in trouble when it triples. What does say something is how long one would have to
wait for a burst as large as this one, and that is also the knob that a user can set: "tell me
what comes about once in a fortnight".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from crisislib.core.watch import Watch
from crisislib.core.window_times import continuous

Floats = NDArray[np.float64]

DAY_S = 86_400
"""Seconds of a day."""
SCALES_S: tuple[int, ...] = (300, 3600, 6 * 3600)
"""Counts are summed over each before they are judged: a spike, an hour and a quarter of a day. Shorter ones than
a window fall together."""
MEMORY_S = 28 * DAY_S
"""How far back the tail is learned from: every hour of the week has come round four times, and a month after a great
crisis the series is judged by its ordinary days again. A watch's `window.baseline_days` stands in its place."""
TAIL_SHARE, TAIL_ROWS = 0.015, 10
"""Rows that count as bursts of the past: 1 to 2 % are usual for peaks over a threshold, and below ten of them there is
no tail to speak of."""
FIT_S = 6 * 3600
"""Exceedances closer than this are one burst; at each multiple of it (UTC) the tail is fitted anew, so that the burst
that is being judged does not teach what is usual."""
LEAST = 24
"""Windows (and a day, if that is more) that must have been collected: what the baselines of the signals need, too."""
PRIOR_EXCESS = 0.5
"""Excess of the one burst that is assumed before any is seen (in logarithms: two thirds above the threshold)."""
FEW = 5.0
"""Posts beyond the usual below which nothing is a burst, however quiet: two who talk write as many."""
LOOK = 0.5
"""Alarms that each further scale is taken to add, in those of the first: sums over an hour and over six overlap, so two
scales are more than one look and less than two; half is the round value between. A return period is that of the
rarest look, and shortened by as much. That the budget holds with it: tests/warn/test_alarm_budget.py."""
LONGEST_DAYS = 36_500.0
"""A return period is cut off at a century: nothing that is stored speaks of more."""


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
        sums, collected = _sums(past, span)
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


def return_period(
    values: Floats,
    step_s: int,
    *,
    first_s: int = 0,
    memory_s: int = MEMORY_S,
    scales_s: Sequence[int] = SCALES_S,
    few: float = 0.0,
) -> tuple[Floats, NDArray[np.int64]]:
    """Days that one waits for a burst as large as each row's, as known at that row.

    Parameters
    ----------
    values : array of float, shape (n,)
        Counts per step, oldest first; NaN where nothing was collected.
    step_s : int
        Length of a step, seconds.
    first_s : int
        Start of the first row, seconds since 1970 (UTC): the tail is fitted anew at fixed hours of the day.
    memory_s : int
        Seconds of the past that the tail is learned from.
    scales_s : sequence of int
        Sums over each are judged and the rarest counts.
    few : float
        What a sum must be beyond the median of the memory; in units of `values`.

    Returns
    -------
    days : array of float, shape (n,)
        Return period; 0 where the row is no burst or too little is known, NaN where nothing was collected.
    span : array of int, shape (n,)
        Rows over which the sum is the rarest.

    Notes
    -----
    Peaks over a threshold u, the m-th largest row of the memory, m = max(10, 1.5 %): of the logarithm of the summed
    counts, the k declustered exceedances y − u are taken for exponential (a power law in the counts) with a scale that
    is not known but learned from them, arriving at rate λ = (k + 1/2)/days held. The chance that a burst exceeds y is
    then (1 + (y − u)/S)^−(k+1), S = 1/2 + Σ(y_i − u) (one prior burst of excess 1/2), and y comes once in
    (1 + (y − u)/S)^(k+1)/λ days. Coles 2001, An Introduction to Statistical Modeling of Extreme Values,
    doi:10.1007/978-1-4471-3675-0; the predictive form: Davison 1986, doi:10.1093/biomet/73.2.323.
    """
    spans = sorted({max(1, round(s / step_s)) for s in scales_s})
    if not len(values):
        return np.zeros(0), np.zeros(0, dtype=np.int64)
    each = np.stack([_one_scale(values, span, step_s, first_s, memory_s, few) for span in spans])
    rarest: Floats = each.max(axis=0) / (1.0 + LOOK * (len(spans) - 1))
    rarest[np.isnan(values)] = np.nan
    return rarest, np.asarray(spans, dtype=np.int64)[each.argmax(axis=0)]


def _sums(values: Floats, span: int) -> tuple[Floats, NDArray[np.bool_]]:
    """Running sums over `span` rows, and where at least half of the rows was collected.

    A gap is no calm: the mean of what was collected stands for the rows that were not.
    """
    windows = sliding_window_view(np.concatenate([np.full(span - 1, np.nan), values]), span)
    known = np.isfinite(windows).sum(axis=1)
    total = np.where(np.isfinite(windows), windows, 0.0).sum(axis=1)
    return np.asarray(total / np.maximum(known, 1) * span, dtype=float), 2 * known >= span


def _one_scale(values: Floats, span: int, step_s: int, first_s: int, memory_s: int, few: float) -> Floats:
    """Return periods at one scale; the tail is fitted on the past only, once a block."""
    sums, collected = _sums(values, span)
    # The added root of the span keeps the noise of small counts small.
    logs = np.where(collected, np.log(np.maximum(sums, 0.0) + 2.0 * np.sqrt(span)), -np.inf)
    needed = max(LEAST, DAY_S // step_s, 2 * span)
    so_far = np.concatenate([[0], np.cumsum(collected)])
    block = (first_s + np.arange(len(values)) * step_s) // FIT_S
    edges: list[int] = [*np.flatnonzero(np.diff(block, prepend=block[0] - 1)).tolist(), len(values)]
    days = np.zeros(len(values))
    for start, end in pairwise(edges):
        begin = max(0, start - memory_s // step_s)
        known = int(so_far[start] - so_far[begin])
        if known < needed:
            continue
        past, now = logs[begin:start], logs[start:end]
        place = len(past) - min(max(TAIL_ROWS, round(TAIL_SHARE * known)), known)
        level = float(np.partition(past, place)[place])
        if not now.max() > level:
            continue
        usual = float(np.median(sums[begin:start][collected[begin:start]]))
        peaks = _peaks(past, level, gap=max(1, FIT_S // step_s))
        rate = (len(peaks) + 0.5) / (known * step_s / DAY_S)
        shape = np.log1p(np.maximum(now - level, 0.0) / (PRIOR_EXCESS + float(np.sum(peaks - level))))
        rare = (now > level) & (sums[start:end] - usual >= few)
        waited = np.exp(np.minimum((len(peaks) + 1) * shape, 50.0)) / rate
        days[start:end] = np.where(rare, np.minimum(waited, LONGEST_DAYS), 0.0)
    return days


def _peaks(past: Floats, level: float, *, gap: int) -> Floats:
    """The highest value of every burst above a level; rows closer than `gap` are one burst."""
    above = np.flatnonzero(past > level)
    if not len(above):
        return np.zeros(0)
    begins = np.concatenate([[0], np.flatnonzero(np.diff(above) > gap) + 1])
    return np.asarray(np.maximum.reduceat(past[above], begins), dtype=float)
