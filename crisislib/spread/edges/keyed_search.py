"""Look-ups in groups of posts: the latest before a time, and one number for several keys."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from crisislib.spread.cascades.forest import Ints


def latest_before(
    group: Ints, at: npt.NDArray[np.int64], of_group: Ints, of_at: npt.NDArray[np.int64], itself: Ints
) -> Ints:
    """For each query the latest member of the same group that is not later than it.

    Parameters
    ----------
    group, at : numpy.ndarray of shape (q,)
        Group and time (any one unit) of the queries; a negative group finds nothing.
    of_group, of_at : numpy.ndarray of shape (c,)
        Group and time of the candidates.
    itself : numpy.ndarray of shape (q,)
        Candidate that a query may not find, -1 for none.

    Returns
    -------
    numpy.ndarray of shape (q,)
        Candidate index or -1.
    """
    if not len(of_group) or not len(group):
        return np.full(len(group), -1, dtype=np.int64)
    times, ranks = np.unique(np.r_[of_at, at], return_inverse=True)
    width = len(times) + 1
    order = np.lexsort((of_at, of_group))
    keys = of_group[order] * width + ranks[: len(of_at)][order]
    place = np.searchsorted(keys, group * width + ranks[len(of_at) :], side="right") - 1
    place = np.where((place >= 0) & (order[place] == itself), place - 1, place)
    hit = order[np.maximum(place, 0)]
    good = (place >= 0) & (group >= 0) & (of_group[hit] == group) & (hit != itself)
    return np.where(good, hit, -1)


def joint(*keys: Ints) -> Ints:
    """One dense number for each combination of several keys.

    Parameters
    ----------
    *keys : numpy.ndarray of shape (n,)
        Non-negative numbers; negative where there is no key.

    Returns
    -------
    numpy.ndarray of shape (n,)
        Equal where all keys are equal; negative where any key is negative.
    """
    out = np.asarray(keys[0], dtype=np.int64)
    for key in keys[1:]:
        width = int(key.max(initial=0)) + 2
        _, dense = np.unique(np.where((out < 0) | (key < 0), -1, out * width + key), return_inverse=True)
        lowest = int(((out < 0) | (key < 0)).any())
        out = dense.astype(np.int64) - lowest
    return out
