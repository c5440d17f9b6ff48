"""What every method of finding a parent reads and returns, and the one merge that combines what they return.

A method is a function from the columns of the posts and the edges of the methods before it to the edges that it
proposes. It changes neither: :func:`merge` alone decides what stands.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.spread.cascades.forest import Ints
from crisislib.spread.post_arrays import NEVER, codes, find, latest_observations, micros

KINDS = {"repost": "repost", "quote": "quote", "reply": "reply", "comment": "comment"}
"""Kind of a post -> kind of the edge above it; every other kind of post was passed on as a repost is."""
LATER, OWN_PARENT = "later than its child", "its own parent"


@dataclass(frozen=True)
class PostColumns:
    """The posts of a watch as arrays, in order of creation; n is their number.

    Attributes
    ----------
    posts : pyarrow.Table
        POSTS, one row a post.
    ids : pyarrow.Array of shape (n,)
        Post ids; a node number below n is a position here.
    at : numpy.ndarray of shape (n,)
        Time of creation, microseconds since 1970, :data:`~crisislib.spread.post_arrays.NEVER` where unknown.
    precision : numpy.ndarray of shape (n,)
        Precision of that time, microseconds.
    account : numpy.ndarray of shape (n,)
        Position of the author in `account_ids`, -1 where unknown.
    account_ids : pyarrow.Array
        Ids of the authors.
    parent, root : numpy.ndarray of shape (n,)
        Position of the stated parent and of the stated root, -1 where none is stated or it is not in the data.
    kind : numpy.ndarray of shape (n,)
        Kind of the edge above each post, a value of :data:`KINDS`.
    """

    posts: pa.Table
    ids: pa.Array
    at: npt.NDArray[np.int64]
    precision: npt.NDArray[np.int64]
    account: Ints
    account_ids: pa.Array
    parent: Ints
    root: Ints
    kind: npt.NDArray[np.object_]

    @property
    def n(self) -> int:
        """Number of posts in the data."""
        return int(self.posts.num_rows)


@dataclass(frozen=True)
class EdgeSet:
    """Edges between nodes: posts are numbered from 0 to n - 1, placeholders from n on.

    Attributes
    ----------
    child, parent : numpy.ndarray of shape (e,)
        Node numbers.
    confidence : numpy.ndarray of shape (e,)
        How often such an edge names the true parent, 0-1.
    kind, method : numpy.ndarray of shape (e,)
        Values of EDGES.
    placeholders : pyarrow.Array
        Ids of nodes that are named by others, but whose post is not in the data. Those of a method continue the
        numbers of the edges that it was given.
    dropped : tuple of (child, parent, reason)
        Arrays of the edges that cannot be, and why.
    """

    child: Ints
    parent: Ints
    confidence: npt.NDArray[np.float64]
    kind: npt.NDArray[np.object_]
    method: npt.NDArray[np.object_]
    placeholders: pa.Array
    dropped: tuple[tuple[Ints, Ints, str], ...] = ()

    def linked(self, nodes: int) -> npt.NDArray[np.bool_]:
        """Which nodes have an edge to a parent.

        Parameters
        ----------
        nodes : int
            How many nodes are asked about, from number 0 on.

        Returns
        -------
        numpy.ndarray of shape (nodes,)
        """
        out = np.zeros(nodes, dtype=bool)
        out[self.child[self.child < nodes]] = True
        return out


def edge_set(
    child: Ints,
    parent: Ints,
    *,
    method: str,
    confidence: npt.ArrayLike,
    kind: npt.ArrayLike = "repost",
    placeholders: pa.Array | None = None,
) -> EdgeSet:
    """Edges of one method.

    Parameters
    ----------
    child, parent : numpy.ndarray of shape (e,)
        Node numbers.
    method : str
        Value of `EDGES.method`.
    confidence : float or array_like of shape (e,)
        How often such an edge names the true parent, 0-1.
    kind : str or array_like of shape (e,)
        Value of `EDGES.kind`.
    placeholders : pyarrow.Array, optional
        Ids of the nodes that the method adds.

    Returns
    -------
    EdgeSet
    """
    return EdgeSet(
        child,
        parent,
        np.broadcast_to(np.asarray(confidence, dtype=np.float64), child.shape),
        np.broadcast_to(np.asarray(kind, dtype=object), child.shape),
        np.full(child.shape, method, dtype=object),
        (pa.array([], pa.string()) if placeholders is None else placeholders).cast(pa.string()),
    )


def no_edges() -> EdgeSet:
    """The empty set of edges.

    Returns
    -------
    EdgeSet
    """
    none = np.zeros(0, dtype=np.int64)
    return edge_set(none, none, method="", confidence=0.0)


def concat(*parts: EdgeSet) -> EdgeSet:
    """Several sets of edges as one, in the order given.

    Parameters
    ----------
    *parts : EdgeSet
        At least one; placeholders of a later part are numbered after those of an earlier one.

    Returns
    -------
    EdgeSet
    """
    return EdgeSet(
        np.concatenate([part.child for part in parts]),
        np.concatenate([part.parent for part in parts]),
        np.concatenate([part.confidence for part in parts]),
        np.concatenate([part.kind for part in parts]),
        np.concatenate([part.method for part in parts]),
        pa.concat_arrays([part.placeholders for part in parts]),
        tuple(row for part in parts for row in part.dropped),
    )


def merge(columns: PostColumns, known: EdgeSet, candidates: EdgeSet) -> EdgeSet:
    """Add the edges of a method to those of the methods before it.

    Parameters
    ----------
    columns : PostColumns
    known : EdgeSet
        What the more reliable methods found; it stands.
    candidates : EdgeSet
        What the next method proposes, one edge a child at most; its placeholders continue the numbers of `known`.

    Returns
    -------
    EdgeSet
        `known`, and those of `candidates` whose child has no parent yet and whose parent can be one. A parent that is
        later than its child by more than the precision of the two times cannot, nor can the child itself: both are
        in `dropped`, and the child is left to the next method.
    """
    nodes = columns.n + len(known.placeholders) + len(candidates.placeholders)
    late = _later(columns, candidates.parent, candidates.child)
    own = candidates.child == candidates.parent
    stands = ~late & ~own & ~known.linked(nodes)[candidates.child]
    accepted = EdgeSet(
        candidates.child[stands],
        candidates.parent[stands],
        candidates.confidence[stands],
        candidates.kind[stands],
        candidates.method[stands],
        candidates.placeholders,
        (
            (candidates.child[late], candidates.parent[late], LATER),
            (candidates.child[own], candidates.parent[own], OWN_PARENT),
        ),
    )
    return concat(known, accepted)


def _later(columns: PostColumns, parent: Ints, child: Ints) -> npt.NDArray[np.bool_]:
    late = np.zeros(len(child), dtype=bool)
    both = np.flatnonzero((parent < columns.n) & (child < columns.n))
    p, c = parent[both], child[both]
    timed = (columns.at[p] != NEVER) & (columns.at[c] != NEVER)
    with np.errstate(over="ignore"):
        lead = columns.at[p] - columns.at[c]
        late[both] = timed & (lead > np.maximum(columns.precision[p], columns.precision[c]))
    return late


def read_columns(posts: pa.Table) -> PostColumns:
    """Read POSTS into arrays.

    Parameters
    ----------
    posts : pyarrow.Table
        POSTS, in any order, with any number of observations of a post.

    Returns
    -------
    PostColumns
    """
    table = latest_observations(posts)
    ids = table["post_id"].combine_chunks() if table.num_rows else pa.array([], pa.string())
    account, account_ids = codes(table["account_id"])
    precision = pc.fill_null(table["created_precision_s"], 1).to_numpy()
    kind, names = codes(table["kind"])
    kinds = np.array([KINDS.get(k or "", "repost") for k in names.to_pylist()] + ["repost"], object)
    return PostColumns(
        posts=table,
        ids=ids,
        at=micros(table["created_at"]),
        precision=np.maximum(precision, 1).astype(np.int64) * 1_000_000,
        account=account,
        account_ids=account_ids,
        parent=find(table["parent_id"], ids),
        root=find(table["root_id"], ids),
        kind=kinds[kind],
    )
