"""Levels over time: up at once, down only after calm, and never down from silence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from crisislib.core.levels import LEVELS, Level, rank
from crisislib.core.watch import Levels

Floats = npt.NDArray[np.float64]


def level_of(value: float, levels: Levels) -> Level:
    """The level of one index value; `unknown` where it is NaN."""
    if not np.isfinite(value):
        return "unknown"
    steps = (levels.blue, levels.yellow, levels.orange, levels.red)
    return LEVELS[1 + sum(value >= step for step in steps)]


def threshold(level: str, levels: Levels) -> float:
    """Index from which a level holds; 0 for `none` and `unknown`."""
    return float(getattr(levels, level)) if level in ("blue", "yellow", "orange", "red") else 0.0


def walk(
    values: Floats, levels: Levels, *, rare: npt.NDArray[np.bool_] | None = None, start: Level = "none"
) -> list[Level]:
    """The level of every window, with hysteresis.

    Parameters
    ----------
    values : numpy.ndarray
        Index per window in order, NaN where it cannot be judged.
    levels : Levels
        Thresholds and `calm_windows`.
    rare : numpy.ndarray, optional
        Bool per window: its burst of volume is rarer than the budget, so that it is at least blue.
    start : str
        The level before the first window.

    Returns
    -------
    list of str
        A step up holds at once. A step down needs `calm_windows` judged windows in a row below the
        level, and goes to the highest of these. A window that cannot be judged holds the level and
        breaks the row: silence is not calm.
    """
    held, out = start, []
    calm: list[Level] = []
    told = np.zeros(len(values), dtype=bool) if rare is None else rare
    for value, burst in zip(values, told, strict=True):
        now = level_of(float(value), levels)
        if burst and rank(now) < rank("blue"):
            now = "blue"
        if now == "unknown":
            calm = []
        elif rank(now) >= rank(held):
            held, calm = now, []
        else:
            calm.append(now)
            if len(calm) >= levels.calm_windows:
                held, calm = max(calm[-levels.calm_windows :], key=rank), []
        out.append(held)
    return out


def episode(walked: Sequence[Level]) -> int | None:
    """Position of the first window of the episode that the last window stands in; None when it is calm."""
    if not walked or rank(walked[-1]) < rank("blue"):
        return None
    first = len(walked) - 1
    while first > 0 and rank(walked[first - 1]) >= rank("blue"):
        first -= 1
    return first
