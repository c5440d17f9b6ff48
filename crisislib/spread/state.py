"""Cascade measures kept up as posts arrive: the cost is that of what is new, not of what is held.

Each tree keeps n, sum s and sum s^2 over its subtree sizes (from which the Wiener index follows),
its layers as a linked list, and its times in order. A new post changes the sizes on its way up to
the root and one layer; nothing else is looked at.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from crisislib.spread.forest import Floats, Ints, gather, grow, layers, virality
from crisislib.spread.grown import Column
from crisislib.spread.measures import Measures, breakout_of, momentum
from crisislib.spread.ordered import Ordered

_ROOM = 1.25
"""Space held ready, so that arriving posts do not move what is there."""


class CascadeState:
    """All cascades of a watch, ready for more posts.

    Parameters
    ----------
    parent : numpy.ndarray of shape (n,)
        Parent index of each node, -1 at roots; no cycles.
    at : numpy.ndarray of shape (n,)
        Microseconds since 1970.

    Notes
    -----
    Adding k posts costs O(k x depth) for the sizes, O(k) for the layers and O(k log n) for the
    times. :meth:`measures` gives exactly what :func:`crisislib.spread.measures.measure` gives over
    all posts at once; a test holds the two against each other.
    """

    def __init__(self, parent: Ints, at: npt.NDArray[np.int64]) -> None:
        forest = grow(parent)
        m = len(forest.roots)
        self._parent = Column(forest.parent, _ROOM)
        self._size = Column(forest.size.astype(np.int32), _ROOM)
        self._cascade = Column(forest.cascade, _ROOM)
        below = forest.parent >= 0
        size = forest.size[below].astype(np.float64)
        self._n = Column(forest.size[forest.roots].astype(np.int64), _ROOM)
        self._sum = Column(np.bincount(forest.cascade[below], weights=size, minlength=m), _ROOM)
        self._squares = Column(np.bincount(forest.cascade[below], weights=size * size, minlength=m), _ROOM)
        self._start_layers(forest.cascade, forest.depth, *layers(forest))
        start, member = gather(forest.cascade, m)
        self._times = Ordered(start, at, member)

    def _start_layers(self, cascade: Ints, depth: Ints, start: Ints, count: Ints) -> None:
        """Layers as entries that know the one below; -1 at the deepest."""
        follows = np.arange(1, len(count) + 1)
        follows[start[1:] - 1] = -1
        wide = count.copy()
        wide[start[:-1]] = 0
        self._layer = Column((start[:-1][cascade] + depth).astype(np.int32), _ROOM)
        self._layer_count = Column(count.astype(np.int64), _ROOM)
        self._layer_next = Column(follows.astype(np.int64), _ROOM)
        self._layer_depth = Column((np.arange(len(count)) - np.repeat(start[:-1], np.diff(start))), _ROOM)
        self._depth = Column(np.diff(start) - 1, _ROOM)
        self._breadth = Column(np.maximum.reduceat(wide, start[:-1]) if len(wide) else wide, _ROOM)

    @property
    def n(self) -> int:
        """Nodes held."""
        return len(self._parent)

    @property
    def n_cascades(self) -> int:
        """Cascades held."""
        return len(self._n)

    def add(self, parent: Ints, at: npt.NDArray[np.int64]) -> Ints:
        """Take in new posts.

        Parameters
        ----------
        parent : numpy.ndarray of shape (k,)
            Index of the parent of each, -1 for the start of a new cascade; a parent may stand in the
            same batch, before its child.
        at : numpy.ndarray of shape (k,)
            Microseconds since 1970.

        Returns
        -------
        numpy.ndarray
            Cascades that changed.

        Raises
        ------
        ValueError
            When a parent is not held and not earlier in the batch.
        """
        parent = np.asarray(parent, dtype=np.int64)
        first = self.n
        if len(parent) and not (parent < first + np.arange(len(parent))).all():
            raise ValueError("a parent must be held already or stand before its child in the batch")
        self._parent.extend(parent)
        self._size.extend(np.ones(len(parent), dtype=np.int32))
        self._cascade.extend(np.full(len(parent), -1))
        self._layer.extend(np.full(len(parent), -1))
        node = first + np.arange(len(parent))
        self._begin(node[parent < 0])
        waiting = node[parent >= 0]
        while len(waiting):  # once for each layer within the batch
            ready = self._cascade.data[self._parent.data[waiting]] >= 0
            self._hang(waiting[ready])
            waiting = waiting[~ready]
        self._resize(node[parent >= 0])
        changed: Ints = np.unique(self._cascade.data[node])
        self._times.add(self._cascade.data[node], np.asarray(at, dtype=np.int64), self.n_cascades)
        return changed

    def _begin(self, node: Ints) -> None:
        """New roots, each a cascade of its own with one layer."""
        k = len(node)
        self._cascade.data[node] = self.n_cascades + np.arange(k)
        self._layer.data[node] = len(self._layer_count) + np.arange(k)
        for column, value in (
            (self._n, 1), (self._sum, 0), (self._squares, 0), (self._depth, 0), (self._breadth, 0),
            (self._layer_count, 1), (self._layer_next, -1), (self._layer_depth, 0),
        ):  # fmt: skip
            column.extend(np.full(k, value))

    def _hang(self, node: Ints) -> None:
        """Put nodes whose parents are placed into their cascade and layer."""
        above = self._layer.data[self._parent.data[node]]
        cascade = self._cascade.data[self._parent.data[node]]
        self._cascade.data[node] = cascade
        new, where = np.unique(above[self._layer_next.data[above] < 0], return_index=True)
        owner = cascade[self._layer_next.data[above] < 0][where]
        self._layer_next.data[new] = len(self._layer_count) + np.arange(len(new))
        self._layer_count.extend(np.zeros(len(new)))
        self._layer_next.extend(np.full(len(new), -1))
        self._layer_depth.extend(self._layer_depth.data[new] + 1)
        self._depth.data[owner] = np.maximum(self._depth.data[owner], self._layer_depth.data[new] + 1)
        layer = self._layer_next.data[above]
        self._layer.data[node] = layer
        np.add.at(self._layer_count.data, layer, 1)
        np.maximum.at(self._breadth.data, cascade, self._layer_count.data[layer])

    def _resize(self, node: Ints) -> None:
        """Count new nodes into every subtree above them, and themselves into their tree's sums."""
        np.add.at(self._n.data, self._cascade.data[node], 1)
        np.add.at(self._sum.data, self._cascade.data[node], 1.0)
        np.add.at(self._squares.data, self._cascade.data[node], 1.0)
        at, gain = np.unique(self._parent.data[node], return_counts=True)
        while len(at):
            old = self._size.data[at].astype(np.float64)
            self._size.data[at] += gain.astype(np.int32)
            up = self._parent.data[at]
            inner = up >= 0  # the root's own size is no edge
            at, gain, old, up = at[inner], gain[inner], old[inner], up[inner]
            cascade = self._cascade.data[at]
            np.add.at(self._sum.data, cascade, gain.astype(np.float64))
            np.add.at(self._squares.data, cascade, (old + gain) ** 2 - old**2)
            at, inverse = np.unique(up, return_inverse=True)
            gain = np.bincount(inverse, weights=gain).astype(np.int64)

    def measures(self, which: Ints | None = None, *, until: int, generation_us: int) -> Measures:
        """Measures of some cascades, or of all, at an instant.

        Parameters
        ----------
        which : numpy.ndarray, optional
            Numbers of cascades; all when left out.
        until, generation_us : int
            As in :func:`crisislib.spread.measures.measure`.
        """
        who = np.arange(self.n_cascades) if which is None else np.asarray(which)
        n = self._n.data[who]
        first = self._times.at_rank(who, np.zeros(len(who), dtype=np.int64))
        half = (self._times.at_rank(who, (n + 1) // 2 - 1) - first) / 1e6
        half_s = np.where(n > 1, half, np.nan)
        with np.errstate(divide="ignore", invalid="ignore"):
            speed = np.where(half_s > 0, np.ceil(n / 2) / half_s * 3600, np.nan)
        recent, of = self._times.since(until - 2 * generation_us)
        r_number = momentum(of, recent, self.n_cascades, until=until, generation_us=generation_us)
        wiener = n * self._sum.data[who] - self._squares.data[who]
        return Measures(
            n, self._depth.data[who].astype(np.int64), self._breadth.data[who].astype(np.int64), virality(wiener, n),
            first, self._times.at_rank(who, n - 1), half_s, speed,
            breakout_of(n, lambda some, rank: self._times.at_rank(who[some], rank)), r_number[who],
        )  # fmt: skip

    def virality(self) -> Floats:
        """Structural virality of every cascade."""
        return virality(self._n.data * self._sum.data - self._squares.data, self._n.data)
