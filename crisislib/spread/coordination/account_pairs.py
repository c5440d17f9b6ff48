"""Pairs of accounts that share the same objects close in time, and how surprising that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import gammainc

from crisislib.spread.cascades.forest import Ints
from crisislib.spread.cascades.tree_shape import Floats
from crisislib.spread.coordination.shares import Shares


@dataclass(frozen=True)
class Meetings:
    """Pairs of accounts that shared objects within the widest window, meeting by meeting.

    Attributes
    ----------
    pair : numpy.ndarray of shape (k,)
        Number of the pair: lower account x accounts + higher. Pairs that met once only are left out,
        for one meeting proves nothing; they still count as tried (`tried`).
    gap_s : numpy.ndarray of shape (k,)
        Seconds between the two shares.
    expected : numpy.ndarray of shape (k,)
        How many meetings at least as close this pair would have by chance; rising within a pair.
    first_gap_s : numpy.ndarray
        Smallest gap of every pair that met at all, sorted.
    """

    pair: Ints
    gap_s: Floats
    expected: Floats
    first_gap_s: Floats

    def tried(self, window_s: float) -> int:
        """How many pairs met within a window at all.

        Parameters
        ----------
        window_s : float
            Seconds.

        Returns
        -------
        int
            The number of tests that a discovery rate is taken over.
        """
        return int(np.searchsorted(self.first_gap_s, window_s, side="right"))


@dataclass(frozen=True)
class Pairs:
    """Pairs of accounts that met at least twice within a window.

    Attributes
    ----------
    a, b : numpy.ndarray of shape (k,)
        Account numbers, a < b.
    n : numpy.ndarray of shape (k,)
        Distinct objects shared within the window.
    p : numpy.ndarray of shape (k,)
        Probability of meetings so many and so close by chance.
    weight : numpy.ndarray of shape (k,)
        -ln p.
    """

    a: Ints
    b: Ints
    n: Ints
    p: Floats
    weight: Floats

    def members(self) -> Ints:
        """Account numbers that stand in any of them, rising."""
        return np.union1d(self.a, self.b)

    def take(self, rows: npt.NDArray[Any]) -> Pairs:
        """Some of the pairs.

        Parameters
        ----------
        rows : numpy.ndarray
            Positions or a mask.

        Returns
        -------
        Pairs
        """
        return Pairs(self.a[rows], self.b[rows], self.n[rows], self.p[rows], self.weight[rows])


_MOST = 8_000_000
"""Pairs that are looked at; what it bounds is memory, about 100 bytes a pair."""


def close_pairs(data: Shares, window_s: float, *, most: int = _MOST) -> tuple[Ints, Ints]:
    """Shares of one object that lie within the window of each other: both indices, the earlier first.

    Parameters
    ----------
    data : Shares
        With n shares.
    window_s : float
        Seconds within which two shares of one object are close.
    most : int
        Pairs above which each share keeps its nearest followers only.

    Returns
    -------
    i, j : numpy.ndarray of shape (k,)
        Indices of the earlier and of the later share.

    Notes
    -----
    Shares stand by object and time; the last partner of each is found by bisection, so the cost is
    that of the pairs found. The rule is CooRTweet's (Righetti & Balluff 2025). Where a thing is so
    common that the pairs would pass `most` (everybody uses the brand's hashtag), each share keeps its
    nearest followers only, as many as fit: the farther ones are the least evidence.
    """
    if not data.n:
        none = np.zeros(0, dtype=np.int64)
        return none, none
    since = data.at - data.at.min()
    key = data.thing * (since.max() + window_s + 1) + since
    count = np.searchsorted(key, key + window_s, side="right") - np.arange(data.n) - 1
    if count.sum() > most:
        count = np.minimum(count, _nearest(count, most))
    i = np.repeat(np.arange(data.n), count)
    j = i + 1 + np.arange(len(i)) - np.repeat(np.cumsum(count) - count, count)
    return i, j


def _nearest(count: Ints, most: int) -> int:
    """Largest number of followers that each share may keep so that all together stay within `most`."""
    low, high = 1, int(count.max())
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if np.minimum(count, middle).sum() <= most else (low, middle - 1)
    return low


def meetings(data: Shares, window_s: float) -> Meetings:
    """All meetings within a window, sorted by pair and by how little chance explains them.

    Parameters
    ----------
    data : Shares
    window_s : float
        The widest window, seconds.

    Returns
    -------
    Meetings

    Notes
    -----
    If b acted at random, each of its d_b shares would be any of the M shares made; one of a's d_a
    shares has 2(j-i) shares of the same object at least as close as b's, so chance gives the pair
    2(j-i) d_a d_b / M meetings like this one. Busy accounts and busy objects explain themselves; a
    rare object and a short gap do not. Nothing here needs a window: it only bounds the search.

    An act of an account counts once in a pair, however many things it shares: two people who pass on one post with
    its hashtag and its link have met once, not three times. Counted by thing, a busy day alone makes pairs.
    """
    i, j = close_pairs(data, window_s)
    n_accounts = len(data.accounts)
    activity = np.bincount(data.account, minlength=n_accounts).astype(np.float64)
    a, b = data.account[i], data.account[j]
    pair = np.minimum(a, b) * n_accounts + np.maximum(a, b)
    expected = 2.0 * (j - i) * activity[a] * activity[b] / max(data.n, 1)
    gap = data.at[j] - data.at[i]
    order = np.argsort(pair)
    pair, gap = pair[order], gap[order]
    start = np.flatnonzero(np.r_[True, np.diff(pair) > 0]) if len(pair) else np.zeros(0, dtype=np.int64)
    first = np.sort(np.minimum.reduceat(gap, start)) if len(pair) else gap
    often = _often(pair)
    i, j, rows = i[order][often], j[order][often], order[often]
    pair, gap, expected = pair[often], gap[often], expected[rows]
    low = data.account[i] < data.account[j]
    own = _acts_once(pair, expected, data.act[np.where(low, i, j)], data.act[np.where(low, j, i)])
    pair, expected, gap = pair[own], expected[own], gap[own]
    often = _often(pair)
    pair, expected, gap = pair[often], expected[often], gap[often]
    order = np.lexsort((expected, pair))
    return Meetings(pair[order], gap[order], expected[order], first)


def _often(pair: Ints) -> npt.NDArray[np.bool_]:
    """Which of some meetings, in order of their pairs, belong to a pair that met more than once."""
    same = np.diff(pair) == 0
    return np.r_[same, False] | np.r_[False, same] if len(pair) else np.zeros(0, dtype=bool)


def _acts_once(pair: Ints, expected: Floats, low: Ints, high: Ints) -> Ints:
    """Meetings, by pair, in which no act of either account counts twice; of several the least expected stays."""
    rows: Ints = np.arange(len(pair), dtype=np.int64)
    for act in (low, high):
        rows = rows[np.lexsort((expected[rows], act[rows], pair[rows]))]
        new = (np.diff(pair[rows]) != 0) | (np.diff(act[rows]) != 0)
        rows = rows[np.r_[True, new]] if len(rows) else rows
    return np.asarray(rows)


def pairs(met: Meetings, n_accounts: int, window_s: float) -> Pairs:
    """Pairs within a window, with the chance of what they did.

    Parameters
    ----------
    met : Meetings
    n_accounts : int
        Number of accounts, by which pairs are numbered.
    window_s : float
        Seconds; at most the window of `met`.

    Returns
    -------
    Pairs

    Notes
    -----
    With the r-th least expected meeting of a pair at expectation E_r, chance gives r or more such
    meetings with probability P(Poisson(E_r) >= r); the smallest over r >= 2 is taken, times the
    number of r tried.
    """
    inside = met.gap_s <= window_s
    pair, expected = met.pair[inside], met.expected[inside]
    start = np.flatnonzero(np.r_[True, np.diff(pair) > 0]) if len(pair) else np.zeros(0, dtype=np.int64)
    n = np.diff(np.r_[start, len(pair)])
    rank = np.arange(len(pair)) - np.repeat(start, n) + 1
    tail = np.ones(len(pair))
    more = rank >= 2
    tail[more] = gammainc(rank[more], expected[more])
    p = np.minimum.reduceat(tail, start) * (n - 1) if len(pair) else tail
    twice = n >= 2
    start, n, p = start[twice], n[twice], np.minimum(p[twice], 1.0)
    weight = -np.log(np.maximum(p, 1e-300))
    return Pairs(pair[start] // n_accounts, pair[start] % n_accounts, n, p, weight)


def false_discovery(p: Floats, rate: float, tried: int) -> float:
    """Largest p-value that may be called a discovery among so many tried; 0 where none may.

    Parameters
    ----------
    p : numpy.ndarray of shape (k,)
        p-values, in any order.
    rate : float
        Share of discoveries that may be false, 0-1.
    tried : int
        Tests made, at least k.

    Returns
    -------
    float

    Notes
    -----
    Benjamini & Hochberg (1995). Those tried that are not in `p` count as p = 1.
    """
    ordered = np.sort(p)
    good = np.flatnonzero(ordered <= rate * np.arange(1, len(p) + 1) / max(tried, 1))
    return float(ordered[good[-1]]) if len(good) else 0.0
