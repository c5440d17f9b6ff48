"""Forgetting for good: a table is written anew, and its older versions, their log and their files are removed.

Delta keeps what was deleted: in older data files, in the statistics and predicates of its log, in checkpoints. Here
the rows that stay become a new version, that version a checkpoint, and everything before it goes. Version numbers go
on, so that whoever follows a table by its version goes on, too. A kill leaves the table whole at every step; what was
not yet removed goes at the next time.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake

from crisislib.core.errors import LakeError
from crisislib.core.i18n import N_
from crisislib.core.tables import TABLES
from crisislib.lake.appending import CHECKED
from crisislib.lake.queries import Bounds
from crisislib.lake.store import Lake

CHUNK = 50_000
"""Rows in memory at a time."""


def chunks(lake: Lake, name: str) -> Iterator[pa.Table]:
    """Every stored row of a table, batch by batch.

    Parameters
    ----------
    lake : Lake
        The lake.
    name : str
        Name of the table.

    Returns
    -------
    Iterator of pyarrow.Table
        Up to :data:`CHUNK` rows each, every observation of a row, in the table's types.
    """
    # Opened here and not at the first row: that may be asked for by the store itself, which cannot be asked then.
    reader = lake.sql(name, present=False).to_arrow_reader(CHUNK)
    return (pa.Table.from_batches([batch]).cast(TABLES[name].schema) for batch in reader)


def replace_rows(lake: Lake, name: str, rows: Iterator[pa.Table]) -> None:
    """Make some rows the whole table; nobody else may write meanwhile. Older versions stay until :func:`purge`.

    Parameters
    ----------
    lake : Lake
        The lake, with its lock against other writers held.
    name : str
        Name of the table; nothing happens where it does not exist.
    rows : Iterator of pyarrow.Table
        All rows that remain, in the table's types.

    Raises
    ------
    LakeError
        A newer version of this software wrote columns that would be lost.
    """
    spec, delta = TABLES[name], lake.tables.present(name, to_write=True)
    if delta is None:
        return
    columns = {f.name for f in delta.schema().fields}
    if columns - set(spec.columns):
        raise LakeError(
            N_("has columns of a newer version: {columns}"),
            where=str(lake.tables.path(name)),
            do=N_("use that version for this"),
            facts={"columns": sorted(columns - set(spec.columns))},
        )
    batches = (batch for part in rows for batch in part.to_batches())
    reader = pa.RecordBatchReader.from_batches(spec.schema, batches)
    write_deltalake(delta, reader, mode="overwrite", schema_mode="overwrite", commit_properties=CHECKED)
    lake.commits[name] += 1


def stale_files(lake: Lake, name: str) -> list[Path]:
    """Data files that the present version does not read: those of older versions, and what a kill has left.

    Parameters
    ----------
    lake : Lake
        The lake.
    name : str
        Name of the table.

    Returns
    -------
    list of Path
        Sorted by name.
    """
    present = set(lake.tables.files(TABLES[name], lake.tables.present(name), [Bounds()]))
    return [p for p in sorted(lake.tables.path(name).glob("*.parquet")) if str(p) not in present]


def purge(lake: Lake, name: str) -> int:
    """Remove everything of a table but its present version; nobody else may write meanwhile.

    Parameters
    ----------
    lake : Lake
        The lake, with its lock against other writers held.
    name : str
        Name of the table; nothing happens where it does not exist.

    Returns
    -------
    int
        Files removed.
    """
    folder = lake.tables.path(name)
    if not folder.is_dir():
        return 0
    delta = lake.tables.present(name, to_write=True)
    keep: set[Path] = set()
    if delta is not None:
        # A commit that says nothing: the last one may name in its predicate what it has deleted.
        delta.create_write_transaction([], "append", delta.schema(), commit_properties=CHECKED)
        delta = DeltaTable(folder)
        delta.create_checkpoint()
        version = f"{delta.version():020}"
        keep = {folder / p for p in pa.table(delta.get_add_actions(flatten=True))["path"].to_pylist()}
        keep |= {p for p in (folder / "_delta_log").iterdir() if p.name.startswith((version, "_last_checkpoint"))}
        lake.commits[name] += 1
    gone = [p for p in sorted(folder.rglob("*")) if p.is_file() and p not in keep]
    for path in gone:
        path.unlink()
    return len(gone)
