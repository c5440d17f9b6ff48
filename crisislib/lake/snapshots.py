"""The Delta tables of a lake, opened: as they are now, and as they were."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError, TableNotFoundError

from crisislib.core.errors import LakeError
from crisislib.core.table_definitions import Table
from crisislib.core.tables import table
from crisislib.lake.queries import Bounds, can_hold

AsOf = datetime | Mapping[str, int] | None
"""Now (None), an instant, or a version per table as a manifest records it."""
MAINTENANCE = ("OPTIMIZE", "VACUUM START", "VACUUM END")
"""Operations of the log that change no row."""


class Snapshots:
    """Opens tables, and keeps them open, so that only what was committed since is read of a log.

    Parameters
    ----------
    root : Path
        Folder of the lake.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
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
        log = self.path(name) / "_delta_log"
        folder = log.stat().st_ino if log.is_dir() else 0
        opened = self._open.get((name, to_write))
        if not folder or opened is None or opened[0] != folder:
            self._open.pop((name, to_write), None)
            try:
                opened = folder, DeltaTable(self.path(name))
            except TableNotFoundError:
                return None
            self._open[name, to_write] = opened
        else:
            opened[1].update_incremental()
        return opened[1]

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
            delta = DeltaTable(self.path(name), version=version)
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
            f"cannot read version {as_of}: {why}",
            where=str(self.path(name)),
            do="choose a version that compaction, erasure and retention have left, or restore the folder",
        )

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
        actions = pa.table(delta.get_add_actions(flatten=True))
        keep = pa.chunked_array([pa.repeat(False, actions.num_rows)])
        for one in bounds:
            keep = pc.or_(keep, can_hold(spec, actions, one))
        result = [self.path(spec.name) / p for p in actions.filter(keep).column("path").to_pylist()]
        if whole and not all(p.exists() for p in result):
            raise self._gone(spec.name, {spec.name: delta.version()}, "its files were cleared")
        return [str(p) for p in result]
