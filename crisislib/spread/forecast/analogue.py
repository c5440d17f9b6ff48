"""Analogue forecasts: which past cascades began like this one, and what became of them.

A random forest is used only to say how alike two cascades are (the share of trees in which they fall
into one leaf); the forecast is the weighted distribution of what the alike ones became.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from sklearn.ensemble import ExtraTreesRegressor

from crisislib.spread.forecast.events import Floats

_CANDIDATES = 40
_AROUND_MEDIAN = (0.35, 0.45, 0.5, 0.55, 0.65)


class Alike:
    """A forest that gives each new cascade weights over the past ones.

    Parameters
    ----------
    x : numpy.ndarray
        Features of past cascades, shape (m, f), finite.
    target : numpy.ndarray
        What the trees split by, length m.
    trees, leaf, seed : int
        Number of trees, least cascades in a leaf, random seed.

    Notes
    -----
    Weights w_j(x) = mean over trees of 1[j in leaf(x)] / |leaf(x)| (Meinshausen 2006, Quantile regression
    forests, JMLR 7).
    """

    def __init__(self, x: Floats, target: Floats, *, trees: int, leaf: int, seed: int) -> None:
        self.forest = ExtraTreesRegressor(trees, min_samples_leaf=leaf, max_features=0.4, random_state=seed)
        self.forest.fit(x, target)
        self.width = max(int(tree.tree_.node_count) for tree in self.forest.estimators_)
        past = self._leaves(x)
        members = np.asarray(past.sum(axis=0)).ravel()
        self.past = (past @ sparse.diags_array(1 / np.maximum(members, 1))).T.tocsr()

    def _leaves(self, x: Floats) -> sparse.csr_array:
        leaf = self.forest.apply(x)
        rows, trees = leaf.shape
        column = (leaf + np.arange(trees) * self.width).ravel()
        start = np.arange(rows + 1) * trees
        return sparse.csr_array((np.ones(rows * trees), column, start), shape=(rows, trees * self.width))

    def weights(self, x: Floats) -> Floats:
        """Weights over the past cascades, shape (len(x), m); each row sums to one."""
        together = self._leaves(x) @ self.past
        return np.asarray(together.toarray() / self.forest.n_estimators)


def quantile(values: Floats, weights: Floats, q: Floats) -> Floats:
    """Weighted quantiles of each row, interpolated between the middles of the weights.

    Parameters
    ----------
    values, weights : numpy.ndarray
        Shape (r, m).
    q : numpy.ndarray
        Levels in 0-1, shape (l,), for all rows.

    Returns
    -------
    numpy.ndarray
        Shape (r, l).
    """
    order = np.argsort(values, axis=1, kind="stable")
    sorted_values = np.take_along_axis(values, order, 1)
    steps = np.take_along_axis(weights, order, 1)
    level = np.cumsum(steps, axis=1) - steps / 2
    level /= np.maximum(steps.sum(axis=1, keepdims=True), 1e-12)
    return np.stack([np.interp(q, row_level, row) for row_level, row in zip(level, sorted_values, strict=True)])


def rank(values: Floats, weights: Floats, truth: Floats) -> Floats:
    """Probability integral transform: weight at or below each row's truth, ties counted half, length r."""
    below = (weights * (values < truth[:, None] - 1e-12)).sum(axis=1)
    equal = (weights * (np.abs(values - truth[:, None]) <= 1e-12)).sum(axis=1)
    return np.asarray((below + equal / 2) / np.maximum(weights.sum(axis=1), 1e-12))


def closest(values: Floats, weights: Floats) -> Floats:
    """The point with the smallest median relative error under each row's distribution of log values.

    Parameters
    ----------
    values, weights : numpy.ndarray
        Log sizes and their weights, shape (r, m).

    Returns
    -------
    numpy.ndarray
        Log size per row, length r.

    Notes
    -----
    Relative errors |exp(c - v) - 1| are bounded by 1 for forecasts that are too low and unbounded for those
    too high, so the median-optimal point lies at the densest part of the distribution, below the median
    when it is skewed. Levels around the median are averaged, so that few analogues do not make it jump.
    """
    ends = quantile(values, weights, np.array([0.05, 0.7]))
    out = np.empty(len(values))
    for i, (v, w, (low, high)) in enumerate(zip(values, weights, ends, strict=True)):
        use = w > 0
        tries = np.linspace(low, high, _CANDIDATES)
        error = np.abs(np.exp(tries[:, None] - v[use][None]) - 1)
        order = np.argsort(error, axis=1)
        level = np.cumsum(w[use][order], axis=1) / w[use].sum()
        error = np.take_along_axis(error, order, 1)
        loss = [np.interp(_AROUND_MEDIAN, a, b).mean() for a, b in zip(level, error, strict=True)]
        out[i] = tries[int(np.argmin(loss))]
    return out
