"""Export files as tables of text: every cell a string, every row with its number in the file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as compute
import pyarrow.csv as pc
import pyarrow.parquet as pq
import python_calamine

from crisislib.collect.importing.column_profile import ragged
from crisislib.collect.importing.decode import Opened
from crisislib.collect.importing.layout import key
from crisislib.core.errors import InputError
from crisislib.core.memory_database import session

HEADER_WITHIN = 15
"""The header row lies within this many rows of the top; report tools put their own lines above it."""
OUTER = " \t\n\r\u00a0\u3000\ufeff"
"""Taken off both ends of every cell: space, no-break and full-width space, byte-order marks."""
_DELIMITERS = ",\t;|"
_HEAD_BYTES = 1 << 20


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
    """

    name: str
    header: list[str]
    table: pa.Table
    broken: list[tuple[int, str, str]] = field(default_factory=list)


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
            return [_columnar(opened.data, name)]
        if opened.form in ("xlsx", "xls"):
            return _workbook(opened.data, name, known)
        if opened.form == "json":
            return [_records(opened.data, name)]
        return [_delimited(opened.data, name, known)]
    except (pa.ArrowInvalid, python_calamine.CalamineError, duckdb.Error, csv.Error, OSError) as fault:
        raise InputError(
            f"the file is damaged or not what it claims to be: {str(fault).splitlines()[0][:200]}",
            where=str(opened.path),
            do="open it, check the place named above, and export it again as CSV in UTF-8",
        ) from fault


def header_row(rows: Sequence[Sequence[str]], known: set[str]) -> tuple[int, int]:
    """Which of the first rows holds the column names, and how many of them are known.

    The row with the most known names; the first row that has any cell where none is known.
    """
    scores = [sum(key(cell) in known for cell in dict.fromkeys(row)) for row in rows[:HEADER_WITHIN]]
    best = max(scores, default=0)
    if best:
        return scores.index(best), best
    return next((i for i, row in enumerate(rows[:HEADER_WITHIN]) if any(c.strip() for c in row)), 0), 0


def _delimited(data: bytes, name: str, known: set[str]) -> Raw:
    head = data[:_HEAD_BYTES].decode("utf-8", errors="ignore")
    tried = []
    for rank, delimiter in enumerate(_DELIMITERS):
        rows, ends = _first_rows(head, delimiter)
        at, score = header_row(rows, known)
        tried.append((score, len(rows[at]), -rank, delimiter, rows[at], ends[at], at))
    _, _, _, delimiter, header, end, at = max(tried)
    start = len(head[:end].encode())
    body = pa.py_buffer(data).slice(start)
    if not data[start : start + 4096].strip() and not data[start:].strip():
        return Raw(name, header, _numbered([pa.array([], pa.string()) for _ in header], at + 2))
    table, broken = _split(body, delimiter, len(header))
    return _placed(name, header, table, broken, at + 1)


def _split(body: pa.Buffer, delimiter: str, n: int) -> tuple[pa.Table, list[tuple[int, str, str]]]:
    """Cells of a text body, and the rows that have another number of them."""
    names = [f"c{i}" for i in range(n)]
    broken: list[tuple[int, str, str]] = []

    def misaligned(row: pc.InvalidRow) -> str:
        broken.append((row.number or 0, "misaligned", row.text))
        return "skip"

    def read(threads: bool) -> pa.Table:
        broken.clear()
        return pc.read_csv(
            pa.BufferReader(body),
            read_options=pc.ReadOptions(column_names=names, use_threads=threads, block_size=1 << 24),
            parse_options=pc.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, invalid_row_handler=misaligned, ignore_empty_lines=False
            ),
            convert_options=pc.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=False,
                check_utf8=False,  # it was checked as the file was opened
            ),
        )

    table = read(True)
    # Several threads do not tell the number of a broken row; one does.
    return (read(False) if broken else table), broken


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
    numbers = np.delete(np.arange(1, table.num_rows + len(gone) + 1), [n - 1 for n in gone]) if gone else None
    numbered = _numbered(table.columns, above + 1, numbers)
    return Raw(name, header, numbered, [(number + above, reason, text) for number, reason, text in broken])


def _numbered(
    columns: Sequence[pa.Array | pa.ChunkedArray], first: int, numbers: npt.NDArray[np.int64] | None = None
) -> pa.Table:
    n = len(columns[0]) if columns else 0
    base = numbers + (first - 1) if numbers is not None else np.arange(first, first + n)
    arrays = [pa.array(base, pa.int64()), *map(_trimmed, columns)]
    return pa.table(arrays, names=["row_no", *(f"c{i}" for i in range(len(columns)))])


def _trimmed(column: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    return compute.utf8_trim(column, characters=OUTER) if ragged(column) else column


def _workbook(data: bytes, name: str, known: set[str]) -> list[Raw]:
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    found = []
    for sheet in book.sheet_names:
        rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
        if not rows:
            continue
        at, _ = header_row([[_written(c) for c in row] for row in rows[:HEADER_WITHIN]], known)
        header = [_written(cell) for cell in rows[at]]
        columns = [pa.array(map(_written, column), pa.string()) for column in zip(*rows[at + 1 :], strict=True)]
        columns = columns or [pa.array([], pa.string()) for _ in header]
        title = name if len(book.sheet_names) == 1 else f"{name} [{sheet}]"
        found.append(Raw(title, header, _numbered(columns, at + 2)))
    if not found:
        raise InputError("the workbook has no filled sheet", where=name, do="export it again")
    return found


def _written(cell: object) -> str:
    """A workbook's typed cell as text; whole numbers without a decimal point."""
    if isinstance(cell, float) and cell.is_integer():
        return repr(cell).upper() if abs(cell) >= 2**53 else str(int(cell))
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return cell.isoformat(sep=" ") if isinstance(cell, datetime) else str(cell)


def _records(data: bytes, name: str) -> Raw:
    """One JSON object a line, one array of objects, or one object that holds such an array.

    Objects inside become `a.b` columns.
    """
    data = _unwrapped(data)
    db = session()
    broken: list[tuple[int, str, str]] = []
    if data.lstrip()[:1] == b"[":
        text = data.decode("utf-8")
        try:
            json.loads(text)
        except ValueError as fault:
            raise InputError(f"the JSON array is damaged: {fault}", where=name, do="export it again") from fault
        db.execute("CREATE TEMP TABLE j AS SELECT unnest(from_json(?, '[\"JSON\"]')) AS o", [text])
        db.execute("CREATE TEMP TABLE r AS SELECT rowid + 1 AS row_no, o FROM j")
    else:
        lines = pa.table({"o": pa.array(data.decode("utf-8").split("\n"), pa.string())})
        db.register("lines", lines)
        db.execute("CREATE TEMP TABLE l AS SELECT o FROM lines")
        whole = "json_valid(o) AND coalesce(json_type(CASE WHEN json_valid(o) THEN o END) = 'OBJECT', false)"
        bad = f"SELECT rowid + 1, o FROM l WHERE NOT ({whole}) AND trim(o, chr(32)||chr(13)||chr(9)) <> ''"
        broken = [(number, "not_json", text) for number, text in db.sql(bad).fetchall()]
        db.execute(f"CREATE TEMP TABLE r AS SELECT rowid + 1 AS row_no, CAST(o AS JSON) AS o FROM l WHERE {whole}")
    header = _paths(db)
    picks = ", ".join(f"coalesce(json_extract_string(o, '{p}'), '') AS c{i}" for i, (_, p) in enumerate(header))
    table = db.sql(f"SELECT row_no{', ' + picks if picks else ''} FROM r").to_arrow_table()
    columns = [compute.utf8_trim(c, characters=OUTER) for c in table.columns[1:]]
    return Raw(
        name, [title for title, _ in header], pa.table([table.column(0), *columns], names=table.column_names), broken
    )


def _unwrapped(data: bytes) -> bytes:
    """The longest array in a single object such as `{"data": […], "meta": {…}}`; other forms as they are."""
    if data.lstrip()[:1] != b"{":
        return data
    try:
        whole = json.loads(data)
    except ValueError:
        return data  # one object a line
    lists = [v for v in whole.values() if isinstance(v, list) and v and all(isinstance(i, dict) for i in v)]
    return json.dumps(max(lists, key=len) if lists else [whole], ensure_ascii=False).encode()


def _paths(db: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """Column title and JSON path of every key, and of the keys of objects inside, in order of sight."""
    top = _keys(db, "SELECT unnest(json_keys(o)) AS k, row_no AS n FROM r WHERE json_type(o) = 'OBJECT'")
    found: list[tuple[str, str]] = []
    for title in top:
        path = '$."' + title.replace('"', '\\"').replace("'", "''") + '"'
        if '"' in title or "\\" in title:
            continue
        inner = _keys(
            db,
            f"SELECT unnest(json_keys(o, '{path}')) AS k, row_no AS n FROM r WHERE json_type(o, '{path}') = 'OBJECT'",
        )
        found += [
            (f"{title}.{i}", f'{path}."' + i.replace("'", "''") + '"') for i in inner if '"' not in i and "\\" not in i
        ]
        if not inner:
            found.append((title, path))
    return found


def _keys(db: duckdb.DuckDBPyConnection, query: str) -> list[str]:
    return [k for k, _ in db.sql(f"SELECT k, min(n) AS first FROM ({query}) GROUP BY k ORDER BY first, k").fetchall()]


def _columnar(data: bytes, name: str) -> Raw:
    table = pq.read_table(pa.BufferReader(data))
    db = session()
    db.register("t", table.rename_columns([f"c{i}" for i in range(table.num_columns)]))
    casts = ", ".join(f"coalesce({_as_text(f, f'c{i}')}, '') AS c{i}" for i, f in enumerate(table.schema))
    text = db.sql(f"SELECT {casts} FROM t").to_arrow_table() if casts else table
    return Raw(name, list(table.column_names), _numbered(text.columns, 1))


def _as_text(field: pa.Field, column: str) -> str:
    nested = pa.types.is_nested(field.type)
    return f"CAST(to_json({column}) AS VARCHAR)" if nested else f"CAST({column} AS VARCHAR)"
