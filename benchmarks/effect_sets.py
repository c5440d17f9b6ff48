"""Simulated responses with a known effect: what a brand's hours look like, drawn in another way than the product fits.

Counts are drawn hour by hour from a base with two humps a day and its own weekends, gamma noise beside a slow one, and
bursts whose fall is exponential, a power law, a line to nothing, two-staged, a plateau that breaks, or self-exciting
(every post calls forth others). Nothing here is shared with the estimate or with the product's own simulator.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

FALLS = ("exponential", "power", "line", "two_stages", "plateau", "self_exciting")
"""Ways in which a burst falls by itself."""


@dataclass(frozen=True)
class Case:
    """One response in one series.

    Attributes
    ----------
    y : array of float
        Posts per hour from the first hour of history to the last hour after the response.
    hour : float
        When the response fell, in hours since the first.
    truth : float
        Log ratio of the expected posts in the whole hours after it, with it against without it.
    burst : bool
        Whether it fell into a burst; else into an ordinary day.
    fall : str
        Of the burst.
    """

    y: Floats
    hour: float
    truth: float
    burst: bool
    fall: str


def draw(rng: np.random.Generator, *, days: int, burst: bool, ratio: float) -> Case:
    """One case.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of the draws.
    days : int
        History before the response, of which the burst, where there is one, takes the last hours.
    burst : bool
        Whether the response falls into a burst.
    ratio : float
        What the response does to the posts after it; 1 is nothing.
    """
    after = int(rng.choice([6, 12, 24]))
    # since the top of the burst, which the estimate has to find by itself
    since = float(rng.uniform(5, 30))
    at = days * 24
    hours = np.arange(at + 1 + after)
    base = _ordinary(rng, len(hours))
    rate = base * np.exp(rng.uniform(np.log(2), np.log(80)))
    mean, fall = rate.copy(), ""
    tops = list(rng.uniform(72, at - 96, rng.poisson(days / 30))) if days > 10 else []
    for top in tops:
        mean += _burst(rng, hours, top, rate, str(rng.choice(FALLS)))
    if burst:
        fall = str(rng.choice(FALLS))
        mean += _burst(rng, hours, at - since, rate, fall)
    with_it = mean.copy()
    # what a statement does comes at once or over three hours
    ramp = np.clip((hours - at) / rng.choice([0.5, 3.0]), 0.0, 1.0)
    with_it *= 1 + (ratio - 1) * ramp
    truth = float(np.log(with_it[at + 1 :].sum() / mean[at + 1 :].sum()))
    rough = rng.uniform(0.0, 0.15)
    shaken = with_it * (rng.gamma(1 / rough, rough, len(hours)) if rough > 0.005 else 1.0)
    return Case(rng.poisson(shaken).astype(float), at + float(rng.uniform(0.1, 0.9)), truth, burst, fall)


def _ordinary(rng: np.random.Generator, n: int) -> Floats:
    """Rhythm around one: two humps a day, weekends, a drift, and hours that hang together."""
    hour, shift = np.arange(n), rng.integers(0, 24)
    clock = (hour + shift) % 24
    humps = np.exp(-0.5 * ((clock - 11) / 2.5) ** 2) + rng.uniform(0.5, 1.5) * np.exp(-0.5 * ((clock - 20) / 2.0) ** 2)
    day = rng.uniform(0.25, 0.8) + humps
    weekend = np.where((hour // 24 + rng.integers(0, 7)) % 7 < 2, rng.uniform(0.6, 1.2), 1.0)
    drift = np.cumsum(rng.normal(0, 0.02, n // 12 + 1)).repeat(12)[:n]
    # an Ornstein-Uhlenbeck course, sampled each hour
    memory, size = np.exp(-1 / rng.uniform(1.0, 6.0)), rng.uniform(0.05, 0.3)
    slow = np.zeros(n)
    for t in range(1, n):
        slow[t] = memory * slow[t - 1] + size * np.sqrt(1 - memory**2) * rng.normal()
    return np.asarray(day / day.mean() * weekend * np.exp(drift + slow))


def _burst(rng: np.random.Generator, hours: npt.NDArray[np.int64], top: float, rate: Floats, fall: str) -> Floats:
    """Expected posts of one burst."""
    rise, scale = rng.uniform(1, 10), np.exp(rng.uniform(np.log(3), np.log(40)))
    x = np.maximum(hours - top, 0.0)
    courses = {
        "exponential": np.exp(-x / scale),
        "power": (1 + x / scale) ** -rng.uniform(1.0, 2.0),
        "line": np.clip(1 - x / (3 * scale), 0, 1),
        "two_stages": 0.7 * np.exp(-x / (scale / 3)) + 0.3 * np.exp(-x / (3 * scale)),
        "plateau": 1 / (1 + np.exp(np.minimum((x - scale) / (0.25 * scale), 500))) * (1 + np.exp(-4.0)),
    }
    course = courses[fall] if fall in courses else _cascade(rng, x, scale)
    course = np.where(hours < top, np.exp(-(((top - hours) / rise) ** 2)), course)
    height = np.exp(rng.uniform(np.log(3), np.log(30))) * rate.mean()
    rhythm = (rate / rate.mean()) ** rng.choice([0.0, 0.5, 1.0])
    return np.asarray(height * course * rhythm)


def _cascade(rng: np.random.Generator, x: Floats, scale: float) -> Floats:
    """A self-exciting fall: each hour's posts call forth others, with noise that is passed on."""
    branching, values = float(np.exp(-1 / scale)), np.ones(len(x))
    for t in np.flatnonzero(x > 0):
        values[t] = max(values[t - 1] * branching * np.exp(rng.normal(0, 0.08)), 0.0)
    return values
