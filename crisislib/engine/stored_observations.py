"""What the lake already holds of the posts of a batch, read once: for their ids, their count and their order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from crisislib.core.memory_database import session
from crisislib.core.watch import Watch
from crisislib.lake import Lake

VAGUE = ("web", "news", "forum", "video", "blog", "social")
"""Platforms that a table gets where nothing states one, so that the same post may have another elsewhere."""
ZONES_S = 14 * 3600
"""Seconds by which a time can be off because it was read in another zone: none is further from UTC."""
VAGUE_LIST = ", ".join(f"'{v}'" for v in VAGUE)
"""The same for SQL."""
COUNTERS = ("n_likes", "n_reposts", "n_replies", "n_views")
"""Counters of a post; one that an export does not give is null."""
_NATIVE = "substr({0}, instr({0}, ':') + 1)"
_AT = "date_trunc('minute', created_at)"
TEXT_HASH = "hash(translate(coalesce(nullif(text, ''), title, ''), E' \\t\\n\\r\\f', ''))"
"""The words of a post as a number, since there may be millions; without spaces, since layouts differ in these."""
FACTS = f"""
SELECT post_id, {_NATIVE.format("post_id")} AS native, platform, platform IN ({VAGUE_LIST}) AS vague,
    account_id, {_NATIVE.format("account_id")} AS who, {_AT} AS at,
    {TEXT_HASH} AS text_hash, row_no, collected_at, batch_id, {", ".join(COUNTERS)},
    batch_id IN ({{batches}}) AS same_file
FROM posts
"""
"""What tells whether two observations are of one post."""
_CANDIDATES = f"""
{FACTS} WHERE same_file OR native IN (SELECT n.native FROM natives n)
OR ("at", who) IN (SELECT w.minute, w.who FROM writers w)
"""
_NATIVES = f"""
SELECT DISTINCT {_NATIVE.format("id")} AS native FROM (SELECT unnest([post_id, parent_id, root_id]) AS id FROM posts)
WHERE id IS NOT NULL
"""
_WRITERS = (
    f"SELECT DISTINCT {_AT} AS minute, {_NATIVE.format('account_id')} AS who FROM posts WHERE account_id IS NOT NULL"
)


def stored_observations(lake: Lake, watch: Watch, posts: pa.Table, same_file: Sequence[str]) -> pa.Table:
    """Facts of the stored observations that can be of the posts of a batch.

    Parameters
    ----------
    lake : Lake
        Holds the earlier observations.
    watch : Watch
        Whose posts.
    posts : pyarrow.Table
        POSTS that are to be stored, at least one.
    same_file : sequence of str
        Ids of earlier batches that read the same bytes: a row of theirs is the post of the same row here.

    Returns
    -------
    pyarrow.Table
        Columns of :data:`FACTS`. Rows of the same file, with the same native id as a post, its parent or its root, or
        of the same account in the same minute.
    """
    with session() as db:
        db.register("posts", posts)
        # DuckDB finds these two by their names: the relation below has a session of its own.
        natives = db.sql(_NATIVES).to_arrow_table()  # noqa: F841
        writers = db.sql(_WRITERS).to_arrow_table()  # noqa: F841
    known = lake.sql("POSTS", watch=watch.watch, present=False, **_span(posts, same_file))
    return known.query("posts", _CANDIDATES.format(batches=quoted(same_file))).to_arrow_table()


def quoted(batches: Sequence[str]) -> str:
    """Ids of batches as SQL writes a list.

    Parameters
    ----------
    batches : sequence of str
        Hexadecimal, none is hostile.
    """
    return ", ".join(f"'{b}'" for b in batches) or "''"


def _span(posts: pa.Table, same_file: Sequence[str]) -> dict[str, datetime]:
    """The time in which the same posts lie, whose zone another layout may have taken for another."""
    span = pc.min_max(posts["created_at"])
    zones = timedelta(seconds=2 * ZONES_S)
    return {} if same_file else {"since": span["min"].as_py() - zones, "until": span["max"].as_py() + zones}
