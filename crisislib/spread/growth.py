"""How fast a cascade grows from generation to generation, window by window."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import beta

from crisislib.spread.forest import Floats, Forest, Ints

WINDOWS = 24
"""Generations since the start that are kept."""


def reproduction(
    forest: Forest,
    at: npt.NDArray[np.int64],
    start: npt.NDArray[np.int64],
    *,
    generation_us: int,
    min_size: int = 30,
    windows: int = WINDOWS,
) -> tuple[Ints, Ints, Ints]:
    """Posts and their direct children per generation since the start of each larger cascade.

    Parameters
    ----------
    forest : Forest
    at : numpy.ndarray of shape (n,)
        Microseconds since 1970.
    start : numpy.ndarray of shape (m,)
        Earliest time of each cascade.
    generation_us : int
        Length of a window: the typical lag between a post and its repost, microseconds.
    min_size : int
        Cascades of fewer nodes are left out: a ratio of handfuls means nothing.
    windows : int
        Windows kept since the start.

    Returns
    -------
    cascade : numpy.ndarray of shape (k,)
        Cascades of at least `min_size` nodes.
    born, children : numpy.ndarray of shape (k, windows)
        Posts of the window, and posts that hang directly on those (whenever they came).
    """
    large = np.flatnonzero(forest.size[forest.roots] >= min_size)
    place = np.full(len(forest.roots), -1, dtype=np.int32)
    place[large] = np.arange(len(large), dtype=np.int32)
    node = np.flatnonzero(place[forest.cascade] >= 0)
    cascade = forest.cascade[node]
    window = (at[node] - start[cascade]) // generation_us
    kept = window < windows
    node, cell = node[kept], place[cascade[kept]] * np.int64(windows) + window[kept]
    shape = (len(large), windows)
    born = np.bincount(cell, minlength=len(large) * windows).reshape(shape)
    direct = np.bincount(forest.parent[forest.parent >= 0], minlength=forest.n)
    children = np.bincount(cell, weights=direct[node], minlength=len(large) * windows).reshape(shape)
    return large, born, children.astype(np.int64)


def ratio_interval(now: Ints, before: Ints, level: float = 0.8) -> tuple[Floats, Floats]:
    """Interval of the ratio of two Poisson counts.

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
        Windows since the start that are kept.

    Returns
    -------
    pandas.DataFrame
        `at` (start of the window), `n` (posts), `r_growth` with `lo` and `hi` (80 %): posts of the
        window over those of the one before; `r_case`: direct children per post of the window;
        `complete`: whether a further generation has passed, so that `r_case` is no longer rising.

    Notes
    -----
    `r_growth` is the instantaneous, `r_case` the cohort reproduction number (Fraser 2007,
    doi:10.1371/journal.pone.0000758): the first says whether it grows now, the second how many each
    post of that time brought in the end.
    """
    member = np.flatnonzero(forest.cascade == cascade)
    begin = int(at[member].min())
    window = (at[member] - begin) // generation_us
    last = int(min(window.max(initial=0), windows - 1))
    kept = window <= last
    born = np.bincount(window[kept], minlength=last + 1)
    direct = np.bincount(forest.parent[forest.parent >= 0], minlength=forest.n)[member]
    children = np.bincount(window[kept], weights=direct[kept], minlength=last + 1)
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
