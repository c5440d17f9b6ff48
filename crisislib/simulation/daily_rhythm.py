"""When people post: hours, weekdays, lively and dull days, and the rise and fall of a crisis."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# Shares of a day's posts by local hour: asleep, up, lunch, evening peak.
_HOURS = np.array([30, 16, 9, 6, 5, 7, 15, 30, 45, 52, 56, 62, 74, 66, 58, 57, 58, 62, 70, 80, 92, 96, 82, 54], float)
_WEEKDAYS = np.array([0.94, 0.92, 0.95, 0.98, 1.08, 1.16, 1.06])
SHIFT_H = {"zh": 8.0, "en": -5.0}
"""Hours by which the local clock of a language's readers is ahead of UTC."""


def daily(hours: Floats, language: str, *, start_weekday: int, start_hour: float) -> Floats:
    """Relative activity at `hours` after the start, by local hour and weekday; mean about 1.

    Parameters
    ----------
    hours : array of float, shape (n,)
        Hours after the start, UTC.
    language : {"zh", "en"}
        Whose local clock; see :data:`SHIFT_H`.
    start_weekday : int
        Weekday of the start, Monday 0.
    start_hour : float
        Hour of the day of the start, UTC, 0-24.

    Returns
    -------
    array of float, shape (n,)
        Activity relative to the mean of a day, times that of the weekday.
    """
    local = hours + start_hour + SHIFT_H[language]
    hour = np.interp(local % 24, np.arange(25), np.append(_HOURS, _HOURS[0])) / _HOURS.mean()
    return np.asarray(hour * _WEEKDAYS[((local // 24).astype(int) + start_weekday) % 7])


def draw(rng: np.random.Generator, grid_h: Floats, rate: Floats, n: int) -> Floats:
    """`n` times in hours from a rate given on a grid, by inverting its integral; unsorted.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of the draws.
    grid_h : array of float, shape (m,)
        Rising times in hours.
    rate : array of float, shape (m,)
        Rate at each of them, of any scale, at least 0 and not 0 everywhere.
    n : int
        Times to draw.

    Returns
    -------
    array of float, shape (n,)
        Hours within the grid. The integral is by trapezoids and its inverse piecewise linear.
    """
    mass = np.concatenate([[0.0], np.cumsum((rate[1:] + rate[:-1]) / 2 * np.diff(grid_h))])
    return np.asarray(np.interp(rng.random(n) * mass[-1], mass, grid_h))


def ordinary_rate(rng: np.random.Generator, grid_h: Floats, activity: Floats) -> Floats:
    """Activity with lively and dull hours and days, so that hourly counts are over-dispersed.

    Multiplies by two mean-one gamma factors: one per day (shape 40), one per hour (shape 10); the
    counts are then negative binomial given the clock.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of the draws.
    grid_h : array of float, shape (m,)
        Rising times in hours from 0.
    activity : array of float, shape (m,)
        Activity by the clock, as :func:`daily` gives it.

    Returns
    -------
    array of float, shape (m,)
        The rate, on the scale of `activity`.
    """
    days = rng.gamma(40.0, 1 / 40.0, int(grid_h[-1] // 24) + 2)
    hours = rng.gamma(10.0, 1 / 10.0, int(grid_h[-1]) + 2)
    return np.asarray(activity * days[(grid_h // 24).astype(int)] * hours[grid_h.astype(int)])


def crisis_rate(since_h: Floats, statement_h: float, *, rise_h: float, decay_h: float, bend: float) -> Floats:
    """Rate of a crisis `since_h` hours after its first post; zero before.

    Parameters
    ----------
    since_h : array of float, shape (m,)
        Hours after the first post.
    statement_h : float
        When the brand's statement comes, hours after the first post.
    rise_h : float
        Midpoint of the rise, hours.
    decay_h : float
        Mean life of the fade, hours.
    bend : float
        Share (0-1) of the rate that is left about an hour after the statement.

    Returns
    -------
    array of float, shape (m,)
        The rate between 0 and 1; zero where `since_h` is negative.

    Notes
    -----
    A logistic rise (midpoint `rise_h`) times an exponential fade (`decay_h`). From the statement on
    the rate falls within about an hour to `bend` of what it would be, and fades four times as fast.
    """
    after, begun = np.maximum(since_h - statement_h, 0.0), np.maximum(since_h, 0.0)
    grown = 1 / (1 + np.exp(-(begun - rise_h) / (rise_h / 4.5)))
    fading = np.exp(-begun / decay_h)
    bent = (bend + (1 - bend) * np.exp(-after / 0.6)) * np.exp(-after * 3 / decay_h)
    return np.where(since_h >= 0, grown * fading * bent, 0.0)
