"""The course of a signal around a moment beside what is usual, and where it bursts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crisislib.respond.decay_forecast import Floats, Stretch

SPAN_BEFORE, SPAN_AFTER = 36, 24
"""Most windows used on either side: a day and a half of a fall is enough to see its shape, and later than a day other
events weigh more than the response."""
LEAST = 4
"""Fewest windows on either side; before counts from the top of the burst, for while it still rises nothing can be
carried on."""
HIGH = 2.0
"""Times the usual at which a stretch counts as a burst."""
NEAR_TOP = 0.8
"""Of the highest: the top is the first window that comes so near it, for on a plateau the highest is anywhere."""
BEYOND = 3.0
"""Standard deviations (Poisson) by which it must also lie above the usual, so that small counts do not pass for one."""
HISTORY_DAYS = 28
"""The usual is learned from so many days before the moment."""
HALF_WEIGHT_DAYS = 7.0
"""A day so many days back weighs half in the usual."""
RHYTHM_DAYS = 3.0
"""The hour of day is believed half when so many days were seen."""
WEEKDAY_DAYS = 1.0
"""The day of week is believed half when it was seen so often (two or three times, for old days weigh less)."""


@dataclass(frozen=True)
class Course:
    """A signal on an even grid of windows.

    Attributes
    ----------
    y : array of float
        Values; NaN where not known.
    day : int
        Windows per day; 0 where windows are longer.
    counts : bool
        Whether values are counts.
    volume : array of float
        The number of posts on the same grid: where a burst is, is read from it.
    """

    y: Floats
    day: int
    counts: bool
    volume: Floats


def grid(frame: pd.DataFrame, first: pd.Timestamp, step_s: int, windows: int) -> Floats:
    """Values on an even grid.

    Parameters
    ----------
    frame : pandas.DataFrame
        With `at` and `value`.
    first : pandas.Timestamp
        Start of the first window.
    step_s : int
        Length of a window, seconds.
    windows : int
        How many.

    Returns
    -------
    array of float, shape (windows,)
        NaN where there is no row.
    """
    row = ((frame["at"] - first) // pd.Timedelta(seconds=step_s)).to_numpy()
    values = np.full(windows, np.nan)
    inside = (row >= 0) & (row < windows)
    values[row[inside]] = frame["value"].to_numpy(dtype=float)[inside]
    return values


def smoothed(y: Floats) -> Floats:
    """Mean of the known among three neighbouring windows.

    Parameters
    ----------
    y : array of float, shape (n,)
        Values; NaN where not known.

    Returns
    -------
    array of float, shape (n,)
        NaN where none of the three is known.
    """
    known = np.isfinite(y)
    sums, n = (np.convolve(v, np.ones(3), "same") for v in (np.where(known, y, 0.0), known.astype(float)))
    return np.asarray(np.where(n > 0, sums / np.maximum(n, 1), np.nan))


def usual(values: Floats, day: int, end: int, upto: int, high: np.ndarray | None = None) -> Floats:
    """The usual value: level of the last weeks times factors for the slot of the day and the day of the week.

    Parameters
    ----------
    values : array of float
        The series on its grid, which begins at a midnight.
    day : int
        Windows per day.
    end : int
        Learned is from the rows before it.
    upto : int
        Rows wanted, 0 … upto - 1.
    high : array of bool, optional
        Rows of bursts, which are left out.

    Returns
    -------
    array of float, shape (upto,)
        In posts; both factors are shrunk towards 1.
    """
    start = max(0, end - HISTORY_DAYS * max(day, 1))
    ok = np.isfinite(values[start:end])
    if high is not None and (ok & ~high[start:end]).sum() >= max(day, LEAST):
        ok &= ~high[start:end]
    rows = np.flatnonzero(ok) + start
    if not len(rows):
        return np.full(upto, 0.5)
    y = values[rows]
    if day < 4:
        return np.full(upto, max(float(y.mean()), 0.05))
    weight = 0.5 ** ((end - rows) / day / HALF_WEIGHT_DAYS)
    slot = rows % day
    level = float((weight * y).sum() / weight.sum())
    total, n = (np.bincount(slot, weights=v, minlength=day) for v in (weight * y, weight))
    wide = max(1, day // 24)
    kernel = np.ones(2 * wide + 1)
    wrapped = [np.r_[v[-wide:], v, v[:wide]] for v in (total, n)]
    near, days = (np.convolve(v, kernel, "valid") / len(kernel) for v in wrapped)
    per_slot = (near + RHYTHM_DAYS / 2 * level) / (days + RHYTHM_DAYS / 2)
    plain = per_slot[np.arange(upto) % day]
    weekday = (np.arange(upto) // day) % 7
    share = weight / day
    over, times = (np.bincount(weekday[rows], weights=v, minlength=7) for v in (share * y / plain[rows], share))
    return np.asarray(np.maximum(plain * ((over + WEEKDAY_DAYS) / (times + WEEKDAY_DAYS))[weekday], 0.05))


def bursting(course: Course, end: int) -> np.ndarray:
    """Which rows lie far above the usual.

    Parameters
    ----------
    course : Course
        Its volume is read.
    end : int
        Rows from it on are not read.

    Returns
    -------
    array of bool, shape (end,)
        Above the median of the slot of the day, smoothed, by :data:`HIGH` and :data:`BEYOND`.
    """
    volume, day = course.volume[:end], course.day
    smooth = smoothed(volume)
    if day >= 4:
        start = max(0, end - HISTORY_DAYS * day)
        slots = [smooth[start:][(np.arange(start, end) % day) == s] for s in range(day)]
        middle = np.array([np.nanmedian(s) if np.isfinite(s).any() else np.nan for s in slots])
        level = float(np.nanmedian(smooth[start:])) if np.isfinite(smooth[start:]).any() else 0.0
        known = np.where(np.isfinite(middle), middle, level)
        plain = np.maximum(known, 0.3 * level)[np.arange(end) % day]
    else:
        plain = np.full(end, np.nanmedian(smooth) if np.isfinite(smooth).any() else 0.0)
    return np.asarray((smooth > HIGH * plain) & (smooth > plain + BEYOND * np.sqrt((plain + 1) / 3)))


def stretch(course: Course, moment: tuple[int, int], edge: int, n_after: int) -> tuple[Stretch, int, int]:
    """What is before and after a moment.

    Parameters
    ----------
    course : Course
        The signal.
    moment : (int, int)
        First row that is not before, and first row that is after (the window of the response is neither).
    edge : int
        No row before it is used as "before".
    n_after : int
        Rows after.

    Returns
    -------
    (Stretch, int, int)
        With the rows at which the burst rose and at which it was highest (-1 in calm times).
    """
    upto, after = moment
    begin = max(edge, upto - SPAN_BEFORE, 0)
    high = bursting(course, upto)
    rose = top = -1
    if high[begin:upto].any():
        smooth = smoothed(course.volume[:upto])
        heights = np.where(high[begin:], np.nan_to_num(smooth[begin:]), 0.0)
        top = begin + int(np.flatnonzero(heights >= NEAR_TOP * heights.max())[0])
        low = np.flatnonzero(~high[:top])
        rose = int(low[-1]) if len(low) else 0
        begin = top + 1
    elif bursting(course, after + n_after)[after:].any():
        begin = upto  # a burst that begins after the moment calls for a response, and is not its doing
    rows = np.arange(begin, upto)
    rows = rows[np.isfinite(course.y[rows])]
    late = np.arange(after, min(after + n_after, len(course.y)))
    late = late[np.isfinite(course.y[late])]
    end = after + n_after
    base = usual(course.y, course.day, upto, end, high) if course.counts else np.ones(end)
    part = Stretch(
        course.y[rows], course.y[late], (rows - begin).astype(float), (late - begin).astype(float),
        base[rows], base[late], course.counts,
    )  # fmt: skip
    return part, rose, top
