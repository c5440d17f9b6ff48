"""Texts that say the same in other words, as groups: average linkage over the most frequent, the rest by nearness."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.cluster import hierarchy
from scipy.spatial.distance import squareform

ALIKE = 0.25
"""Mean likeness (cosine) at which two groups are one claim: versions of one sentence lie above, two claims of one
incident, which share its subject, below."""
JOINS = 0.3
"""Likeness to a group's mean from which a further text joins it."""


def group_texts(
    vectors: sparse.csr_matrix, counts: npt.NDArray[np.int64], *, most: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Groups of texts by what they say.

    Parameters
    ----------
    vectors : scipy.sparse.csr_matrix of shape (texts, words)
        Rows of length one, the most frequent first; a row of zeros belongs to no group.
    counts : numpy.ndarray of shape (texts,)
        Posts with each text.
    most : int
        Texts that are linked with each other; the time grows with its square.

    Returns
    -------
    group : numpy.ndarray of shape (texts,)
        Group of each, -1 for none.
    centres : numpy.ndarray of shape (groups, words)
        Mean vector of each group, of length one.
    """
    n = vectors.shape[0]
    filled = np.asarray(vectors.multiply(vectors).sum(axis=1)).ravel() > 0
    head = np.flatnonzero(filled)[:most]
    group = np.full(n, -1, dtype=np.int64)
    if len(head) < 2:
        group[head] = 0
        return group, np.asarray(vectors[head].todense()) if len(head) else np.zeros((0, vectors.shape[1]))
    top = vectors[head]
    apart = 1 - np.asarray((top @ top.T).todense())
    apart = np.clip((apart + apart.T) / 2, 0, 1)
    np.fill_diagonal(apart, 0)
    tree = hierarchy.linkage(squareform(apart, checks=False), method="average")
    group[head] = hierarchy.fcluster(tree, 1 - ALIKE, criterion="distance") - 1
    centres = _centres(vectors, group, counts)
    rest = np.flatnonzero(filled & (group < 0))
    if len(rest):
        near = np.asarray(vectors[rest] @ centres.T)
        best = near.argmax(axis=1)
        group[rest] = np.where(near[np.arange(len(rest)), best] >= JOINS, best, -1)
    return group, centres


def _centres(
    vectors: sparse.csr_matrix, group: npt.NDArray[np.int64], counts: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    known = np.flatnonzero(group >= 0)
    weight = 1 + np.log(np.maximum(counts[known], 1))
    groups = int(group.max()) + 1
    member = sparse.csr_matrix((weight, (group[known], known)), shape=(groups, vectors.shape[0]))
    mean = np.asarray((member @ vectors).todense())
    return np.asarray(mean / np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-9))
