"""A second opinion on each group: would its members meet as often if only the time of day of sharing were random?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from crisislib.spread.cascades.forest import Ints
from crisislib.spread.cascades.tree_shape import Floats
from crisislib.spread.coordination.shares import Shares

DAY_S = 86_400.0
"""Seconds of a day: people share by the time of day, so times are drawn anew within a day."""


def at_random(data: Shares, *, seed: int = 0) -> Shares:
    """The same shares at times drawn anew within the day: who shared what on which day stays as it is.

    Parameters
    ----------
    data : Shares
    seed : int

    Returns
    -------
    Shares
        An act keeps one time for all that it shares.
    """
    rng = np.random.default_rng(seed)
    acts = int(data.act.max(initial=-1)) + 1
    time = np.zeros(acts)
    time[data.act] = data.at
    happened = np.unique(data.act)
    day = np.floor(time[happened] / DAY_S)
    order = np.lexsort((time[happened], day))
    mixed = np.lexsort((rng.random(len(happened)), day))
    time[happened[mixed]] = time[happened[order]]
    at = time[data.act]
    rows = np.lexsort((at, data.thing))
    return replace(
        data, account=data.account[rows], thing=data.thing[rows], at=at[rows], row=data.row[rows], act=data.act[rows]
    )


def permutation(
    data: Shares, account: Ints, group: Ints, window_s: float, *, rounds: int = 99, seed: int = 0
) -> Floats:
    """Permutation p-value of each group.

    Parameters
    ----------
    data : Shares
    account, group : numpy.ndarray of shape (k,)
        Members and their groups, 0 .. g-1.
    window_s : float
        Seconds within which two shares of one object are a meeting.
    rounds : int
        Permutations; the smallest p-value is 1 / (rounds + 1).
    seed : int

    Returns
    -------
    numpy.ndarray of shape (g,)

    Notes
    -----
    Who shared what on which day stays as it is; the times are drawn anew from all times of that day.
    So tastes and busy days are preserved, and only acting at the same moment is put to the test. The
    statistic is the number of meetings of the group's members with each other;
    p = (1 + rounds with as many or more) / (1 + rounds).
    """
    size = int(group.max(initial=-1)) + 1
    of = np.full(len(data.accounts), -1, dtype=np.int64)
    of[account] = group
    mine = np.flatnonzero(of[data.account] >= 0)
    block = of[data.account[mine]] * len(data.things) + data.thing[mine]
    day = np.floor(data.at / DAY_S)
    pool = np.sort(data.at)  # days stand one after the other
    begin = np.searchsorted(pool, day[mine] * DAY_S)
    end = np.searchsorted(pool, (day[mine] + 1) * DAY_S)
    observed = _met(block, data.at[mine], window_s, len(data.things), size)
    rng = np.random.default_rng(seed)
    reached = np.zeros(size)
    for _ in range(rounds):
        drawn = pool[begin + (rng.random(len(mine)) * (end - begin)).astype(np.int64)]
        reached += _met(block, drawn, window_s, len(data.things), size) >= observed
    return np.asarray((1 + reached) / (1 + rounds), dtype=np.float64)


def _met(block: Ints, at: Floats, window_s: float, n_things: int, groups: int) -> Floats:
    """Meetings within each group: pairs of shares of one object inside the window."""
    order = np.lexsort((at, block))
    since = at[order] - at.min(initial=np.inf)
    key = block[order] * (since.max(initial=0) + window_s + 1) + since
    later = np.searchsorted(key, key + window_s, side="right") - np.arange(len(key)) - 1
    return np.bincount(block[order] // n_things, weights=later, minlength=groups).astype(np.float64)
