"""How rare a burst is for this series: its return period, from the tail of its own past bursts.

Mention counts are bursty, so a distance from the mean says little: a brand that triples every
evening is not in trouble when it triples. What does say something is how long one would have to
wait for a burst as large as this one, and that is also the knob that a user can set: "tell me
what comes about once in a fortnight".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

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
LONGEST_DAYS = 36_500.0
"""A return period is cut off at a century: nothing that is stored speaks of more."""


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
    (1 + (y − u)/S)^(k+1)/λ days. The rarest of several scales comes more often than each: days are divided by the
    number of looks that the scales are, as the bursts of the past show (:func:`_looks`). Coles 2001, An Introduction
    to Statistical Modeling of Extreme Values,
    doi:10.1007/978-1-4471-3675-0; the predictive form: Davison 1986, doi:10.1093/biomet/73.2.323.
    """
    if not len(values):
        return np.zeros(0), np.zeros(0, dtype=np.int64)
    scales = [_Scale(values, span, step_s) for span in sorted({max(1, round(s / step_s)) for s in scales_s})]
    spans = np.asarray([scale.span for scale in scales], dtype=np.int64)
    each = np.zeros((len(scales), len(values)))
    block = (first_s + np.arange(len(values)) * step_s) // FIT_S
    edges: list[int] = [*np.flatnonzero(np.diff(block, prepend=block[:1] - 1)).tolist(), len(values)]
    for start, end in pairwise(edges):
        tails = [scale.tail(max(0, start - memory_s // step_s), start, few) for scale in scales]
        for row, tail in enumerate(tails):
            each[row, start:end] = scales[row].days(tail, start, end)
        if each[:, start:end].any():
            each[:, start:end] /= _looks([tail.exceeded for tail in tails if tail is not None], max(1, FIT_S // step_s))
    rarest: Floats = each.max(axis=0)
    rarest[np.isnan(values)] = np.nan
    return rarest, spans[each.argmax(axis=0)]


def running_sums(values: Floats, span: int) -> tuple[Floats, NDArray[np.bool_]]:
    """Running sums over `span` rows, and where at least half of the rows was collected.

    Parameters
    ----------
    values : array of float, shape (n,)
        Counts per step, NaN where nothing was collected.
    span : int
        Rows, at least 1.

    Returns
    -------
    sums : array of float, shape (n,)
        Counts over the row and those before; a gap is no calm: the mean of what was collected stands for it.
    collected : array of bool, shape (n,)
        Where at least half of the rows was collected.
    """
    windows = sliding_window_view(np.concatenate([np.full(span - 1, np.nan), values]), span)
    known = np.isfinite(windows).sum(axis=1)
    total = np.where(np.isfinite(windows), windows, 0.0).sum(axis=1)
    return np.asarray(total / np.maximum(known, 1) * span, dtype=float), 2 * known >= span


@dataclass(frozen=True)
class _Tail:
    """The bursts of the past at one scale; most blocks hold no burst and ask for the level only."""

    level: float
    past: Floats
    sums: Floats
    collected: NDArray[np.bool_]
    step_s: int
    few: float

    @cached_property
    def usual(self) -> float:
        return float(np.median(self.sums[self.collected]))

    @cached_property
    def peaks(self) -> Floats:
        return _peaks(self.past, self.level, gap=max(1, FIT_S // self.step_s))

    @cached_property
    def exceeded(self) -> NDArray[np.bool_]:
        """Rows of the past that are in a burst which is large enough to be reported."""
        return np.asarray((self.past > self.level) & (self.sums - self.usual >= self.few), dtype=bool)


class _Scale:
    """Sums over so many rows; the tail is fitted on the past only, once a block."""

    def __init__(self, values: Floats, span: int, step_s: int) -> None:
        self.span, self.step_s = span, step_s
        self.sums, self.collected = running_sums(values, span)
        # The added root of the span keeps the noise of small counts small.
        self.logs = np.where(self.collected, np.log(np.maximum(self.sums, 0.0) + 2.0 * np.sqrt(span)), -np.inf)
        self.so_far = np.concatenate([[0], np.cumsum(self.collected)])

    def tail(self, begin: int, start: int, few: float) -> _Tail | None:
        """The bursts in rows [begin, start); None where too little is known."""
        known = int(self.so_far[start] - self.so_far[begin])
        if known < max(LEAST, DAY_S // self.step_s, 2 * self.span):
            return None
        past = self.logs[begin:start]
        place = len(past) - min(max(TAIL_ROWS, round(TAIL_SHARE * known)), known)
        level = float(np.partition(past, place)[place])
        return _Tail(level, past, self.sums[begin:start], self.collected[begin:start], self.step_s, few)

    def days(self, tail: _Tail | None, start: int, end: int) -> Floats:
        """Return periods of rows [start, end)."""
        now = self.logs[start:end]
        if tail is None or not now.max() > tail.level:
            return np.zeros(end - start)
        rate = (len(tail.peaks) + 0.5) / (int(tail.collected.sum()) * self.step_s / DAY_S)
        excess = PRIOR_EXCESS + float(np.sum(tail.peaks - tail.level))
        shape = np.log1p(np.maximum(now - tail.level, 0.0) / excess)
        rare = (now > tail.level) & (self.sums[start:end] - tail.usual >= tail.few)
        waited = np.exp(np.minimum((len(tail.peaks) + 1) * shape, 50.0)) / rate
        return np.where(rare, np.minimum(waited, LONGEST_DAYS), 0.0)


def _looks(exceeded: Sequence[NDArray[np.bool_]], gap: int) -> float:
    """How many looks the scales together are: bursts of the past that any of them shows, in those of the busiest.

    One where they show the same bursts, as many as there are where each shows its own.
    """
    most = max(_groups(one, gap) for one in exceeded)
    return (_groups(np.logical_or.reduce(exceeded), gap) + 0.5) / (most + 0.5)


def _groups(marked: NDArray[np.bool_], gap: int) -> int:
    """Groups of marked rows; rows no further apart than `gap` are one."""
    rows = np.flatnonzero(marked)
    return 1 + int((np.diff(rows) > gap).sum()) if len(rows) else 0


def _peaks(past: Floats, level: float, *, gap: int) -> Floats:
    """The highest value of every burst above a level; rows closer than `gap` are one burst."""
    above = np.flatnonzero(past > level)
    if not len(above):
        return np.zeros(0)
    begins = np.concatenate([[0], np.flatnonzero(np.diff(above) > gap) + 1])
    return np.asarray(np.maximum.reduceat(past[above], begins), dtype=float)
