"""Which rows of a table expire, and what newer rows quote of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import duckdb
import pyarrow as pa

from crisislib.core.tables import TABLES, Table
from crisislib.lake.personal_data.rows import without_quotations
from crisislib.lake.personal_data.traces import WORDS, Traces
from crisislib.lake.queries import Bounds, read_sql
from crisislib.lake.rewriting import CHUNK, stale_files
from crisislib.lake.store import Lake

WITHOUT_POSTS = """(
    account_id NOT IN (SELECT account_id FROM ({posts}) WHERE account_id IS NOT NULL AND NOT {old})
    AND seen_at < TIMESTAMPTZ '{before}')"""
GONE_WORDS = """
    WITH posts AS ({posts}), words AS (
        SELECT unnest([text, title]) AS word, {old} AS old FROM posts)
    SELECT word FROM words WHERE length(word) >= {least} GROUP BY word HAVING bool_and(old)"""


class Expired:
    """The rows of one table that a watch has from before an instant; of ACCOUNTS those that no post needs any more.

    Parameters
    ----------
    lake : Lake
        The lake, which nobody else writes meanwhile.
    spec : Table
        The table.
    watch : str
        Name of the watch.
    before : datetime
        What is older expires.
    """

    def __init__(self, lake: Lake, spec: Table, watch: str, before: datetime) -> None:
        self._lake, self._spec = lake, spec
        self._files = _present(lake, spec)
        self._old = _condition(spec, watch, before)
        if spec.name == "ACCOUNTS":
            posts = TABLES["POSTS"]
            rows, old = read_sql(posts, _present(lake, posts)), _condition(posts, watch, before)
            self._old = WITHOUT_POSTS.format(posts=rows, old=old, before=before.isoformat())

    def count(self) -> int:
        """How many rows expire."""
        return self._count(self._files)

    def stale(self) -> bool:
        """Whether files of older versions hold such rows, or are broken so that nobody can tell."""
        try:
            return any(self._count([str(p)]) for p in stale_files(self._lake, self._spec.name))
        except (duckdb.InvalidInputException, duckdb.IOException):
            return True  # half a file, left by a kill

    def others(self, words: Traces | None) -> Iterator[pa.Table]:
        """The rows that stay, some at a time, without some words."""
        query = f"SELECT * FROM ({read_sql(self._spec, self._files)}) WHERE ({self._old}) IS NOT TRUE"
        with _database() as db:
            for batch in db.sql(query).to_arrow_reader(CHUNK):
                rows = pa.Table.from_batches([batch]).cast(self._spec.schema)
                yield rows if words is None else without_quotations(self._spec, rows, words)[0]

    def quotations(self, words: Traces | None) -> int:
        """How many of the rows that stay quote some words."""
        if words is None or not self._files:
            return 0
        return sum(without_quotations(self._spec, rows, words)[1] for rows in self.others(None))

    def _count(self, files: list[str]) -> int:
        if not files:
            return 0
        with _database() as db:
            rows = read_sql(self._spec, files)
            return int(db.sql(f"SELECT count(*) FROM ({rows}) WHERE {self._old}").fetchall()[0][0])


def expired_words(lake: Lake, watch: str, before: datetime) -> Traces:
    """Texts and titles of posts that expire, and that no post that stays has; 12 letters or more."""
    spec = TABLES["POSTS"]
    posts = read_sql(spec, _present(lake, spec))
    query = GONE_WORDS.format(posts=posts, old=_condition(spec, watch, before), least=WORDS)
    with _database() as db:
        return Traces({}, [], [], [str(row[0]) for row in db.sql(query).fetchall()])


def _present(lake: Lake, spec: Table) -> list[str]:
    return lake.tables.files(spec, lake.tables.present(spec.name), [Bounds()])


def _condition(spec: Table, watch: str, before: datetime) -> str:
    """SQL that is true of the rows of a watch from before an instant, by the table's time, or by its order."""
    time = f'coalesce("{spec.time}", "{spec.order}")' if spec.time else f'"{spec.order}"'
    return "(watch = '{}' AND {} < TIMESTAMPTZ '{}')".format(watch.replace("'", "''"), time, before.isoformat())


def _database() -> duckdb.DuckDBPyConnection:
    db = duckdb.connect()
    db.execute("SET TimeZone='UTC'")
    return db
