"""How rare a burst is for this series: its return period, from the tail of its own past bursts.

Mention counts are bursty, so a distance from the mean says little: a brand that triples every
evening is not in trouble when it triples. What does say something is how long one would have to
wait for a burst as large as this one, and that is also the knob that a user can set: "tell me
what comes about once in a fortnight".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DAY_S = 86_400
BURST_QUANTILE = 0.985
"""Above it the past counts as a burst; a usual choice for peaks over a threshold (1-2 % of the rows)."""
RESET_S = 6 * 3600
"""Exceedances closer than this are one burst, and the tail is fitted anew this often."""


@dataclass(frozen=True)
class TailScale:
    """One time scale over which counts are summed before they are judged, in seconds."""

    seconds: int


WORSE = 10.0
"""One order of magnitude rarer than at the last alarm is news, also while that alarm rests."""

SCALES: tuple[TailScale, ...] = (TailScale(300), TailScale(3600), TailScale(6 * 3600))
"""A spike, an hour and a quarter of a day: sharp and slow bursts."""


def return_period(values: Floats, step_s: int, *, scales: Sequence[TailScale] = SCALES) -> Floats:
    """Days that one waits for a burst as large as each row's, as known at that row.

    Parameters
    ----------
    values : array of float, shape (n,)
        Counts per step, oldest first; NaN where nothing was collected.
    step_s : int
        Length of a step, seconds.
    scales : sequence of TailScale
        Sums over each are judged and the rarest counts; scales below a step fall together.

    Returns
    -------
    array of float, shape (n,)
        Return period in days; 0 where the row is no burst or the past is shorter than a day, NaN
        where nothing was collected.

    Notes
    -----
    Peaks over a threshold: of the logarithm of the summed counts, declustered exceedances y − u of the past are
    taken for exponential with mean β (a power law in the counts), arriving at rate λ a day; a value y is
    then exceeded once in exp((y − u)/β)/λ days. One prior burst of excess 1/2 keeps β off zero when little is
    known. Coles 2001, An Introduction to Statistical Modeling of Extreme Values, doi:10.1007/978-1-4471-3675-0.
    """
    spans = sorted({max(1, round(s.seconds / step_s)) for s in scales})
    periods = [_one_scale(_log_sums(values, span), span, step_s) for span in spans]
    rarest: Floats = np.max(np.stack(periods), axis=0) if len(values) else np.zeros(0)
    rarest[np.isnan(values)] = np.nan
    return rarest


def _log_sums(values: Floats, span: int) -> Floats:
    """Logarithm of running sums; the added root of the span keeps the noise of small counts small."""
    total = np.concatenate([[0.0], np.cumsum(np.nan_to_num(values))])
    held = np.concatenate([[0.0], np.cumsum(~np.isnan(values))])
    ends = np.arange(1, len(values) + 1)
    begins = np.maximum(0, ends - span)
    # A gap is no calm: the mean of what was collected stands for the rows of the window that were not.
    mean = (total[ends] - total[begins]) / np.maximum(held[ends] - held[begins], 1)
    return np.asarray(np.log(mean * (ends - begins) + 2.0 * np.sqrt(span)), dtype=float)


def _one_scale(logs: Floats, span: int, step_s: int) -> Floats:
    """Return periods at one scale; the tail is fitted on the past only, once a block."""
    n = len(logs)
    warm = max(DAY_S // step_s, 2 * span)
    block = max(1, RESET_S // step_s)
    days = np.zeros(n)
    for start in range(warm, n, block):
        past = logs[:start]
        level = float(np.quantile(past, BURST_QUANTILE))
        peaks = _peaks(past, level, gap=block)
        beta = (float(np.sum(peaks - level)) + 0.5) / (len(peaks) + 1)
        rate = (len(peaks) + 0.5) / (start * step_s / DAY_S)
        now = logs[start : start + block]
        days[start : start + block] = np.where(now > level, np.exp(np.minimum((now - level) / beta, 50.0)) / rate, 0.0)
    return days


def _peaks(past: Floats, level: float, *, gap: int) -> Floats:
    """The highest value of every burst above a level; rows closer than `gap` are one burst."""
    above = np.flatnonzero(past > level)
    if not len(above):
        return np.zeros(0)
    begins = np.concatenate([[0], np.flatnonzero(np.diff(above) > gap) + 1])
    return np.asarray(np.maximum.reduceat(past[above], begins), dtype=float)


def alarms(periods: Floats, step_s: int, *, every_days: float, rest_s: int = DAY_S) -> NDArray[np.bool_]:
    """Rows that alarm: rarer than once in so many days; while one rests, only on clear worsening.

    Parameters
    ----------
    periods : array of float, shape (n,)
        From :func:`return_period`.
    step_s : int
        Length of a step, seconds.
    every_days : float
        The false-alarm budget: 7 / (alarms a week).
    rest_s : int
        After an alarm the series is known to be in a burst and alarms again within this time only
        when it is :data:`WORSE` times rarer than at the last alarm.

    Returns
    -------
    array of bool, shape (n,)
    """
    fired = np.zeros(len(periods), dtype=bool)
    quiet_until, last = -1, 0.0
    rare: list[int] = np.flatnonzero(np.nan_to_num(periods) >= every_days).tolist()
    for row in rare:
        if row > quiet_until or periods[row] >= WORSE * last:
            fired[row] = True
            quiet_until, last = row + rest_s // step_s, float(periods[row])
    return fired
