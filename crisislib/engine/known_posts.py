"""Posts that are stored under another id: the same row read by another layout, the same post on a platform known now.

Which layout reads a file decides the platform and what stands before an id, so that a post may come again as
`weibo:8801` after it was stored as `web:8801`. It keeps the id that it has: labels, cases and links point to it.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from crisislib.core.memory_database import session
from crisislib.core.tables import conform
from crisislib.engine.stored_observations import FACTS, VAGUE, VAGUE_LIST, ZONES_S, quoted

CONTENT_KEY = "^u?[0-9a-f]{20}$"
"""An id that was made of a post's content or address because the export gave none."""
SHORTEST = 6
"""Characters of an id from which it says which post it is, whatever the time: shorter ones are numbers of rows."""


def with_known_ids(stored: pa.Table, posts: pa.Table, same_file: Sequence[str]) -> tuple[pa.Table, int]:
    """Posts under the ids by which they are stored.

    Parameters
    ----------
    stored : pyarrow.Table
        Earlier observations, of :func:`stored_observations`.
    posts : pyarrow.Table
        POSTS that are to be stored.
    same_file : sequence of str
        Ids of earlier batches that read the same bytes: a row of theirs is the post of the same row here.

    Returns
    -------
    posts : pyarrow.Table
        In the same order. A platform that the new reading does not know stays the stored one.
    changed : int
        How many posts had another id.
    """
    platforms = {*posts["platform"].unique().to_pylist(), *stored["platform"].unique().to_pylist()}
    if not stored.num_rows or not (same_file or platforms & set(VAGUE)):
        return posts, 0
    with session() as db:
        db.register("stored", stored)
        db.register("posts", posts)
        db.execute(f"CREATE TEMP TABLE i AS {FACTS.format(batches=quoted(same_file))}")
        pairs = db.sql(_PAIRS).to_arrow_table()
        parents = db.sql(_PARENTS).to_arrow_table()
        if pairs.num_rows + parents.num_rows == 0:
            return posts, 0
        db.register("pairs", pairs)
        db.register("parents", parents)
        known = db.sql(_RENAMED).to_arrow_table().sort_by("ordinal").drop_columns(["ordinal"])
    return conform(known, "POSTS"), int(pc.sum(pc.not_equal(pairs["new"], pairs["old"])).as_py() or 0)


def stored_before(stored: pa.Table, posts: pa.Table) -> int:
    """How many of some posts were observed before.

    Parameters
    ----------
    stored : pyarrow.Table
        Earlier observations, of :func:`stored_observations`.
    posts : pyarrow.Table
        POSTS that are to be stored, under the ids by which they are stored.
    """
    return int(pc.sum(pc.is_in(posts["post_id"].unique(), stored["post_id"])).as_py() or 0)


_PAIRS = f"""
WITH s AS (SELECT * FROM stored WHERE post_id NOT IN (SELECT post_id FROM i)),
once AS (SELECT row_no FROM i GROUP BY row_no HAVING count(DISTINCT post_id) = 1),
same AS (
    SELECT i.post_id AS new, s.post_id AS old, s.platform, s.account_id, s.collected_at FROM i JOIN s
    ON i.row_no = s.row_no AND s.same_file AND i.row_no IN (FROM once) WHERE i.at = s.at OR i.text_hash = s.text_hash
    UNION ALL
    SELECT i.post_id, s.post_id, s.platform, s.account_id, s.collected_at FROM i JOIN s
    ON i.native = s.native AND i.text_hash = s.text_hash
    AND (i.at = s.at OR length(s.native) >= {SHORTEST} OR abs(epoch(i.at - s.at)) <= {ZONES_S})
    WHERE i.vague OR s.vague
    UNION ALL
    SELECT i.post_id, s.post_id, s.platform, s.account_id, s.collected_at FROM i JOIN s
    ON i.who = s.who AND i.at = s.at AND i.text_hash = s.text_hash WHERE (i.vague OR s.vague)
    AND (regexp_matches(i.native, '{CONTENT_KEY}') OR regexp_matches(s.native, '{CONTENT_KEY}'))
)
SELECT new, arg_min(old, collected_at) AS old, arg_max(platform, collected_at) AS platform,
    arg_max(account_id, collected_at) AS account_id
FROM (
    FROM same WHERE new NOT IN (SELECT post_id FROM stored) UNION ALL
    SELECT i.post_id, s.post_id, s.platform, s.account_id, s.collected_at
    FROM i JOIN stored s USING (post_id) WHERE i.vague AND NOT s.vague
) GROUP BY new
"""
_PARENTS = f"""
SELECT p.id AS new, any_value(s.post_id) AS old
FROM (SELECT parent_id AS id FROM posts UNION SELECT root_id FROM posts) p
JOIN stored s ON substr(p.id, instr(p.id, ':') + 1) = s.native AND s.vague AND length(s.native) >= {SHORTEST}
WHERE p.id NOT IN (SELECT post_id FROM stored) AND p.id NOT IN (SELECT post_id FROM posts)
GROUP BY 1
"""
_RENAMED = f"""
WITH names AS (SELECT new, old FROM pairs UNION ALL SELECT new, old FROM parents)
SELECT i.* REPLACE (
    coalesce(p.old, i.post_id) AS post_id,
    CASE WHEN i.platform IN ({VAGUE_LIST}) THEN coalesce(p.platform, i.platform)
        ELSE i.platform END AS platform,
    CASE WHEN i.platform IN ({VAGUE_LIST}) AND p.platform NOT IN ({VAGUE_LIST})
        THEN coalesce(p.account_id, i.account_id) ELSE i.account_id END AS account_id,
    coalesce(a.old, i.parent_id) AS parent_id, coalesce(r.old, i.root_id) AS root_id
)
FROM (SELECT row_number() OVER () AS ordinal, * FROM posts) i
LEFT JOIN pairs p ON p.new = i.post_id
LEFT JOIN names a ON a.new = i.parent_id
LEFT JOIN names r ON r.new = i.root_id
"""
