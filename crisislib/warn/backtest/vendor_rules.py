"""The alert rules that vendors publish, as comparable pure functions: a statistic, and its threshold.

Each takes series of hourly windows, shape (series, windows), and gives a statistic of the same
shape that uses only the window itself and those before it. The rule fires where the statistic is
above the published threshold; a backtest may set another one, so that all rules are compared at
the same number of false alarms. Sources: the vendors' help pages.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crisislib.core.i18n import N_

Floats = npt.NDArray[np.float64]

FLOOR = 1.0
"""Posts added to both sides of a ratio: without it every first post of a quiet day is infinitely more."""


@dataclass(frozen=True)
class Rule:
    """One published rule.

    Attributes
    ----------
    name, vendor : str
        Key, and whose it is.
    definition : str
        The rule as published.
    thresholds : tuple of float
        Published settings, loosest first.
    on : str
        `volume` or `negative` (volume and negative posts).
    fn : callable
        (posts, negative posts, windows per hour) to the statistic: arrays of shape (series, windows).
    """

    name: str
    vendor: str
    definition: str
    thresholds: tuple[float, ...]
    on: str
    fn: Callable[[Floats, Floats, int], Floats]


def trailing(x: Floats, span: int, *, skip: int = 0) -> tuple[Floats, Floats]:
    """Sum and number of the known windows among the `span` that end `skip` windows ago.

    Parameters
    ----------
    x : numpy.ndarray
        Shape (series, windows); NaN where not known.
    span : int
        Windows summed.
    skip : int
        Newest windows left out.

    Returns
    -------
    total, n : numpy.ndarray
        Same shape.
    """
    known = np.isfinite(x)
    sums, counts = [
        np.concatenate([np.zeros((len(x), 1)), np.cumsum(part, axis=1)], axis=1)
        for part in (np.where(known, x, 0.0), known.astype(float))
    ]
    t = np.arange(x.shape[1])
    hi = np.maximum(t + 1 - skip, 0)
    lo = np.maximum(hi - span, 0)
    return sums[:, hi] - sums[:, lo], counts[:, hi] - counts[:, lo]


def _over_before(posts: Floats, per_hour: int, hours: int) -> Floats:
    """Last hour over the mean of the hours before it."""
    floor = FLOOR / per_hour
    ratio: Floats = (_mean(posts, per_hour) + floor) / (_mean(posts, hours * per_hour, skip=per_hour) + floor)
    return ratio


def _mean(x: Floats, span: int, *, skip: int = 0) -> Floats:
    total, n = trailing(x, span, skip=skip)
    mean: Floats = np.where(n > 0, total / np.maximum(n, 1.0), np.nan)
    return mean


def _meltwater(posts: Floats, negative: Floats, per_hour: int) -> Floats:
    """Last hour over the mean of the twelve hours before, compared with the same hour of the day before."""
    last = _mean(posts, per_hour)
    before = _mean(posts, 12 * per_hour, skip=per_hour)
    yesterday = _mean(posts, per_hour, skip=24 * per_hour)
    floor = FLOOR / per_hour
    first, second = (last + floor) / (before + floor), (last + floor) / (yesterday + floor)
    return np.where(np.isfinite(second), np.minimum(first, second), first)


def _socialmetrix(posts: Floats, negative: Floats, per_hour: int) -> Floats:
    """(mean of 24 hours − mean of seven days) / standard deviation of the daily means' hours."""
    day, week = _mean(posts, 24 * per_hour), _mean(posts, 168 * per_hour)
    square = _mean(posts**2, 168 * per_hour)
    sd = np.sqrt(np.maximum(square - week**2, 0.0))
    z: Floats = (day - week) / np.maximum(sd, 0.5 / per_hour)
    return z


def _lucidya(posts: Floats, negative: Floats, per_hour: int) -> Floats:
    """Trending: last hour over the mean of the 24 hours before."""
    return _over_before(posts, per_hour, 24)


def _fixed(posts: Floats, negative: Floats, per_hour: int) -> Floats:
    """Last hour over the mean of the week before: the fixed `twice the usual`."""
    return _over_before(posts, per_hour, 168)


def _mad(posts: Floats, negative: Floats, per_hour: int) -> Floats:
    """Robust z over the week before: (x − median)/(1.4826·MAD + floor), with at least 24 samples."""
    span, out = 168 * per_hour, np.full(posts.shape, np.nan)
    for t in range(24, posts.shape[1]):
        past = posts[:, max(0, t - span) : t]
        enough = np.isfinite(past).sum(axis=1) >= 24
        if not enough.any():
            continue
        values = past[enough]
        middle = np.nanmedian(values, axis=1)
        spread = 1.4826 * np.nanmedian(np.abs(values - middle[:, None]), axis=1)
        out[enough, t] = (posts[enough, t] - middle) / (spread + 0.5)
    return out


def _vista(posts: Floats, negative: Floats, per_hour: int) -> Floats:
    """Sentiment dip: share of negative posts of the last day less that of the week before.

    NaN under ten posts a day or 24 in the week before.
    """
    day_n, _ = trailing(posts, 24 * per_hour)
    day_k, _ = trailing(negative, 24 * per_hour)
    week_n, _ = trailing(posts, 168 * per_hour, skip=24 * per_hour)
    week_k, _ = trailing(negative, 168 * per_hour, skip=24 * per_hour)
    now, before = day_k / np.maximum(day_n, 1.0), week_k / np.maximum(week_n, 1.0)
    dip: Floats = np.where((day_n >= 10) & (week_n >= 24), now - before, np.nan)
    return dip


def _updatemate(posts: Floats, negative: Floats, per_hour: int) -> Floats:
    """Negative posts of the last day over the mean day of the week before; NaN under 24 known windows."""
    day, _ = trailing(negative, 24 * per_hour)
    week, n = trailing(negative, 168 * per_hour, skip=24 * per_hour)
    usual = week / np.maximum(n, 1.0) * 24 * per_hour
    ratio: Floats = np.where(n >= 24, (day + 3.0) / (usual + 3.0), np.nan)
    return ratio


_ALL = (
    Rule("meltwater", "Meltwater", "last hour against the past 12 hours, checked against the day before",
         (1.5, 2.0, 3.0), "volume", _meltwater),
    Rule("socialmetrix", "SocialMetrix", "mean of 24 h over mean of 7 days + k·σ, checked hourly",
         (1.5, 2.0, 3.0), "volume", _socialmetrix),
    Rule("lucidya", "Lucidya", "last hour over the mean of 24 hours", (1.0, 1.5, 2.0), "volume", _lucidya),
    Rule("fixed2x", N_("common practice"), "twice the usual", (2.0,), "volume", _fixed),
    Rule("mad", "purisa", "robust z by median and MAD, at least 24 samples", (3.0, 3.5, 5.0), "volume", _mad),
    Rule("vista", "Vista Social", "share of negative posts over the baseline", (0.1, 0.15, 0.25), "negative", _vista),
    Rule("updatemate", "updatemate", "negative posts over 200% of the daily mean", (2.0,), "negative", _updatemate),
)  # fmt: skip

RULES: dict[str, Rule] = {rule.name: rule for rule in _ALL}
