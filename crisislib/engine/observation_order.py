"""Files that are imported after newer ones of the same posts: their observations go before those that are stored.

A file often does not say when it was collected, and counts as collected when it is imported. Counters of posts grow, so
that posts which both hold tell which file was made first.
"""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from crisislib.core.memory_database import session
from crisislib.core.table_definitions import TIME
from crisislib.core.tables import conform
from crisislib.core.watch import Watch
from crisislib.engine.stored_observations import COUNTERS, TEXT_HASH
from crisislib.lake import Lake

GAIN = " + ".join(f"coalesce(p.{name} - s.their_{name}, 0)" for name in COUNTERS)
"""By how much the counters of a post are greater in a file than as stored; of those that both give."""
THEIRS = ", ".join(f"{name} AS their_{name}" for name in COUNTERS)
"""The stored counters."""
DATED = "INTERVAL 1 SECOND"
"""A row that was collected so long before its file was stored says so itself, or its file's name does."""
LIVE = "(source IS DISTINCT FROM layout OR contains(file, '://'))"
"""Batches that were read at the moment they tell: live sources have an address, and what crawlers and senders gave has
the name of its door."""


def in_order(
    lake: Lake, watch: Watch, stored: pa.Table, posts: pa.Table, record: pa.Table
) -> tuple[pa.Table, datetime | None]:
    """Posts of a file with the times of collection that their counters show.

    Parameters
    ----------
    lake : Lake
        Holds the records of the earlier batches.
    watch : Watch
        Whose posts.
    stored : pyarrow.Table
        Earlier observations, of :func:`stored_observations`.
    posts : pyarrow.Table
        POSTS that are to be stored.
    record : pyarrow.Table
        Their row of BATCHES.

    Returns
    -------
    posts : pyarrow.Table
        In the same order.
    older : datetime or None
        When the file counts as collected, its newest post, where it is older than one that is stored.

    Notes
    -----
    A file is older than a stored batch where, of the posts whose present state is of that batch, more have fewer counts
    in the file than have more; where as many, where its newest post is the older one and some post differs: a part of
    what is stored is not older than the whole.
    """
    with session() as db:
        db.register("record", record)
        live, until, at = db.sql(f'SELECT {LIVE}, until, "at" FROM record').fetchall()[0]
        if live or until is None or not stored.num_rows:
            return posts, None
        db.register("stored", stored)
        batches = lake.sql("BATCHES", watch=watch.watch).select("batch_id", "until")
        db.register("batches", batches.to_arrow_table())
        db.register("posts", posts)
        moved = db.sql(_EARLIER, params={"at": at, "until": until}).to_arrow_table()
        if not moved.num_rows:
            return posts, None
        db.register("moved", moved)
        ordered = db.sql(_MOVED).to_arrow_table().sort_by("ordinal").drop_columns(["ordinal"])
    return conform(ordered, "POSTS"), until


def no_later_than(accounts: pa.Table, at: datetime) -> pa.Table:
    """Accounts of a file that is older than one that is stored.

    Parameters
    ----------
    accounts : pyarrow.Table
        ACCOUNTS.
    at : datetime
        When the file counts as collected.

    Returns
    -------
    pyarrow.Table
        The same rows, none seen after `at`.
    """
    place = accounts.column_names.index("seen_at")
    limit = pa.scalar(at, TIME)
    seen = pc.if_else(pc.greater(accounts["seen_at"], limit), limit, accounts["seen_at"])
    return accounts.set_column(place, accounts.schema.field(place), seen)


_EARLIER = f"""
WITH present AS (FROM stored QUALIFY row_number() OVER (PARTITION BY post_id ORDER BY collected_at DESC) = 1),
common AS (
    SELECT post_id, {GAIN} AS gain, s.batch_id, s.collected_at, {TEXT_HASH} <> s.text_hash AS edited
    FROM posts p JOIN (SELECT post_id, text_hash, batch_id, collected_at, {THEIRS} FROM present) s USING (post_id)
    WHERE p.collected_at >= $at::TIMESTAMPTZ - {DATED}
),
older AS (
    SELECT batch_id FROM common
    LEFT JOIN (SELECT batch_id, max(until) AS until FROM batches GROUP BY 1) b USING (batch_id)
    GROUP BY batch_id HAVING count(*) FILTER (gain < 0) > count(*) FILTER (gain > 0)
    OR (count(*) FILTER (gain < 0) = count(*) FILTER (gain > 0) AND $until::TIMESTAMPTZ < max(until)
        AND count(*) FILTER (gain <> 0 OR edited) > 0)
)
SELECT post_id, least($until::TIMESTAMPTZ, collected_at - INTERVAL 1 MILLISECOND) AS before
FROM common WHERE batch_id IN (FROM older)
"""
_MOVED = """
SELECT p.* REPLACE (coalesce(m.before, p.collected_at) AS collected_at)
FROM (SELECT row_number() OVER () AS ordinal, * FROM posts) p LEFT JOIN moved m USING (post_id)
"""
