"""Times of each cascade in order, with new ones joining: the k-th post of a cascade at any moment."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from crisislib.spread.forest import Ints


class Ordered:
    """Sorted times per cascade: a large settled part and a small part that has come since.

    Parameters
    ----------
    start : numpy.ndarray of shape (m + 1,)
        Where each cascade begins in `member`.
    at : numpy.ndarray of shape (n,)
        Microseconds.
    member : numpy.ndarray of shape (n,)
        Nodes, cascade by cascade.

    Notes
    -----
    The rank of each newcomer in the settled part is found by bisection; the k-th of both together
    follows from those ranks. When the newcomers pass a twentieth of the whole, all is settled again.
    """

    def __init__(self, start: Ints, at: npt.NDArray[np.int64], member: Ints) -> None:
        times = at[member]
        cascade = np.repeat(np.arange(len(start) - 1), np.diff(start))
        rising = np.diff(times) >= 0
        rising[start[1:-1][start[1:-1] < len(times)] - 1] = True
        if not rising.all():
            times = times[np.lexsort((times, cascade))]
        self._settle(start, times)

    def _settle(self, start: Ints, times: npt.NDArray[np.int64]) -> None:
        self._start = np.asarray(start, dtype=np.int64)
        self._times = times
        self._by_time: Ints = np.argsort(times, kind="stable")
        self._new_cascade = np.zeros(0, dtype=np.int64)
        self._new_at = np.zeros(0, dtype=np.int64)
        self._new_start = np.zeros(len(start), dtype=np.int64)
        self._new_rank = np.zeros(0, dtype=np.int64)

    def add(self, cascade: Ints, at: npt.NDArray[np.int64], n_cascades: int) -> None:
        """Take in the times of new posts; cascades may be new too."""
        joined = np.r_[self._new_cascade, cascade]
        times = np.r_[self._new_at, at]
        order = np.lexsort((times, joined))
        self._new_cascade, self._new_at = joined[order], times[order]
        grown = n_cascades + 1 - len(self._start)
        if grown:
            self._start = np.r_[self._start, np.full(grown, self._start[-1])]
        count = np.bincount(self._new_cascade, minlength=n_cascades)
        self._new_start = np.r_[0, np.cumsum(count)]
        if len(joined) > max(len(self._times) // 20, 1024):
            self._merge(n_cascades)
            return
        within = np.arange(len(joined)) - self._new_start[self._new_cascade]
        self._new_rank = self._rank(self._new_cascade, self._new_at) + within

    def _merge(self, n_cascades: int) -> None:
        old = np.repeat(np.arange(len(self._start) - 1), np.diff(self._start))
        cascade, times = np.r_[old, self._new_cascade], np.r_[self._times, self._new_at]
        order = np.lexsort((times, cascade))
        start = np.r_[0, np.cumsum(np.bincount(cascade, minlength=n_cascades))]
        self._settle(start, times[order])

    def _rank(self, cascade: Ints, at: npt.NDArray[np.int64]) -> Ints:
        """How many settled times of the same cascade are not later: bisection for all at once."""
        low, high = self._start[cascade], self._start[cascade + 1]
        begin = low.copy()
        while True:
            open_ = low < high
            if not open_.any():
                return low - begin
            middle = (low + high) // 2
            before = open_ & (self._times[np.minimum(middle, len(self._times) - 1)] <= at)
            low = np.where(before, middle + 1, low)
            high = np.where(open_ & ~before, middle, high)

    def at_rank(self, cascade: Ints, rank: Ints) -> npt.NDArray[np.int64]:
        """Time of the post of that rank (0 first) of each cascade."""
        low, high = self._new_start[cascade], self._new_start[cascade + 1]
        begin = low.copy()
        while True:
            open_ = low < high
            if not open_.any():
                break
            middle = (low + high) // 2
            before = open_ & (self._new_rank[np.minimum(middle, max(len(self._new_rank) - 1, 0))] < rank)
            low = np.where(before, middle + 1, low)
            high = np.where(open_ & ~before, middle, high)
        return self._either(cascade, rank, low, low - begin)

    def _either(self, cascade: Ints, rank: Ints, spot: Ints, earlier: Ints) -> npt.NDArray[np.int64]:
        """The newcomer of that very rank, else the settled time that the earlier newcomers leave."""
        settled = self._start[cascade] + rank - earlier
        taken = self._times[np.clip(settled, 0, max(len(self._times) - 1, 0))] if len(self._times) else rank * 0
        if not len(self._new_rank):
            return taken
        safe = np.minimum(spot, len(self._new_rank) - 1)
        mine = (spot < self._new_start[cascade + 1]) & (self._new_rank[safe] == rank)
        return np.where(mine, self._new_at[safe], taken)

    def since(self, instant: int) -> tuple[npt.NDArray[np.int64], Ints]:
        """Times after an instant, and their cascades."""
        begin = np.searchsorted(self._times, instant, side="right", sorter=self._by_time)
        recent = self._by_time[begin:]
        cascade = np.searchsorted(self._start, recent, side="right") - 1
        late = self._new_at > instant
        return np.r_[self._times[recent], self._new_at[late]], np.r_[cascade, self._new_cascade[late]]
