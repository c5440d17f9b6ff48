"""Latent directions of the n-grams of a stream (LSA), learned from posts without labels.

Labels are few and words are many; two words that keep the same company may share what a label says of one of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from sklearn.decomposition import TruncatedSVD

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]

DIRECTIONS = 100
"""Latent directions at most: as in latent semantic analysis, a hundred hold most of what words share."""
POSTS_EACH, GRAMS_EACH = 20, 100
"""Posts and n-grams for each direction: a small stream has fewer of them, and a very small one has none. With as many
directions as words, words that stand in for each other come out as opposites."""
MOST = 8_000
"""Posts that are read at most, drawn by seed; more of them change the directions little."""
OFTEN = 2
"""Posts that an n-gram must stand in."""


@dataclass(frozen=True)
class LatentSpace:
    """Latent directions of a stream.

    Attributes
    ----------
    used : numpy.ndarray of int64
        Places of the n-grams that the directions are made of.
    weights : numpy.ndarray, (n_used, n_directions)
        What each n-gram adds to each direction.
    """

    used: I64
    weights: F64

    def of(self, grams: sp.csr_matrix) -> F64:
        """Coordinates of posts.

        Parameters
        ----------
        grams : scipy.sparse.csr_matrix of shape (n, 2**BITS)
            Their n-grams.

        Returns
        -------
        numpy.ndarray of shape (n, n_directions)
        """
        return np.asarray(grams[:, self.used] @ self.weights)


def company(
    grams: sp.csr_matrix, seed: int = 0, *, directions: int = DIRECTIONS, most: int = MOST, often: int = OFTEN
) -> LatentSpace:
    """Directions of a stream.

    Parameters
    ----------
    grams : scipy.sparse.csr_matrix, (n_posts, 2**BITS)
        N-grams of posts, labelled or not.
    seed : int
        Of the draw and of the decomposition.
    directions, most, often : int
        How many directions at most, from how many posts at most, of n-grams that stand in how many of them.

    Returns
    -------
    Company

    Notes
    -----
    Truncated singular value decomposition of the n-grams weighted by rarity (latent semantic analysis, Deerwester et
    al. 1990, doi:10.1002/(SICI)1097-4571(199009)41:6<391::AID-ASI1>3.0.CO;2-9). Each direction is divided by the
    square root of its spread, half way between the raw directions, of which the first few drown the others, and equal
    ones; then all together have a mean square of 1. The map is linear, so a linear model over the directions is one
    over the n-grams.
    """
    if grams.shape[0] > most:
        grams = grams[np.sort(np.random.default_rng(seed).choice(grams.shape[0], most, replace=False))]
    n = grams.shape[0]
    stands_in = np.bincount(grams.indices, minlength=grams.shape[1])
    used = np.flatnonzero(stands_in >= often).astype(np.int64)
    count = min(directions, n // POSTS_EACH, len(used) // GRAMS_EACH)
    if count < 1:
        return LatentSpace(np.zeros(0, dtype=np.int64), np.zeros((0, 0)))
    rarity = np.log((1 + n) / (1 + stands_in[used]))
    weighted = (grams[:, used] @ sp.diags_array(rarity)).tocsr()
    decomposition = TruncatedSVD(count, n_iter=2, random_state=seed).fit(weighted)
    spread = np.sqrt(np.maximum(decomposition.transform(weighted).std(axis=0), 1e-9))
    weights = rarity[:, None] * decomposition.components_.T / spread
    whole = np.sqrt((np.asarray(grams[:, used] @ weights) ** 2).mean())
    return LatentSpace(used, weights / max(whole, 1e-9))
