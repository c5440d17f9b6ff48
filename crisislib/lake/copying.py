"""One lake into an empty one, wherever either is: a laptop's onto an object store, or back into a folder."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa
from deltalake import write_deltalake

from crisislib.core.errors import LakeError
from crisislib.core.i18n import N_
from crisislib.core.tables import TABLES
from crisislib.lake.appending import CHECKED
from crisislib.lake.rewriting import CHUNK
from crisislib.lake.shared_files import SALT
from crisislib.lake.store import Lake

FOLDERS = ("monitor", "sources")
"""Shared files below `artifacts` of these names are copied: where a monitor and its sources stand."""
OWN = ("locks", "logs", "retention", *FOLDERS, "privacy")
"""Folders of artifacts that are a machine's own, or are copied as shared files."""
_SUM = "SELECT count(*), coalesce(bit_xor(hash(t)), 0) FROM rows t"


@dataclass(frozen=True)
class TableCopy:
    """What was copied of one table.

    Attributes
    ----------
    name : str
        Of the table.
    rows : int
        Rows, every observation, in both.
    new : bool
        False where an earlier copy had brought it.
    """

    name: str
    rows: int
    new: bool


def copy(source: Lake, target: Lake, done: Callable[[TableCopy], None]) -> list[TableCopy]:
    """Copy every table, and what a monitor needs to go on, and compare both sides row for row.

    Parameters
    ----------
    source : Lake
        Nobody should write to it meanwhile; what comes in after the beginning is not copied.
    target : Lake
        Without rows, or with those of a copy that was broken off.
    done : callable
        Gets each table once it is compared.

    Returns
    -------
    list of TableCopy
        Tables of the source, in the order of the data dictionary.

    Raises
    ------
    LakeError
        A table of the target has other rows; or what was written is not what was read.

    Notes
    -----
    Older versions are not copied: a report of an older data version is made again where the lake was. Both sides are
    compared by the number of rows and the exclusive-or of DuckDB's hash of every row, whatever their order.
    """
    result = []
    with source.session("copy"), target.session("copy"):
        versions = source.versions()
        for name in versions:
            before = fingerprint(source, name, versions)
            new = target.version(name) < 0
            if new:
                _write(source, target, name, versions)
            after = fingerprint(target, name)
            if after != before:
                raise LakeError(
                    N_("{name} has {after} {after:row|rows} there and {before} here, or others"),
                    where=target.tables.uri(name),
                    do=N_("copy into an empty place; nothing that was there is overwritten"),
                    facts={"name": name, "after": after[0], "before": before[0]},
                )
            result.append(TableCopy(name, before[0], new))
            done(result[-1])
        _files(source, target)
    return result


def fingerprint(lake: Lake, name: str, versions: dict[str, int] | None = None) -> tuple[int, int]:
    """How many rows a table has, and a sum over all their values that does not depend on their order.

    Parameters
    ----------
    lake : Lake
        The lake.
    name : str
        Table name.
    versions : dict of str to int, optional
        Data version; now when left out.

    Returns
    -------
    tuple of int and int
        Rows and sum.
    """
    rows = lake.sql(name, as_of=versions, present=False)
    n, total = rows.query("rows", _SUM).fetchall()[0]
    return int(n), int(total)


def _write(source: Lake, target: Lake, name: str, versions: dict[str, int]) -> None:
    """One commit a table, so that a copy that is broken off leaves it whole or not at all."""
    reader = source.sql(name, as_of=versions, present=False).to_arrow_reader(CHUNK)
    schema = TABLES[name].schema
    batches = (b for part in reader for b in pa.Table.from_batches([part]).cast(schema).to_batches())
    stream = pa.RecordBatchReader.from_batches(schema, batches)
    with target.locks.table(name):
        write_deltalake(
            target.tables.uri(name), stream, mode="error", commit_properties=CHECKED,
            storage_options=target.tables.options,
        )  # fmt: skip


def _files(source: Lake, target: Lake) -> None:
    """Shared files, the salt, and models, which are this machine's."""
    for name in source.shared.names(""):
        parts = name.split("/")
        if parts[0] == FOLDERS[0] or parts[1:2] == [FOLDERS[1]]:
            data = source.shared.read(name)
            if data is not None and len(parts) <= 3 and target.shared.read(name) is None:
                target.shared.write(name, data)
    salt = source.shared.read_once(SALT)
    if salt is not None and target.shared.write_once(SALT, salt) != salt:
        raise LakeError(
            N_("has a salt of its own: hashed accounts would not be the same"),
            where=target.tables.uri("POSTS"),
            do=N_("copy into an empty place"),
        )
    for place in ("artifacts", "rejects"):
        if (source.root / place).is_dir():
            ignored = shutil.ignore_patterns(*OWN) if place == "artifacts" else None
            shutil.copytree(source.root / place, target.root / place, ignore=ignored, dirs_exist_ok=True)
