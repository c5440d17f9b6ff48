"""Edges where nothing is stated: a thread key, a shared link, the same text."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.spread.forest import Ints
from crisislib.spread.links.confidence import CONFIDENCE
from crisislib.spread.links.found import Board
from crisislib.spread.posts import NEVER, codes

THREAD_KEYS = ("thread_key", "thread_id", "thread", "conversation_id", "Thread Id", "cluster_id")
LINK_KEYS = ("urls", "url", "links", "expanded_urls")
_SHORT = 12
"""Characters below which equal texts say nothing about each other."""


def thread(board: Board) -> None:
    """Posts of one thread hang on its earliest post."""
    _to_earliest(board, _cells(board, THREAD_KEYS), "star", CONFIDENCE["thread"], None)


def link(board: Board, *, days: float = 7.0) -> None:
    """Posts that share a link hang on the earliest that did, or on the post that the link is."""
    rows = _cells(board, LINK_KEYS)
    own = board.posts["url"].combine_chunks() if board.n else pa.array([], pa.string())
    rows = pd.concat([rows, pd.DataFrame({"row": np.arange(board.n), "key": own.to_pandas()}).dropna()])
    rows["key"] = rows["key"].str.replace(r"^https?://(www\.)?", "", regex=True).str.replace(r"[/?#]+$", "", regex=True)
    rows = rows[rows["key"].str.contains("/", regex=False)]  # a front page is no story
    _to_earliest(board, rows, "link", CONFIDENCE["link"], days, kind="link")


def copy(board: Board, *, days: float = 7.0) -> None:
    """Posts with the same words hang on the earliest of them."""
    text = pc.fill_null(board.posts["text"], "").combine_chunks() if board.n else pa.array([], pa.string())
    plain = pc.utf8_lower(pc.replace_substring_regex(text, r"https?://\S+|[@＠#＃]\S+|\s+", ""))
    long = pc.greater_equal(pc.utf8_length(plain), _SHORT).to_numpy(zero_copy_only=False)
    rows = pd.DataFrame({"row": np.flatnonzero(long), "key": plain.filter(pa.array(long)).to_pandas()})
    _to_earliest(board, rows, "copy", CONFIDENCE["copy"], days, kind="copy")


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


def _cells(board: Board, keys: tuple[str, ...]) -> pd.DataFrame:
    """Values of some cells of `extra` for the open posts: `row`, `key`; a list gives a row each."""
    extra = board.posts["extra"]
    pattern = "|".join(f'"{key}"' for key in keys)
    has = pc.fill_null(pc.match_substring_regex(extra, pattern), False).to_numpy() if board.n else np.zeros(0, bool)
    rows = np.flatnonzero(has)
    pairs: list[tuple[int, str]] = []
    for row, cell in zip(rows.tolist(), extra.take(pa.array(rows)).to_pylist(), strict=True):
        cells = json.loads(cell)
        value = next((cells[key] for key in keys if cells.get(key)), None)
        values = value if isinstance(value, list) else [value]
        pairs.extend((row, str(v)) for v in values if v is not None)
    # Without pairs the column would be of objects, and stay so when joined with others.
    return pd.DataFrame(pairs, columns=["row", "key"]).astype({"row": "int64"})
