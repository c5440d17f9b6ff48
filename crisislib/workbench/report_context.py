"""What a report reads: one watch, its window, its tables pinned to one version, and SQL over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

import duckdb
import pandas as pd
import pyarrow as pa

from crisislib.core.memory_database import session
from crisislib.core.tables import TABLES
from crisislib.core.watch import Watch
from crisislib.engine.data_health import DataHealth, data_health
from crisislib.engine.home import Home
from crisislib.engine.runs import WatchStatus, watch_status
from crisislib.lake import AsOf, Lake

if TYPE_CHECKING:
    from crisislib.engine.report_card import Lesson


_SLIM = {
    "POSTS": "post_id platform kind account_id created_at parent_id root_id n_likes n_reposts n_replies n_views source",
    "EDGES": "src dst kind made_at post_id at lag_s confidence method",
}
"""Columns without the long texts: a watch of a million posts fits in memory, its texts need not."""
_IN_WINDOW = {"POSTS", "LABELS", "EDGES", "SIGNALS"}
"""Tables that the window cuts; what was decided (incidents, risks, responses) is read whole."""
SPAN = timedelta(
    days=35
)  # window of a report that was opened without `since`; five weeks show four against the one before


@dataclass
class ReportContext:
    """Tables of one watch, in one window, at one version; reads nothing until asked.

    Attributes
    ----------
    watch : Watch
        Whose rows.
    home : Home
        The workbench that they belong to.
    as_of : mapping or datetime
        Version per table, or an instant.
    since, until : datetime
        Half-open window over when posts were created; `since` None until the data say it.
    now : datetime
        Moment of the reading.
    language : str
        Of the reader.
    past : bool
        Whether an older state of the data was asked for.
    """

    watch: Watch
    home: Home
    as_of: AsOf
    since: datetime | None
    until: datetime
    now: datetime
    language: str
    past: bool = False
    _db: duckdb.DuckDBPyConnection = field(default_factory=session, init=False)
    _registered: set[str] = field(default_factory=set, init=False)
    _posts: pd.DataFrame | None = field(default=None, init=False)
    _asked: set[str] = field(default_factory=set, init=False)

    def __post_init__(self) -> None:
        if self.since is None:
            last = self._last_post()
            self.since = last - SPAN if last else None

    def _last_post(self) -> datetime | None:
        posts = self.lake.sql("POSTS", watch=self.watch.watch, until=self.until, as_of=self.as_of, present=False)
        last: datetime | None = posts.aggregate("max(created_at)").fetchall()[0][0]
        return last

    @property
    def lake(self) -> Lake:
        """The lake that the rows are read from."""
        return self.home.lake

    @property
    def zone(self) -> str:
        """Time zone of the watch."""
        return self.watch.timezone

    @cached_property
    def standing(self) -> WatchStatus:
        """Where the watch stands at the moment of the reading: level, and until when it was judged."""
        return watch_status(self.lake, self.watch, now=self.now, as_of=self.as_of)

    @cached_property
    def health(self) -> DataHealth:
        """Data health in the window, by the producer that runs read, too."""
        batches, windows = (self.relation(name) for name in ("BATCHES", "SIGNALS"))
        # Straight from the lake: what a post lacks, its text too, is no part of the slim rows that pages read.
        posts = self.lake.sql("POSTS", watch=self.watch.watch, as_of=self.as_of, since=self.since, until=self.until)
        return data_health(posts, batches, windows, self.watch, since=self.since, until=self.until, now=self.now)

    @cached_property
    def lesson(self) -> Lesson | None:
        """The taught model as of the version of the data; None where analysts have taught none."""
        from crisislib.engine.report_card import lesson  # loads the models

        return lesson(self.home, self.watch, as_of=self.as_of)

    def register(self, name: str) -> str:
        """Make one table of the watch ready for :meth:`sql`.

        Parameters
        ----------
        name : str
            Name of the table, such as `POSTS`.

        Returns
        -------
        str
            The name that SQL knows it by: in small letters.
        """
        view = name.lower()
        if view not in self._registered:
            window = {"since": self.since, "until": self.until} if name in _IN_WINDOW else {}
            rows = self.lake.sql(name, watch=self.watch.watch, as_of=self.as_of, **window)  # type: ignore[arg-type]
            columns = ", ".join(f'"{c}"' for c in _SLIM.get(name, " ".join(TABLES[name].columns)).split())
            self._db.register(view, rows.project(columns).to_arrow_table())
            self._registered.add(view)
        return view

    def arrow(self, name: str) -> pa.Table:
        """One table whole, all columns, cut to the window where the window cuts it.

        Parameters
        ----------
        name : str
            Name of the table.

        Returns
        -------
        pyarrow.Table
            In its schema, with the long texts.
        """
        window = {"since": self.since, "until": self.until} if name in _IN_WINDOW else {}
        return self.lake.arrow(name, watch=self.watch.watch, as_of=self.as_of, **window)

    def label_rows(self, name: str) -> str:
        """Make the rows of one label ready (`post_id`, `created_at`, `value`, `p`, `score`, `model`).

        Parameters
        ----------
        name : str
            Such as `sentiment`.

        Returns
        -------
        str
            The name that SQL knows the rows by.
        """
        view = "label_" + name.replace(".", "_")
        if view not in self._registered:
            rows = self.lake.sql("LABELS", watch=self.watch.watch, as_of=self.as_of, since=self.since, until=self.until)
            mine = rows.filter(f"label = '{name}'").project('post_id, created_at, "value", p, score, model')
            self._db.register(view, mine.to_arrow_table())
            self._registered.add(view)
        return view

    def sql(self, query: str, *tables: str, **values: object) -> pd.DataFrame:
        """A small pandas frame; `tables` are registered first, `$name` places are filled from `values`.

        Parameters
        ----------
        query : str
            DuckDB SQL over registered tables.
        *tables : str
            Tables that the query reads.
        **values : object
            Parameters of the query.

        Returns
        -------
        pandas.DataFrame
            Times are UTC.
        """
        for name in tables:
            self.register(name)
        relation = self._db.sql(query, params=values) if values else self._db.sql(query)
        rows: pd.DataFrame = relation.to_arrow_table().to_pandas()
        return rows

    def posts_by_id(self, post_ids: Sequence[str]) -> pd.DataFrame:
        """The chosen posts with all columns and `name_masked`, in the order asked for; each is looked up once.

        Parameters
        ----------
        post_ids : sequence of str
            Post ids; a repeated one counts once.

        Returns
        -------
        pandas.DataFrame
            One row for each that is in the data.
        """
        ids = list(dict.fromkeys(post_ids))
        new = [i for i in ids if i not in self._asked]
        posts = self._posts
        if posts is None or new:
            fresh = self._read_posts(new)
            posts = fresh if posts is None or posts.empty else pd.concat([posts, fresh], ignore_index=True)
            self._posts = posts
            self._asked.update(new)
        rows = pd.Index(posts["post_id"]).get_indexer(pd.Index(ids, dtype="object"))
        chosen: pd.DataFrame = posts.iloc[rows[rows >= 0]].reset_index(drop=True)
        return chosen

    def _read_posts(self, ids: Sequence[str]) -> pd.DataFrame:
        quoted = ", ".join("'" + i.replace("'", "''") + "'" for i in ids) or "NULL"
        rows = self.lake.sql("POSTS", watch=self.watch.watch, as_of=self.as_of).filter(f"post_id IN ({quoted})").df()
        names = self.sql("SELECT account_id, name_masked FROM accounts", "ACCOUNTS").drop_duplicates("account_id")
        posts: pd.DataFrame = rows.merge(names, on="account_id", how="left")
        return posts

    def relation(self, name: str) -> duckdb.DuckDBPyRelation:
        """One table for the engine to read, without copying it.

        Parameters
        ----------
        name : str
            Name of the table.

        Returns
        -------
        duckdb.DuckDBPyRelation
            Valid as long as this context is.
        """
        return self._db.table(self.register(name))

    def row_count(self, name: str) -> int:
        """Number of rows of one table, in the window where the window cuts it.

        Parameters
        ----------
        name : str
            Name of the table.

        Returns
        -------
        int
            Rows.
        """
        view = self.register(name)
        return int(self._db.sql(f"SELECT count(*) FROM {view}").fetchall()[0][0])

    def table_versions(self) -> dict[str, int]:
        """The version of every table that was read from, for the manifest."""
        versions = self.lake.versions(self.as_of) if isinstance(self.as_of, datetime) else self.as_of or {}
        return {name: versions[name] for name in TABLES if name in versions}
