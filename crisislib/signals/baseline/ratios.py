"""Baseline of shares: beta-binomial around a shrunk hour-of-week share."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

from crisislib.signals.baseline.calibration_ranks import calibrate
from crisislib.signals.baseline.counts import MIN_HISTORY, Expectation, Pace, fade_of
from crisislib.signals.baseline.resumable_passes import TAIL, Passes

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def shares(
    k: Floats,
    n: Floats,
    slots: Ints,
    *,
    step_s: int,
    first: int = 0,
    pace: Pace = Pace(),
    passes: Passes | None = None,
    phase: int = 0,
    name: str = "share",
) -> Expectation:
    """Expectation of shares k/n: beta-binomial around a shrunk hour-of-week share.

    Parameters
    ----------
    k, n : numpy.ndarray
        Numerators and denominators, shape (series, windows); NaN or n = 0 teaches nothing.
    slots : numpy.ndarray
        Hour of week per window.
    step_s : int
        Length of a window, seconds.
    first : int
        Intervals are wanted from this window on; earlier ones are NaN. With `passes` surprise, too.
    pace : Pace
        Its winsorising cap; shares have half-lives of their own.
    passes : Passes, optional
        Where the pass of that name may be taken up, and is remembered.
    phase : int
        Number of the first window, see :func:`~crisislib.signals.baseline.calibration_ranks.calibrate`.
    name : str
        Under which the pass is remembered.

    Returns
    -------
    Expectation
        Arrays of shape (series, windows); shares, 0-1.

    Notes
    -----
    Overdispersion ρ by moments: E(k − np)² = np(1−p)(1 + (n−1)ρ). Interval and expectation are of
    the share, at the window's own n.
    """
    series, windows = n.shape
    fade = fade_of(24.0 * 7, step_s)
    pos, tot = np.full(series, 0.5), np.full(series, 5.0)
    slot_k, slot_n = np.zeros((series, 168)), np.zeros((series, 168))
    rho_num, rho_den = np.full(series, 0.02 * 200.0), np.full(series, 200.0)
    mean, rho = np.full((series, windows), np.nan), np.full((series, windows), np.nan)
    learned, so_far = np.zeros((series, windows), dtype=np.int64), np.zeros(series, dtype=np.int64)
    newest, passes = (0, Passes()) if passes is None else (first, passes)
    begin, known = passes.take_up(name, (k, n, slots), (mean, rho, learned))
    if begin:
        pos, tot, slot_k, slot_n, rho_num, rho_den, so_far = known
    for t in range(begin, windows):
        if t == windows - TAIL:
            state = (pos, tot, slot_k, slot_n, rho_num, rho_den, so_far)
            passes.keep(name, t, (k, n, slots), state, (mean, rho, learned))
        p = np.clip((pos + 0.5) / (tot + 5.0), 1e-4, 1 - 1e-4)
        slot = int(slots[t])
        m = np.clip((slot_k[:, slot] + 60.0 * p) / (slot_n[:, slot] + 60.0), 1e-4, 1 - 1e-4)
        r = np.clip(rho_num / rho_den, 0.001, 0.5)
        learned[:, t], mean[:, t], rho[:, t] = so_far, m, r
        ok = np.isfinite(k[:, t]) & np.isfinite(n[:, t]) & (n[:, t] > 0)
        if not ok.any():
            continue
        nn = np.where(ok, n[:, t], 0.0)
        variance = nn * m * (1 - m)
        limit = nn * m + pace.cap * np.sqrt(variance * (1 + np.maximum(nn - 1, 0) * r)) + 0.5
        kk = np.where(ok, np.minimum(np.where(ok, k[:, t], 0.0), np.where(so_far < MIN_HISTORY, nn, limit)), 0.0)
        weight = nn / (1 + np.maximum(nn - 1, 0) * r)  # effective posts: a burst of 500 is not 500 votes
        ratio = kk / np.maximum(nn, 1e-9)
        pos, tot = np.where(ok, fade * pos + weight * ratio, pos), np.where(ok, fade * tot + weight, tot)
        slot_k[:, slot] += weight * ratio
        slot_n[:, slot] += weight
        many = ok & (nn > 1)
        gain = np.where(many, (kk - nn * m) ** 2 - variance, 0.0) / np.maximum(nn, 1.0)
        rho_num = np.where(many, 0.999 * rho_num + gain, rho_num)
        rho_den = np.where(many, 0.999 * rho_den + variance * np.maximum(nn - 1, 0) / np.maximum(nn, 1.0), rho_den)
        so_far = so_far + ok
    return _share_expectation(k, n, mean, rho, learned, first, newest, phase)


def _share_expectation(
    k: Floats, n: Floats, mean: Floats, rho: Floats, learned: Ints, first: int, newest: int, phase: int
) -> Expectation:
    known = (learned >= MIN_HISTORY) & np.isfinite(n) & (n > 0)
    size = np.where(known, n, np.nan)
    a, b = matched_beta(mean, rho, size)
    wanted = known & (np.arange(k.shape[1]) >= first)[None, :]
    lo, hi = np.full(k.shape, np.nan), np.full(k.shape, np.nan)
    lo[wanted] = special.betaincinv(a[wanted], b[wanted], 0.05)
    hi[wanted] = special.betaincinv(a[wanted], b[wanted], 0.95)
    raw = share_surprise(np.where(known, k, np.nan), size, mean, rho)
    return Expectation(np.where(known, mean, np.nan), lo, hi, raw, calibrate(raw, first=newest, phase=phase), learned)


def matched_beta(mean: Floats, rho: Floats, n: Floats) -> tuple[Floats, Floats]:
    """The beta distribution with the mean and variance of a beta-binomial share of n posts.

    Parameters
    ----------
    mean : numpy.ndarray
        Expected share, 0-1.
    rho : numpy.ndarray
        Overdispersion ρ (intra-class correlation), 0-1.
    n : numpy.ndarray
        Posts, above 0.

    Returns
    -------
    a, b : numpy.ndarray
        Shape parameters: a = p·s, b = (1 − p)·s with s = n/(1 + (n − 1)ρ) − 1.
    """
    variance_ratio = (1.0 + (n - 1.0) * rho) / n
    strength = np.maximum(1.0 / variance_ratio - 1.0, 1e-3)
    return mean * strength, (1.0 - mean) * strength


def share_surprise(k: Floats, n: Floats, mean: Floats, rho: Floats) -> Floats:
    """−log10 P(K ≥ k) of a beta-binomial, by the beta of matched variance with continuity correction.

    Parameters
    ----------
    k, n : numpy.ndarray
        Numerators and denominators; NaN stays NaN.
    mean : numpy.ndarray
        Expected share, 0-1.
    rho : numpy.ndarray
        Overdispersion ρ, 0-1.

    Returns
    -------
    numpy.ndarray
        Decades, 0 to 12; of the common shape.

    Notes
    -----
    Within a tenth of a decade of the exact sum from five posts on and a third below, at a
    thousandth of its cost; a test holds it against scipy's.
    """
    a, b = matched_beta(mean, rho, n)
    tail = special.betaincc(a, b, np.clip((k - 0.5) / n, 0.0, 1.0))
    surprise: Floats = -np.log10(np.clip(np.where(k <= 0, 1.0, tail), 1e-12, 1.0))
    return surprise
