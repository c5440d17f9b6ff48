"""How fast a cascade grows from generation to generation, window by window."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import beta

from crisislib.spread.cascades.forest import Forest, Ints
from crisislib.spread.cascades.tree_shape import Floats
from crisislib.spread.post_arrays import NEVER


def ratio_interval(now: Ints, before: Ints, level: float = 0.8) -> tuple[Floats, Floats]:
    """Interval of the ratio of two Poisson counts.

    Parameters
    ----------
    now, before : numpy.ndarray of shape (k,)
        The later and the earlier count.
    level : float
        Share of cases in which the interval holds the true ratio, 0-1.

    Returns
    -------
    low, high : numpy.ndarray of shape (k,)
        0 where the later count is 0, inf where the earlier one is.

    Notes
    -----
    Given their sum, the later count is binomial with share q = R / (1 + R); the Clopper-Pearson
    interval of q gives that of R.
    """
    tail = (1 - level) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        low = np.where(now > 0, beta.ppf(tail, now, before + 1), 0.0)
        high = np.where(before > 0, beta.ppf(1 - tail, now + 1, before), 1.0)
        return low / (1 - low), np.where(high < 1, high / (1 - high), np.inf)


def reproduction_table(
    forest: Forest,
    at: npt.NDArray[np.int64],
    cascade: int,
    *,
    generation_us: int,
    until: int,
    windows: int = 96,
) -> pd.DataFrame:
    """Reproduction numbers of one cascade over time.

    Parameters
    ----------
    forest, at : Forest, numpy.ndarray of shape (n,)
    cascade : int
        Number of the cascade in the forest.
    generation_us : int
        Length of a window, microseconds.
    until : int
        The present, microseconds.
    windows : int
        Windows since the start that are returned.

    Returns
    -------
    pandas.DataFrame
        `at` (start of the window), `n` (posts), `r_growth` with `lo` and `hi` (80 %): posts of the
        window over those of the one before; `r_case`: direct children per post of the window;
        `complete`: whether a further generation has passed, so that `r_case` is no longer rising. Posts without a
        time are not in it; no rows where none has one.

    Notes
    -----
    `r_growth` is the instantaneous, `r_case` the cohort reproduction number (Fraser 2007,
    doi:10.1371/journal.pone.0000758): the first says whether it grows now, the second how many each
    post of that time brought in the end.
    """
    member = np.flatnonzero((forest.cascade == cascade) & (at != NEVER))
    begin = int(at[member].min(initial=until))
    window = (at[member] - begin) // generation_us
    last = int(min(window.max(initial=0), windows - 1))
    inside = window <= last
    born = np.bincount(window[inside], minlength=last + 1)
    direct = np.bincount(forest.parent[forest.parent >= 0], minlength=forest.n)[member]
    children = np.bincount(window[inside], weights=direct[inside], minlength=last + 1)
    before = np.r_[0, born[:-1]]
    low, high = ratio_interval(born, before)
    with np.errstate(divide="ignore", invalid="ignore"):
        growth = np.where(before > 0, born / before, np.nan)
        case = np.where(born > 0, children / born, np.nan)
    edge = begin + np.arange(last + 1) * generation_us
    return pd.DataFrame(
        {
            "at": pd.to_datetime(edge, unit="us", utc=True),
            "n": born,
            "r_growth": growth,
            "lo": np.where(before > 0, low, np.nan),
            "hi": np.where(before > 0, high, np.nan),
            "r_case": case,
            "complete": edge + 2 * generation_us <= until,
        }
    )
