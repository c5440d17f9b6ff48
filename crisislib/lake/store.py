"""Appending to and reading from the lake."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import DeltaError, TableNotFoundError

from crisislib.core.errors import LakeError
from crisislib.core.tables import TABLES, Table, conform, table
from crisislib.lake.asked import SAME_POST, Bounds, bounds_of, conditions, present_sql, read_sql

AsOf = datetime | Mapping[str, int] | None
"""Now (None), an instant, or a version per table as a manifest records it."""


CARE = ("OPTIMIZE", "VACUUM START", "VACUUM END")
"""Operations of the log that change no row."""
MILLISECOND = timedelta(milliseconds=1)


class Lake:
    """One folder of Delta tables.

    Parameters
    ----------
    root : Path
        Folder of the lake; made when the first row is written.
    """

    def __init__(self, root: Path) -> None:
        self.root = Path(root)
        self._db = duckdb.connect()
        self._db.execute("SET TimeZone='UTC'")
        self._open: dict[str, tuple[int, DeltaTable]] = {}
        self.commits: Counter[str] = Counter()
        """Table -> versions that this object has made; what :meth:`version` shows beyond them somebody else wrote."""

    def _path(self, name: str) -> Path:
        return self.root / table(name).name.lower()

    def artifact(self, *parts: str) -> Path:
        """Path of a model or state file that lives beside the tables; its folder is made."""
        path = self.root.joinpath("artifacts", *parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    # -- writing ---------------------------------------------------------------------------------

    def append(self, name: str, data: pa.Table | pd.DataFrame) -> int:
        """Add the rows that the table does not hold yet, in one commit.

        A row whose key is held already is left out, and so is a POSTS row that says nothing new
        about its post, so that giving the same rows twice adds nothing.

        Parameters
        ----------
        name : str
            Table name.
        data : pyarrow.Table or pandas.DataFrame
            Rows that :func:`~crisislib.core.tables.conform` accepts.

        Returns
        -------
        int
            Rows added.

        Raises
        ------
        TableError
            Rows that do not fit the table.
        LakeError
            The disk is full or not writable; nothing was added.
        """
        spec = table(name)
        rows = self._fresh(spec, conform(data, name))
        if rows.num_rows == 0:
            return 0
        try:
            write_deltalake(self._present(name) or self._path(name), rows, mode="append")
        except (OSError, DeltaError) as fault:
            raise LakeError(
                f"could not add {rows.num_rows} rows: {fault}",
                where=str(self._path(name)),
                do="free disk space or mend the folder's rights, and run it again; nothing was half-written",
            ) from fault
        self.commits[spec.name] += 1
        return int(rows.num_rows)

    def _fresh(self, spec: Table, rows: pa.Table) -> pa.Table:
        """The rows, once each, that are not held."""
        held = self._files(spec, None, bounds_of(spec, rows))
        db = self._db.cursor()
        db.register("incoming", rows)
        key = ", ".join(f'"{k}"' for k in spec.key)
        once = f"SELECT * FROM incoming QUALIFY row_number() OVER (PARTITION BY {key}) = 1"
        if db.sql(f"SELECT count(*) FROM (SELECT DISTINCT {key} FROM incoming)").fetchall()[0][0] == rows.num_rows:
            once = "SELECT * FROM incoming"  # a window over wide rows costs more than the rest of the append
            if not held:
                return rows
        if not held:
            return db.sql(once).to_arrow_table().cast(spec.schema)
        identity = " AND ".join(f'h."{k}" IS NOT DISTINCT FROM i."{k}"' for k in spec.key)
        query = f"SELECT i.* FROM ({once}) i WHERE NOT EXISTS (SELECT 1 FROM {read_sql(held)} h WHERE {identity})"
        if spec.name == "POSTS":
            same = " AND ".join(f"h.{c} IS NOT DISTINCT FROM i.{c}" for c in SAME_POST)
            present = present_sql(spec, f"SELECT * FROM {read_sql(held)}")
            mine = "h.watch = i.watch AND h.post_id = i.post_id"
            query += f" AND NOT EXISTS (SELECT 1 FROM ({present}) h WHERE {mine} AND {same})"
        return db.sql(query).to_arrow_table().cast(spec.schema)

    # -- reading ---------------------------------------------------------------------------------

    def scan(
        self,
        name: str,
        *,
        watch: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        as_of: AsOf = None,
        present: bool = True,
    ) -> nw.LazyFrame[Any]:
        """A lazy frame over one table; reduce it, then collect what is small.

        Parameters
        ----------
        name : str
            Table name.
        watch : str, optional
            Only that watch's rows.
        since, until : datetime, optional
            Half-open window [since, until) over the table's time column.
        as_of : datetime or mapping, optional
            The table as it was then, or at the version that a manifest names.
        present : bool
            One row per identity, the newest (an analyst's label before any model's); else every observation.

        Returns
        -------
        narwhals.LazyFrame
            Over DuckDB; the same expressions run on Spark over the same files.
        """
        frame: nw.LazyFrame[Any] = nw.from_native(
            self.sql(name, watch=watch, since=since, until=until, as_of=as_of, present=present)
        )
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
        """Like :meth:`scan`, as a DuckDB relation."""
        spec = table(name)
        if (since or until) and not spec.time:
            raise LakeError(f"{name} has no time column to choose by", do="leave out since and until")
        bounds = Bounds(watch, since, until)
        files = self._files(spec, as_of, bounds)
        db = self._db.cursor()
        if not files:
            return db.from_arrow(spec.schema.empty_table())
        query = f"SELECT * FROM {read_sql(files)} WHERE {conditions(spec, bounds)}"
        return db.sql(present_sql(spec, query) if present else query)

    def read(self, name: str, **choice: Any) -> pd.DataFrame:
        """:meth:`scan`, collected to pandas. For small tables and small windows only."""
        frame: pd.DataFrame = self.arrow(name, **choice).to_pandas()
        return frame

    def arrow(self, name: str, **choice: Any) -> pa.Table:
        """:meth:`scan`, collected to Arrow."""
        return self.sql(name, **choice).to_arrow_table().cast(table(name).schema)

    def versions(self, as_of: AsOf = None) -> dict[str, int]:
        """The version of every table that exists, now or as of an instant, for a manifest."""
        found = {}
        for name in TABLES:
            delta = self._delta(name, as_of)
            if delta is not None:
                found[name] = delta.version()
        return found

    def version(self, name: str) -> int:
        """The version of one table now, −1 where it does not exist."""
        delta = self._delta(table(name).name, None)
        return -1 if delta is None else int(delta.version())

    def changes(self, name: str, after: int) -> int:
        """How many versions of a table after one have other rows: joining and clearing files changes none."""
        delta = self._delta(table(name).name, None)
        if delta is None or delta.version() <= after:
            return 0
        made = [h for h in delta.history(int(delta.version()) - after) if h.get("version", after + 1) > after]
        return sum(h.get("operation") not in CARE for h in made)

    def _delta(self, name: str, as_of: AsOf) -> DeltaTable | None:
        """The Delta table at a version, or None where it did not exist then."""
        version = as_of.get(name) if isinstance(as_of, Mapping) else None
        if isinstance(as_of, Mapping) and version is None:
            return None
        try:
            if as_of is None:
                return self._present(name)
            delta = DeltaTable(self._path(name), version=version)
            if isinstance(as_of, datetime):
                first = min(h["timestamp"] for h in delta.history())
                if as_of.timestamp() * 1000 < first:
                    return None
                delta.load_as_version(as_of)
        except TableNotFoundError:
            return None
        except DeltaError as fault:
            raise LakeError(
                f"cannot read version {as_of}: {fault}",
                where=str(self._path(name)),
                do="choose a version that compaction has kept, or restore the folder",
            ) from fault
        return delta

    def _present(self, name: str) -> DeltaTable | None:
        """The table as it is now; kept open, so that only what was committed since is read of its log."""
        log = self._path(name) / "_delta_log"
        folder = log.stat().st_ino if log.is_dir() else 0
        held = self._open.get(name)
        if not folder or held is None or held[0] != folder:
            self._open.pop(name, None)
            try:
                held = folder, DeltaTable(self._path(name))
            except TableNotFoundError:
                return None
            self._open[name] = held
        else:
            held[1].update_incremental()
        return held[1]

    def _files(self, spec: Table, as_of: AsOf, bounds: Bounds) -> list[str]:
        """Data files that can hold wanted rows, by the statistics in the log."""
        delta = self._delta(spec.name, as_of)
        if delta is None:
            return []
        actions = pa.table(delta.get_add_actions(flatten=True))
        keep = pa.chunked_array([pa.repeat(True, actions.num_rows)])
        for column, low, high in (
            ("watch", bounds.watch, bounds.watch),
            (spec.time, bounds.since, bounds.until),
            (spec.order, bounds.first, bounds.last),
        ):
            # Times in the statistics are cut to milliseconds: the newest row may lie that much after them.
            low = low - MILLISECOND if isinstance(low, datetime) else low
            if low is not None and f"max.{column}" in actions.column_names:
                keep = pc.and_(keep, pc.fill_null(pc.greater_equal(actions[f"max.{column}"], pa.scalar(low)), True))
            if high is not None and f"min.{column}" in actions.column_names:
                keep = pc.and_(keep, pc.fill_null(pc.less_equal(actions[f"min.{column}"], pa.scalar(high)), True))
        return [str(self._path(spec.name) / p) for p in actions.filter(keep).column("path").to_pylist()]
