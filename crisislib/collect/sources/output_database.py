"""What is new in the SQLite database that a crawler fills: rows after a mark, read without disturbing it."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from crisislib.core.errors import SourceError
from crisislib.core.i18n import N_

TableMark = dict[str, object]
"""How far a table was read, as JSON: `at`, the largest value of its order, and `same`, the rows that have it."""

CHANGED = "last_modify_ts"
"""Column that says when MediaCrawler wrote a row last; it writes counters anew into the same row."""
ROWS_AT_ONCE = 50_000
"""Rows of a table taken at a time; the rest comes next time."""
WAIT_S = 10.0
"""Seconds to wait for a crawler that is writing; it holds its lock for the time of one row."""


def new_rows(path: Path, marks: Mapping[str, TableMark], target: Path) -> tuple[int, dict[str, TableMark]]:
    """Copy what is new in every table into a database of its own.

    Parameters
    ----------
    path : Path
        The crawler's database; opened for reading only.
    marks : Mapping of str to dict
        Table -> how far it was read.
    target : Path
        Written: tables of the same names and columns with the new rows.

    Returns
    -------
    int
        Number of rows.
    dict of str to dict
        The marks after them.

    Raises
    ------
    SourceError
        It is no database, damaged, or locked for too long.

    Notes
    -----
    A table with the column :data:`CHANGED` is read in its order, so that counters that were written again come again;
    another by `rowid`, which a row that is replaced gets anew. Rows at the mark itself are told by their content: two
    may share a millisecond, and the last row keeps its number when it is replaced.
    """
    after = dict(marks)
    number = 0
    try:
        with (
            closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=WAIT_S)) as db,
            closing(sqlite3.connect(target)) as out,
        ):
            db.text_factory = bytes
            for table in _tables(db):
                rows, columns, mark = _after(db, table, marks.get(table, {}))
                if not rows:
                    continue
                after[table] = mark
                number += len(rows)
                out.execute(f"CREATE TABLE {_name(table)} ({', '.join(map(_name, columns))})")
                places = ", ".join("?" * len(columns))
                out.executemany(f"INSERT INTO {_name(table)} VALUES ({places})", map(_storable, rows))
            out.commit()
    except sqlite3.Error as fault:
        raise SourceError(
            N_("the database cannot be read: {fault}"),
            where=str(path),
            do=N_("look whether its crawler still writes it"),
            facts={"fault": fault},
        ) from fault
    return number, after


def _tables(db: sqlite3.Connection) -> list[str]:
    names = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid")
    texts = [name.decode("utf-8", "replace") for (name,) in names]
    return [name for name in texts if not name.startswith("sqlite_")]


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


Row = tuple[object, ...]


def _after(db: sqlite3.Connection, table: str, mark: TableMark) -> tuple[list[Row], list[str], TableMark]:
    """Rows of one table after its mark, its columns, and the mark after them."""
    columns = [str(d[0]) for d in db.execute(f"SELECT * FROM {_name(table)} LIMIT 0").description]
    order = f"coalesce({CHANGED}, 0)" if CHANGED in columns else "rowid"
    try:
        (top,) = db.execute(f"SELECT max({order}) FROM {_name(table)}").fetchone()
    except sqlite3.OperationalError:  # a table without rowid is in the order of its key
        order, top = _name(columns[0]), None
    low, same = mark.get("at"), mark.get("same", [])
    if order == "rowid" and low is not None and int(top or 0) < int(str(low)):
        low, same = None, []  # emptied and filled again
    known = set(same) if isinstance(same, list) else set()
    where, values = ("", ()) if low is None else (f"WHERE {order} >= ?", (low,))
    rows: list[Row] = db.execute(
        f"SELECT {order}, * FROM {_name(table)} {where} ORDER BY 1 LIMIT {ROWS_AT_ONCE + len(known)}", values
    ).fetchall()
    fresh = [row for row in rows if not (known and _plain(row[0]) == low and _digest(row) in known)]
    if not fresh:
        return [], columns, mark
    last = rows[-1][0]
    same = [_digest(row) for row in rows if row[0] == last]
    return [row[1:] for row in fresh], columns, {"at": _plain(last), "same": same}


def _plain(value: object) -> object:
    """A value of the order as JSON has it."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _storable(row: Row) -> Row:
    """Texts as text; bytes that are none in replacement characters, as files are read."""
    return tuple(_plain(value) for value in row)


def _digest(row: Row) -> str:
    return hashlib.sha256(repr(row).encode()).hexdigest()[:16]
