"""Edges that the source states: a parent id, or at least the id of the post at the top."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.spread.cascades.forest import Ints
from crisislib.spread.edges.confidence import CONFIDENCE
from crisislib.spread.edges.edge_builder import EdgeSet, PostColumns, concat, edge_set, no_edges
from crisislib.spread.post_arrays import codes


def stated_links(columns: PostColumns) -> EdgeSet:
    """Edges from `parent_id`.

    Parameters
    ----------
    columns : PostColumns

    Returns
    -------
    EdgeSet
        Method `explicit`; a parent that is not in the data becomes a placeholder, which an edge of method `ghost`
        links to the stated root.

    Notes
    -----
    Weibo search and the X API give the original of a repost as its parent, whoever it was reposted from. Where a source
    never names a parent of a repost other than the root, such a parent says which story a post belongs to and not whom
    it came from: it is no stated parent.
    """
    usable = pc.is_valid(columns.posts["parent_id"]).to_numpy() & ~_repeats_root(columns)
    child = np.flatnonzero((columns.parent >= 0) & usable)
    present = _explicit(child, columns.parent[child], columns)
    return concat(present, _missing_parents(columns, np.flatnonzero((columns.parent < 0) & usable)))


def _repeats_root(columns: PostColumns) -> npt.NDArray[np.bool_]:
    """Reposts whose stated parent only repeats the root, by sources that never name any other."""
    posts = columns.posts
    same = pc.fill_null(pc.equal(posts["parent_id"], posts["root_id"]), False).to_numpy()
    stated = pc.is_valid(posts["parent_id"]).to_numpy()
    repost = columns.kind == "repost"
    source, _ = codes(posts["source"])
    others = np.bincount(source[repost & stated & ~same] + 1, minlength=int(source.max(initial=-1)) + 2) > 0
    return np.asarray(repost & same & ~others[source + 1], dtype=np.bool_)


def _explicit(child: Ints, parent: Ints, columns: PostColumns, placeholders: pa.Array | None = None) -> EdgeSet:
    return edge_set(
        child, parent, method="explicit", confidence=CONFIDENCE["explicit"], kind=columns.kind[child],
        placeholders=placeholders,
    )  # fmt: skip


def _missing_parents(columns: PostColumns, child: Ints) -> EdgeSet:
    """Edges to parents that are named but not in the data: certain as a parent, unknown in time."""
    if not len(child):
        return no_edges()
    number, names = codes(columns.posts["parent_id"].take(pa.array(child)))
    below = _explicit(child, columns.n + number, columns, names)
    placeholder, at = np.unique(number, return_index=True)  # one child speaks for each missing parent
    root = columns.root[child[at]]
    rooted = (root >= 0) & (root != columns.n + placeholder)
    above = edge_set(
        columns.n + placeholder[rooted], root[rooted], method="ghost", confidence=CONFIDENCE["ghost"],
        kind=columns.kind[child[at[rooted]]],
    )  # fmt: skip
    return concat(below, above)
