"""The window within which sharing the same object counts as together, chosen from the data."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from crisislib.spread.coordination.shares import Shares

SWEEP = (10.0, 60.0, 300.0, 600.0)
"""Seconds that are tried beside the rule's own."""


def rule(data: Shares, *, fastest: float = 0.1, share: float = 0.5) -> float | None:
    """CooRnet's interval: median time in which the fastest objects reach half of their shares.

    Parameters
    ----------
    data : Shares
    fastest : float
        Share of objects, fastest second share first.
    share : float
        Share of an object's shares that must have come.

    Returns
    -------
    float or None
        Seconds; None when no object has two shares.

    Notes
    -----
    Giglietto, Righetti, Rossi & Marino (2020), doi:10.1080/1369118X.2020.1739732.
    """
    n = np.bincount(data.thing, minlength=len(data.things))
    start = np.r_[0, np.cumsum(n)][:-1]
    many = np.flatnonzero(n >= 2)
    if not len(many):
        return None
    second = data.at[start[many] + 1] - data.at[start[many]]
    quick = many[second <= np.quantile(second, fastest)]
    middle = start[quick] + np.ceil(n[quick] * share).astype(np.int64) - 1
    middle = np.maximum(middle, start[quick] + 1)
    return float(np.median(data.at[middle] - data.at[start[quick]]))


def choose(accounts: Mapping[float, int], chance: Mapping[float, int], *, enough: float = 0.95) -> float:
    """The smallest window that already finds nearly all accounts that any window finds beyond chance.

    Parameters
    ----------
    accounts : Mapping[float, int]
        Window (seconds) -> accounts in groups at that window.
    chance : Mapping[float, int]
        The same where the times are random within the day, see
        :func:`crisislib.spread.coordination.null.at_random`.
    enough : float
        Share of the most that counts as nearly all.

    Returns
    -------
    float

    Notes
    -----
    A wider window adds chance meetings to the same groups, so it must bring accounts that chance does not bring.
    """
    lift = {window: n - chance[window] for window, n in accounts.items()}
    most = max(lift.values())
    return min(window for window, n in lift.items() if n >= enough * most)
