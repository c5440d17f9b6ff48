"""Simulated cascades: a marked self-exciting process with a day rhythm, all cascades a generation at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crisislib.spread.forecast.events import AWAKE, DAY, Events, Floats, build_events

WEEK = 7 * DAY


@dataclass(frozen=True)
class Stories:
    """Parameters of k simulated cascades (arrays of length k, or one number for all).

    Attributes
    ----------
    direct : array_like
        Expected reposts straight from the root.
    branching : array_like
        Expected reposts that one repost brings, below 1.
    flat_s, theta : array_like
        Reaction-time law: constant to `flat_s`, then a power law with exponent 1 + `theta`.
    fade_s : array_like
        Time in which interest falls to 1/e; infinite for none.
    spread : array_like
        Standard deviation of the log audience of who reposts; 0 makes all alike.
    rhythm : array_like
        0 ignores the clock, 1 follows :data:`AWAKE` in full.
    again, again_s : array_like
        A second wave from outside (a television report, a star's copy): its expected direct reposts as a
        share of `direct`, and the seconds after the root at which it comes.
    """

    direct: npt.ArrayLike
    branching: npt.ArrayLike
    flat_s: npt.ArrayLike = 300.0
    theta: npt.ArrayLike = 0.2314843
    fade_s: npt.ArrayLike = np.inf
    spread: npt.ArrayLike = 0.0
    rhythm: npt.ArrayLike = 0.0
    again: npt.ArrayLike = 0.0
    again_s: npt.ArrayLike = 0.0

    def table(self, k: int) -> dict[str, Floats]:
        """Every parameter as an array of length k."""
        names = ("direct", "branching", "flat_s", "theta", "fade_s", "spread", "rhythm", "again", "again_s")
        return {name: np.broadcast_to(np.asarray(getattr(self, name), dtype=float), k) for name in names}


def delays(u: Floats, flat_s: Floats, theta: Floats) -> Floats:
    """Reaction times (s) at uniform draws `u`, by the inverse of the law's distribution function."""
    flat = theta / (1 + theta)
    left = np.maximum(1 - (np.maximum(u, flat) - flat) * (1 + theta), 1e-12)
    return np.where(u <= flat, u / flat * flat_s, flat_s * left ** (-1 / theta))


def _awake_time(seconds: Floats, clock: Floats, rhythm: Floats) -> Floats:
    """Wall seconds after the root at which so many awake seconds have passed."""
    profile = np.tile(AWAKE / AWAKE.mean(), 9)
    grid = np.arange(len(profile) + 1) * 3600.0
    lived = np.concatenate([[0.0], np.cumsum(profile) * 3600.0])
    start = np.interp(clock % DAY, grid, lived)
    wall = np.interp(start + np.minimum(seconds, 8 * DAY), lived, grid) - clock % DAY
    return np.asarray(rhythm * wall + (1 - rhythm) * seconds)


def simulate(k: int, stories: Stories, *, seed: int, horizon_s: float = WEEK, most: int = 20_000) -> Events:
    """Draw k cascades up to a horizon.

    Parameters
    ----------
    k : int
        Cascades.
    stories : Stories
        Their parameters.
    seed : int
        Same seed, same cascades.
    horizon_s : float
        Seconds after the root at which a cascade counts as ended.
    most : int
        Largest mean generation of one cascade; guards against a branching near 1.

    Returns
    -------
    Events
        With depth, audience (mean 1) and clock.

    Notes
    -----
    Cluster form of the Hawkes process (Hawkes & Oakes 1974): Poisson(branching · mark · fading) children per
    event with independent delays. Delays run in awake time and are mapped to the wall clock.
    """
    rng = np.random.default_rng(seed)
    par = stories.table(k)
    clock = rng.uniform(0, DAY, k)
    first = np.repeat(np.arange(k), np.minimum(rng.poisson(par["direct"]), most))
    second = np.repeat(np.arange(k), np.minimum(rng.poisson(par["direct"] * par["again"]), most))
    owner = np.concatenate([first, second])
    born, level = np.concatenate([np.zeros(len(first)), par["again_s"][second]]), 1
    found: list[tuple[npt.NDArray[np.int64], Floats, Floats, Floats]] = []
    while len(owner):
        lag = delays(rng.uniform(size=len(owner)), par["flat_s"][owner], par["theta"][owner])
        at = born + lag
        wall = _awake_time(at, clock[owner], par["rhythm"][owner])
        keep = (wall <= horizon_s) & (rng.uniform(size=len(at)) < np.exp(-wall / par["fade_s"][owner]))
        owner, at, wall = owner[keep], at[keep], wall[keep]
        sd = par["spread"][owner]
        mark = np.exp(sd * rng.standard_normal(len(owner)) - sd**2 / 2)
        found.append((owner, wall, np.full(len(owner), float(level)), mark))
        crowd = np.bincount(owner, minlength=k)[owner]
        children = rng.poisson(par["branching"][owner] * np.minimum(mark, most / np.maximum(crowd, 1)))
        owner, born, level = np.repeat(owner, children), np.repeat(at, children), level + 1
    rows = [np.concatenate(part) for part in zip(*found, strict=True)]
    return build_events(
        [f"sim{i}" for i in range(k)], rows[0], rows[1], depth=rows[2], audience=rows[3],
        root_audience=np.maximum(par["direct"], 1.0), clock=clock,
    )  # fmt: skip


def varied(k: int, *, seed: int) -> Events:
    """Cascades over wide priors of every parameter, from which the shipped model learns.

    Notes
    -----
    Priors: direct reposts log-uniform 5-1500; branching Beta(3, 3) · 0.95; flat part log-uniform 1-60 min;
    theta uniform 0.1-0.8; interest fades in a log-uniform 6 h - 30 d; log audience sd uniform 0-2.5, so that
    one late account with many followers can rekindle a story; rhythm uniform 0.5-1; every second story has a second
    wave, log-uniform 1 h - 7 d after the root, of log-normal size (median half of the first, log sd 1.5). Round
    numbers, wide on purpose: widened after intervals on public sets were seen to be too narrow, fitted to none.
    Audience is dropped: a brand's own scale is not known beforehand.
    """
    rng = np.random.default_rng([seed, 1])

    def log_uniform(low: float, high: float) -> Floats:
        return np.exp(rng.uniform(np.log(low), np.log(high), k))

    stories = Stories(
        direct=log_uniform(5, 1500), branching=0.95 * rng.beta(3, 3, k), flat_s=log_uniform(60, 3600),
        theta=rng.uniform(0.1, 0.8, k), fade_s=log_uniform(DAY / 4, 30 * DAY), spread=rng.uniform(0, 2.5, k),
        rhythm=rng.uniform(0.5, 1.0, k), again_s=log_uniform(3600, WEEK),
        again=np.where(rng.uniform(size=k) < 0.5, np.minimum(0.5 * np.exp(1.5 * rng.standard_normal(k)), 20.0), 0.0),
    )  # fmt: skip
    drawn = simulate(k, stories, seed=seed)
    blank = np.full(len(drawn.t), np.nan)
    return build_events(drawn.ids, drawn.owner, drawn.t, depth=drawn.depth, audience=blank, clock=drawn.clock)
