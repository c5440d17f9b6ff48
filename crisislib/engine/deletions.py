"""Deleted posts: what a platform writes in their place is no edit; the last text stays as evidence, and is marked."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.core.tables import conform, empty
from crisislib.core.watch import Watch
from crisislib.lake import Lake

MARKERS = (
    r"(?i)^\s*(?:\[(?:deleted|removed|deleted by user|removed by reddit)\]"
    r"|this (?:post|tweet|comment|video) (?:is|was|has been)"
    r" (?:unavailable|deleted|removed).{0,60}"
    r"|(?:抱歉，|抱歉,)?(?:此|该|這則|此条)?(?:微博|内容|帖子|贴子|评论|評論|视频|影片|笔记)"
    r"(?:已被|已经被|被)(?:作者|发布者|博主|用户)?(?:删除|刪除).{0,20}|(?:原微博|原帖)已(?:被)?删除.{0,10})\s*$"
)
"""Whole texts by which platforms say that a post is gone."""


LABEL = "deleted"
"""Label of a post that is gone: it stays in the lake with what it said."""


def with_last_text(lake: Lake, watch: Watch, posts: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Posts with the last known text where they have been deleted, and the labels that mark these.

    Parameters
    ----------
    lake : Lake
        Holds the earlier observations.
    watch : Watch
        Whose posts.
    posts : pyarrow.Table
        POSTS that are to be stored.

    Returns
    -------
    posts, labels : pyarrow.Table
        The same posts in the same order; one whose text was never seen keeps the platform's words. LABELS `deleted`.
    """
    gone = pc.fill_null(pc.match_substring_regex(pc.fill_null(posts["text"], ""), MARKERS), False)
    rows = np.flatnonzero(gone.to_numpy(zero_copy_only=False))
    if not len(rows):
        return posts, empty("LABELS")
    ids = posts["post_id"].take(pa.array(rows))
    held = lake.sql("POSTS", watch=watch.watch, present=False).select("post_id", "collected_at", "text")
    known = held.to_arrow_table()
    known = known.filter(pc.and_(pc.is_in(known["post_id"], ids.combine_chunks()), pc.is_valid(known["text"])))
    known = known.filter(pc.invert(pc.match_substring_regex(known["text"], MARKERS))).sort_by("collected_at")
    last = dict(zip(known["post_id"].to_pylist(), known["text"].to_pylist(), strict=True))
    texts, extra = posts["text"].to_pylist(), posts["extra"].to_pylist()
    for row, post in zip(rows, ids.to_pylist(), strict=True):
        texts[row] = last.get(post, texts[row])
        extra[row] = json.dumps({**json.loads(extra[row] or "{}"), "deleted": True}, ensure_ascii=False)
    for column, values in (("text", texts), ("extra", extra)):
        posts = posts.set_column(posts.column_names.index(column), column, pa.array(values, pa.string()))
    return posts, _marks(posts.take(pa.array(rows)))


def _marks(gone: pa.Table) -> pa.Table:
    n = gone.num_rows
    fixed = {"label": LABEL, "model": f"{LABEL}@1", "value": LABEL}
    columns = {name: pa.repeat(value, n) for name, value in fixed.items()} | {"at": gone["collected_at"]}
    return conform(pa.table({**columns, **{c: gone[c] for c in ("watch", "post_id", "created_at")}}), "LABELS")
