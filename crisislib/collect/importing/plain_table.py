"""A file with one table as cells of text, whatever its encoding and format: lists that are no export of posts."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa

from crisislib.collect.importing.decode import open_files
from crisislib.collect.importing.layout import key
from crisislib.collect.importing.tabular_reader import read_raw, without_repeated_header
from crisislib.core.errors import InputError


def read_table(path: Path, known: Iterable[str]) -> tuple[list[str], pa.Table, list[int]]:
    """The one table of a file.

    Parameters
    ----------
    path : Path
        CSV, XLSX or any other form that exports have; in any encoding.
    known : iterable of str
        Column names that may stand in it; they tell the header from lines above it.

    Returns
    -------
    header : list of str
        Column names as written.
    table : pyarrow.Table
        `row_no`, as a spreadsheet counts, and `c0`, `c1`, … as text, in the order of the header.
    broken : list of int
        Numbers of rows that could not be split into cells.

    Raises
    ------
    InputError
        The file cannot be read, or holds several tables.
    """
    files, _ = open_files(path)
    raws = [raw for file in files for raw in read_raw(file, {key(name) for name in known})]
    if len(raws) != 1:
        raise InputError(f"the file has {len(raws)} tables", where=str(path), do="save the one that is meant as CSV")
    raw, _ = without_repeated_header(raws[0])
    return raw.header, raw.table, [number for number, _, _ in raw.broken]
