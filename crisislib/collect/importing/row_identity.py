"""Which row is which post: ids, addresses, or content; and which rows are one post seen twice."""

from __future__ import annotations

from datetime import datetime, timedelta

import duckdb
import pyarrow as pa

from crisislib.collect.importing.cells import place_id
from crisislib.collect.importing.layout import Layout
from crisislib.core.brand_match import brand_match
from crisislib.core.ids import normal_name
from crisislib.core.query import Node, parse, register
from crisislib.core.watch import Watch

AHEAD = timedelta(days=1)
"""A time later than this past `now` is an error, not a zone mistaken."""
ASCII = "regexp_full_match({}, '[ -~]*')"  # printable; for these the engine trims and folds as Python does

_HASH = (
    "left(sha256(concat_ws(chr(31), account_id, epoch(date_trunc('minute', created)), "
    "regexp_replace(trim(coalesce(text, title)), '\\s+', ' ', 'g'), url)), 20)"
)
"""What a post without an id is known by: who, when to the minute, what and where.

Counters, columns that only some exports have, and the way in which a time is written are left out, so that the same
post exported again is the same post.
"""
_PLACE = place_id("url")
EXCEPT_DROPPED = "ANTI JOIN dropped USING (row_no)"


def sift(
    db: duckdb.DuckDBPyConnection, layout: Layout, watch: Watch, now: datetime, days: bool
) -> tuple[int, int, bool, int]:
    """View `named` (typed rows with their ids) and table `dropped` (rows that are not kept, with their fate).

    Windows and sets run over narrow columns only; the wide rows are touched once, on the way out.

    Parameters
    ----------
    db : duckdb.DuckDBPyConnection
        A session with the table `typed`.
    layout : Layout
        Says whether the query applies.
    watch : Watch
        Its query chooses the posts.
    now : datetime
        UTC.
    days : bool
        Whether times are to be taken as days.

    Returns
    -------
    read, twice : int
        Rows in all, and rows that stand for a post that another row gives.
    whole : bool
        Every row is kept; then `dropped` is not made.
    shared : int
        Ids that stand on different posts, so that they identify none.
    """
    shared, apart = _shared(db)
    db.execute(f"CREATE OR REPLACE TEMP VIEW named AS {_named(db, now, days)}")
    asked = _asked(db, watch) if layout.filter == "query" else "true"
    if asked == "true":
        different = "count(*)" if apart else "count(DISTINCT hash(post_id, collected_at))"
        summary = f"count(*), count(why), {different}"
        read, bad, different = db.sql(f"SELECT {summary} FROM named").fetchall()[0]
        if not bad and different == read:
            return int(read), 0, True, shared
    narrow = f"row_no, post_id, parent_id, root_id, collected_at, why, {_SIZE}"
    db.execute(f"CREATE OR REPLACE TEMP TABLE known AS SELECT {narrow}, why IS NULL AND ({asked}) AS wanted FROM named")
    if asked != "true":
        hits = "(SELECT DISTINCT post_id FROM known WHERE wanted)"
        db.execute(
            f"UPDATE known SET wanted = true WHERE why IS NULL AND NOT wanted AND "
            f"(coalesce(parent_id IN {hits}, false) OR coalesce(root_id IN {hits}, false))"
        )
    again = "row_number() OVER (PARTITION BY post_id, collected_at ORDER BY size DESC, row_no)"
    db.execute(
        "CREATE OR REPLACE TEMP TABLE dropped AS "
        "SELECT row_no, coalesce(why, 'unasked') AS fate FROM known WHERE NOT wanted UNION ALL "
        f"SELECT row_no, 'twice' FROM (SELECT row_no FROM known WHERE wanted QUALIFY {again} > 1)"
    )
    read, twice = db.sql(_COUNTS).fetchall()[0]
    return int(read), int(twice), False, shared


def _asked(db: duckdb.DuckDBPyConnection, watch: Watch) -> str:
    """Condition over `named` for what the watch asks for: its query, and not the brand's name in another meaning."""
    text, match = "concat_ws(' ', text, title, tags)", brand_match(watch)
    conditions = [parse(watch.query)] if watch.query.strip() else []
    conditions += [Node("not", (match.other,))] if match.ambiguous else []
    if not conditions:
        return "true"
    register(db)
    return Node("and", tuple(conditions)).sql(text)


def _shared(db: duckdb.DuckDBPyConnection) -> tuple[int, bool]:
    """Table `shared` of ids and addresses that stand on different posts: other times and other accounts or texts.

    Returns how many they are, and whether every row has an id or address of its own.
    """
    who = "coalesce(account_native, name, text, title, '')"  # an address may say whose page a comment stands on
    apart = f"count(DISTINCT date_trunc('minute', created)) > 1 AND (count(DISTINCT {who}) > 1 OR {_OTHERS})"
    columns = f"coalesce(native, {_PLACE}) AS key, created, account_native, name, text, title"
    db.execute("CREATE OR REPLACE TEMP TABLE shared (key VARCHAR)")
    rows, filled, different = db.sql(
        f"SELECT count(*), count(k), count(DISTINCT k) FROM (SELECT coalesce(native, {_PLACE}) AS k FROM typed)"
    ).fetchall()[0]
    if filled == different:
        return 0, bool(rows == filled)
    groups = f"GROUP BY key HAVING count(*) > 1 AND {apart}"
    db.execute(f"INSERT INTO shared SELECT key FROM (SELECT {columns} FROM typed) WHERE key IS NOT NULL {groups}")
    return int(db.sql("SELECT count(*) FROM shared").fetchall()[0][0]), False


def _named(db: duckdb.DuckDBPyConnection, now: datetime, days: bool) -> str:
    """SELECT over `typed` that makes account and post ids and says why a row cannot be kept."""
    finest = "REPLACE (CAST(86400 AS BIGINT) AS created_precision_s)" if days else ""
    wide = f"SELECT DISTINCT name FROM typed WHERE account_native IS NULL AND NOT {ASCII.format('name')}"
    names = [n for (n,) in db.sql(wide).fetchall()]
    # Names in other scripts get their key in Python, each once: the engine knows no NFKC.
    keys = pa.table([pa.array(names, pa.string()), pa.array(map(normal_name, names), pa.string())], names=["name", "k"])
    db.register("name_keys", keys)
    plain = "nullif(lower(trim(ltrim(trim(t.name), '@'))), '')"
    by_name = f"CASE WHEN {ASCII.format('t.name')} THEN {plain} {'ELSE nullif(k.k, {0})' if names else ''} END"
    account = f"platform || ':' || coalesce(account_native, '@' || {by_name.format(chr(39) * 2)})"
    joined = "LEFT JOIN name_keys k ON t.account_native IS NULL AND k.name = t.name" if names else ""
    at = f"TIMESTAMPTZ '{now.isoformat()}'"
    why = (
        "CASE WHEN written IS NULL THEN 'no_time' WHEN created IS NULL AND relative THEN 'relative' "
        "WHEN created IS NULL OR NOT isfinite(created) "
        "OR created < TIMESTAMPTZ '1990-01-01 00:00:00+00' THEN 'bad_time' "
        f"WHEN created > {at} + INTERVAL {int(AHEAD.total_seconds())} SECOND THEN 'future' "
        "WHEN native IS NULL AND rounded AND text IS NULL AND url IS NULL THEN 'no_identity' "
        "WHEN native IS NULL AND text IS NULL AND title IS NULL AND url IS NULL THEN 'no_content' END"
    )
    known = f"coalesce(native, {_PLACE})"
    if db.sql("SELECT count(*) FROM shared").fetchall()[0][0]:
        known = f"CASE WHEN {known} NOT IN (FROM shared) THEN {known} END"
    return f"""SELECT * EXCLUDE (collected), platform || ':' || coalesce({known}, {_HASH}) AS post_id,
        platform || ':' || parent_native AS parent_id,
        CASE WHEN root_native IS DISTINCT FROM native THEN platform || ':' || root_native END AS root_id,
        CASE WHEN collected <= {at} AND isfinite(collected) THEN collected ELSE {at} END AS collected_at
        FROM (SELECT t.* {finest}, {account} AS account_id, {why} AS why FROM typed t {joined})"""


_OTHERS = "(count(DISTINCT name) > 1 AND count(DISTINCT text) > 1)"
_SIZE = "coalesce(likes, 0) + coalesce(reposts, 0) + coalesce(replies, 0) + coalesce(views, 0) AS size"
_COUNTS = "SELECT (SELECT count(*) FROM known), count(*) FROM dropped WHERE fate = 'twice'"
