"""A file with one table as cells of text, whatever its encoding and format: lists that are no export of posts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from crisislib.collect.importing.decode import open_files
from crisislib.collect.importing.layout import key
from crisislib.collect.importing.tabular_reader import read_raw, without_repeated_header
from crisislib.core.errors import InputError
from crisislib.core.i18n import N_


@dataclass(frozen=True)
class PlainTable:
    """The table of a file that was meant.

    Attributes
    ----------
    header : list of str
        Column names as written.
    table : pyarrow.Table
        `row_no`, as a spreadsheet counts, and `c0`, `c1`, … as text, in the order of the header.
    broken : list of int
        Numbers of rows that could not be split into cells.
    left_out : list of str
        Names of tables of the file that were not read.
    """

    header: list[str]
    table: pa.Table
    broken: list[int]
    left_out: list[str]


def read_table(path: Path, known: Iterable[str], *, meant: Callable[[list[str]], bool]) -> PlainTable:
    """The one table of a file that is meant.

    Parameters
    ----------
    path : Path
        CSV, XLSX or any other form that exports have; in any encoding.
    known : iterable of str
        Column names that may stand in it; they tell the header from lines above it.
    meant : callable
        Whether a table with these columns can be the one; asked where the file has several.

    Returns
    -------
    PlainTable
        Its cells.

    Raises
    ------
    InputError
        The file cannot be read, or several of its tables can be meant, or none.
    """
    files, _ = open_files(path)
    raws = [raw for file in files for raw in read_raw(file, {key(name) for name in known})]
    chosen = raws if len(raws) == 1 else [raw for raw in raws if meant(raw.header)]
    if len(chosen) != 1:
        names = ", ".join(raw.name for raw in chosen or raws)
        raise InputError(
            N_("the file has {raws} tables, and {chosen} of them can be meant: {names}"),
            where=str(path),
            do=N_("save the one that is meant as CSV"),
            facts={"raws": len(raws), "chosen": len(chosen), "names": names},
        )
    raw, _ = without_repeated_header(chosen[0])
    left_out = [other.name for other in raws if other is not chosen[0]]
    return PlainTable(raw.header, raw.table, [number for number, _, _ in raw.broken], left_out)
