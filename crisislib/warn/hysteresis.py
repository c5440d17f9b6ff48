"""Levels over time: up at once, down only after calm, and never down from silence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from crisislib.core.levels import LEVELS, Level, rank
from crisislib.core.watch_sections import Levels
from crisislib.warn.watch_series import SeriesEvidence

Floats = npt.NDArray[np.float64]


def level_of(value: float, levels: Levels) -> Level:
    """The level of one index value; `unknown` where it is NaN.

    Parameters
    ----------
    value : float
        Index, 0-100.
    levels : Levels
        Thresholds.

    Returns
    -------
    str
        A level, without hysteresis.
    """
    if not np.isfinite(value):
        return "unknown"
    steps = (levels.blue, levels.yellow, levels.orange, levels.red)
    return LEVELS[1 + sum(value >= step for step in steps)]


def threshold(level: str, levels: Levels) -> float:
    """Index from which a level holds; 0 for `none` and `unknown`.

    Parameters
    ----------
    level : str
        A level.
    levels : Levels
        Thresholds.

    Returns
    -------
    float
        Index, 0-100.
    """
    return float(getattr(levels, level)) if level in ("blue", "yellow", "orange", "red") else 0.0


def apply_hysteresis(
    values: Floats,
    levels: Levels,
    *,
    floor: npt.NDArray[np.int64] | None = None,
    cap: npt.NDArray[np.int64] | None = None,
    start: Level = "none",
) -> list[Level]:
    """The level of every window, with hysteresis.

    Parameters
    ----------
    values : numpy.ndarray
        Index per window in order, NaN where it cannot be judged.
    levels : Levels
        Thresholds and `calm_windows`.
    floor, cap : numpy.ndarray of int, optional
        Least and highest level of each window, as ranks, whatever the index says; see
        :meth:`~crisislib.warn.watch_series.SeriesEvidence.limits`. Where both are given the cap is not below the
        floor.
    start : str
        The level before the first window.

    Returns
    -------
    list of str
        A step up holds at once. A step down needs `calm_windows` judged windows in a row below the
        level, and goes to the highest of these. A window that cannot be judged holds the level and
        breaks the row: silence is not calm.
    """
    current, out = start, []
    calm: list[Level] = []
    least = np.zeros(len(values), dtype=np.int64) if floor is None else floor
    most = np.full(len(values), rank("red"), dtype=np.int64) if cap is None else cap
    for value, low, high in zip(values, least, most, strict=True):
        now = window_level(float(value), int(low), int(high), levels)
        if now == "unknown":
            calm = []
        elif rank(now) >= rank(current):
            current, calm = now, []
        else:
            calm.append(now)
            if len(calm) >= levels.calm_windows:
                current, calm = max(calm[-levels.calm_windows :], key=rank), []
        out.append(current)
    return out


def levels_in_force(values: Floats, at: pd.DatetimeIndex, series: SeriesEvidence) -> list[Level]:
    """The level of every window of a watch, without hard triggers: what is decided, and what a backtest replays.

    Parameters
    ----------
    values : numpy.ndarray
        Index per window in order, NaN where it cannot be judged.
    at : pandas.DatetimeIndex
        Starts of the windows.
    series : SeriesEvidence
        What the series of the watch show.

    Returns
    -------
    list of str
        With hysteresis, between the limits that the series set.
    """
    floor, cap = series.limits(at)
    return apply_hysteresis(values, series.watch.levels, floor=floor, cap=cap)


def window_level(value: float, floor: int, cap: int, levels: Levels) -> Level:
    """The level of one window by itself.

    Parameters
    ----------
    value : float
        Its index.
    floor, cap : int
        Least and highest level, as ranks.
    levels : Levels
        Thresholds.

    Returns
    -------
    str
        `unknown` where the index is NaN and nothing else speaks for a level.
    """
    now = level_of(value, levels)
    if now == "unknown":
        return now if floor <= rank("none") else LEVELS[floor + 1]
    return LEVELS[max(floor, min(rank(now), cap)) + 1]


def episode(levels: Sequence[Level]) -> int | None:
    """Position of the first window of the episode that the last window stands in; None when it is calm.

    Parameters
    ----------
    levels : sequence of str
        Level of every window, oldest first.

    Returns
    -------
    int or None
        From 0.
    """
    if not levels or rank(levels[-1]) < rank("blue"):
        return None
    first = len(levels) - 1
    while first > 0 and rank(levels[first - 1]) >= rank("blue"):
        first -= 1
    return first
