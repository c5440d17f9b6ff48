"""Pairs of accounts that share the same objects within a window, and how surprising that is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import poisson

from crisislib.spread.coordination.shares import Shares
from crisislib.spread.forest import Floats, Ints


@dataclass(frozen=True)
class Pairs:
    """Pairs of accounts with at least one object in common within the window.

    Attributes
    ----------
    a, b : numpy.ndarray of shape (k,)
        Account numbers, a < b.
    n : numpy.ndarray of shape (k,)
        Distinct objects shared within the window.
    expected : numpy.ndarray of shape (k,)
        How many there would be by chance.
    p : numpy.ndarray of shape (k,)
        Probability of as many or more by chance.
    weight : numpy.ndarray of shape (k,)
        Sum of log(N / n_object): a rare object weighs more.
    """

    a: Ints
    b: Ints
    n: Ints
    expected: Floats
    p: Floats
    weight: Floats


def close(data: Shares, window_s: float, at: npt.NDArray[np.float64] | None = None) -> tuple[Ints, Ints]:
    """Shares of one object that lie within the window of each other: both indices, i before j.

    Notes
    -----
    Shares stand by object and time; the last partner of each is found by bisection, so the cost is
    that of the pairs found. Righetti & Balluff (2025), CooRTweet.
    """
    times = data.at if at is None else at
    start = times.min(initial=np.inf)
    width = (times.max(initial=-np.inf) - start) + window_s + 1 if data.n else 1.0
    key = data.thing * width + (times - start if data.n else times)
    count = np.searchsorted(key, key + window_s, side="right") - np.arange(data.n) - 1
    i = np.repeat(np.arange(data.n), count)
    j = i + 1 + np.arange(len(i)) - np.repeat(np.cumsum(count) - count, count)
    return i, j


def pairs(data: Shares, window_s: float) -> Pairs:
    """Pairs within a window with their chance expectation.

    Notes
    -----
    Expected: a's shares each meet the others of that object within the window; each of those is b
    with probability b's shares / all shares. The larger of both directions; Poisson tail.
    """
    i, j = close(data, window_s)
    n_accounts = len(data.accounts)
    low, high = np.minimum(data.account[i], data.account[j]), np.maximum(data.account[i], data.account[j])
    pair, inverse, n = np.unique(low * n_accounts + high, return_inverse=True, return_counts=True)
    a, b = pair // max(n_accounts, 1), pair % max(n_accounts, 1)
    activity = np.bincount(data.account, minlength=n_accounts)
    met = np.bincount(i, minlength=data.n) + np.bincount(j, minlength=data.n)
    meets = np.bincount(data.account, weights=met, minlength=n_accounts)
    expected = np.maximum(activity[b] * meets[a], activity[a] * meets[b]) / max(data.n, 1)
    rarity = np.log(n_accounts / np.bincount(data.thing, minlength=len(data.things)))
    weight: Floats = np.bincount(inverse, weights=rarity[data.thing[i]], minlength=len(pair)).astype(np.float64)
    return Pairs(a, b, n, expected, poisson.sf(n - 1, expected), weight)


def false_discovery(p: Floats, rate: float) -> float:
    """Largest p-value that may be called a discovery (Benjamini & Hochberg 1995); 0 where none may."""
    ordered = np.sort(p)
    good = np.flatnonzero(ordered <= rate * np.arange(1, len(p) + 1) / max(len(p), 1))
    return float(ordered[good[-1]]) if len(good) else 0.0
