"""Trees as arrays: each node knows its parent's index; everything else is a few array passes.

A forest of n nodes is one integer array `parent` of shape (n,), -1 at roots. Nodes may stand in any
order. Roots and depths come from pointer doubling (O(n log depth)), subtree sums from one pass over
the layers, deepest first (O(n)).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse

Ints: TypeAlias = npt.NDArray[Any]
"""Integers of either width: 32 bits where the nodes can be numbered with them."""
_THIN = 20_000
"""Layers beyond which one Python step a node is cheaper than one NumPy call a layer."""


@dataclass(frozen=True)
class Forest:
    """A forest without cycles.

    Attributes
    ----------
    parent, root, depth, size : numpy.ndarray of shape (n,)
        Parent index (-1 at roots), index of the tree's root, steps below it, and nodes in the
        subtree (itself included).
    cascade : numpy.ndarray of shape (n,)
        Number of the node's tree, 0 .. m-1 in the order of `roots`.
    roots : numpy.ndarray of shape (m,)
        Root of each tree.
    order : numpy.ndarray of shape (n,)
        Nodes by depth, shallowest first.
    """

    parent: Ints
    root: Ints
    depth: Ints
    size: Ints
    cascade: Ints
    roots: Ints
    order: Ints

    @property
    def n(self) -> int:
        """Nodes."""
        return len(self.parent)


def grow(parent: Ints) -> Forest:
    """Work out roots, depths and subtree sizes of a forest.

    Parameters
    ----------
    parent : numpy.ndarray of shape (n,)
        Parent index, -1 at roots; without cycles (see :func:`break_cycles`).

    Returns
    -------
    Forest

    Raises
    ------
    ValueError
        When a cycle is left.
    """
    parent = np.asarray(parent, dtype=_width(len(parent)))
    root, depth, stuck = climb(parent)
    if len(stuck):
        raise ValueError(f"{len(stuck)} nodes hang on a cycle; call break_cycles first")
    order = by_depth(depth)
    size = subtree_sums(parent, depth, order)
    roots = np.flatnonzero(parent < 0).astype(parent.dtype)
    number = np.empty(len(parent), dtype=parent.dtype)
    number[roots] = np.arange(len(roots), dtype=parent.dtype)
    return Forest(parent, root, depth, size, number[root], roots, order)


def _width(n: int) -> type[np.int32] | type[np.int64]:
    return np.int32 if n < 2**31 - 1 else np.int64


def climb(parent: Ints) -> tuple[Ints, Ints, Ints]:
    """Root and depth of every node by pointer doubling.

    Parameters
    ----------
    parent : numpy.ndarray of shape (n,)
        Parent index, -1 at roots; may have cycles.

    Returns
    -------
    root, depth : numpy.ndarray of shape (n,)
        Index of the tree's root, and steps below it.
    stuck : numpy.ndarray
        Nodes that never arrive at a root, because they lie on or below a cycle; their root and depth mean nothing.
    """
    n = len(parent)
    at = np.where(parent < 0, np.arange(n, dtype=parent.dtype), parent)
    depth = (parent >= 0).astype(np.int32)
    active = np.flatnonzero(parent >= 0)
    active = active[parent[at[active]] >= 0]
    for _ in range(int(n).bit_length() + 1):
        if not len(active):
            break
        here = at[active]
        depth[active] += depth[here]
        at[active] = at[here]
        active = active[parent[at[active]] >= 0]
    return at, depth, active


def break_cycles(parent: Ints) -> tuple[Ints, Ints]:
    """Cut each cycle at its smallest index.

    Parameters
    ----------
    parent : numpy.ndarray of shape (n,)
        Parent index, -1 at roots; not changed.

    Returns
    -------
    parent : numpy.ndarray of shape (n,)
        Without cycles.
    cut : numpy.ndarray
        Nodes whose edge to their parent was dropped.
    """
    parent = np.array(parent, dtype=_width(len(parent)))
    at, _, stuck = climb(parent)
    if not len(stuck):
        return parent, stuck
    ring = np.unique(at[stuck])  # after 2^k >= n steps only nodes on cycles are reached, and all of them
    place = np.full(len(parent), -1, dtype=np.int64)
    place[ring] = np.arange(len(ring))
    step = place[parent[ring]]
    smallest = np.arange(len(ring))
    for _ in range(len(ring).bit_length() + 1):
        smallest = np.minimum(smallest, smallest[step])
        step = step[step]
    cut = ring[smallest == np.arange(len(ring))]
    parent[cut] = -1
    return parent, cut


def by_depth(depth: Ints) -> Ints:
    """Nodes by depth, in a stable order; a radix sort where the depths fit in 16 bits.

    Parameters
    ----------
    depth : numpy.ndarray of shape (n,)
        Steps below the root.

    Returns
    -------
    numpy.ndarray of shape (n,)
        Node indices, shallowest first.
    """
    narrow = depth.astype(np.int16) if len(depth) and depth.max() < 2**15 else depth
    return np.argsort(narrow, kind="stable").astype(_width(len(depth)))


def subtree_sums(parent: Ints, depth: Ints, order: Ints) -> Ints:
    """Nodes in each subtree, itself included, in one pass over the layers from the deepest.

    Parameters
    ----------
    parent, depth : numpy.ndarray of shape (n,)
        Parent index (-1 at roots) and steps below the root.
    order : numpy.ndarray of shape (n,)
        Nodes by depth, from :func:`by_depth`.

    Returns
    -------
    numpy.ndarray of shape (n,)
        Nodes in each subtree, itself included.
    """
    n = len(parent)
    if n == 0:
        return np.zeros(0, dtype=np.int64)
    size = np.bincount(parent[parent >= 0], minlength=n) + 1
    inner = order[(size[order] > 1) & (depth[order] > 0)]  # leaves are counted already
    if not len(inner):
        return size
    above = parent[inner]
    levels = depth[inner]
    if levels[-1] > _THIN:
        return _sequential(size, inner, above)
    edges = np.flatnonzero(np.diff(levels)) + 1
    for start, end in zip(np.r_[0, edges][::-1], np.r_[edges, len(inner)][::-1], strict=True):
        np.add.at(size, above[start:end], size[inner[start:end]] - 1)
    return size


def _sequential(size: Ints, inner: Ints, above: Ints) -> Ints:
    """The same for trees that are thousands of layers deep: one Python step a node."""
    sums = size.tolist()
    for node, up in zip(inner[::-1].tolist(), above[::-1].tolist(), strict=True):
        sums[up] += sums[node] - 1
    return np.asarray(sums, dtype=np.int64)


def group_members(group: Ints, n_groups: int) -> tuple[Ints, Ints]:
    """Members of each group in their present order: a stable counting sort.

    Parameters
    ----------
    group : numpy.ndarray of shape (n,)
        Group of each member, 0 .. n_groups - 1.
    n_groups : int
        Number of groups; some may be empty.

    Returns
    -------
    start : numpy.ndarray of shape (n_groups + 1,)
        Where each group begins in `member`.
    member : numpy.ndarray
        Indices of `group`, group by group.
    """
    n = len(group)
    table = sparse.csr_array(
        (np.ones(n, dtype=np.int8), (group, np.arange(n, dtype=group.dtype))), shape=(n_groups, max(n, 1))
    )
    return table.indptr, table.indices
