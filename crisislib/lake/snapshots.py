"""The Delta tables of a lake, opened: as they are now, and as they were."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError, TableNotFoundError

from crisislib.core.errors import LakeError
from crisislib.core.i18n import N_
from crisislib.core.table_definitions import Table
from crisislib.core.tables import table
from crisislib.lake import object_store
from crisislib.lake.queries import Bounds, can_hold

AsOf = datetime | Mapping[str, int] | None
"""Now (None), an instant, or a version per table as a manifest records it."""
MAINTENANCE = ("OPTIMIZE", "VACUUM START", "VACUUM END", "CREATE TABLE")
"""Operations of the log that change no row."""
WATCHES = "watches"
"""Key of a commit: names of the watches whose rows it has."""


class Snapshots:
    """Opens tables, and keeps them open, so that only what was committed since is read of a log.

    Parameters
    ----------
    root : Path
        Folder of the lake.
    address : str
        Where its tables are, if they are on an object store; else empty.
    """

    def __init__(self, root: Path, address: str = "") -> None:
        self._root = root
        self.address = address
        self._open: dict[tuple[str, bool], tuple[int, DeltaTable]] = {}

    def path(self, name: str) -> Path:
        """Folder of a table.

        Parameters
        ----------
        name : str
            Name of the table.

        Returns
        -------
        Path
            Below the lake; it need not exist.

        Raises
        ------
        TableError
            There is no such table.
        """
        return self._root / table(name).name.lower()

    def uri(self, name: str) -> str:
        """Where a table is: its folder, or its address on the store.

        Parameters
        ----------
        name : str
            Name of the table.

        Raises
        ------
        TableError
            There is no such table.
        """
        return f"{self.address}/{table(name).name.lower()}" if self.address else str(self.path(name))

    @property
    def options(self) -> dict[str, str] | None:
        """Storage options for whoever opens or writes a table."""
        return object_store.options() if self.address else None

    def present(self, name: str, *, to_write: bool = False) -> DeltaTable | None:
        """The table as it is now, None where it does not exist.

        Parameters
        ----------
        name : str
            Table name.
        to_write : bool
            An object that no reader of another thread moves on: what was checked against it is what
            the store compares the commit with.
        """
        folder = self._folder(name)
        opened = self._open.get((name, to_write))
        with self._answering(name):
            if not folder or opened is None or opened[0] != folder:
                self._open.pop((name, to_write), None)
                try:
                    opened = folder, DeltaTable(self.uri(name), storage_options=self.options)
                except TableNotFoundError:
                    return None
                self._open[name, to_write] = opened
            else:
                opened[1].update_incremental()
        return opened[1]

    def _folder(self, name: str) -> int:
        """What changes where a table is removed and made again; 0 where there is none. A store has no such number."""
        if self.address:
            return 1
        log = self.path(name) / "_delta_log"
        return log.stat().st_ino if log.is_dir() else 0

    @contextmanager
    def _answering(self, name: str) -> Iterator[None]:
        """A store that does not answer or refuses us is an error that says so."""
        try:
            yield
        except (OSError, DeltaError) as fault:
            if not self.address or isinstance(fault, TableNotFoundError):
                raise
            raise store_error(fault, self.uri(name)) from fault

    def at(self, name: str, as_of: AsOf) -> DeltaTable | None:
        """The table at a version, None where it did not exist then.

        Parameters
        ----------
        name : str
            Name of the table.
        as_of : None, datetime or Mapping[str, int]
            Now; an instant of the wall clock; or the version of each table (one without is not there).

        Returns
        -------
        DeltaTable or None
            Opened at that version.

        Raises
        ------
        LakeError
            Compaction, erasure or retention has removed that version: it is not empty, it is gone.
        """
        version = as_of.get(name) if isinstance(as_of, Mapping) else None
        if isinstance(as_of, Mapping) and version is None:
            return None
        try:
            delta = self.present(name)
            if as_of is None or delta is None:
                return delta
            delta = DeltaTable(self.uri(name), version=version, storage_options=self.options)
            if isinstance(as_of, datetime):
                first = min(delta.history(), key=lambda h: int(h["timestamp"]))
                if as_of.timestamp() * 1000 < first["timestamp"]:
                    if first.get("version", 0) > 0:
                        raise self._gone(name, as_of, "its log begins later")
                    return None
                delta.load_as_version(as_of)
        except DeltaError as fault:
            raise self._gone(name, as_of, str(fault)) from fault
        return delta

    def _gone(self, name: str, as_of: AsOf, why: str) -> LakeError:
        return LakeError(
            N_("cannot read version {as_of}: {why}"),
            where=self.uri(name),
            do=N_("choose a version that compaction, erasure and retention have left, or restore the folder"),
            facts={"as_of": as_of, "why": why},
        )

    def changes(self, name: str, after: int, watches: Collection[str] | None) -> int:
        """How many commits after a version changed rows.

        Parameters
        ----------
        name : str
            Table name.
        after : int
            Version.
        watches : collection of str or None
            Without commits that say that they are about other watches only; None counts every one.
        """
        delta = self.present(name)
        if delta is None or delta.version() <= after:
            return 0
        made = [h for h in delta.history(int(delta.version()) - after) if h.get("version", after + 1) > after]
        return sum(h.get("operation") not in MAINTENANCE and _about(h, watches) for h in made)

    def files(
        self, spec: Table, delta: DeltaTable | None, bounds: Iterable[Bounds], *, whole: bool = False
    ) -> list[str]:
        """Data files that can hold rows within any of some bounds.

        Parameters
        ----------
        spec : Table
            The table.
        delta : deltalake.DeltaTable or None
            It, at a version; None holds nothing.
        bounds : iterable of Bounds
            What is asked for.
        whole : bool
            Whether to check that they are all still there, as is needed for an older version.

        Raises
        ------
        LakeError
            Some of an older version were cleared.
        """
        if delta is None:
            return []
        result = [self.path(spec.name) / p for p in _holding(spec, delta, bounds)]
        if whole and not all(p.exists() for p in result):
            raise self._gone(spec.name, {spec.name: delta.version()}, "its files were cleared")
        return [str(p) for p in result]

    def rows(
        self,
        db: duckdb.DuckDBPyConnection,
        spec: Table,
        delta: DeltaTable | None,
        bounds: Iterable[Bounds],
        *,
        whole: bool = False,
    ) -> list[str] | str:
        """What :func:`~crisislib.lake.queries.read_sql` reads: files, or the name of a dataset over those of a store.

        Parameters
        ----------
        db : duckdb.DuckDBPyConnection
            Session of the query, in which the dataset is registered.
        spec, delta, bounds, whole
            As for :meth:`files`.
        """
        if not self.address:
            return self.files(spec, delta, bounds, whole=whole)
        sizes = _holding(spec, delta, bounds) if delta is not None else {}
        if delta is None or not sizes:
            return []
        if whole and not sizes.keys() <= set(object_store.ObjectFiles(self.uri(spec.name)).names("")):
            raise self._gone(spec.name, {spec.name: delta.version()}, "its files were cleared")
        name = f"{spec.name.lower()}_on_store"
        db.register(name, object_store.dataset(self.uri(spec.name), sizes, spec.schema))
        return name


def _about(commit: Mapping[str, Any], watches: Collection[str] | None) -> bool:
    """Whether a commit has rows of some watches; one that does not say may have."""
    named = commit.get(WATCHES)
    return watches is None or named is None or not set(watches).isdisjoint(json.loads(named))


def store_error(fault: Exception, where: str) -> LakeError:
    """What a reader is told where an object store refuses or does not answer.

    Parameters
    ----------
    fault : Exception
        As the store's client raised it: several lines with colours.
    where : str
        Address.

    Returns
    -------
    LakeError
        To be raised.
    """
    words = " ".join(re.sub(r"\x1b\[[0-9;]*m|↳", " ", str(fault)).split())
    return LakeError(
        N_("the object store does not answer or refuses: {words}"),
        where=where,
        do=object_store.CREDENTIALS,
        facts={"words": words},
    )


def _holding(spec: Table, delta: DeltaTable, bounds: Iterable[Bounds]) -> dict[str, int]:
    """Data files that can hold rows within any of some bounds -> their bytes."""
    actions = pa.table(delta.get_add_actions(flatten=True))
    keep = pa.chunked_array([pa.repeat(False, actions.num_rows)])
    for one in bounds:
        keep = pc.or_(keep, can_hold(spec, actions, one))
    held = actions.filter(keep)
    return dict(zip(held["path"].to_pylist(), held["size_bytes"].to_pylist(), strict=True))
