"""Edges that the source states: a parent id, or at least the id of the post at the top."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.spread.edges.confidence import CONFIDENCE
from crisislib.spread.edges.edge_builder import Board
from crisislib.spread.post_arrays import codes


def explicit(board: Board) -> None:
    """Edges from `parent_id`; a parent that is not held becomes a node under the stated root."""
    _only_roots(board)
    child = np.flatnonzero(board.parent >= 0)
    board.link(child, board.parent[child], method="explicit", confidence=CONFIDENCE["explicit"], kind=board.kind[child])
    _unheld(board)


def _only_roots(board: Board) -> None:
    """Forget parents that only repeat the root, where the source never names any other.

    Weibo search and the X API give the original of a repost as its parent, whoever it was seen at;
    such a parent says which story a post belongs to and not whom it came from.
    """
    same = pc.fill_null(pc.equal(board.posts["parent_id"], board.posts["root_id"]), False).to_numpy()
    stated = pc.is_valid(board.posts["parent_id"]).to_numpy()
    repost = board.kind == "repost"
    source, _ = codes(board.posts["source"])
    knows = np.bincount(source[repost & stated & ~same] + 1, minlength=int(source.max(initial=-1)) + 2) > 0
    board.parent[repost & same & ~knows[source + 1]] = -1
    board.stated &= ~(repost & same & ~knows[source + 1])


def _unheld(board: Board) -> None:
    """Parents that are named but not held: certain as a parent, unknown in time."""
    ids = board.posts["parent_id"]
    lost = np.flatnonzero((board.parent < 0) & board.stated & board.open)
    if not len(lost):
        return
    number, names = codes(ids.take(pa.array(lost)))
    first = board.add_nodes(names)
    board.link(lost, first + number, method="explicit", confidence=CONFIDENCE["explicit"], kind=board.kind[lost])
    above, at = np.unique(number, return_index=True)  # one child speaks for each missing parent
    root = board.root[lost[at]]
    under = (root >= 0) & (root != first + above)
    board.link(
        first + above[under], root[under], method="ghost", confidence=CONFIDENCE["ghost"],
        kind=board.kind[lost[at[under]]],
    )  # fmt: skip
