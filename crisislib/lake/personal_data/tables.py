"""The tables as a store of personal data."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from crisislib.core.tables import TABLES, Table
from crisislib.lake.personal_data import rows as rules
from crisislib.lake.personal_data.person import Person
from crisislib.lake.personal_data.store import Place, Removal
from crisislib.lake.queries import Bounds, read_sql
from crisislib.lake.rewriting import CHUNK, chunks, purge, replace_rows, stale_files
from crisislib.lake.store import Lake

LAST = ("POSTS", "ACCOUNTS")
"""A person is recognised by these, and accounts are kept for their posts: a run that was killed finds them again."""
ABOUT, REFERRING, QUOTING = "rows about it", "rows that refer to it", "rows of others that name it"
OLD, VERSIONS = "rows", "files of older versions"
UNUSED = """
    account_id NOT IN (SELECT account_id FROM ({posts}) WHERE account_id IS NOT NULL AND NOT {old_posts})
    AND seen_at < TIMESTAMPTZ '{before}'"""


class Tables:
    """Every table of the lake, with its log and the files of its older versions."""

    name = "tables"

    def erase(self, place: Place, person: Person, *, quotes: bool, dry_run: bool) -> list[Removal]:
        """Delete the person's rows, put placeholders for references, redact what was derived."""
        found = []
        for spec in _in_order():
            change = self._counts(place.lake, spec, person, quotes=quotes)
            for what, n in ((ABOUT, change[0]), (REFERRING, change[1]), (QUOTING, change[2])):
                if n:
                    found.append(Removal(self.name, spec.name, what, n, quotes=what == QUOTING))
            if dry_run:
                continue
            if change[0] or change[1] or (quotes and change[2]):
                parts = chunks(place.lake, spec.name)
                clean = (rules.erased(spec, part, person, quotes=quotes).rows for part in parts)
                replace_rows(place.lake, spec.name, clean)
            purge(place.lake, spec.name)
        return found

    def _counts(self, lake: Lake, spec: Table, person: Person, *, quotes: bool) -> tuple[int, int, int]:
        deleted = redacted = quoted = 0
        for part in chunks(lake, spec.name):
            change = rules.erased(spec, part, person, quotes=quotes)
            deleted, redacted = deleted + change.deleted, redacted + change.redacted
            quoted += change.quoted
        return deleted, redacted, quoted

    def expire(self, place: Place, watch: str, before: datetime, *, dry_run: bool) -> list[Removal]:
        """Delete a watch's rows from before an instant, and accounts of which no post is left."""
        found = []
        for spec in _in_order():
            old = _old(place.lake, spec, watch, before)
            files = [str(p) for p in place.lake.tables.files(spec, place.lake.tables.present(spec.name), [Bounds()])]
            n = _n(spec, files, old)
            stale = sum(_n(spec, [str(p)], old) > 0 for p in stale_files(place.lake, spec.name))
            if n:
                found.append(Removal(self.name, spec.name, OLD, n))
            if dry_run or not (n or stale):
                continue
            if n:
                replace_rows(place.lake, spec.name, _select(spec, files, f"({old}) IS NOT TRUE"))
            found.append(Removal(self.name, spec.name, VERSIONS, purge(place.lake, spec.name)))
        return found

    def export(self, place: Place, person: Person) -> dict[str, list[dict[str, Any]]]:
        """The person's rows of each table."""
        found = {}
        for spec in _in_order():
            parts = [part.filter(rules.own(spec, part, person)).to_pylist() for part in chunks(place.lake, spec.name)]
            if any(parts):
                found[spec.name] = [row for part in parts for row in part]
        return found


def _in_order() -> list[Table]:
    return [TABLES[n] for n in (*(n for n in TABLES if n not in LAST), *LAST)]


def _old(lake: Lake, spec: Table, watch: str, before: datetime) -> str:
    """SQL that is true of the rows that expire."""
    if spec.name == "ACCOUNTS":
        posts = TABLES["POSTS"]
        files = lake.tables.files(posts, lake.tables.present("POSTS"), [Bounds()])
        stored = read_sql(posts, files, ["account_id", "watch", posts.time, posts.order]) if files else ""
        if not stored:
            return f"seen_at < TIMESTAMPTZ '{before.isoformat()}'"
        return UNUSED.format(posts=stored, old_posts=_old(lake, posts, watch, before), before=before.isoformat())
    time = f'coalesce("{spec.time}", "{spec.order}")' if spec.time else f'"{spec.order}"'
    return "(watch = '{}' AND {} < TIMESTAMPTZ '{}')".format(watch.replace("'", "''"), time, before.isoformat())


def _n(spec: Table, files: list[str], condition: str) -> int:
    if not files:
        return 0
    with _database() as db:
        try:
            return int(db.sql(f"SELECT count(*) FROM ({read_sql(spec, files)}) WHERE {condition}").fetchall()[0][0])
        except (duckdb.InvalidInputException, duckdb.IOException):
            if any(Path(f).exists() for f in files) and len(files) == 1:
                return 1  # half a file, left by a kill: nobody can tell what it holds
            raise


def _select(spec: Table, files: list[str], condition: str) -> Iterator[pa.Table]:
    with _database() as db:
        query = f"SELECT * FROM ({read_sql(spec, files)}) WHERE {condition}"
        for batch in db.sql(query).to_arrow_reader(CHUNK):
            yield pa.Table.from_batches([batch]).cast(spec.schema)


def _database() -> duckdb.DuckDBPyConnection:
    db = duckdb.connect()
    db.execute("SET TimeZone='UTC'")
    return db
