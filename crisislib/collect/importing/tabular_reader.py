"""Export files as tables of text: every cell a string, every row with its number in the file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as compute
import pyarrow.csv as pc

from crisislib.collect.importing.chat_text import read_chat
from crisislib.collect.importing.column_profile import ragged
from crisislib.collect.importing.columnar_files import columnar_cells
from crisislib.collect.importing.containers import read_sqlite
from crisislib.collect.importing.csv_lines import SAMPLE, RowShape, split_lines, swallows, usual_marks
from crisislib.collect.importing.decode import Opened
from crisislib.collect.importing.header_rows import (
    HEADER_WITHIN,
    column_names,
    link_name,
    numbered_names,
    without_names,
)
from crisislib.collect.importing.json_reader import read_json
from crisislib.collect.importing.markup_tables import markup_tables
from crisislib.collect.importing.record_forms import RECORDS, as_json
from crisislib.collect.importing.workbook_cells import read_sheets
from crisislib.collect.importing.workbook_extent import check_extent
from crisislib.core.errors import InputError
from crisislib.core.i18n import N_

OUTER = " \t\n\r\u00a0\u3000\ufeff\u200b\u200e\u200f"
"""Taken off both ends of every cell: space, no-break and full-width space, marks without width."""
WIDE = N_("the first row has {n} cells or more, and no export has so many columns")
WIDEST = 10_000
"""Columns of a table; the widest export has a few hundred."""
_DELIMITERS = ",\t;|"
csv.field_size_limit(1 << 30)  # the standard library refuses cells of more than 128 kB
_BLOCK_BYTES, _LONGEST_ROW = 1 << 22, 1 << 24
"""Bytes read at a time, few enough for the processor's cache; and where a row is longer than that."""
_HEAD_BYTES = 1 << 20
"""Bytes in which the header and some rows lie, long lines above it included."""


@dataclass(frozen=True)
class Raw:
    """Cells as text.

    Attributes
    ----------
    name : str
        File name, and the sheet's name where a workbook has several.
    header : list of str
        Column names as written; the table's columns are `c0`, `c1`, … in that order.
    table : pyarrow.Table
        `row_no` int64 (as a spreadsheet counts: the first row of the file is 1) and `c0`… as strings.
    broken : list of (row_no, reason, text)
        Rows that could not be split into cells.
    digest : str
        SHA-256 of the file.
    given : str
        The file, archive or folder that the user gave.
    above : str
        What stands above the column names, such as the address and the day of a report.
    """

    name: str
    header: list[str]
    table: pa.Table
    broken: list[tuple[int, str, str]] = field(default_factory=list)
    digest: str = ""
    given: str = ""
    above: str = ""


def read_raw(opened: Opened, known: set[str]) -> list[Raw]:
    """All tables of one file.

    Parameters
    ----------
    opened : Opened
        The file.
    known : set of str
        Column names that some layout knows, as :func:`~crisislib.collect.importing.layout.key` writes them;
        they tell the header row from the lines above it.

    Raises
    ------
    InputError
        The file is not what it claims to be.
    """
    name = opened.path.name
    try:
        if opened.form == "parquet":
            columns = columnar_cells(opened.data)
            return [Raw(name, columns.column_names, _numbered(columns.columns, 1))]
        if opened.form in ("xlsx", "xls"):
            return _workbook(opened.data, name, known)
        if opened.form == "json" or opened.form in RECORDS:
            header, table, broken = read_json(as_json(opened), name)
            return [Raw(name, header, _trim(table), broken)]
        if opened.form == "markup":
            return _headed(_pages(opened.data.decode("utf-8"), name), name, known)
        if opened.form == "chat":
            return [Raw(name, *read_chat(opened.data.decode("utf-8")))]
        if opened.form == "sqlite":
            tables = read_sqlite(opened.data, name)
            return [Raw(title, header, _numbered(table.columns, 1)) for title, header, table in tables]
        return [_delimited(opened.data, name, known)]
    except (pa.ArrowInvalid, duckdb.Error, csv.Error, OSError) as fault:
        raise InputError(
            N_("the file is damaged or not what it claims to be: {fault}"),
            where=str(opened.path),
            do=N_("open it, check the place named above, and export it again as CSV in UTF-8"),
            facts={"fault": str(fault).splitlines()[0][:200]},
        ) from fault


def _delimited(data: bytes, name: str, known: set[str]) -> Raw:
    data = usual_marks(data)
    head = data[:_HEAD_BYTES].decode("utf-8", errors="ignore")
    tried = []
    for rank, delimiter in enumerate(_DELIMITERS):
        rows, ends = _first_rows(head, delimiter)
        header, at, score = column_names(rows, known)
        tried.append((score, len(rows[at]), -rank, delimiter, header, [0, *ends][at], ends[at], at))
    score, _, _, delimiter, header, begin, end, at = max(tried)
    if len(header) > WIDEST:
        do = N_("save the columns that you need as a new table")
        raise InputError(WIDE, where=name, do=do, facts={"n": len(header)})
    if without_names(header, score):
        header, end, at = numbered_names(header), begin, at - 1
    start = len(head[:end].encode())
    if not data[start : start + 4096].strip() and not data[start:].strip():
        return Raw(name, header, _numbered([pa.array([], pa.string()) for _ in header], at + 2))
    return replace(_body(data, start, name, delimiter, header, at), above=head[:begin].strip())


def _body(data: bytes, start: int, name: str, delimiter: str, header: list[str], at: int) -> Raw:
    """The rows below the column names, which stand in row `at`."""
    body = pa.py_buffer(data).slice(start)
    table, broken = _split(body, delimiter, len(header))
    table = table.cast(pa.schema([(n, pa.string()) for n in table.column_names]))
    if not broken and data.count(b"\n", start) <= table.num_rows:  # a row a line: no quote can have swallowed any
        return _placed(name, header, table, broken, at + 1)
    lines = data[start : start + _HEAD_BYTES].decode("utf-8", "ignore").split("\n")
    first = table.slice(0, SAMPLE).to_pydict()
    shape = RowShape(list(zip(*first.values(), strict=True)), lines, delimiter, len(header))
    if swallows(table, broken, shape):
        rows, numbers, broken = split_lines(data[start:].decode("utf-8"), delimiter, len(header), shape)
        columns = [pa.array(c, pa.string()) for c in zip(*rows, strict=True)] or [
            pa.array([], pa.string()) for _ in header
        ]
        placed = _numbered(columns, at + 2, np.asarray(numbers, dtype=np.int64))
        return Raw(name, header, placed, [(number + at + 1, reason, text) for number, reason, text in broken])
    return _placed(name, header, table, broken, at + 1)


def _split(body: pa.Buffer, delimiter: str, n: int) -> tuple[pa.Table, list[tuple[int, str, str]]]:
    """Cells of a text body, and the rows that have another number of them."""
    names = [f"c{i}" for i in range(n)]
    broken: list[tuple[int, str, str]] = []

    def misaligned(row: pc.InvalidRow) -> str:
        broken.append((row.number or 0, "misaligned", row.text))
        return "skip"

    def read(block: int) -> pa.Table:
        broken.clear()
        return pc.read_csv(
            pa.BufferReader(body),
            # One thread: it tells the numbers of broken rows, and needs less memory and half the work of several.
            read_options=pc.ReadOptions(column_names=names, use_threads=False, block_size=block),
            parse_options=pc.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, invalid_row_handler=misaligned, ignore_empty_lines=False
            ),
            convert_options=pc.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=False,
                check_utf8=False,  # it was checked as the file was opened
            ),
        )

    try:
        table = read(_BLOCK_BYTES)
    except pa.ArrowInvalid:  # a row longer than a block, as a quote that stays open makes one
        table = read(_LONGEST_ROW)
    return table, broken


def _first_rows(head: str, delimiter: str) -> tuple[list[list[str]], list[int]]:
    """The first rows, and for each the offset in characters at which it ends."""
    rows, ends, used = [], [], 0

    def lines() -> Iterator[str]:
        nonlocal used
        for line in io.StringIO(head, newline=""):
            used += len(line)
            yield line

    reader = csv.reader(lines(), delimiter=delimiter)
    for row in reader:
        rows.append(row)
        ends.append(used)
        if len(rows) == HEADER_WITHIN:
            break
    return rows or [[""]], ends or [0]


def _placed(name: str, header: list[str], table: pa.Table, broken: list[tuple[int, str, str]], above: int) -> Raw:
    """Number the rows as a spreadsheet would, leaving out the numbers of broken rows and of blank ones."""
    gone = {number for number, _, _ in broken}
    numbers = _numbers_without(gone, table.num_rows) if gone else None
    numbered = _numbered(table.columns, above + 1, numbers)
    return Raw(name, header, numbered, [(number + above, reason, text) for number, reason, text in broken])


def _numbers_without(gone: set[int], n: int) -> npt.NDArray[np.int64]:
    """The first `n` numbers from 1 that are not gone."""
    every = np.arange(1, n + len(gone) + 1)
    return every[~np.isin(every, list(gone))][:n]


def _numbered(
    columns: Sequence[pa.Array | pa.ChunkedArray], first: int, numbers: npt.NDArray[np.int64] | None = None
) -> pa.Table:
    n = len(columns[0]) if columns else 0
    base = numbers + (first - 1) if numbers is not None else np.arange(first, first + n)
    arrays = [pa.array(base, pa.int64()), *(_trimmed(c.cast(pa.string())) for c in columns)]
    return pa.table(arrays, names=["row_no", *(f"c{i}" for i in range(len(columns)))])


def _trimmed(column: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    return compute.utf8_trim(column, characters=OUTER) if ragged(column) else column


def _workbook(data: bytes, name: str, known: set[str]) -> list[Raw]:
    if data.startswith(b"PK"):
        check_extent(data, name)
    return _headed(read_sheets(data, name), name, known)


def _pages(text: str, name: str) -> list[tuple[str, pa.Table]]:
    """The tables of a page, of which the largest may stand among others that only lay it out."""
    found = markup_tables(text)
    if not found:
        raise InputError(N_("there is no table in this page"), where=name, do=N_("export it as CSV in UTF-8"))
    columns = [[pa.array(column, pa.string()) for column in zip(*rows, strict=True)] for rows in found]
    titles = [str(n) for n in range(1, len(found) + 1)]
    return [(t, pa.table(c, names=[f"c{i}" for i in range(len(c))])) for t, c in zip(titles, columns, strict=True)]


def _headed(sheets: list[tuple[str, pa.Table]], name: str, known: set[str]) -> list[Raw]:
    """Sheets of cells as tables with the column names that stand among their first rows."""
    found = []
    for sheet, cells in sheets:
        first = [list(row.values()) for row in cells.slice(0, HEADER_WITHIN).to_pylist()]
        header, at, score = column_names(first, known)
        links = json.loads((cells.schema.metadata or {}).get(b"links", b"{}"))
        header = [link_name(header[links[str(i)]]) if str(i) in links else name for i, name in enumerate(header)]
        if without_names(header, score):
            header, at = numbered_names(header), at - 1
        title = name if len(sheets) == 1 else f"{name} [{sheet}]"
        above = "\n".join(" ".join(cell for cell in row if cell) for row in first[: max(at, 0)])
        found.append(Raw(title, header, _numbered(cells.slice(at + 1).columns, at + 2), above=above.strip()))
    if not found:
        raise InputError(N_("the workbook has no filled sheet"), where=name, do=N_("export it again"))
    return found


def _trim(table: pa.Table) -> pa.Table:
    return pa.table([table.column(0), *map(_trimmed, table.columns[1:])], names=table.column_names)


def without_repeated_header(raw: Raw) -> tuple[Raw, int]:
    """A table without rows that repeat its column names, and how many there were.

    Parameters
    ----------
    raw : Raw
        A table; crawlers that append to a file write its header again.
    """
    filled = [i for i, name in enumerate(raw.header) if name]
    if not filled or raw.table.num_rows == 0:
        return raw, 0
    mask = compute.equal(raw.table.column(f"c{filled[0]}"), raw.header[filled[0]])
    if not compute.any(mask).as_py():
        return raw, 0
    for i in filled[1:]:
        mask = compute.and_(mask, compute.equal(raw.table.column(f"c{i}"), raw.header[i]))
    n = int(compute.sum(mask).as_py() or 0)
    return (replace(raw, table=raw.table.filter(compute.invert(mask))), n) if n else (raw, 0)
