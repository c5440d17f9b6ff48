"""Pairs of accounts that share the same objects close in time, and how surprising that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import gammainc

from crisislib.spread.coordination.shares import Shares
from crisislib.spread.forest import Floats, Ints


@dataclass(frozen=True)
class Meetings:
    """Two accounts that shared one object within the widest window, by pair and chance.

    Attributes
    ----------
    i, j : numpy.ndarray of shape (k,)
        The two shares.
    pair : numpy.ndarray of shape (k,)
        Number of the pair of accounts: lower account x accounts + higher.
    gap_s : numpy.ndarray of shape (k,)
        Seconds between them.
    expected : numpy.ndarray of shape (k,)
        How many meetings at least as close this pair would have by chance.
    """

    i: Ints
    j: Ints
    pair: Ints
    gap_s: Floats
    expected: Floats


@dataclass(frozen=True)
class Pairs:
    """Pairs of accounts that met at least once within a window.

    Attributes
    ----------
    a, b : numpy.ndarray of shape (k,)
        Account numbers, a < b.
    n : numpy.ndarray of shape (k,)
        Distinct objects shared within the window.
    p : numpy.ndarray of shape (k,)
        Probability of meetings so many and so close by chance; 1 for a single one.
    weight : numpy.ndarray of shape (k,)
        -ln p.
    """

    a: Ints
    b: Ints
    n: Ints
    p: Floats
    weight: Floats

    def take(self, rows: npt.NDArray[Any]) -> Pairs:
        """Some of them."""
        return Pairs(self.a[rows], self.b[rows], self.n[rows], self.p[rows], self.weight[rows])


def close(data: Shares, window_s: float) -> tuple[Ints, Ints]:
    """Shares of one object that lie within the window of each other: both indices, the earlier first.

    Notes
    -----
    Shares stand by object and time; the last partner of each is found by bisection, so the cost is
    that of the pairs found. The rule is CooRTweet's (Righetti & Balluff 2025).
    """
    if not data.n:
        none = np.zeros(0, dtype=np.int64)
        return none, none
    since = data.at - data.at.min()
    key = data.thing * (since.max() + window_s + 1) + since
    count = np.searchsorted(key, key + window_s, side="right") - np.arange(data.n) - 1
    i = np.repeat(np.arange(data.n), count)
    j = i + 1 + np.arange(len(i)) - np.repeat(np.cumsum(count) - count, count)
    return i, j


def meetings(data: Shares, window_s: float) -> Meetings:
    """All meetings within a window, sorted by pair and by how little chance explains them.

    Notes
    -----
    If b acted at random, each of its d_b shares would be any of the M shares made; one of a's d_a
    shares has 2(j-i) shares of the same object at least as close as b's, so chance gives the pair
    2(j-i) d_a d_b / M meetings like this one. Busy accounts and busy objects explain themselves; a
    rare object and a short gap do not. Nothing here needs a window: it only bounds the search.
    """
    i, j = close(data, window_s)
    n_accounts = len(data.accounts)
    activity = np.bincount(data.account, minlength=n_accounts).astype(np.float64)
    a, b = data.account[i], data.account[j]
    pair = np.minimum(a, b) * n_accounts + np.maximum(a, b)
    expected = 2.0 * (j - i) * activity[a] * activity[b] / max(data.n, 1)
    order = np.lexsort((expected, pair))
    i, j = i[order], j[order]
    return Meetings(i, j, pair[order], data.at[j] - data.at[i], expected[order])


def pairs(met: Meetings, n_accounts: int, window_s: float) -> Pairs:
    """Pairs within a window, with the chance of what they did.

    Notes
    -----
    With the r-th least expected meeting of a pair at expectation E_r, chance gives r or more such
    meetings with probability P(Poisson(E_r) >= r); the smallest over r >= 2 is taken, times the
    number of r tried. One meeting proves nothing: p = 1.
    """
    inside = met.gap_s <= window_s
    pair, expected = met.pair[inside], met.expected[inside]
    if not len(pair):
        none = np.zeros(0, dtype=np.int64)
        return Pairs(none, none, none, np.zeros(0), np.zeros(0))
    start = np.flatnonzero(np.r_[True, np.diff(pair) > 0])
    n = np.diff(np.r_[start, len(pair)])
    rank = np.arange(len(pair)) - np.repeat(start, n) + 1
    tail = np.where(rank >= 2, gammainc(np.maximum(rank, 1), expected), 1.0)
    p = np.minimum(np.minimum.reduceat(tail, start) * np.maximum(n - 1, 1), 1.0)
    weight = -np.log(np.maximum(p, 1e-300))
    return Pairs(pair[start] // n_accounts, pair[start] % n_accounts, n, p, weight)


def false_discovery(p: Floats, rate: float) -> float:
    """Largest p-value that may be called a discovery (Benjamini & Hochberg 1995); 0 where none may."""
    ordered = np.sort(p)
    good = np.flatnonzero(ordered <= rate * np.arange(1, len(p) + 1) / max(len(p), 1))
    return float(ordered[good[-1]]) if len(good) else 0.0
