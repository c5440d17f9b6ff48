"""Counts against counts: exact intervals of a share, and whether something has really grown."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import beta, binom, false_discovery_control

F64 = npt.NDArray[np.float64]


def share_interval(k: npt.ArrayLike, n: npt.ArrayLike, level: float = 0.95) -> tuple[F64, F64]:
    """Exact (Clopper–Pearson) interval of the share k of n; (0, 1) where n is 0.

    Parameters
    ----------
    k, n : array_like of shape (m,)
        Hits and trials.
    level : float
        Confidence level, 0-1.

    Returns
    -------
    low, high : numpy.ndarray of shape (m,)
        Shares 0-1.

    Notes
    -----
    Clopper & Pearson 1934, doi:10.2307/2331986.
    """
    hits, whole = np.asarray(k, float), np.asarray(n, float)
    tail = (1 - level) / 2
    low = np.where(hits > 0, beta.ppf(tail, np.maximum(hits, 1e-9), whole - hits + 1), 0.0)
    high = np.where(hits < whole, beta.ppf(1 - tail, hits + 1, np.maximum(whole - hits, 1e-9)), 1.0)
    return low, high


def growth(
    recent: pd.Series[int], before: pd.Series[int], *, exposure: float = 1.0, level: float = 0.95
) -> pd.DataFrame:
    """Ratio of two counts' rates, with exact interval and test of "no growth".

    Parameters
    ----------
    recent, before : pandas.Series of int
        Counts in the recent window and in the one it is compared with.
    exposure : float
        How much more of the counts the recent window would hold without any change (recent over before:
        ratio of the windows' lengths, or of all posts in them).
    level : float
        Of the interval.

    Returns
    -------
    pandas.DataFrame
        Index of `recent`; growth (null where nothing was before), growth_lo, growth_hi (infinite where
        nothing was before), p_value (one-sided), q_value (false discovery rate over all rows).

    Notes
    -----
    Given their sum the recent count is binomial with p = r·e/(1 + r·e), r the ratio of rates and e the
    exposure (Przyborowski & Wilenski 1940, doi:10.2307/2332612). Benjamini & Hochberg 1995 for q.
    """
    total = (recent + before).to_numpy(float)
    low, high = share_interval(recent, total, level)
    odds_low = low / np.maximum(1 - low, 1e-12)
    odds_high = np.where(high < 1, high / np.maximum(1 - high, 1e-12), np.inf)
    p = binom.sf(recent.to_numpy(float) - 1, total, exposure / (1 + exposure))
    return pd.DataFrame(
        {
            "growth": recent / before.where(before > 0) / exposure,
            "growth_lo": odds_low / exposure,
            "growth_hi": odds_high / exposure,
            "p_value": p,
            "q_value": false_discovery_control(p) if len(p) else p,
        },
        index=recent.index,
    )
