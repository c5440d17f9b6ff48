"""Topics keep their names from fit to fit: the new one that holds an old one's posts takes its id."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from crisislib.nlp.topics.clusters import I64
from crisislib.nlp.topics.topic_model import Topics

SAME = 0.2
"""Least overlap (Jaccard of posts) for a new topic to be an old one again."""


def overlap(old: I64, new: I64, n_old: int, n_new: int) -> npt.NDArray[np.float64]:
    """Jaccard overlap of every old topic with every new one, shape (n_old, n_new).

    Parameters
    ----------
    old, new : numpy.ndarray of int64, shape (n,)
        Topic of each text by the old and the new model; −1 outside.
    n_old, n_new : int
        Number of topics of each model.
    """
    table = np.zeros((n_old + 1, n_new + 1))
    np.add.at(table, (old, new), 1)  # −1 lands in the last row and column
    both = table[:-1, :-1]
    either = table.sum(1)[:-1, None] + table.sum(0)[None, :-1] - both
    return np.asarray(both / np.maximum(either, 1))


def carry(before: Topics, old: I64, after: Topics, new: I64, next_number: int) -> tuple[Topics, int]:
    """The new topics under the old names where they are the same, and under fresh names elsewhere.

    Parameters
    ----------
    before, after : Topics
        The old model and the new one.
    old, new : numpy.ndarray of int64, shape (n,)
        Topic of the same texts by each.
    next_number : int
        First number that was never used for a topic of this watch.

    Returns
    -------
    tuple of (Topics, int)
        The new topics named, and the next free number.

    Notes
    -----
    One-to-one matching of greatest total overlap (Hungarian method, Kuhn 1955); pairs below SAME are
    not matched, and the name of a topic that is gone is never given to another.
    """
    alike = overlap(old, new, len(before.ids), len(after.ids))
    rows, columns = linear_sum_assignment(-alike)
    names = {int(c): before.ids[int(r)] for r, c in zip(rows, columns, strict=True) if alike[r, c] >= SAME}
    ids = []
    for place in range(len(after.ids)):
        if place not in names:
            names[place] = f"t{next_number:03d}"
            next_number += 1
        ids.append(names[place])
    return replace(after, ids=tuple(ids)), next_number
