"""Baseline of amounts and changes: faded level and hour-of-week offset on an asinh scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from crisislib.signals.baseline.calibration_ranks import calibrate
from crisislib.signals.baseline.counts import MIN_HISTORY, Expectation, Pace, fade_of
from crisislib.signals.baseline.resumable_passes import TAIL, Passes

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def amounts(
    x: Floats,
    slots: Ints,
    *,
    step_s: int,
    signed: bool = False,
    first: int = 0,
    pace: Pace = Pace(),
    passes: Passes | None = None,
    phase: int = 0,
) -> Expectation:
    """Expectation of amounts on an inverse-hyperbolic-sine scale, or of signed changes on their own.

    Parameters
    ----------
    x : numpy.ndarray
        Shape (series, windows); NaN where there is no value.
    slots : numpy.ndarray
        Hour of week per window.
    step_s : int
        Length of a window, seconds.
    signed : bool
        Changes around zero: no transformation, and the interval may be negative.
    first : int
        With `passes`, surprise is wanted from this window on.
    pace : Pace
        Half-life of the level, and the winsorising cap.
    passes : Passes, optional
        Where the pass may be taken up, and is remembered.
    phase : int
        Number of the first window, see :func:`~crisislib.signals.baseline.calibration_ranks.calibrate`.

    Returns
    -------
    Expectation
        Arrays of shape (series, windows), in the unit of `x`.

    Notes
    -----
    z = asinh x (x itself where signed); level and hour-of-week offset are faded means, the scale a faded
    winsorised mean square with a floor; the tail is Student's t with five degrees of freedom. Amounts have a
    hurdle: P(X ≥ x) = P(X > 0)·P(X ≥ x | X > 0), since many are zero most of the time (a brand is seldom on
    a list); until three positive amounts are known the second factor is one half.
    """
    first, passes = (0, Passes()) if passes is None else (first, passes)
    past = _learn(x if signed else np.arcsinh(x), slots, step_s, signed, pace, passes)
    known = past.learned >= MIN_HISTORY
    m, sd = np.where(known, past.mean, np.nan), np.where(known, past.scale, np.nan)
    z = x if signed else np.arcsinh(x)
    tail = np.where(past.positives >= 3, stats.t.sf((z - m) / sd, 5), 0.5)
    share = np.ones(x.shape) if signed else past.share
    tail = np.where(signed | (x > 0), share * tail, 1.0)
    raw = np.where(known & np.isfinite(z), -np.log10(np.clip(tail, 1e-12, 1.0)), np.nan)
    lo, hi = (_quantile(q, m, sd, share) for q in (0.05, 0.95))
    if signed:
        return Expectation(m, lo, hi, raw, calibrate(raw, first=first, phase=phase), past.learned)
    mean, lo, hi = share * np.maximum(np.sinh(m), 0.0), np.maximum(np.sinh(lo), 0.0), np.maximum(np.sinh(hi), 0.0)
    return Expectation(
        np.where(known, mean, np.nan), lo, hi, raw, calibrate(raw, first=first, phase=phase), past.learned
    )


def _quantile(q: float, m: Floats, sd: Floats, share: Floats) -> Floats:
    """Quantile of the hurdle's mixture on the z scale; zero where the zeros reach that far."""
    inner = np.clip(1.0 - (1.0 - q) / np.maximum(share, 1e-9), 1e-6, 1 - 1e-6)
    quantile: Floats = np.where(1.0 - share >= q, np.where(np.isnan(m), np.nan, 0.0), m + stats.t.ppf(inner, 5) * sd)
    return quantile


@dataclass(frozen=True)
class _Learned:
    """What was known before each window, shape (series, windows) each."""

    mean: Floats
    scale: Floats
    share: Floats
    positives: Floats
    learned: Ints


def _learn(z: Floats, slots: Ints, step_s: int, signed: bool, pace: Pace, passes: Passes) -> _Learned:
    """One causal pass over the windows."""
    series, n = z.shape
    fade, slow = fade_of(pace.level_h, step_s), fade_of(pace.level_h * 4, step_s)
    total, weight, positive = np.zeros(series), np.zeros(series), np.zeros(series)
    off, off_n = np.zeros((series, 168)), np.zeros((series, 168))
    square, square_n = np.full(series, 0.5 * 3), np.full(series, 3.0)
    above, shown = np.full(series, 0.5), np.full(series, 1.0)
    mean, scale, share, positives = (np.full((series, n), np.nan) for _ in range(4))
    learned, so_far = np.zeros((series, n), dtype=np.int64), np.zeros(series, dtype=np.int64)
    least = 1.0 if signed else 0.15
    name, answers = "change" if signed else "amount", (mean, scale, share, positives, learned)
    begin, known = passes.take_up(name, (z, slots), answers)
    if begin:
        total, weight, positive, off, off_n, square, square_n, above, shown, so_far = known
    for t in range(begin, n):
        if t == n - TAIL:
            state = (total, weight, positive, off, off_n, square, square_n, above, shown, so_far)
            passes.keep(name, t, (z, slots), state, answers)
        slot = int(slots[t])
        level = total / np.maximum(weight, 1e-9)
        m = level + off[:, slot] / (off_n[:, slot] + 2.0)
        sd = np.sqrt(np.maximum(square / square_n, least**2))
        learned[:, t], mean[:, t], scale[:, t] = so_far, m, sd
        share[:, t], positives[:, t] = above / shown, positive
        observed = np.isfinite(z[:, t])
        if not observed.any():
            continue
        ok = observed if signed else observed & (z[:, t] > 0)
        above, shown = np.where(observed, slow * above + ok, above), np.where(observed, slow * shown + 1, shown)
        raw = np.where(ok, z[:, t], m)
        capped = np.where(positive < MIN_HISTORY, raw, np.clip(raw, m - pace.cap * sd, m + pace.cap * sd))
        total, weight = np.where(ok, fade * total + capped, total), np.where(ok, fade * weight + 1, weight)
        later = ok & (positive > 0)
        off[:, slot] += np.where(later, capped - level, 0.0)
        off_n[:, slot] += later
        gain = np.where(positive > 2, (capped - m) ** 2, 0.5)
        square, square_n = np.where(ok, slow * square + gain, square), np.where(ok, slow * square_n + 1, square_n)
        so_far, positive = so_far + observed, positive + ok
    return _Learned(mean, scale, share, positives, learned)
