"""A before-and-after regression with errors that remember: the arithmetic of the effect estimate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Bend:
    """Change at a moment, in the units of the series.

    Attributes
    ----------
    level, slope : float
        Step at the moment, and change of slope per window.
    change, lo, hi : float
        Mean difference, after the moment, to the continued trend of before, with a 90 % interval.
    """

    level: float
    slope: float
    change: float
    lo: float
    hi: float


def design(n_before: int, n_after: int) -> Floats:
    """Columns 1, t, 1[t ≥ τ], (t - τ)₊, with τ at row `n_before`; shape (n, 4).

    Parameters
    ----------
    n_before, n_after : int
        Windows before τ, and from τ on.

    Returns
    -------
    array of float, shape (n_before + n_after, 4)
        Design matrix of the segmented regression; t is 0 at τ, in windows.
    """
    t = np.arange(-n_before, n_after, dtype=float)
    after = (t >= 0).astype(float)
    return np.column_stack([np.ones_like(t), t, after, after * t])


def newey_west(x: Floats, residuals: Floats, lags: int) -> Floats:
    """Covariance of OLS coefficients that holds under heteroscedastic, autocorrelated errors.

    Parameters
    ----------
    x : array of float, shape (n, k)
        Design matrix, n > k.
    residuals : array of float, shape (n,)
        Of the least-squares fit.
    lags : int
        Windows (L) over which errors may go together; 0 gives White's estimate.

    Returns
    -------
    array of float, shape (k, k)
        Covariance matrix of the coefficients.

    Notes
    -----
    Newey & West (1987), doi:10.2307/1913610, with Bartlett weights 1 - l/(L+1) and the small-sample
    factor n/(n - k).
    """
    n, k = x.shape
    scores = x * residuals[:, None]
    middle = scores.T @ scores
    for lag in range(1, lags + 1):
        cross = scores[lag:].T @ scores[:-lag]
        middle += (1 - lag / (lags + 1)) * (cross + cross.T)
    bread = np.linalg.pinv(x.T @ x)
    return np.asarray(bread @ middle @ bread * n / (n - k))


def bend(y: Floats, n_before: int, *, confidence: float = 0.9) -> Bend:
    """Fit level and slope before and after, and compare the after part with the trend of before.

    Parameters
    ----------
    y : array of float, shape (n,)
        The series, without gaps.
    n_before : int
        Windows before the moment.
    confidence : float
        Of the interval.

    Returns
    -------
    Bend
        Y_t = b0 + b1·t + b2·1[t ≥ τ] + b3·(t - τ)₊; change = b2 + b3·mean(t - τ) over the windows after.
    """
    n = len(y)
    x = design(n_before, n - n_before)
    b, *_ = np.linalg.lstsq(x, y, rcond=None)
    residuals = y - x @ b
    lags = max(1, int(4 * (n / 100) ** (2 / 9)))
    covariance = newey_west(x, residuals, lags)
    contrast = np.array([0.0, 0.0, 1.0, (n - n_before - 1) / 2])
    change = float(contrast @ b)
    half = float(stats.t.ppf(0.5 + confidence / 2, n - 4) * np.sqrt(max(0.0, contrast @ covariance @ contrast)))
    return Bend(float(b[2]), float(b[3]), change, change - half, change + half)


def placebo_p(
    y: Floats, n_before: int, n_after: int, change: float, *, avoid: slice, least: int = 20
) -> tuple[float | None, int]:
    """How often a moment at which nothing happened bends as much: a p-value, and the moments tried.

    Parameters
    ----------
    y : array of float
        The whole series; NaN where there is no value.
    n_before, n_after : int
        Windows on either side, as in the real fit.
    change : float
        Change at the real moment.
    avoid : slice
        Rows around real responses that no placebo may touch.
    least : int
        Placebos needed; below that the p-value is None.

    Returns
    -------
    p : float or None
        (1 + placebos that change at least as much, either way) / (1 + placebos).
    n : int
        Placebos used.
    """
    free = np.isfinite(y)
    free[avoid] = False
    width = n_before + n_after
    starts = np.arange(0, max(0, len(y) - width + 1), max(1, width // 4))
    whole = (
        np.array([free[s : s + width].all() for s in starts], dtype=bool) if len(starts) else np.zeros(0, dtype=bool)
    )
    changes = np.array([bend(y[s : s + width], n_before).change for s in starts[whole]])
    if len(changes) < least:
        return None, len(changes)
    return float((1 + (np.abs(changes) >= abs(change)).sum()) / (1 + len(changes))), len(changes)
