"""Baseline of amounts and changes: faded level and hour-of-week offset on an asinh scale."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import stats

from crisislib.signals.baseline import MIN_HISTORY, Expectation, Pace, fade_of
from crisislib.signals.ranks import calibrate

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def amounts(x: Floats, slots: Ints, *, step_s: int, signed: bool = False, pace: Pace = Pace()) -> Expectation:
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

    Notes
    -----
    z = asinh x (x itself where signed); level and hour-of-week offset are faded means, the scale a faded
    winsorised mean square with a floor; the tail is Student's t with five degrees of freedom.
    """
    z = x if signed else np.arcsinh(x)
    floor = 1.0 if signed else 0.15
    series, n = z.shape
    fade, slow = fade_of(pace.level_h, step_s), fade_of(pace.level_h * 4, step_s)
    total, weight = np.zeros(series), np.zeros(series)
    off, off_n = np.zeros((series, 168)), np.zeros((series, 168))
    square, square_n = np.full(series, 0.25 * 3), np.full(series, 3.0)
    mean, scale = np.full((series, n), np.nan), np.full((series, n), np.nan)
    learned, so_far = np.zeros((series, n), dtype=np.int64), np.zeros(series, dtype=np.int64)
    for t in range(n):
        slot = int(slots[t])
        level = total / np.maximum(weight, 1e-9)
        m = level + off[:, slot] / (off_n[:, slot] + 2.0)
        sd = np.sqrt(np.maximum(square / square_n, floor**2))
        learned[:, t], mean[:, t], scale[:, t] = so_far, m, sd
        ok = np.isfinite(z[:, t])
        if not ok.any():
            continue
        raw = np.where(ok, z[:, t], m)
        held = np.where(so_far < MIN_HISTORY, raw, np.clip(raw, m - pace.cap * sd, m + pace.cap * sd))
        total, weight = np.where(ok, fade * total + held, total), np.where(ok, fade * weight + 1, weight)
        off[:, slot] += np.where(ok & (so_far > 0), held - level, 0.0)
        off_n[:, slot] += ok & (so_far > 0)
        gain = np.where(so_far > 2, (held - m) ** 2, 0.25)
        square = np.where(ok, slow * square + gain, square)
        square_n = np.where(ok, slow * square_n + 1, square_n)
        so_far = so_far + ok
    known = learned >= MIN_HISTORY
    m, sd = np.where(known, mean, np.nan), np.where(known, scale, np.nan)
    width = stats.t.ppf(0.95, 5)
    raw_s = -np.log10(np.clip(stats.t.sf((z - m) / sd, 5), 1e-12, 1.0))
    bounds = (m, m - width * sd, m + width * sd)
    said = bounds if signed else tuple(np.maximum(np.sinh(b), 0.0) for b in bounds)
    return Expectation(said[0], said[1], said[2], raw_s, calibrate(raw_s), learned)
