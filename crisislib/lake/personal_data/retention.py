"""Which rows of a table expire, and what newer rows quote of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import duckdb
import pyarrow as pa

from crisislib.core.memory_database import session
from crisislib.core.table_definitions import Table
from crisislib.core.tables import TABLES
from crisislib.lake.personal_data.rows import without_quotations
from crisislib.lake.personal_data.trace_words import WORDS, is_number
from crisislib.lake.personal_data.traces import Traces, placeholder
from crisislib.lake.queries import Bounds, read_sql
from crisislib.lake.rewriting import CHUNK, stale_files
from crisislib.lake.store import Lake

WITHOUT_POSTS = """(
    account_id NOT IN (SELECT account_id FROM ({posts}) WHERE account_id IS NOT NULL AND NOT {old}))"""
"""True of accounts that no post needs, also when the posts went in an earlier run that was killed before the accounts.

When an account was last observed is no matter: that is the time of an import, which may be of this morning and bring
posts of last year.
"""
GONE = """
    WITH posts AS ({posts}), found AS (SELECT unnest([{columns}]) AS value, {old} AS old FROM posts)
    SELECT value FROM found WHERE length(value) >= {least} GROUP BY value HAVING bool_and(old)"""


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
            self._old = WITHOUT_POSTS.format(posts=rows, old=old)

    def count(self) -> int:
        """How many rows expire."""
        return self._count(self._files)

    def stale(self, traces: Traces | None = None) -> bool:
        """Whether files of older versions hold such rows or quote them, or are broken so that nobody can tell.

        Parameters
        ----------
        traces : Traces or None, default None
            Words and ids that are no longer stored; None counts rows alone.

        Returns
        -------
        bool
            True where a purge is called for.
        """
        try:
            files = [str(p) for p in stale_files(self._lake, self._spec.name)]
            return any(self._count([one]) for one in files) or self._quotations(files, traces) > 0
        except (duckdb.InvalidInputException, duckdb.IOException):
            return True  # half a file, left by a kill

    def others(self, traces: Traces | None) -> Iterator[pa.Table]:
        """The rows that stay, some at a time, without some words and ids.

        Parameters
        ----------
        traces : Traces or None
            Words and ids that leave these rows too; None leaves them as they are.

        Returns
        -------
        Iterator of pyarrow.Table
            Batches with the columns and types of the table.
        """
        for rows in self._others(self._files):
            yield rows if traces is None else without_quotations(self._spec, rows, traces)[0]

    def quotations(self, traces: Traces | None) -> int:
        """How many of the rows that stay quote some words or ids.

        Parameters
        ----------
        traces : Traces or None
            Words and ids that are no longer stored; None means none.

        Returns
        -------
        int
            Rows.
        """
        return self._quotations(self._files, traces)

    def _quotations(self, files: list[str], traces: Traces | None) -> int:
        if traces is None or not files:
            return 0
        return sum(without_quotations(self._spec, rows, traces)[1] for rows in self._others(files))

    def _others(self, files: list[str]) -> Iterator[pa.Table]:
        query = f"SELECT * FROM ({read_sql(self._spec, files)}) WHERE ({self._old}) IS NOT TRUE"
        with session() as db:
            for batch in db.sql(query).to_arrow_reader(CHUNK):
                yield pa.Table.from_batches([batch]).cast(self._spec.schema)

    def _count(self, files: list[str]) -> int:
        if not files:
            return 0
        with session() as db:
            rows = read_sql(self._spec, files)
            return int(db.sql(f"SELECT count(*) FROM ({rows}) WHERE {self._old}").fetchall()[0][0])


def expired_posts(lake: Lake, watch: str, before: datetime) -> Traces | None:
    """How posts that expire are recognised: ids, addresses, and texts and titles of 12 letters or more.

    What a post that stays has as well is left out. None where nothing expires.

    Parameters
    ----------
    lake : Lake
        The lake.
    watch : str
        Name of the watch.
    before : datetime
        Event time, with a time zone.

    Returns
    -------
    Traces or None
        Without names: an account may have posts that stay.
    """
    ids = {i: placeholder(i) for i in _gone(lake, watch, before, "post_id")}
    if not ids:
        return None
    native = {whole.split(":", 1)[-1]: instead.split(":", 1)[-1] for whole, instead in ids.items()}
    ids |= {i: instead for i, instead in native.items() if is_number(i)}
    texts = _gone(lake, watch, before, "text, title", least=WORDS)
    return Traces(ids, [], _gone(lake, watch, before, "url"), texts)


def _gone(lake: Lake, watch: str, before: datetime, columns: str, *, least: int = 1) -> list[str]:
    """Values of some columns of POSTS that only posts which expire have."""
    spec = TABLES["POSTS"]
    query = GONE.format(
        posts=read_sql(spec, _present(lake, spec)), columns=columns, old=_condition(spec, watch, before), least=least
    )
    with session() as db:
        return [str(row[0]) for row in db.sql(query).fetchall()]


def _present(lake: Lake, spec: Table) -> list[str]:
    return lake.tables.files(spec, lake.tables.present(spec.name), [Bounds()])


def _condition(spec: Table, watch: str, before: datetime) -> str:
    """SQL that is true of the rows of a watch from before an instant, by the table's time, or by its order."""
    time = f'coalesce("{spec.time}", "{spec.order}")' if spec.time else f'"{spec.order}"'
    return "(watch = '{}' AND {} < TIMESTAMPTZ '{}')".format(watch.replace("'", "''"), time, before.isoformat())
