"""What each series was to be expected to show, and how surprising it is that it showed more.

One causal pass: the expectation for a window is learned from earlier windows only, so a series may
be replayed as if live. Pure arrays; many series at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crisislib.signals.baseline.calibration_ranks import calibrate
from crisislib.signals.baseline.negative_binomial import nb_interval, nb_surprise
from crisislib.signals.baseline.resumable_passes import TAIL, Passes

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MIN_HISTORY = 24
"""Windows that must have been learned from before anything is expected (purisa's rule, see Notes there)."""


@dataclass(frozen=True)
class Expectation:
    """Arrays of shape (series, windows); NaN where history is too thin or nothing was collected."""

    expected: Floats
    lo: Floats
    hi: Floats
    raw: Floats
    """−log10 of the model's tail probability."""
    surprise: Floats
    """The same, calibrated on the series' own past: 2 means one window in a hundred."""
    learned: Ints
    """How many windows had been learned from."""


@dataclass(frozen=True)
class Pace:
    """How fast the baseline forgets and how strongly it shrinks.

    Attributes
    ----------
    level_h : float
        Half-life of the level, hours.
    season_h : float
        Half-life of the seasonal factors, hours.
    shrink : float
        Expected counts that a seasonal factor needs before it is believed half.
    cap : float
        Standard deviations above the mean at which an observation is winsorised before learning.
    phi : float
        Prior of the overdispersion φ in Var = m + φm².
    young : float
        Least φ in the first three days, whose errors are those of a season not yet learned and teach no φ.
    """

    level_h: float = 72.0
    season_h: float = 24.0 * 7 * 6
    shrink: float = 6.0
    cap: float = 3.0
    phi: float = 0.15
    young: float = 0.5


def fade_of(half_life_h: float, step_s: int) -> float:
    """Factor per window by which weights fade, from a half-life in hours.

    Parameters
    ----------
    half_life_h : float
        Hours after which a weight is half.
    step_s : int
        Length of a window, seconds.

    Returns
    -------
    float
        2^(−step / half-life), between 0 and 1.
    """
    return float(0.5 ** (step_s / 3600.0 / half_life_h))


class _Season:
    """Shrunk hour-of-week factors: hour of week towards hour of day towards one."""

    def __init__(self, series: int, pace: Pace, step_s: int) -> None:
        self.observed, self.due = np.zeros((series, 168)), np.zeros((series, 168))
        self.day_observed, self.day_due = np.zeros((series, 24)), np.zeros((series, 24))
        # Factors fade at the slot's own visits, which keeps the pass O(1) per window.
        visits = max(1.0, 3600.0 / step_s)
        self.slow = float(0.5 ** (168.0 / pace.season_h / visits))
        self.fast = float(0.5 ** (24.0 / pace.season_h / visits))
        self.shrink = pace.shrink

    def factor(self, slot: int, level: Floats) -> Floats:
        # The prior weighs `shrink` counts, but at least two windows' worth where counts are large.
        weight = self.shrink + 2.0 * level
        hour = slot % 24
        daily = (self.day_observed[:, hour] + weight) / (self.day_due[:, hour] + weight)
        factor: Floats = (self.observed[:, slot] + weight * daily) / (self.due[:, slot] + weight)
        return factor

    def learn(self, slot: int, observed: Floats, due: Floats) -> None:
        self.observed[:, slot] = self.slow * self.observed[:, slot] + observed
        self.due[:, slot] = self.slow * self.due[:, slot] + due
        hour = slot % 24
        self.day_observed[:, hour] = self.fast * self.day_observed[:, hour] + observed
        self.day_due[:, hour] = self.fast * self.day_due[:, hour] + due


def counts(
    y: Floats,
    slots: Ints,
    *,
    step_s: int,
    complete: Floats | None = None,
    first: int = 0,
    pace: Pace = Pace(),
    passes: Passes | None = None,
    phase: int = 0,
) -> Expectation:
    """Expectation of counts: negative binomial around level × seasonal factor.

    Parameters
    ----------
    y : numpy.ndarray
        Counts, shape (series, windows); NaN where nothing was collected.
    slots : numpy.ndarray
        Hour of week per window.
    step_s : int
        Length of a window, seconds.
    complete : numpy.ndarray, optional
        Share of each window that was collected; the mean is scaled by it.
    first : int
        Intervals are wanted from this window on; earlier ones are NaN. With `passes` surprise, too.
    pace : Pace
        Half-lives, shrinkage, cap and prior overdispersion.
    passes : Passes, optional
        Where the pass may be taken up, and is remembered.
    phase : int
        Number of the first window, see :func:`~crisislib.signals.baseline.calibration_ranks.calibrate`.

    Returns
    -------
    Expectation
        Arrays of shape (series, windows), counts a window.

    Notes
    -----
    Mean m = level × factor, Var = m + φm², surprise −log10 P(Y ≥ y) = −log10 I_{φm/(1+φm)}(y, 1/φ).
    Observations are winsorised at m + cap·sd before they teach, so that a burst does not teach
    itself; gaps teach nothing.
    """
    series, n = y.shape
    part = np.ones(n) if complete is None else np.maximum(complete, 1e-9)
    season = _Season(series, pace, step_s)
    fade = fade_of(pace.level_h, step_s)
    observed, due = np.zeros(series), np.zeros(series)
    var_num, var_den = np.full(series, pace.phi * 12.0), np.full(series, 12.0)
    mean, phi = np.full((series, n), np.nan), np.full((series, n), np.nan)
    learned, so_far = np.zeros((series, n), dtype=np.int64), np.zeros(series, dtype=np.int64)
    newest, passes = (0, Passes()) if passes is None else (first, passes)
    begin, known_state = passes.take_up("count", (y, slots, part), (mean, phi, learned))
    if begin:
        season, observed, due, var_num, var_den, so_far = known_state
    for t in range(begin, n):
        if t == n - TAIL:
            state = (season, observed, due, var_num, var_den, so_far)
            passes.keep("count", t, (y, slots, part), state, (mean, phi, learned))
        level = (observed + 0.02) / (due + 0.1)
        factor = season.factor(int(slots[t]), level)
        m = np.maximum(level * factor, 1e-6)
        f = np.clip(var_num / var_den, 0.005, 10.0)
        # Before each hour has come round three times the mean itself is in doubt.
        young = so_far < 3 * MIN_HISTORY
        f = np.where(young, np.maximum(f, pace.young), f)
        learned[:, t] = so_far
        mean[:, t], phi[:, t] = m * part[t], f
        ok = np.isfinite(y[:, t]) & (part[t] > 0.9)
        if not ok.any():
            continue
        raw = np.where(ok, y[:, t], m)
        # In the first windows the mean is not known yet: the cap opens with what was learned.
        warm = so_far < MIN_HISTORY
        capped = np.where(warm, raw, np.minimum(raw, m + pace.cap * np.sqrt(m + f * m * m) + 1.0))
        observed = np.where(ok, fade * observed + capped, observed)
        due = np.where(ok, fade * due + factor, due)
        learn = np.where(ok, 1.0, 0.0)
        season.learn(int(slots[t]), capped * learn, level * learn * (~warm) + capped * learn * warm)
        spread = np.where(ok & ~young, (capped - m) ** 2 - m, 0.0)
        slow = fade**0.5
        var_num = np.where(ok & ~young, slow * var_num + spread / np.maximum(m, 0.25), var_num)
        var_den = np.where(ok & ~young, slow * var_den + m * m / np.maximum(m, 0.25), var_den)
        so_far = so_far + ok
    known = learned >= MIN_HISTORY
    mean_k, phi_k = np.where(known, mean, np.nan), np.where(known, phi, np.nan)
    lo, hi = nb_interval(np.where(np.arange(n) >= first, mean_k, np.nan), phi_k)
    raw_s = nb_surprise(np.where(known, y, np.nan), mean_k, phi_k)
    return Expectation(mean_k, lo, hi, raw_s, calibrate(raw_s, first=newest, phase=phase), learned)
