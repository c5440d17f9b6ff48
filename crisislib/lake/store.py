"""Appending to and reading from the lake."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw
import pandas as pd
import pyarrow as pa
from deltalake.exceptions import DeltaError

from crisislib.core.errors import LakeError
from crisislib.core.i18n import N_
from crisislib.core.memory_database import session
from crisislib.core.phrase_types import Phrase
from crisislib.core.tables import TABLES, conform, table
from crisislib.lake.appending import add_rows
from crisislib.lake.locks import Locks
from crisislib.lake.object_store import CREDENTIALS, pointed_to
from crisislib.lake.queries import Bounds, conditions, present_sql, read_sql
from crisislib.lake.shared_files import shared_files
from crisislib.lake.snapshots import AsOf, Snapshots

ROOM = N_("free disk space or give yourself write permission")


class Lake:
    """One folder of Delta tables.

    Parameters
    ----------
    root : Path
        Folder of the lake, made when the first row is written; or one that stands for a lake on an object store
        (:func:`~crisislib.lake.object_store.point_to`) and has the locks, caches and logs of this machine.
    """

    def __init__(self, root: Path) -> None:
        self.root = Path(root)
        self.address = pointed_to(self.root)
        """Where the tables are, if on an object store; else empty, and they are below `root`."""
        self.tables = Snapshots(self.root, self.address)
        self.locks = Locks(self.root)
        self.shared = shared_files(self.root, self.address)
        """Small files that every machine of this lake sees."""
        self.commits: Counter[str] = Counter()
        """Table -> versions that this object has made; what :meth:`version` shows beyond them somebody else wrote."""

    def artifact(self, *parts: str) -> Path:
        """Path of a model, lock or log of this machine, beside the tables where these are in a folder; that is made.

        Parameters
        ----------
        *parts : str
            Folders below `artifacts`, and the name of the file or folder.

        Returns
        -------
        Path
            It need not exist.
        """
        path = self.root.joinpath("artifacts", *parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def session(self, job: str) -> AbstractContextManager[None]:
        """Work that reads and then writes; no erasure of personal data comes in between.

        Parameters
        ----------
        job : str
            What it is, for the message of an erasure that is refused meanwhile.
        """
        return self.locks.session(job)

    def changing(self, name: str) -> AbstractContextManager[None]:
        """Read rows, decide, and append what they became as one step, so that two people at once lose nothing.

        Parameters
        ----------
        name : str
            Name of the table. Not to be entered again within.
        """
        return self.locks.change(table(name).name)

    # -- writing ---------------------------------------------------------------------------------

    def append(self, name: str, data: pa.Table | pd.DataFrame, *, same: tuple[str, ...] = ()) -> int:
        """Add the rows that the table does not have yet, in one commit.

        A row whose key is there already is left out, and so is a POSTS row that says nothing new
        about its post, so that giving the same rows twice adds nothing. Writers at the same time
        wait for each other: each sees what the others have added.

        Parameters
        ----------
        name : str
            Table name.
        data : pyarrow.Table or pandas.DataFrame
            Rows that :func:`~crisislib.core.tables.conform` accepts.
        same : tuple of str
            Columns that identify a row whatever its time of observation, so that work which is done
            again under another clock adds nothing.

        Returns
        -------
        int
            Rows added.

        Raises
        ------
        TableError
            Rows that do not fit the table.
        LakeError
            The disk is full or not writable, another writer does not end, or personal data was
            erased since this object was made; nothing was added.
        """
        spec, incoming = table(name), conform(data, name)
        if incoming.num_rows == 0:
            return 0
        try:
            with self.locks.table(spec.name):
                added = add_rows(self.tables, spec, incoming, same)
        except (OSError, DeltaError, duckdb.IOException) as fault:
            raise LakeError(
                N_("could not add {n} {n:row|rows}: {fault}"),
                where=self.tables.uri(name),
                do=N_("{first}, and run it again; nothing was half-written"),
                facts={"n": incoming.num_rows, "fault": fault, "first": Phrase(CREDENTIALS if self.address else ROOM)},
            ) from fault
        self.commits[spec.name] += added > 0
        return added

    # -- reading ---------------------------------------------------------------------------------

    def scan(self, name: str, **choice: Any) -> nw.LazyFrame[Any]:
        """A lazy frame over one table; reduce it, then collect what is small.

        Parameters
        ----------
        name : str
            Name of the table.
        **choice : Any
            As for :meth:`sql`.

        Returns
        -------
        narwhals.LazyFrame
            Over DuckDB; the same expressions run on Spark over the same files.
        """
        frame: nw.LazyFrame[Any] = nw.from_native(self.sql(name, **choice))
        return frame

    def sql(
        self,
        name: str,
        *,
        watch: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        as_of: AsOf = None,
        present: bool = True,
    ) -> duckdb.DuckDBPyRelation:
        """Rows of a table as a DuckDB relation.

        Parameters
        ----------
        name : str
            Name of the table.
        watch : str or None, default None
            Rows of one watch.
        since : datetime or None, default None
            Event time from which, inclusive.
        until : datetime or None, default None
            Event time up to which, exclusive.
        as_of : None, datetime or Mapping[str, int], default None
            Data version: now, as of an instant of the wall clock, or a version a table.
        present : bool, default True
            Of each identity the newest row only; False gives every observation.

        Returns
        -------
        duckdb.DuckDBPyRelation
            Lazy: nothing is read before it is collected.

        Raises
        ------
        TableError
            There is no such table.
        LakeError
            Bounds for a table without a time column, or a version that is no longer stored.
        """
        spec = table(name)
        if (since or until) and not spec.time:
            raise LakeError(
                N_("{name} has no time column to choose by"), do=N_("leave out since and until"), facts={"name": name}
            )
        bounds = Bounds(watch, since, until)
        db = session()
        files = self.tables.rows(db, spec, self.tables.at(spec.name, as_of), [bounds], whole=as_of is not None)
        if not files:
            return db.from_arrow(spec.schema.empty_table())
        query = f"SELECT * FROM ({read_sql(spec, files)}) WHERE {conditions(spec, bounds)}"
        return db.sql(present_sql(spec, query) if present else query)

    def read(self, name: str, **choice: Any) -> pd.DataFrame:
        """Rows of a table as a pandas frame; for small tables and small windows only.

        Parameters
        ----------
        name : str
            Name of the table.
        **choice : Any
            As for :meth:`sql`.

        Returns
        -------
        pandas.DataFrame
            All columns of the table.
        """
        frame: pd.DataFrame = self.arrow(name, **choice).to_pandas()
        return frame

    def arrow(self, name: str, **choice: Any) -> pa.Table:
        """Rows of a table as an Arrow table.

        Parameters
        ----------
        name : str
            Name of the table.
        **choice : Any
            As for :meth:`sql`.

        Returns
        -------
        pyarrow.Table
            With exactly the columns and types of the table.
        """
        try:
            result = self.sql(name, **choice).to_arrow_table()
        except duckdb.IOException:  # files were joined and cleared between reading the log and reading the files
            result = self.sql(name, **choice).to_arrow_table()
        return result.cast(table(name).schema)

    def versions(self, as_of: AsOf = None) -> dict[str, int]:
        """The version of every table that exists, now or as of an instant, for a manifest.

        Parameters
        ----------
        as_of : None, datetime or Mapping[str, int], default None
            Data version; see :meth:`sql`.

        Returns
        -------
        dict[str, int]
            Table → version, without tables that do not exist.
        """
        opened = {name: self.tables.at(name, as_of) for name in TABLES}
        return {name: int(delta.version()) for name, delta in opened.items() if delta is not None}

    def version(self, name: str) -> int:
        """The version of one table now, −1 where it does not exist.

        Parameters
        ----------
        name : str
            Name of the table.

        Returns
        -------
        int
            From 0; −1 where it does not exist.
        """
        delta = self.tables.present(table(name).name)
        return -1 if delta is None else int(delta.version())

    def changes(self, name: str, after: int, watches: Collection[str] | None = None) -> int:
        """How many commits after a version changed rows; joining and clearing files changes none.

        Parameters
        ----------
        name : str
            Name of the table.
        after : int
            Version after which to count.
        watches : collection of str, optional
            Leave out commits that say that they are about others only.

        Returns
        -------
        int
            0 where the table is not newer.
        """
        return self.tables.changes(table(name).name, after, watches)
