"""Analogue forecasts: which past cascades began like this one, and what became of them.

A random forest is used only to say how alike two cascades are (the share of trees in which they fall
into one leaf); the forecast is the weighted distribution of what the alike ones became.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from crisislib.spread.forecast.events import Floats


@dataclass(frozen=True)
class Forest:
    """Split trees as plain arrays, all nodes of all trees in one table: what a file can hold.

    Attributes
    ----------
    feature : numpy.ndarray
        Column that a node splits by.
    cut : numpy.ndarray
        A row goes left where its value, as a 32-bit float, is not above this.
    left, right : numpy.ndarray
        Steps from a node to its children; 0 in a leaf, so that a fixed number of steps ends on it.
    root : numpy.ndarray
        Node at which each tree begins.
    depth : int
        Of the deepest tree.
    """

    feature: npt.NDArray[np.int16]
    cut: npt.NDArray[np.float32]
    left: npt.NDArray[np.uint16]
    right: npt.NDArray[np.uint16]
    root: npt.NDArray[np.int32]
    depth: int

    @classmethod
    def of(cls, trees: Sequence[Any]) -> Forest:
        """Take over the trees of a fitted scikit-learn forest.

        Parameters
        ----------
        trees : sequence of sklearn.tree._tree.Tree
            The `tree_` of its estimators.

        Returns
        -------
        Forest
        """
        root = np.cumsum([0, *(tree.node_count for tree in trees)])[:-1].astype(np.int32)
        feature, cut, left, right = (
            np.concatenate([getattr(tree, name) for tree in trees])
            for name in ("feature", "threshold", "children_left", "children_right")
        )
        place = np.concatenate([np.arange(tree.node_count) for tree in trees])
        leaf = left < 0
        # Rows are compared as 32-bit floats: the next such float at or below the cut parts them in the same way.
        near = cut.astype(np.float32)
        near = np.where(near > cut, np.nextafter(near, np.float32(-np.inf)), near)
        return cls(
            np.where(leaf, 0, feature).astype(np.int16),
            np.where(leaf, np.float32(0), near),
            np.where(leaf, 0, left - place).astype(np.uint16),
            np.where(leaf, 0, right - place).astype(np.uint16),
            root,
            max(int(tree.max_depth) for tree in trees),
        )

    def leaves(self, x: Floats) -> npt.NDArray[np.int32]:
        """Leaf that each row ends in, for every tree.

        Parameters
        ----------
        x : numpy.ndarray of shape (r, f)
            Finite features.

        Returns
        -------
        numpy.ndarray of shape (r, trees)
            Places in the table of nodes.
        """
        values = np.asarray(x).astype(np.float32)
        node = np.broadcast_to(self.root, (len(values), len(self.root))).copy()
        row = np.arange(len(values))[:, None]
        for _ in range(self.depth):
            goes_left = values[row, self.feature[node]] <= self.cut[node]
            node += np.where(goes_left, self.left[node], self.right[node]).astype(np.int32)
        return node


class AnalogueForest:
    """A forest that gives each new cascade weights over the past ones.

    Parameters
    ----------
    forest : Forest
        Trees that were fitted to the past cascades.
    leaves : numpy.ndarray
        Where the past cascades ended in it, shape (m, trees).

    Notes
    -----
    Weights w_j(x) = mean over trees of 1[j in leaf(x)] / |leaf(x)| (Meinshausen 2006, Quantile regression
    forests, JMLR 7).
    """

    def __init__(self, forest: Forest, leaves: npt.NDArray[np.integer[Any]]) -> None:
        self.forest, self.leaves = forest, leaves
        past = self._leaf_matrix(leaves)
        members = np.asarray(past.sum(axis=0)).ravel()
        self._past = (past @ sparse.diags_array(1 / np.maximum(members, 1))).T.tocsr()

    @classmethod
    def fit(cls, x: Floats, target: Floats, *, trees: int, leaf: int, seed: int) -> AnalogueForest:
        """Fit a forest to past cascades.

        Parameters
        ----------
        x : numpy.ndarray
            Features of past cascades, shape (m, f), finite.
        target : numpy.ndarray
            What the trees split by, length m.
        trees, leaf, seed : int
            Number of trees, least cascades in a leaf, random seed.
        """
        from sklearn.ensemble import ExtraTreesRegressor

        # On all cores: each tree has its own random state, so that the forest is the same on any number of them.
        fitted = ExtraTreesRegressor(trees, min_samples_leaf=leaf, max_features=0.4, random_state=seed, n_jobs=-1).fit(
            x, target
        )
        forest = Forest.of([tree.tree_ for tree in fitted.estimators_])
        return cls(forest, forest.leaves(x))

    def _leaf_matrix(self, leaves: npt.NDArray[np.integer[Any]]) -> sparse.csr_array:
        rows, trees = leaves.shape
        start = np.arange(rows + 1) * trees
        column = leaves.ravel().astype(np.int64)
        return sparse.csr_array((np.ones(rows * trees), column, start), shape=(rows, len(self.forest.cut)))

    def weights(self, x: Floats) -> Floats:
        """Weights over the past cascades.

        Parameters
        ----------
        x : numpy.ndarray of shape (r, f)
            Features of new cascades, finite.

        Returns
        -------
        numpy.ndarray of shape (r, m)
            Each row sums to one.
        """
        shared = self._leaf_matrix(self.forest.leaves(x)) @ self._past
        return np.asarray(shared.toarray() / len(self.forest.root))


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
    """Probability integral transform: weight at or below each row's truth, ties counted half.

    Parameters
    ----------
    values, weights : numpy.ndarray of shape (r, m)
        Values and their weights, row by row.
    truth : numpy.ndarray of shape (r,)
        What came true.

    Returns
    -------
    numpy.ndarray of shape (r,)
        Levels in 0-1; uniform where the distributions are right.
    """
    below = (weights * (values < truth[:, None] - 1e-12)).sum(axis=1)
    equal = (weights * (np.abs(values - truth[:, None]) <= 1e-12)).sum(axis=1)
    return np.asarray((below + equal / 2) / np.maximum(weights.sum(axis=1), 1e-12))
