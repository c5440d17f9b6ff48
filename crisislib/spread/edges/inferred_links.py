"""Edges where nothing is stated: a thread key, a shared link, the same text."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from crisislib.spread.cascades.forest import Ints
from crisislib.spread.coordination.shared_objects import keys
from crisislib.spread.edges.confidence import CONFIDENCE
from crisislib.spread.edges.edge_builder import Board
from crisislib.spread.post_arrays import NEVER, codes

_DAYS = 7.0
"""Days after which the same link or words are a new occasion and no copy."""


def thread(board: Board) -> None:
    """Posts of one thread hang on its earliest post."""
    _to_earliest(board, _keys(board, "thread"), "star", CONFIDENCE["thread"], None)


def link(board: Board) -> None:
    """Posts that share a link hang on the earliest that did, or on the post that the link is."""
    rows = pd.concat([_keys(board, "link"), _keys(board, "url")]).drop_duplicates()
    rows = rows[rows["key"].str.contains("/", regex=False)]  # a front page is no story
    _to_earliest(board, rows, "link", CONFIDENCE["link"], _DAYS, kind="link")


def copy(board: Board) -> None:
    """Posts with the same words, or of one group of duplicates that the export names, hang on the earliest of them."""
    for kind in ("text", "duplicate"):
        _to_earliest(board, _keys(board, kind), "copy", CONFIDENCE["copy"], _DAYS, kind="copy")


def _keys(board: Board, kind: str) -> pd.DataFrame:
    """Objects of the posts that still have no edge, and of those that they may come from.

    The words of a repost are no source of a copy: that is the post that it passes on.
    """
    if not board.open.any():
        return pd.DataFrame({"row": np.zeros(0, dtype=np.int64), "key": np.zeros(0, dtype=object)})
    rows = np.flatnonzero(board.open | (board.kind != "repost") | (kind != "text"))
    found = keys(board.posts.take(pa.array(rows)), kind)
    found["row"] = rows[found["row"]]
    return found


def _to_earliest(
    board: Board, rows: pd.DataFrame, method: str, confidence: float, days: float | None, kind: str | None = None
) -> None:
    """Hang the open posts of each key on the key's earliest post within so many days."""
    rows = rows[board.at[rows["row"].to_numpy()] != NEVER] if len(rows) else rows
    if not len(rows):
        return
    number, _ = codes(pa.array(rows["key"], pa.string()))
    row = rows["row"].to_numpy()
    order = np.lexsort((row, number))  # rows stand in order of time
    number, row = number[order], row[order]
    new = np.r_[True, np.diff(number) > 0]
    first = row[new][np.cumsum(new) - 1]
    near = np.ones(len(row), bool) if days is None else board.at[row] - board.at[first] <= days * 86_400e6
    keep = (row != first) & board.open[row] & near
    child, parent = _once(row[keep], first[keep])
    board.link(child, parent, method=method, confidence=confidence, kind=board.kind[child] if kind is None else kind)


def _once(child: Ints, parent: Ints) -> tuple[Ints, Ints]:
    """The earliest parent of each child."""
    order = np.lexsort((parent, child))
    child, parent = child[order], parent[order]
    first = np.r_[True, np.diff(child) > 0] if len(child) else np.zeros(0, bool)
    return child[first], parent[first]
