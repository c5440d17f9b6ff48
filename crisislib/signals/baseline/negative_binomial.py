"""Small, bursty counts: tail and interval of the negative binomial with Var = m + φm²."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special, stats

Floats = npt.NDArray[np.float64]
_LN10 = float(np.log(10.0))


def nb_surprise(y: Floats, mean: Floats, phi: Floats) -> Floats:
    """−log10 P(Y ≥ y) of a negative binomial with Var = m + φm²; NaN where anything is NaN.

    Below 1e-280 the first terms of the series of the incomplete beta stand in, in logs.

    Parameters
    ----------
    y : numpy.ndarray
        Observed counts; any shape that broadcasts with the others.
    mean : numpy.ndarray
        Expected counts m, above 0.
    phi : numpy.ndarray
        Overdispersion φ, above 0.

    Returns
    -------
    numpy.ndarray
        Decades, 0 or more; of the common shape.

    Notes
    -----
    P(Y ≥ y) = I_x(y, 1/φ), x = φm/(1 + φm), the regularised incomplete beta function (DLMF 8.17).
    """
    y, mean, phi = np.broadcast_arrays(np.asarray(y, float), np.asarray(mean, float), np.asarray(phi, float))
    out = np.full(y.shape, np.nan)
    ok = np.isfinite(y) & np.isfinite(mean) & np.isfinite(phi)
    count = np.round(y[ok])
    x = phi[ok] * mean[ok] / (1.0 + phi[ok] * mean[ok])
    b = 1.0 / phi[ok]
    tail = np.where(count > 0, special.betainc(np.maximum(count, 1e-300), b, x), 1.0)
    with np.errstate(divide="ignore"):
        surprise = -np.log10(np.maximum(tail, 1e-280))
    far = tail < 1e-279
    if far.any():
        a, bb, xx = count[far], b[far], x[far]
        # I_x(a,b) = x^a (1-x)^b / (a B(a,b)) · Σ (a+b)_k/(a+1)_k x^k; the sum is at most 1/(1-x·(a+b)/(a+1)).
        ratio = np.minimum(xx * (a + bb) / (a + 1.0), 1.0 - 1e-9)
        log_p = a * np.log(xx) + bb * np.log1p(-xx) - np.log(a) - special.betaln(a, bb) - np.log1p(-ratio)
        surprise[far] = -log_p / _LN10
    out[ok] = np.maximum(surprise, 0.0)
    return out


def nb_interval(mean: Floats, phi: Floats, share: float = 0.9) -> tuple[Floats, Floats]:
    """Central predictive interval of a negative binomial; NaN stays NaN.

    Parameters
    ----------
    mean : numpy.ndarray
        Expected counts m.
    phi : numpy.ndarray
        Overdispersion φ, same shape.
    share : float
        Probability within the interval.

    Returns
    -------
    lo, hi : numpy.ndarray
        Quantiles (1 − share)/2 and (1 + share)/2, same shape, counts.
    """
    lo, hi = np.full(mean.shape, np.nan), np.full(mean.shape, np.nan)
    ok = np.isfinite(mean)
    size, chance = 1.0 / phi[ok], 1.0 / (1.0 + phi[ok] * mean[ok])
    lo[ok] = stats.nbinom.ppf((1 - share) / 2, size, chance)
    hi[ok] = stats.nbinom.ppf((1 + share) / 2, size, chance)
    return lo, hi
