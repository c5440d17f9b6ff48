"""The shape of trees: how deep they branch, how viral they are, where a rumour most likely began."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from crisislib.spread.cascades.forest import Forest, Ints

Floats: TypeAlias = npt.NDArray[np.float64]


def wiener(forest: Forest) -> Floats:
    """Sum of the distances over all unordered pairs of each tree.

    Parameters
    ----------
    forest : Forest
        With m trees.

    Returns
    -------
    numpy.ndarray of shape (m,)
        In steps; 0 for a single post.

    Notes
    -----
    An edge above a subtree of s nodes lies on s(n-s) of the paths, so W = sum over edges s(n-s)
    = n * sum s - sum s^2, in O(n).
    """
    below = forest.parent >= 0
    size = forest.size[below].astype(np.float64)
    cascade = forest.cascade[below]
    m = len(forest.roots)
    first = np.bincount(cascade, weights=size, minlength=m)
    second = np.bincount(cascade, weights=size * size, minlength=m)
    return np.asarray(forest.size[forest.roots] * first - second, dtype=np.float64)


def virality(wiener_sum: Floats, n: Ints) -> Floats:
    """Structural virality: mean distance between two posts of a cascade; nan for a single post.

    Parameters
    ----------
    wiener_sum : numpy.ndarray of shape (m,)
        Sum of the distances, from :func:`wiener`.
    n : numpy.ndarray of shape (m,)
        Posts of each cascade.

    Returns
    -------
    numpy.ndarray of shape (m,)
        Mean distance in steps.

    Notes
    -----
    nu(T) = 2 W / (n (n-1)); a star has 2(n-1)/n, a path (n+1)/3. Goel, Anderson, Hofman, Watts
    (2016), doi:10.1287/mnsc.2015.2158.
    """
    nodes = np.asarray(n, dtype=np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean: Floats = np.where(nodes > 1, 2 * wiener_sum / (nodes * (nodes - 1)), np.nan)
    return mean


def layers(forest: Forest) -> tuple[Ints, Ints]:
    """Posts in each layer of each tree.

    Parameters
    ----------
    forest : Forest
        With m trees.

    Returns
    -------
    start : numpy.ndarray of shape (m + 1,)
        Where each tree begins in `count`; its layer d stands at `start[tree] + d`.
    count : numpy.ndarray
        Posts of each layer; never 0.
    """
    deepest = np.zeros(len(forest.roots), dtype=np.int64)
    deepest[forest.cascade[forest.order]] = forest.depth[forest.order]  # the last one to be written is the deepest
    start = np.r_[0, np.cumsum(deepest + 1)]
    count = np.bincount(start[:-1][forest.cascade] + forest.depth, minlength=int(start[-1]))
    return start, count


def rumour_centrality(forest: Forest) -> Floats:
    """Log of the number of orders in which each node, as the source, could have reached its tree.

    Parameters
    ----------
    forest : Forest
        With n nodes.

    Returns
    -------
    numpy.ndarray of shape (n,)
        log R(v); comparable within one tree only.

    Notes
    -----
    log R(root) = log n! - sum over v of log s_v, and moving the source from u to its child v adds
    log(s_v / (n - s_v)). O(n). Shah & Zaman (2011), doi:10.1109/TIT.2011.2158885. It looks at shape
    alone: the direction of edges and the times are not used.
    """
    from scipy.special import gammaln

    size = forest.size.astype(np.float64)
    n = size[forest.root]
    logs = np.bincount(forest.cascade, weights=np.log(size), minlength=len(forest.roots))
    out: Floats = np.zeros(forest.n)
    out[forest.roots] = gammaln(n[forest.roots] + 1) - logs
    gain = np.where(forest.parent >= 0, np.log(size) - np.log(np.maximum(n - size, 1)), 0.0)
    return out[forest.root] + _sum_to_root(forest, gain)


def _sum_to_root(forest: Forest, value: Floats) -> Floats:
    """Sum of a value over the path from each node up to its root, by pointer doubling."""
    at = np.where(forest.parent < 0, np.arange(forest.n), forest.parent)
    total: Floats = np.where(forest.parent < 0, 0.0, value)
    active = np.flatnonzero(forest.depth > 0)
    while len(active):
        here = at[active]
        total[active] += total[here]
        at[active] = at[here]
        active = active[forest.parent[at[active]] >= 0]
    return total
