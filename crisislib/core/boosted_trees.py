"""Boosted trees as plain arrays: small, readable without pickle, the same on every machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingClassifier

Floats = npt.NDArray[np.float64]
_FIELDS = ("feature", "cut", "left", "right", "blank_left", "value", "root")


@dataclass(frozen=True)
class Trees:
    """All nodes of all trees in one table, and where each tree begins.

    A leaf points to itself, so that a fixed number of steps ends on it.

    Attributes
    ----------
    feature : numpy.ndarray of int16, shape (nodes,)
        Column of the rows that a node tests; 0 for a leaf.
    cut : numpy.ndarray of float32, shape (nodes,)
        Greatest value that goes to the left.
    left, right : numpy.ndarray of int32, shape (nodes,)
        The next node; a leaf's own number.
    blank_left : numpy.ndarray of bool, shape (nodes,)
        Whether a missing value (NaN) goes to the left.
    value : numpy.ndarray of float32, shape (nodes,)
        Log odds that a leaf adds; 0 for other nodes.
    root : numpy.ndarray of int32, shape (trees,)
        First node of each tree.
    start : float
        Log odds before any tree.
    depth : int
        Steps from a root to the deepest leaf.
    """

    feature: npt.NDArray[np.int16]
    cut: npt.NDArray[np.float32]
    left: npt.NDArray[np.int32]
    right: npt.NDArray[np.int32]
    blank_left: npt.NDArray[np.bool_]
    value: npt.NDArray[np.float32]
    root: npt.NDArray[np.int32]
    start: float
    depth: int

    def log_odds(self, x: npt.NDArray[np.floating[Any]]) -> Floats:
        """Raw score (log odds of the positive class) of each row.

        Parameters
        ----------
        x : numpy.ndarray of float, shape (rows, features)
            One row a case; NaN goes to the branch that training gave to missing values.

        Returns
        -------
        numpy.ndarray of float64, shape (rows,)
            `start` plus the leaf values of all trees; the logistic function makes probabilities of it.

        Notes
        -----
        Rows are scored 20,000 at a time, so that memory stays within rows × trees of one part.
        """
        out = np.empty(len(x))
        for first in range(0, len(x), 20_000):
            out[first : first + 20_000] = self._some(x[first : first + 20_000].astype(np.float32))
        return out

    def _some(self, x: npt.NDArray[np.float32]) -> Floats:
        node = np.broadcast_to(self.root, (len(x), len(self.root))).copy()
        row = np.arange(len(x))[:, None]
        for _ in range(self.depth):
            values = x[row, self.feature[node]]
            goes_left = np.where(np.isnan(values), self.blank_left[node], values <= self.cut[node])
            node = np.where(goes_left, self.left[node], self.right[node])
        total: Floats = self.start + self.value[node].sum(axis=1, dtype=np.float64)
        return total

    def arrays(self, prefix: str) -> dict[str, npt.NDArray[np.generic]]:
        """The trees as named arrays for an `.npz` file; :meth:`read` is its inverse.

        Parameters
        ----------
        prefix : str
            Put before each name with an underscore, so that several models fit into one file.

        Returns
        -------
        dict[str, numpy.ndarray]
            `<prefix>_<field>` for every attribute of the class.
        """
        arrays = {f"{prefix}_{name}": getattr(self, name) for name in _FIELDS}
        return arrays | {f"{prefix}_start": np.array(self.start), f"{prefix}_depth": np.array(self.depth)}

    @classmethod
    def read(cls, arrays: Mapping[str, npt.NDArray[np.generic]], prefix: str) -> Trees:
        """The trees from the arrays of an `.npz` file, as :meth:`arrays` made them.

        Parameters
        ----------
        arrays : Mapping[str, numpy.ndarray]
            Arrays by name; others than those of the prefix are ignored.
        prefix : str
            The prefix that :meth:`arrays` was given.

        Returns
        -------
        Trees
            The same trees.

        Raises
        ------
        KeyError
            An array of that prefix is missing.
        """
        fields = {name: arrays[f"{prefix}_{name}"] for name in _FIELDS}
        start, depth = arrays[f"{prefix}_start"], arrays[f"{prefix}_depth"]
        return cls(**fields, start=float(np.asarray(start)), depth=int(np.asarray(depth)))  # type: ignore[arg-type]


def extract_trees(model: HistGradientBoostingClassifier) -> Trees:
    """Copy the trees out of a fitted binary booster of scikit-learn.

    Parameters
    ----------
    model : HistGradientBoostingClassifier
        Fitted, with two classes and without categorical features. Its private fields `_predictors` and
        `_baseline_prediction` are read; a test holds the copy against `decision_function`.

    Returns
    -------
    Trees
        All nodes of all trees; child indices count from the first node of the first tree.
    """
    parts: dict[str, list[npt.NDArray[np.generic]]] = {name: [] for name in _FIELDS}
    first, deepest = 0, 1
    for (tree,) in model._predictors:
        nodes = tree.nodes
        here = np.arange(len(nodes))
        leaf = nodes["is_leaf"].astype(bool)
        parts["feature"].append(np.where(leaf, 0, nodes["feature_idx"]).astype(np.int16))
        parts["cut"].append(np.where(leaf, 0.0, nodes["num_threshold"]).astype(np.float32))
        parts["left"].append((first + np.where(leaf, here, nodes["left"])).astype(np.int32))
        parts["right"].append((first + np.where(leaf, here, nodes["right"])).astype(np.int32))
        parts["blank_left"].append(nodes["missing_go_to_left"].astype(bool))
        parts["value"].append(np.where(leaf, nodes["value"], 0.0).astype(np.float32))
        parts["root"].append(np.array([first], dtype=np.int32))
        deepest = max(deepest, int(nodes["depth"].max()))
        first += len(nodes)
    joined = {name: np.concatenate(values) for name, values in parts.items()}
    start = float(np.ravel(model._baseline_prediction)[0])
    return Trees(**joined, start=start, depth=deepest)
