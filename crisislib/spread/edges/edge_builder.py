"""What the edge methods hand to each other: the posts still open, and the edges found."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.spread.cascades.forest import Ints
from crisislib.spread.post_arrays import NEVER, codes, find, held, micros

KINDS = {"repost": "repost", "quote": "quote", "reply": "reply", "comment": "comment"}


@dataclass(frozen=True)
class Links:
    """Edges of one method, as node numbers."""

    child: Ints
    parent: Ints
    confidence: npt.NDArray[np.float64]
    kind: npt.NDArray[np.object_]
    method: str


@dataclass
class Board:
    """The posts of a watch as arrays, the ids of all nodes so far, and the edges found so far."""

    posts: pa.Table
    ids: list[pa.Array]
    at: npt.NDArray[np.int64]
    slack: npt.NDArray[np.int64]
    account: Ints
    account_ids: pa.Array
    parent: Ints
    stated: npt.NDArray[np.bool_]
    root: Ints
    kind: npt.NDArray[np.object_]
    open: npt.NDArray[np.bool_]
    found: list[Links] = field(default_factory=list)
    dropped: list[tuple[Ints, Ints, str]] = field(default_factory=list)

    @property
    def n(self) -> int:
        """Posts that are held."""
        return int(self.posts.num_rows)

    @property
    def nodes(self) -> int:
        """Posts and ghosts so far."""
        return sum(len(part) for part in self.ids)

    def add_nodes(self, ids: pa.Array) -> int:
        """Take in nodes that are named but not held; returns the number of the first."""
        first = self.nodes
        self.ids.append(ids.cast(pa.string()))
        return first

    def link(
        self, child: Ints, parent: Ints, *, method: str, confidence: npt.ArrayLike, kind: npt.ArrayLike | None = None
    ) -> None:
        """Record edges and close the posts that they end at; impossible ones are set aside.

        A parent that is later than its child by more than the precision of the two times cannot be
        its parent.
        """
        trust = np.broadcast_to(np.asarray(confidence, dtype=np.float64), child.shape)
        sort = np.broadcast_to(np.asarray("repost" if kind is None else kind, dtype=object), child.shape)
        late = self._later(parent, child)
        self.dropped.append((child[late], parent[late], "later than its child"))
        self.dropped.append((child[child == parent], parent[child == parent], "its own parent"))
        good = ~late & (child != parent)
        child, parent = child[good], parent[good]
        self.found.append(Links(child, parent, trust[good], sort[good], method))
        self.open[child[child < self.n]] = False

    def _later(self, parent: Ints, child: Ints) -> npt.NDArray[np.bool_]:
        late = np.zeros(len(child), dtype=bool)
        both = np.flatnonzero((parent < self.n) & (child < self.n))
        p, c = parent[both], child[both]
        known = (self.at[p] != NEVER) & (self.at[c] != NEVER)
        with np.errstate(over="ignore"):
            late[both] = known & (self.at[p] - self.at[c] > np.maximum(self.slack[p], self.slack[c]))
        return late


def board(posts: pa.Table) -> Board:
    """Read POSTS into arrays."""
    table = held(posts)
    ids = table["post_id"].combine_chunks() if table.num_rows else pa.array([], pa.string())
    account, account_ids = codes(table["account_id"])
    precision = pc.fill_null(table["created_precision_s"], 1).to_numpy()
    kinds = np.array([KINDS.get(k or "", "repost") for k in codes(table["kind"])[1].to_pylist()] + ["repost"], object)
    return Board(
        posts=table,
        ids=[ids],
        at=micros(table["created_at"]),
        slack=np.maximum(precision, 1).astype(np.int64) * 1_000_000,
        account=account,
        account_ids=account_ids,
        parent=find(table["parent_id"], ids).copy(),
        stated=pc.is_valid(table["parent_id"]).to_numpy().copy(),
        root=find(table["root_id"], ids),
        kind=kinds[codes(table["kind"])[0]],
        open=np.ones(table.num_rows, dtype=bool),
    )


def latest_before(
    group: Ints, at: npt.NDArray[np.int64], of_group: Ints, of_at: npt.NDArray[np.int64], itself: Ints
) -> Ints:
    """For each query the latest member of the same group that is not later than it.

    Parameters
    ----------
    group, at : numpy.ndarray of shape (q,)
        Group and time of the queries; a negative group finds nothing.
    of_group, of_at : numpy.ndarray of shape (c,)
        Group and time of the candidates.
    itself : numpy.ndarray of shape (q,)
        Candidate that a query may not find, -1 for none.

    Returns
    -------
    numpy.ndarray of shape (q,)
        Candidate index or -1.
    """
    if not len(of_group) or not len(group):
        return np.full(len(group), -1, dtype=np.int64)
    times, ranks = np.unique(np.r_[of_at, at], return_inverse=True)
    width = len(times) + 1
    order = np.lexsort((of_at, of_group))
    keys = of_group[order] * width + ranks[: len(of_at)][order]
    place = np.searchsorted(keys, group * width + ranks[len(of_at) :], side="right") - 1
    place = np.where((place >= 0) & (order[place] == itself), place - 1, place)
    hit = order[np.maximum(place, 0)]
    good = (place >= 0) & (group >= 0) & (of_group[hit] == group) & (hit != itself)
    return np.where(good, hit, -1)


def joint(*keys: Ints) -> Ints:
    """One dense number for each combination of several keys; negative where any key is negative."""
    out = np.asarray(keys[0], dtype=np.int64)
    for key in keys[1:]:
        width = int(key.max(initial=0)) + 2
        _, dense = np.unique(np.where((out < 0) | (key < 0), -1, out * width + key), return_inverse=True)
        lowest = int(((out < 0) | (key < 0)).any())
        out = dense.astype(np.int64) - lowest
    return out
