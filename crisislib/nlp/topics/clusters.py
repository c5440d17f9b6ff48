"""Vectors to clusters: how many, where their centres are, and which texts lie outside."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.cluster import MiniBatchKMeans
from sklearn.metrics import silhouette_score
from sklearn.preprocessing import normalize

from crisislib.nlp.topics.vectors import F32

I64 = npt.NDArray[np.int64]

GRID = (5, 8, 12, 16, 20, 25, 30, 40, 50)
"""Numbers of topics tried: steps of about a quarter, up to what a person can read."""
TEXTS_PER_TOPIC = 15
"""Distinct texts needed for each topic: a topic of fewer is one thread and no theme."""
OUTSIDE = 0.05
"""Share of the texts learned from that count as outside every topic; later batches may have more or less."""
NEAR_BEST = 0.95
"""Share of the best silhouette that is good enough: the curve is flat, and fewer topics read better."""
STARTS = 5
"""Random beginnings of the centres that are kept; to compare numbers of topics one is enough, the curve being flat."""
_SAMPLE = 3_000
"""Texts that the silhouette is computed on: its cost is quadratic, and its error at 3,000 is below 0.01."""


def centres(vectors: F32, weights: npt.NDArray[np.float64], k: int, seed: int, starts: int = STARTS) -> F32:
    """Unit centres of clusters on the sphere.

    Parameters
    ----------
    vectors : numpy.ndarray of float32, shape (n, dim)
        Unit vectors.
    weights : numpy.ndarray of shape (n,)
        Weight of each text.
    k : int
        Number of clusters, at most n.
    seed : int
    starts : int
        Random beginnings of which the best is gone on with.

    Returns
    -------
    numpy.ndarray of float32, shape (k, dim)
    """
    means = MiniBatchKMeans(k, n_init=starts, batch_size=2048, max_iter=60, random_state=seed, reassignment_ratio=0.005)
    means.fit(vectors, sample_weight=weights)
    unit: F32 = normalize(means.cluster_centers_).astype(np.float32)
    for _ in range(5):  # a few full passes of spherical k-means settle what mini-batches left rough
        nearest = (vectors @ unit.T).argmax(1)
        member = sparse.csr_array((weights, (nearest, np.arange(len(vectors)))), shape=(k, len(vectors)))
        sums = member @ vectors
        empty = np.abs(sums).sum(1) == 0
        unit = np.where(empty[:, None], unit, normalize(sums)).astype(np.float32)
    return unit


def choose(vectors: F32, weights: npt.NDArray[np.float64], seed: int) -> int:
    """Number of topics: the smallest of a grid whose silhouette is within 5 % of the best.

    Parameters
    ----------
    vectors : numpy.ndarray of float32, shape (n, dim)
        Unit vectors.
    weights : numpy.ndarray of shape (n,)
        Weight of each text.
    seed : int

    Returns
    -------
    int

    Notes
    -----
    Mean silhouette by cosine on at most 3,000 texts; Rousseeuw 1987, doi:10.1016/0377-0427(87)90125-7.
    """
    chosen = np.random.default_rng(seed).permutation(len(vectors))[: 2 * _SAMPLE]
    part, mass = vectors[chosen], weights[chosen]
    grid = [k for k in GRID if k * TEXTS_PER_TOPIC <= len(vectors)] or [2]
    scores = []
    for k in grid:
        nearest = (part @ centres(part, mass, k, seed, starts=1).T).argmax(1)[:_SAMPLE]
        many = len(np.unique(nearest)) > 1
        scores.append(silhouette_score(part[:_SAMPLE], nearest, metric="cosine") if many else -1.0)
    best = max(scores)
    return next(k for k, score in zip(grid, scores, strict=True) if score >= best - (1 - NEAR_BEST) * abs(best))


class Nearest:
    """Clusters by nearest centre, in the shape that BERTopic takes a clustering model.

    Parameters
    ----------
    k : int or None
        Number of clusters; chosen from the data when None.
    seed : int
    weights : numpy.ndarray, shape (n,)
        How much each text counts in placing the centres.

    Attributes
    ----------
    labels_ : numpy.ndarray of int64, shape (n,)
        Cluster of each text learned from; −1 outside.
    centres_ : numpy.ndarray of float32, shape (k, dim)
    threshold_ : float
        Cosine similarity below which a text lies outside.
    """

    def __init__(self, k: int | None, seed: int, weights: npt.NDArray[np.float64]) -> None:
        self.k, self.seed, self.weights = k, seed, weights

    def fit(self, vectors: F32, y: object = None) -> Nearest:
        """Place the centres and set the threshold.

        Parameters
        ----------
        vectors : numpy.ndarray of float32, shape (n, dim)
            Unit vectors.
        y : None
            Not used; scikit-learn's convention.

        Returns
        -------
        Nearest
        """
        k = self.k or choose(vectors, self.weights, self.seed)
        self.centres_ = centres(vectors, self.weights, min(k, len(vectors)), self.seed)
        likeness = vectors @ self.centres_.T
        self.threshold_ = float(np.quantile(likeness.max(1), OUTSIDE))
        self.labels_ = self.predict(vectors)
        return self

    def predict(self, vectors: F32) -> I64:
        """Nearest centre of each vector.

        Parameters
        ----------
        vectors : numpy.ndarray of float32, shape (n, dim)
            Unit vectors.

        Returns
        -------
        numpy.ndarray of int64, shape (n,)
            -1 where no centre is near enough.
        """
        likeness = vectors @ self.centres_.T
        return np.where(likeness.max(1) >= self.threshold_, likeness.argmax(1), -1)
