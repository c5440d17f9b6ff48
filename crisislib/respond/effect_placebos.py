"""The course of a signal around any moment, and the same estimate at moments at which nobody responded."""

from __future__ import annotations

import numpy as np
from scipy import stats

from crisislib.respond.decay_forecast import Floats, Stretch, forecast
from crisislib.respond.usual_course import LEAST, Course, stretch

LEAST_HISTORY_DAYS = 2
"""A placebo needs so many days before it, as the usual does."""
MOST_PLACEBOS = 60
"""The newest ones; more cost time and hardly move a quantile."""
ENOUGH_PLACEBOS = 19
"""Below that no p-value of 0.05 is possible (1/20), and no claim is made."""
MOST_CHANCE = 0.05
"""Largest p-value over the placebos at which a change is claimed."""
PRIOR_PLACEBOS = 10.0
"""Worth of the prior scale in independent placebos: what 20 moments of the series itself weigh."""
PRIOR_SCALE = 0.9
"""Standard deviation of the scores before any placebo is seen; a little below 1, for the t adds its own width."""
CLIP = 2.0
"""A score counts as no more in the scale: one other event among the placebos must not make every interval endless."""
CONFIDENCE = 0.95
"""Of the interval."""


def difference(part: Stretch) -> tuple[float, float]:
    """Change against the forecast.

    Parameters
    ----------
    part : Stretch
        With at least four values on either side.

    Returns
    -------
    change, error : float
        Of the logarithm of the total for counts, with their counting error; else of the mean value.
    """
    ahead = forecast(part)
    if not part.counts:
        return float(part.after.mean()) - ahead.mean, max(ahead.sd, 1e-9)
    total = float(part.after.sum()) + 0.5
    return float(np.log(total)) - ahead.mean, float(np.hypot(ahead.sd, total**-0.5))


def placebo_scores(course: Course, n_after: int, *, before: int, burst: tuple[int, int]) -> Floats:
    """Change over its standard error at moments at which nobody responded.

    Parameters
    ----------
    course : Course
        The signal.
    n_after : int
        Rows after, as in the real estimate.
    before : int
        No placebo reaches this row: the first response.
    burst : (int, int)
        Rise and top of the burst that was responded to; a placebo whose after part holds them is left out, for it was
        chosen by the response.

    Returns
    -------
    array of float
        One score per placebo; moments half an after part apart.
    """
    scores: list[float] = []
    first = max(LEAST_HISTORY_DAYS * course.day, LEAST)
    for row in range(before - n_after, first - 1, -max(1, n_after // 2)):
        if burst[0] >= 0 and row <= burst[1] and row + n_after > burst[0]:
            continue
        part, _, _ = stretch(course, (row, row), 0, n_after)
        if min(len(part.before), len(part.after)) >= LEAST:
            change, error = difference(part)
            scores.append(change / error)
        if len(scores) == MOST_PLACEBOS:
            break
    return np.array(scores)


def calibrated(change: float, error: float, scores: Floats) -> tuple[float, float, float | None]:
    """Interval and p-value of a change by its placebos.

    Parameters
    ----------
    change, error : float
        As :func:`difference` gives them.
    scores : array of float
        As :func:`placebo_scores` gives them.

    Returns
    -------
    lo, hi : float
        95 % interval: change ± t·s·error with s² = (n₀s₀² + Σ min(z², c²)) / (n₀ + n) and t of n₀ + n degrees; n is
        half the number of placebos, since neighbours share half of their windows.
    p : float or None
        (1 + placebos with a score at least as large, either way) / (1 + placebos); None below 19 placebos.
    """
    n = len(scores) / 2
    square = float(np.minimum(scores**2, CLIP**2).mean()) if len(scores) else 0.0
    scale = np.sqrt((PRIOR_PLACEBOS * PRIOR_SCALE**2 + n * square) / (PRIOR_PLACEBOS + n))
    half = float(stats.t.ppf(0.5 + CONFIDENCE / 2, PRIOR_PLACEBOS + n) * scale * error)
    if len(scores) < ENOUGH_PLACEBOS:
        return change - half, change + half, None
    return change - half, change + half, float((1 + (np.abs(scores) >= abs(change / error)).sum()) / (1 + len(scores)))
