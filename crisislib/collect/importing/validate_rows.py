"""Every row of a table judged: kept, rejected with a reason, held twice, or not asked for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.collect.import_batch import Said
from crisislib.collect.importing import cells
from crisislib.collect.importing.cast import light, typed_sql
from crisislib.collect.importing.column_profile import Shape
from crisislib.collect.importing.field_mapping import Header, require, taken
from crisislib.collect.importing.layout import COUNTS, Layout
from crisislib.collect.importing.tabular_reader import Raw
from crisislib.core.brand_match import brand_match
from crisislib.core.i18n import N_
from crisislib.core.ids import normal_name
from crisislib.core.query import Node, parse, register
from crisislib.core.tables import TIME, conform, empty
from crisislib.core.watch import Watch

AHEAD = timedelta(days=1)
"""A time later than this past `now` is an error, not a zone mistaken."""
ASCII = "regexp_full_match({}, '[ -~]*')"  # printable; for these the engine trims and folds as Python does

ZONE_ASSUMED = N_("the export does not state its time zone; times were read as {zone}")
DAY_ORDER = N_(
    "dates such as 03/04/2026 can be read in two ways; here the {first} was taken first; say dates=dmy or mdy"
)
MONTH = N_("month")
MIDNIGHT = N_("every time in the file is midnight; times are taken as days")
LATE = N_("{n} rows have a second time that is 8 hours off (a known fault of the tool); the right one was used")
ROUNDED = N_("{n} ids were rounded by a spreadsheet; these posts are known by their content instead")
UNREAD = N_("{n} cells of {column} are no counts; they are kept as they are in extra")
DOUBLED = N_("the column {column} stands in the file more than once; the first was used, the others are in extra")
GARBLED = N_("{n} texts hold the mark of lost characters; the file was saved in a wrong encoding before it came here")
CONFIRM = N_(
    "the columns were taken by their names ({taken}); look at the first posts and give a mapping if one is wrong"
)
THREADS = N_("these rows were collected under posts of the watch, so the query was not applied to them")


@dataclass(frozen=True)
class Judged:
    """What one table came to."""

    posts: pa.Table
    accounts: pa.Table
    rejects: list[tuple[int, str | None, str, str]]
    counts: dict[str, int]
    said: list[Said]
    span: tuple[datetime | None, datetime | None]
    gaps: Sequence[tuple[str, str]]


def judge(
    layout: Layout,
    raw: Raw,
    watch: Watch,
    *,
    batch: str,
    now: datetime,
    gaps: Sequence[tuple[str, str]] = (),
    db: duckdb.DuckDBPyConnection,
) -> Judged:
    """Turn one table of text into posts and accounts.

    Notes
    -----
    A row whose text does not match the watch's query is kept all the same when its parent or root
    is a row of this table that does: replies to a post about the brand rarely name the brand.
    """
    header = Header(raw.header)
    require(layout, header, raw.name)
    db.register("raw", raw.table)
    header.shapes = [Shape(column) for column in raw.table.columns[1:]]
    header.filled = {i for i, shape in enumerate(header.shapes) if shape.filled}
    said: list[Said] = [(CONFIRM, {"taken": taken(layout, header)})] if layout.confirm else []
    zone, assumed = _zone(layout, header, watch)
    if (times := _times(layout, header, raw, zone)) is not None:
        db.register("raw", raw.table.append_column("stamped", times))
        header.stamped = True
    order, doubt = _day_order(layout, header, db)
    said += assumed + doubt + [(DOUBLED, {"column": name}) for name in header.doubled]
    # What is cheap to type is typed as it is asked for, so that wide rows are copied once only.
    form = "VIEW" if light(layout, header) else "TABLE"
    typed = typed_sql(layout, header, zone=zone, order=order, at=now.isoformat())
    db.execute(f"CREATE OR REPLACE TEMP {form} typed AS {typed}")
    faults, days = _faults(db, layout, header, zone)
    said += faults
    read, twice, whole = _sift(db, layout, watch, now, days)
    kept_only = "" if whole else _KEPT
    posts = db.sql(_POSTS.format(watch=watch.watch, batch=batch, source=layout.layout, kept=kept_only)).to_arrow_table()
    accounts = db.sql(_ACCOUNTS.format(batch=batch, kept=kept_only)).to_arrow_table()
    rejects = sorted(_broken(raw) + ([] if whole else _rejects(db, layout, header)))
    kept = accounts.num_rows if layout.accounts_only else posts.num_rows
    counts = {"n_read": read, "n_kept": kept, "n_rejected": len(rejects), "n_duplicate": twice}
    counts["n_read"] += len(raw.broken)
    if layout.filter == "none" and watch.query.strip() and kept and not layout.accounts_only:
        said.append((THREADS, {}))
    span = pc.min_max(posts["created_at"])
    if layout.accounts_only:
        posts = empty("POSTS")
    if np.any(np.diff(posts["row_no"].to_numpy()) < 0):  # the engine may hand rows on as its threads end
        posts = posts.sort_by("row_no")
    return Judged(
        conform(posts, "POSTS"),
        conform(accounts, "ACCOUNTS"),
        rejects,
        counts,
        said,
        (span["min"].as_py(), span["max"].as_py()),
        gaps,
    )


def _times(layout: Layout, header: Header, raw: Raw, zone: str) -> pa.ChunkedArray | None:
    """The times of posts where one way of writing leaves no doubt; None where the engine has to look at each."""
    cell = layout.columns.get("created")
    shape = header.shape(cell)
    if cell is None or shape is None or not (shape.stamped and shape.full):
        return None
    try:
        written = raw.table.column(header.present(cell)[0] + 1).cast(pa.timestamp("us"))
        return pc.assume_timezone(written, zone).cast(TIME)
    except pa.ArrowInvalid:  # an impossible date, an hour that the clocks skip or have twice, or no zone files
        return None


def _zone(layout: Layout, header: Header, watch: Watch) -> tuple[str, list[Said]]:
    """The zone of times without one: as the column header writes it, as the layout says, or the watch's."""
    for name in layout.columns["created"].columns if "created" in layout.columns else ():
        for i in header.find(name) if name.startswith("/") else []:
            for written, zone in layout.zones.items():
                if f"({written.casefold()})" in header.names[i].casefold():
                    return zone, []
    zone = watch.timezone if layout.timezone == "watch" else layout.timezone
    return zone, [] if layout.zone_stated else [(ZONE_ASSUMED, {"zone": zone})]


def _day_order(layout: Layout, header: Header, db: duckdb.DuckDBPyConnection) -> tuple[cells.Order, list[Said]]:
    """Whether 03/04/2026 is March or April: by the layout, else by a cell that leaves one reading only."""
    if layout.dates != "auto":
        return layout.dates, []
    if layout.accounts_only:
        return "mdy", []
    found = [i for i in header.present(layout.columns["created"]) if not header.shapes[i].stamped]
    first, second = 0, 0
    for i in found:
        parts = f"regexp_extract(c{i}, '^(\\d{{1,2}})[-/.](\\d{{1,2}})[-/.]\\d{{4}}', ['a', 'b'])"
        query = "SELECT max(try_cast(d.a AS INTEGER)), max(try_cast(d.b AS INTEGER)) FROM "
        a, b = db.sql(f"{query} (SELECT {parts} AS d FROM raw WHERE c{i} <> '')").fetchall()[0]
        first, second = max(first, a or 0), max(second, b or 0)
    if first > 12:
        return "dmy", []
    if second > 12 or not first:
        return "mdy", []
    return "mdy", [(DAY_ORDER, {"first": MONTH})]


_HASH = "left(sha256(concat_ws(chr(31), account_id, written, text, title, url, extra)), 20)"
_KEPT = "ANTI JOIN dropped USING (row_no)"


def _sift(
    db: duckdb.DuckDBPyConnection, layout: Layout, watch: Watch, now: datetime, days: bool
) -> tuple[int, int, bool]:
    """View `named` (typed rows with their ids) and table `dropped` (rows that are not kept, with their fate).

    Windows and sets run over narrow columns only; the wide rows are touched once, on the way out.
    Gives the rows read, the rows held twice, and whether every row is kept: then `dropped` is not made.
    """
    db.execute(f"CREATE OR REPLACE TEMP VIEW named AS {_named(db, now, days)}")
    asked = _asked(db, watch) if layout.filter == "query" else "true"
    if asked == "true":
        summary = "count(*), count(why), count(DISTINCT hash(post_id, collected_at))"
        read, bad, different = db.sql(f"SELECT {summary} FROM named").fetchall()[0]
        if not bad and different == read:
            return int(read), 0, True
    narrow = "row_no, post_id, parent_id, root_id, collected_at, why"
    db.execute(f"CREATE OR REPLACE TEMP TABLE known AS SELECT {narrow}, why IS NULL AND ({asked}) AS wanted FROM named")
    if asked != "true":
        hits = "(SELECT DISTINCT post_id FROM known WHERE wanted)"
        db.execute(
            f"UPDATE known SET wanted = true WHERE why IS NULL AND NOT wanted AND "
            f"(coalesce(parent_id IN {hits}, false) OR coalesce(root_id IN {hits}, false))"
        )
    again = "row_number() OVER (PARTITION BY post_id, collected_at ORDER BY row_no)"
    db.execute(
        "CREATE OR REPLACE TEMP TABLE dropped AS "
        "SELECT row_no, coalesce(why, 'unasked') AS fate FROM known WHERE NOT wanted UNION ALL "
        f"SELECT row_no, 'twice' FROM (SELECT row_no FROM known WHERE wanted QUALIFY {again} > 1)"
    )
    read, twice = db.sql(_COUNTS).fetchall()[0]
    return int(read), int(twice), False


def _asked(db: duckdb.DuckDBPyConnection, watch: Watch) -> str:
    """Condition over `named` for what the watch asks for: its query, and not the brand's name in another meaning."""
    text, match = "concat_ws(' ', text, title, tags)", brand_match(watch)
    conditions = [parse(watch.query)] if watch.query.strip() else []
    conditions += [Node("not", (match.other,))] if match.ambiguous else []
    if not conditions:
        return "true"
    register(db)
    return Node("and", tuple(conditions)).sql(text)


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
        "CASE WHEN written IS NULL THEN 'no_time' WHEN created IS NULL OR NOT isfinite(created) "
        "OR created < TIMESTAMPTZ '1990-01-01 00:00:00+00' THEN 'bad_time' "
        f"WHEN created > {at} + INTERVAL {int(AHEAD.total_seconds())} SECOND THEN 'future' "
        "WHEN native IS NULL AND rounded AND text IS NULL AND url IS NULL THEN 'no_identity' "
        "WHEN native IS NULL AND text IS NULL AND title IS NULL AND url IS NULL THEN 'no_content' END"
    )
    return f"""SELECT * EXCLUDE (collected), platform || ':' || coalesce(native, {_HASH}) AS post_id,
        platform || ':' || parent_native AS parent_id,
        CASE WHEN root_native IS DISTINCT FROM native THEN platform || ':' || root_native END AS root_id,
        CASE WHEN collected <= {at} AND isfinite(collected) THEN collected ELSE {at} END AS collected_at
        FROM (SELECT t.* {finest}, {account} AS account_id, {why} AS why FROM typed t {joined})"""


_COUNTS = "SELECT (SELECT count(*) FROM known), count(*) FROM dropped WHERE fate = 'twice'"

_POSTS = (
    "SELECT '{watch}' AS watch, post_id, collected_at, platform, kind, account_id, created AS created_at, "
    "created_precision_s, parent_id, root_id, coalesce(text, title, '') AS text, lang, url, title, "
    + ", ".join(f"{role} AS {column}" for role, column in COUNTS.items())
    + ", sentiment AS sentiment_given, place, '{source}' AS source, '{batch}' AS batch_id, row_no, extra "
    "FROM named {kept}"
)

_ACCOUNTS = (
    "SELECT account_id, max(collected_at) AS seen_at, any_value(platform) AS platform, arg_max(name, created) AS name, "
    "left(arg_max(name, created), 1) || '***' || CASE WHEN length(arg_max(name, created)) > 2 "
    "THEN right(arg_max(name, created), 1) ELSE '' END AS name_masked, arg_max(followers, created) AS n_followers, "
    "arg_max(verified, created) AS is_verified, arg_max(account_kind, created) AS kind, "
    "max(account_created) AS created_at, '{batch}' AS batch_id "
    "FROM named {kept} WHERE account_id IS NOT NULL GROUP BY account_id ORDER BY account_id"
)


def _faults(db: duckdb.DuckDBPyConnection, layout: Layout, header: Header, zone: str) -> tuple[list[Said], bool]:
    """What is odd about the file as a whole, with numbers; and whether its times are to be taken as days."""
    found: list[Said] = []
    midnight = "CASE WHEN contains(written, '0:00') AND created_precision_s <= 60 "
    midnight += "THEN regexp_matches(written, '[ T]0?0:00(:00)?([^:0-9]|$)') END"
    ask = "count(*) FILTER (rounded), count(*) FILTER (contains(text, chr(65533))), count(created), "
    ask += f"count(*) FILTER ({midnight})" + "".join(f", count(*) FILTER (unread_{role})" for role in COUNTS)
    rounded, garbled, good, days, *unread = db.sql(f"SELECT {ask} FROM typed").fetchall()[0]
    if rounded:
        found.append((ROUNDED, {"n": rounded}))
    if garbled:
        found.append((GARBLED, {"n": garbled}))
    whole_days = good >= 10 and days == good
    if whole_days:
        found.append((MIDNIGHT, {}))
    if layout.late_column is not None and header.find(layout.late_column):
        second = cells.plain(f"c{header.find(layout.late_column)[0]}")
        off = f"abs(epoch({cells.moment('l', zone)}) - epoch(created)) = 28800"
        rows = f"(SELECT row_no, {second} AS l FROM raw) JOIN typed USING (row_no)"
        if n := db.sql(f"SELECT count(*) FROM {rows} WHERE {off}").fetchall()[0][0]:
            found.append((LATE, {"n": n}))
    for role, n in zip(COUNTS, unread, strict=True):
        if n:
            column = header.names[header.of(layout.columns[role])[0]]
            found.append((UNREAD, {"n": n, "column": column}))
    return found, whole_days


def _broken(raw: Raw) -> list[tuple[int, str | None, str, str]]:
    """Rows that could not be split into cells."""
    return [(n, None, why, json.dumps({"line": text}, ensure_ascii=False)) for n, why, text in raw.broken]


def _rejects(db: duckdb.DuckDBPyConnection, layout: Layout, header: Header) -> list[tuple[int, str | None, str, str]]:
    """Rejected rows with the column that is to blame and all their cells."""
    names = {role: next((header.names[i] for i in header.of(cell)), None) for role, cell in layout.columns.items()}
    items = [f"{cells.quoted(header.title(i) or f'column {i + 1}')}: c{i}" for i in sorted(header.filled or ())]
    if not items:
        return []
    query = f"SELECT row_no, fate, to_json({{{', '.join(items)}}}) FROM dropped JOIN raw USING (row_no)"
    rows = db.sql(f"{query} WHERE fate NOT IN ('twice', 'unasked')").fetchall()
    return [(n, names.get(_BLAME[why]), why, text) for n, why, text in rows]


_BLAME = {"no_time": "created", "bad_time": "created", "future": "created", "no_identity": "id", "no_content": "text"}
