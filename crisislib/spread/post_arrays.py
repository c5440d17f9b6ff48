"""POSTS and EDGES as arrays: ids become numbers once, at the door of this room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.core.tables import conform
from crisislib.core.watch import Watch
from crisislib.spread.cascades.forest import Forest, Ints, break_cycles, grow

Frame: TypeAlias = "pa.Table | pd.DataFrame"
NEVER = np.iinfo(np.int64).min
"""Time of what has no time."""


def watch_name(watch: Watch | str) -> str:
    """The name that goes into a table's `watch` column.

    Parameters
    ----------
    watch : Watch or str
        A watch or its name.

    Returns
    -------
    str
    """
    return watch if isinstance(watch, str) else watch.watch


def latest_observations(posts: Frame) -> pa.Table:
    """POSTS with one row a post: its newest observation, in order of creation, then of name.

    The lake promises no order, and many sources give time to the minute only: of posts of one minute the same
    one has to be the first in every run, or the same posts give other stories.

    Parameters
    ----------
    posts : POSTS
        In any order, with any number of observations of a post.

    Returns
    -------
    pyarrow.Table
        POSTS, one row a post.
    """
    table = conform(posts, "POSTS")
    keys = [("created_at", "ascending"), ("post_id", "ascending"), ("collected_at", "descending")]
    order = pc.sort_indices(table, sort_keys=keys)
    table = table.take(order)
    ids = table["post_id"].combine_chunks()
    codes = ids.dictionary_encode().indices.to_numpy()
    if len(codes) == 0 or codes.max() + 1 == len(codes):
        return table
    newest = np.lexsort((-micros(table["collected_at"]), codes))
    first = newest[np.r_[True, np.diff(codes[newest]) > 0]]
    return table.take(pa.array(np.sort(first)))


def micros(column: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    """A time column as microseconds since 1970, :data:`NEVER` where null.

    Parameters
    ----------
    column : pyarrow.ChunkedArray of shape (n,)
        Timestamps in microseconds.

    Returns
    -------
    numpy.ndarray of shape (n,)
    """
    numbers = pc.fill_null(column.cast(pa.int64()), pa.scalar(int(NEVER), pa.int64()))
    return np.asarray(numbers.to_numpy(), dtype=np.int64)


def codes(column: pa.ChunkedArray | pa.Array) -> tuple[Ints, pa.Array]:
    """Dense numbers of the values of a column, -1 where null, and the values.

    Parameters
    ----------
    column : pyarrow.Array or pyarrow.ChunkedArray of shape (n,)
        Values of any type.

    Returns
    -------
    codes : numpy.ndarray of shape (n,)
        Position of each value among `values`, -1 where null.
    values : pyarrow.Array
        Distinct values in order of first appearance.
    """
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(array, pa.ChunkedArray):  # zero chunks
        array = pa.array([], type=column.type)
    encoded = array.dictionary_encode()
    return pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64), encoded.dictionary


def find(wanted: pa.ChunkedArray | pa.Array, among: pa.ChunkedArray | pa.Array) -> Ints:
    """Position of each id in a list of ids.

    Parameters
    ----------
    wanted : pyarrow.Array or pyarrow.ChunkedArray of shape (n,)
        Ids to look up.
    among : pyarrow.Array or pyarrow.ChunkedArray
        Distinct ids.

    Returns
    -------
    numpy.ndarray of shape (n,)
        -1 where an id is null or not in the list.
    """
    places = pc.fill_null(pc.index_in(wanted, value_set=among, skip_nulls=True), -1)
    return np.asarray(places.to_numpy(), dtype=np.int64)


def distinct(group: Ints, member: Ints) -> tuple[Ints, Ints]:
    """Each pair of a group and a member once, by group; pairs with a negative member are left out.

    Parameters
    ----------
    group, member : numpy.ndarray of shape (n,)
        Non-negative numbers of groups, and members, negative for none.

    Returns
    -------
    group, member : numpy.ndarray of shape (k,)
        Each pair once, sorted by group and member.
    """
    width = int(member.max(initial=0)) + 1
    keys = np.sort((group.astype(np.int64) * width + member)[member >= 0])
    keys = keys[np.r_[True, np.diff(keys) > 0]] if len(keys) else keys
    return keys // width, keys % width


@dataclass(frozen=True)
class SpreadGraph:
    """Posts and placeholders of a watch with the one most credible edge above each.

    Attributes
    ----------
    ids : pyarrow.Array
        Posts first (in order of creation), then placeholders: named, but not in the data.
    n_posts : int
        How many of them are posts in the data.
    at : numpy.ndarray of shape (n,)
        Microseconds since 1970; a placeholder has the time of its earliest child.
    edge : numpy.ndarray of shape (n,)
        Row of EDGES above the node, -1 at roots.
    forest : Forest
    posts, edges : pyarrow.Table
    """

    ids: pa.Array
    n_posts: int
    at: npt.NDArray[np.int64]
    edge: Ints
    forest: Forest
    posts: pa.Table
    edges: pa.Table

    @property
    def placeholder(self) -> npt.NDArray[np.bool_]:
        """Which nodes are named by others, but not in the data."""
        return np.arange(len(self.ids)) >= self.n_posts

    def names(self, nodes: Ints) -> list[str]:
        """Ids of some nodes.

        Parameters
        ----------
        nodes : numpy.ndarray of shape (k,)
            Node numbers.

        Returns
        -------
        list of str
            Length k.
        """
        taken: list[str] = self.ids.take(pa.array(np.asarray(nodes, dtype=np.int64))).to_pylist()
        return taken


def build_graph(posts: Frame, edges: Frame, *, min_confidence: float = 0.0) -> SpreadGraph:
    """Join posts and edges into one forest.

    Parameters
    ----------
    posts : POSTS
    edges : EDGES
    min_confidence : float
        Edges below are left out.

    Returns
    -------
    SpreadGraph
        Of several edges into a post the one of highest confidence stands; an edge that would
        close a loop is left out.
    """
    table = latest_observations(posts)
    links = conform(edges, "EDGES")
    ids = table["post_id"].combine_chunks() if table.num_rows else pa.array([], pa.string())
    known = pa.concat_arrays([ids, _strangers(ids, links)])
    src, dst = find(links["src"], known), find(links["dst"], known)
    trust = pc.fill_null(links["confidence"], 0.0).to_numpy()
    best = np.lexsort((src, -trust, dst))
    best = best[(trust[best] >= min_confidence) & (src[best] != dst[best])]
    best = best[np.r_[True, np.diff(dst[best]) > 0]] if len(best) else best
    parent = np.full(len(known), -1, dtype=np.int64)
    parent[dst[best]] = src[best]
    parent, cut = break_cycles(parent)
    row = np.full(len(known), -1, dtype=np.int64)
    row[dst[best]] = best
    row[cut] = -1
    forest = grow(parent)
    return SpreadGraph(known, len(ids), _times(table, forest), row, forest, table, links)


def _strangers(ids: pa.Array, links: pa.Table) -> pa.Array:
    named = pa.concat_arrays([c for name in ("src", "dst") for c in links[name].chunks] or [pa.array([], pa.string())])
    named = pc.unique(named)
    return named.filter(pc.is_null(pc.index_in(named, value_set=ids)))


def _times(table: pa.Table, forest: Forest) -> npt.NDArray[np.int64]:
    """Times of the posts; a node without one gets its earliest child's."""
    at = np.full(forest.n, NEVER, dtype=np.int64)
    at[: table.num_rows] = micros(table["created_at"])
    return times_from_below(at, forest)


def times_from_below(at: npt.NDArray[np.int64], forest: Forest) -> npt.NDArray[np.int64]:
    """Times of all nodes: one without a time gets its earliest child's, from the leaves up.

    Parameters
    ----------
    at : numpy.ndarray of shape (n,)
        Microseconds since 1970, :data:`NEVER` where unknown; not changed.
    forest : Forest

    Returns
    -------
    numpy.ndarray of shape (n,)
        Still :data:`NEVER` where nothing below a node has a time either.
    """
    at = at.copy()
    missing = np.flatnonzero((at == NEVER) & (forest.size > 1))
    if not len(missing):
        return at
    late = np.iinfo(np.int64).max
    at[missing] = late
    lacks = np.zeros(forest.n, dtype=bool)
    lacks[missing] = True
    child = forest.order[::-1]
    child = child[(forest.parent[child] >= 0) & (at[child] != NEVER)]
    child = child[lacks[forest.parent[child]]]
    depth = forest.depth[child]
    for level in np.unique(depth)[::-1]:
        here = child[depth == level]
        np.minimum.at(at, forest.parent[here], at[here])
    at[at == late] = NEVER
    return at


def members(graph: SpreadGraph, cascade: int, most: int = 50) -> list[str]:
    """Ids of the first posts of a cascade that are in the data.

    Parameters
    ----------
    graph : SpreadGraph
    cascade : int
        Number of the cascade in the forest.
    most : int
        How many ids at most.

    Returns
    -------
    list of str
        In order of creation.
    """
    return graph.names(np.flatnonzero(graph.forest.cascade[: graph.n_posts] == cascade)[:most])
