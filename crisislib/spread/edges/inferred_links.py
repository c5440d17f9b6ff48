"""Edges where nothing is stated: a thread key, a shared link, the same text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from crisislib.spread.cascades.forest import Ints
from crisislib.spread.coordination.shared_objects import keys
from crisislib.spread.edges.confidence import CONFIDENCE
from crisislib.spread.edges.edge_builder import EdgeSet, PostColumns, edge_set, no_edges
from crisislib.spread.post_arrays import NEVER, codes

_DAYS = 7.0
"""Days after which the same link or words are a new occasion and no copy: a news story rarely lives longer than a
week."""


@dataclass(frozen=True)
class _Rule:
    """How posts of one key are linked: `days` is the longest time since the first, None for any."""

    method: str
    kind: str | None
    confidence: float
    days: float | None


_THREAD = _Rule("star", None, CONFIDENCE["thread"], None)
_LINK = _Rule("link", "link", CONFIDENCE["link"], _DAYS)
_COPY = _Rule("copy", "copy", CONFIDENCE["copy"], _DAYS)


def thread_links(columns: PostColumns, known: EdgeSet) -> EdgeSet:
    """Link posts of one thread to its earliest post.

    Parameters
    ----------
    columns : PostColumns
    known : EdgeSet
        Edges of the methods before.

    Returns
    -------
    EdgeSet
        Method `star`.
    """
    return _to_earliest(columns, known, _keys(columns, known, "thread"), _THREAD)


def shared_links(columns: PostColumns, known: EdgeSet) -> EdgeSet:
    """Link posts that share a web address to the earliest that did, or to the post that has this address.

    Parameters as for :func:`thread_links`.

    Returns
    -------
    EdgeSet
        Method `link`; at most seven days apart, and not for the front page of a site.
    """
    rows = pd.concat([_keys(columns, known, "link"), _keys(columns, known, "url")]).drop_duplicates()
    rows = rows[rows["key"].str.contains("/", regex=False)]  # a front page is no story
    return _to_earliest(columns, known, rows, _LINK)


def text_copies(columns: PostColumns, known: EdgeSet) -> EdgeSet:
    """Link posts with the same words to the earliest of them.

    Parameters as for :func:`thread_links`.

    Returns
    -------
    EdgeSet
        Method `copy`; at most seven days apart.
    """
    return _to_earliest(columns, known, _keys(columns, known, "text"), _COPY)


def export_duplicates(columns: PostColumns, known: EdgeSet) -> EdgeSet:
    """Link posts of one group of duplicates, as the export names them, to the earliest of them.

    Parameters as for :func:`thread_links`.

    Returns
    -------
    EdgeSet
        Method `copy`; at most seven days apart.
    """
    return _to_earliest(columns, known, _keys(columns, known, "duplicate"), _COPY)


def _keys(columns: PostColumns, known: EdgeSet, kind: str) -> pd.DataFrame:
    """Objects of the posts that have no edge yet, and of those that they may come from.

    The words of a repost are no source of a copy: that is the post that it passes on.
    """
    unlinked = ~known.linked(columns.n)
    if not unlinked.any():
        return pd.DataFrame({"row": np.zeros(0, dtype=np.int64), "key": np.zeros(0, dtype=object)})
    rows = np.flatnonzero(unlinked | (columns.kind != "repost") | (kind != "text"))
    table = keys(columns.posts.take(pa.array(rows)), kind)
    table["row"] = rows[table["row"]]
    return table


def _to_earliest(columns: PostColumns, known: EdgeSet, rows: pd.DataFrame, rule: _Rule) -> EdgeSet:
    """Edges from the posts of each key that have none to the key's earliest post."""
    rows = rows[columns.at[rows["row"].to_numpy()] != NEVER] if len(rows) else rows
    if not len(rows):
        return no_edges()
    number, _ = codes(pa.array(rows["key"], pa.string()))
    row = rows["row"].to_numpy()
    order = np.lexsort((row, number))  # rows stand in order of time
    number, row = number[order], row[order]
    new = np.r_[True, np.diff(number) > 0]
    first = row[new][np.cumsum(new) - 1]
    near = np.ones(len(row), bool) if rule.days is None else columns.at[row] - columns.at[first] <= rule.days * 86_400e6
    wanted = (row != first) & ~known.linked(columns.n)[row] & near
    child, parent = _once(row[wanted], first[wanted])
    kind = columns.kind[child] if rule.kind is None else rule.kind
    return edge_set(child, parent, method=rule.method, confidence=rule.confidence, kind=kind)


def _once(child: Ints, parent: Ints) -> tuple[Ints, Ints]:
    """The earliest parent of each child."""
    order = np.lexsort((parent, child))
    child, parent = child[order], parent[order]
    first = np.r_[True, np.diff(child) > 0] if len(child) else np.zeros(0, bool)
    return child[first], parent[first]
