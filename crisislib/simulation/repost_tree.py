"""Who answers or passes on whom: parents by popularity and recency, roots by pointer jumping."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from crisislib.simulation.daily_rhythm import Floats
from crisislib.simulation.grammar import Ints


def attach(
    rng: np.random.Generator, children: Ints, eligible: Ints, weight: Floats, *, rounds: int, span: float
) -> Ints:
    """A parent for each child among the eligible rows before it.

    Draws `rounds` earlier candidates, about `span` rows back, and takes the one of
    greatest weight: a tournament, so that few posts gather most of the answers.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of the draws.
    children, eligible : array of int
        Row numbers in time order, rising.
    weight : array of float
        Popularity of every row.
    rounds : int
        Candidates per child.
    span : float
        Mean distance back, in eligible rows; where fewer are there, all of the past is drawn from evenly.

    Returns
    -------
    array of int
        Parent row per child; -1 where nothing came before.
    """
    before = np.searchsorted(eligible, children)
    best = np.full(len(children), -1, dtype=np.int64)
    some = before > 0
    if not some.any():
        return best
    room = before[some]
    recency = np.maximum(1.0, room / span)
    for _ in range(rounds):
        place = (room * rng.random(len(room)) ** (1 / recency)).astype(np.int64)
        candidate = eligible[np.minimum(place, room - 1)]
        held = best[some]
        best[some] = np.where((held < 0) | (weight[candidate] > weight[held]), candidate, held)
    return best


def roots(parent: Ints) -> Ints:
    """The root row of every row, in O(n log depth).

    Parameters
    ----------
    parent : array of int, shape (n,)
        Row of the parent; negative for a root.

    Returns
    -------
    array of int, shape (n,)
        Row of the root of each; a root is its own.
    """
    root = np.where(parent < 0, np.arange(len(parent)), parent)
    while True:
        further = root[root]
        if np.array_equal(further, root):
            return root
        root = further


def flatten(parent: Ints, rows: npt.NDArray[np.bool_]) -> Ints:
    """The same tree where the answers of `rows` all hang on their root, as in a forum's threads.

    Parameters
    ----------
    parent : array of int, shape (n,)
        Row of the parent; negative for a root.
    rows : array of bool, shape (n,)
        Which rows to hang on their root.

    Returns
    -------
    array of int, shape (n,)
        Parents; a copy.
    """
    flat = parent.copy()
    answers = rows & (parent >= 0)
    flat[answers] = roots(parent)[answers]
    return flat


def depths(parent: Ints) -> Ints:
    """Steps to the root; parents stand before their children.

    Parameters
    ----------
    parent : array of int, shape (n,)
        Row of the parent; negative for a root.

    Returns
    -------
    array of int, shape (n,)
        0 for roots.
    """
    depth = np.zeros(len(parent), dtype=np.int64)
    above = parent.copy()
    while (live := above >= 0).any():
        depth[live] += 1
        above[live] = parent[above[live]]
    return depth
