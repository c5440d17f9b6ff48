"""Every row of a table checked: kept, rejected with a reason, given twice, or not asked for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.collect.import_batch import Message
from crisislib.collect.importing.cast import PROSE, light, picked_roles, picked_sql, typed_sql
from crisislib.collect.importing.clock_columns import with_clock
from crisislib.collect.importing.collection_times import made_by
from crisislib.collect.importing.column_profile import Shape
from crisislib.collect.importing.derived_columns import Derived, cut_ids, derive, prose_columns, wanted, with_columns
from crisislib.collect.importing.field_mapping import Header, require, taken
from crisislib.collect.importing.file_faults import (
    ADDED,
    DOUBLED,
    REPEATED,
    SHARED,
    absent_of,
    check_ids,
    doubts_of,
    faults_of,
    zone_of,
)
from crisislib.collect.importing.general_table import complete
from crisislib.collect.importing.hidden_marks import without_hidden
from crisislib.collect.importing.layout import COUNTS, Layout
from crisislib.collect.importing.moment import NOT_A_TIME, Moment
from crisislib.collect.importing.moments import read_moment
from crisislib.collect.importing.row_identity import EXCEPT_DROPPED, sift
from crisislib.collect.importing.tabular_reader import Raw, without_repeated_header
from crisislib.core.i18n import N_
from crisislib.core.table_definitions import TIME
from crisislib.core.tables import conform, empty
from crisislib.core.watch import Watch

CONFIRM = N_(
    "the columns were recognised by their names ({taken}); check the first posts and give a mapping if one is wrong"
)
HIDDEN = N_("control characters and marks of writing direction were taken out of the ids and names in {columns}")
THREADS = N_("these rows were collected under posts of the watch, so the query was not applied to them")


_POSTS = {
    **{c: c for c in ("post_id", "collected_at", "platform", "kind", "account_id", "created_precision_s", "parent_id")},
    **{c: c for c in ("root_id", "lang", "url", "title", "place", "row_no", "extra")},
    **{column: role for role, column in COUNTS.items()},
    "created_at": "created",
    "sentiment_given": "sentiment",
    "text": "coalesce(text, title, '')",
}
"""Columns of POSTS as the typed rows have them; those that are the same throughout a batch are added as they are."""
_PLAIN = ("lang", "title", "place", "sentiment", *COUNTS)
"""Fields that are null throughout where the table has no column for them."""

_ACCOUNTS = (
    "SELECT account_id, max(collected_at) AS seen_at, any_value(platform) AS platform, arg_max(name, created) AS name, "
    "left(arg_max(name, created), 1) || '***' || CASE WHEN length(arg_max(name, created)) > 2 "
    "THEN right(arg_max(name, created), 1) ELSE '' END AS name_masked, arg_max(followers, created) AS n_followers, "
    "arg_max(verified, created) AS is_verified, arg_max(account_kind, created) AS kind, "
    "max(account_created) AS created_at, '{batch}' AS batch_id "
    "FROM named {kept} WHERE account_id IS NOT NULL GROUP BY account_id ORDER BY account_id"
)


@dataclass(frozen=True)
class ValidatedTable:
    """What one table came to."""

    posts: pa.Table
    accounts: pa.Table
    rejects: list[tuple[int, str | None, str, str]]
    counts: dict[str, int]
    messages: list[Message]
    span: tuple[datetime | None, datetime | None]
    gaps: Sequence[tuple[str, str]]


def validate(
    layout: Layout,
    raw: Raw,
    watch: Watch,
    *,
    batch: str,
    now: datetime,
    gaps: Sequence[tuple[str, str]] = (),
    db: duckdb.DuckDBPyConnection,
) -> ValidatedTable:
    """Turn one table of text into posts and accounts.

    Parameters
    ----------
    layout : Layout
        What the columns were taken for.
    raw : Raw
        The table.
    watch : Watch
        Its query chooses the posts, its zone reads times without one.
    batch : str
        Id of the batch.
    now : datetime
        UTC.
    gaps : sequence of (str, str)
        Spans that were not collected.
    db : duckdb.DuckDBPyConnection
        A session.

    Notes
    -----
    A row whose text does not match the watch's query is kept all the same when its parent or root
    is a row of this table that does: replies to a post about the brand rarely name the brand.
    """
    raw, repeated = without_repeated_header(raw)
    header = Header(raw.header)
    header.shapes = [Shape(column) for column in raw.table.columns[1:]]
    header.filled = {i for i, shape in enumerate(header.shapes) if shape.filled}
    layout, added = complete(layout, header, raw.table, raw.name, raw.above)
    layout = with_clock(layout, header, raw.table)
    require(layout, header, raw.name)
    raw, hidden = _visible(layout, header, raw)
    messages: list[Message] = [(CONFIRM, {"taken": taken(layout, header)})] if layout.confirm else []
    messages += [(ADDED, {"taken": added})] if added else []
    messages += [(REPEATED, {"n": repeated})] if repeated else []
    messages += [(HIDDEN, {"columns": hidden})] if hidden else []
    zone, assumed = zone_of(layout, header, watch, raw.table)
    derived = _derive(db, layout, header, raw, zone=zone, now=now)
    layout, by_ids = check_ids(layout, header, derived, raw.table, name=raw.name, above=raw.above, zone=zone)
    messages += (assumed if header.stamped or _naive(derived) else []) + by_ids
    messages += doubts_of(derived, layout, header, zone) + [(DOUBLED, {"column": name}) for name in header.doubled]
    # What is cheap to type is typed as it is asked for, so that wide rows are copied once only.
    form = "VIEW" if light(derived) else "TABLE"
    typed = typed_sql(layout, header, derived, at=now.isoformat())
    db.execute(f"CREATE OR REPLACE TEMP {form} typed AS {typed}")
    faults, days = faults_of(db, layout, header, zone, now)
    messages += faults + (absent_of(db, layout, header) if layout.last else [])
    read, twice, whole, shared = sift(db, layout, watch, now, days)
    messages += [(SHARED, {"n": shared})] if shared else []
    kept_only = "" if whole else EXCEPT_DROPPED
    posts = _posts(db, layout, header, _texts(layout, header, derived, raw.table), raw.table, kept_only)
    same = {"watch": watch.watch, "source": layout.layout, "batch_id": batch}
    for column, value in same.items():
        posts = posts.append_column(column, pa.repeat(value, posts.num_rows))
    accounts = db.sql(_ACCOUNTS.format(batch=batch, kept=kept_only)).to_arrow_table()
    rejects = sorted(_broken(raw) + ([] if whole else _rejects(db, layout, header)))
    kept = accounts.num_rows if layout.accounts_only else posts.num_rows
    counts = {"n_read": read, "n_kept": kept, "n_rejected": len(rejects), "n_duplicate": twice}
    counts["n_read"] += len(raw.broken)
    if layout.filter == "none" and watch.query.strip() and kept and not layout.accounts_only:
        messages.append((THREADS, {}))
    span = pc.min_max(posts["created_at"])
    if layout.accounts_only:
        posts = empty("POSTS")
    return ValidatedTable(
        conform(posts, "POSTS"),
        conform(accounts, "ACCOUNTS"),
        rejects,
        counts,
        messages,
        (span["min"].as_py(), span["max"].as_py()),
        gaps,
    )


def _posts(
    db: duckdb.DuckDBPyConnection,
    layout: Layout,
    header: Header,
    texts: pa.ChunkedArray | None,
    table: pa.Table,
    without: str,
) -> pa.Table:
    """The rows that are kept, in the order of the file; without the columns that are the same in all of them."""
    stated = {*picked_roles(layout, header), *(r for r, cell in layout.columns.items() if cell.default is not None)}
    columns = {c: made for c, made in _POSTS.items() if made not in _PLAIN or made in stated}
    if texts is not None:
        del columns["text"]
    select = ", ".join(f"{made} AS {column}" for column, made in columns.items())
    posts = db.sql(f"SELECT {select} FROM named {without}").to_arrow_table()
    if np.any(np.diff(posts["row_no"].to_numpy()) < 0):  # the engine may hand rows on as its threads end
        posts = posts.sort_by("row_no")
    if texts is None:
        return posts
    rows = table["row_no"].to_numpy()
    at = np.searchsorted(rows, posts["row_no"].to_numpy())  # the table is numbered upwards
    return posts.append_column("text", texts if len(at) == len(rows) else texts.take(pa.array(at, pa.int64())))


def _derive(
    db: duckdb.DuckDBPyConnection, layout: Layout, header: Header, raw: Raw, *, zone: str, now: datetime
) -> Derived:
    """Table `raw` with the columns that no cast reads beside its cells."""
    table = raw.table
    derived = prose_columns(layout, header, table, PROSE)
    if (times := _stamps(layout, header, raw, zone)) is not None:
        derived.columns["stamped"] = times
        header.stamped = True
    with_columns(db, table, derived)
    derived.collected = _constant(layout, header, "collected", zone).at
    if (created := _constant(layout, header, "created", zone)).at is not None:
        derived.created = created
    roles = wanted(layout, header, picked_roles(layout, header))
    ids = header.present(layout.columns["id"])[:1] if "id" in layout.columns else []
    if ids and "id" not in roles and cut_ids(table.column(f"c{ids[0]}")):
        roles.append("id")
    if not roles:
        return derived
    picked = db.sql(picked_sql(layout, header, roles, derived)).to_arrow_table()
    if np.any(np.diff(picked["row_no"].to_numpy()) < 0):  # the engine may hand rows on as its threads end
        picked = picked.sort_by("row_no")
    columns = {role: picked.column(f"s_{role}").cast(pa.string()) for role in roles}
    derive(derived, columns, layout, zone=zone, now=now, until=made_by(raw.name, raw.above, ZoneInfo(zone), now))
    with_columns(db, table, derived)
    return derived


def _constant(layout: Layout, header: Header, role: str, zone: str) -> Moment:
    """A time that the user gives for every row; none where a column has it."""
    cell = layout.columns.get(role)
    given = cell.default if cell is not None and (role == "collected" or not header.present(cell)) else None
    return read_moment(given, ZoneInfo(zone)) if given else NOT_A_TIME


def _visible(layout: Layout, header: Header, raw: Raw) -> tuple[Raw, str]:
    """The table without hidden characters in ids and names, and the columns that had some."""
    named = [layout.columns[role] for role in ("id", "account", "name") if role in layout.columns]
    places = {i for cell in (*named, *layout.parents, *([layout.root] if layout.root else [])) for i in header.of(cell)}
    table, changed = without_hidden(raw.table, list(header.shapes), places)
    if not changed:
        return raw, ""
    header.shapes = [Shape(column) for column in table.columns[1:]]
    header.filled = {i for i, shape in enumerate(header.shapes) if shape.filled}
    return replace(raw, table=table), ", ".join(header.title(i) for i in sorted(changed))


def _naive(derived: Derived) -> bool:
    """Whether any time states no zone, of posts or of their collection, against which relative ones are read."""
    return any(derived.times[role].naive > 0 for role in ("created", "collected") if role in derived.times)


def _stamps(layout: Layout, header: Header, raw: Raw, zone: str) -> pa.ChunkedArray | None:
    """The times of posts where one way of writing leaves no doubt; None where each cell has to be read."""
    cell = layout.columns.get("created")
    shape = header.shape(cell)
    if cell is None or shape is None or not (shape.stamped and shape.full):
        return None
    try:
        written = raw.table.column(header.present(cell)[0] + 1).cast(pa.timestamp("us"))
        return pc.assume_timezone(written, zone).cast(TIME)
    except pa.ArrowInvalid:  # an impossible date, an hour that the clocks skip or have twice, or no zone files
        return None


def _texts(layout: Layout, header: Header, derived: Derived, table: pa.Table) -> pa.ChunkedArray | None:
    """The column that is the text of the posts as it stands, which then need not be copied; None where none is."""
    cell = layout.columns.get("text")
    if cell is None or header.shape(cell) is None or np.any(np.diff(table["row_no"].to_numpy()) <= 0):
        return None
    place = header.present(cell)[0]
    texts = derived.columns.get(f"x_{place}", table.column(f"c{place}"))
    return texts if texts.null_count == 0 and Shape(texts).full else None


def _broken(raw: Raw) -> list[tuple[int, str | None, str, str]]:
    """Rows that could not be split into cells."""
    return [(n, None, why, json.dumps({"line": text}, ensure_ascii=False)) for n, why, text in raw.broken]


def _rejects(db: duckdb.DuckDBPyConnection, layout: Layout, header: Header) -> list[tuple[int, str | None, str, str]]:
    """Rejected rows with the column that is to blame and all their cells."""
    names = {role: next((header.names[i] for i in header.of(cell)), None) for role, cell in layout.columns.items()}
    filled = sorted(header.filled or ())
    if not filled:
        return []
    titles = [header.title(i) or f"column {i + 1}" for i in filled]
    query = f"SELECT row_no, fate, {', '.join(f'c{i}' for i in filled)} FROM dropped JOIN raw USING (row_no)"
    rows = db.sql(f"{query} WHERE fate NOT IN ('twice', 'unasked')").fetchall()
    return [
        (n, names.get(_BLAME[why]), why, json.dumps(dict(zip(titles, row, strict=True)), ensure_ascii=False))
        for n, why, *row in rows
    ]


_BLAME = {
    "no_time": "created",
    "relative": "created",
    "bad_time": "created",
    "future": "created",
    "no_identity": "id",
    "no_content": "text",
}
