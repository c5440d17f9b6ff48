"""Tables whose quotes do not close: lines compared with rows, so that a lone quote costs its row and not the file."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from crisislib.collect.importing.time_columns import CLOCK_ONLY

_DATED = re.compile(r"\D{0,5}\d{1,4}[-/.年]\s?\d{1,2}[-/.月]|\d{9,19}$|\w{3},? \w{3} \d|\d{8}T")
_NUMBER = re.compile(r"[-+]?\d[\d.,]*(?:[eE][+-]?\d+)?[%万k+]?")
_ADDRESS = re.compile(r"(?:https?:)?//\S+$|www\.\S+$")
_ESCAPED = re.compile(rb'[^\\"]\\"[^",;\t|\r\n]')
"""A quote behind a backslash in the middle of words; in JSON within a cell a quote follows it."""
SAMPLE = 200
"""Rows from which the kinds of cells are taken."""
ENOUGH = 3
"""Rows that were split well, from which the kinds of cells can be told."""
MOST = 0.6
"""Share of cells at one place that are of one kind."""
FEW_CELLS = 4
"""Without such a kind, a line of fewer cells is as likely a line of prose with commas as a row."""
LONGEST = 2000
"""Lines that one cell may run over."""


def usual_marks(body: bytes) -> bytes:
    """A table whose lines end and whose inner quotes are doubled as usual.

    Parameters
    ----------
    body : bytes
        UTF-8. Lines may end in a carriage return alone, as old spreadsheets of the Macintosh write; inner quotes may
        stand behind a backslash, as databases write.
    """
    if b"\n" not in body and b"\r" in body:
        body = body.replace(b"\r", b"\n")
    if b'\\"' in body and _ESCAPED.search(body):
        body = body.replace(b'\\"', b'""')
    return body


class RowShape:
    """What a row of one table looks like on its own line.

    Parameters
    ----------
    rows : sequence of sequence of str
        Rows as split so far; the kinds of cells that nearly all of them share are what a line is compared with.
    lines : sequence of str
        Some physical lines, for a table whose first rows could not be split.
    delimiter : str
        Between cells.
    n : int
        Cells in a row.

    Notes
    -----
    Prose has commas too: a line of as many cells as the table is only a row where its times, numbers and addresses
    stand where those of the other rows do.
    """

    def __init__(self, rows: Sequence[Sequence[str]], lines: Sequence[str], delimiter: str, n: int) -> None:
        self._delimiter, self._n = delimiter, n
        some = list(rows[:SAMPLE])
        if len(some) < ENOUGH:
            some = [cells for line in lines[:SAMPLE] if len(cells := self._cells(line)) == n]
        self._kinds = {
            i: kind
            for i in range(n)
            for kind, holds in _KINDS.items()
            if len(cells := [c for row in some if (c := row[i].strip()) and "\n" not in c]) >= max(1, MOST * len(some))
            and sum(map(holds, cells)) >= MOST * len(cells)
        }

    def is_row(self, line: str) -> bool:
        """Whether a line is a whole row by itself.

        Parameters
        ----------
        line : str
            Without its end.
        """
        if line.count(self._delimiter) < self._n - 1:
            return False
        cells = self._cells(line)
        if len(cells) != self._n:
            return False
        if not self._kinds:
            return self._n >= FEW_CELLS
        alike = sum(not cells[i].strip() or _KINDS[kind](cells[i]) for i, kind in self._kinds.items())
        filled = any(cells[i].strip() for i in self._kinds)
        return filled and alike >= MOST * len(self._kinds)

    def _cells(self, line: str) -> list[str]:
        return next(csv.reader([line], delimiter=self._delimiter), [])


def _dated(cell: str) -> bool:
    return _DATED.match(cell.strip()) is not None or CLOCK_ONLY.fullmatch(cell.strip()) is not None


_KINDS: dict[str, Callable[[str], bool]] = {
    "time": _dated,
    "number": lambda cell: _NUMBER.fullmatch(cell.strip()) is not None,
    "address": lambda cell: _ADDRESS.match(cell.strip()) is not None,
}
"""Kinds of cells that prose does not have at a fixed place."""


def swallows(table: pa.Table, broken: Sequence[tuple[int, str, str]], shape: RowShape) -> bool:
    """Whether a cell, or a row that could not be split, holds a line that is a row by itself.

    Parameters
    ----------
    table : pyarrow.Table
        Cells as a reader of quotes gives them.
    broken : sequence of (row_no, reason, text)
        Rows that it could not split.
    shape : RowShape
        Of this table's rows.
    """
    texts = [text for _, _, text in broken if "\n" in text.strip()]
    for column in table.columns:
        texts += column.filter(pc.match_substring(column, "\n")).to_pylist()
    return any(shape.is_row(line) for text in texts for line in text.split("\n")[1:])


def split_lines(
    body: str, delimiter: str, n: int, shape: RowShape
) -> tuple[list[list[str]], list[int], list[tuple[int, str, str]]]:
    """Rows of a table in which a quote may stay open.

    Parameters
    ----------
    body : str
        The table without its header.
    delimiter : str
        Between cells.
    n : int
        Cells in a row.
    shape : RowShape
        A line that is a row by itself ends an open quote before it.

    Returns
    -------
    rows : list of list of str
    numbers : list of int
        Which record each is, from 1.
    broken : list of (number, reason, text)
        Records that have another number of cells, or an open quote.
    """
    rows, numbers, broken = [], [], []
    for number, text in enumerate(_records(body, shape), 1):
        if not text.strip():
            continue
        try:
            found = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
        except csv.Error:
            broken.append((number, "misaligned", text))
            continue
        if len(found) == 1 and len(found[0]) == n:
            rows.append(found[0])
            numbers.append(number)
        else:
            broken.append((number, "misaligned", text))
    return rows, numbers, broken


def _records(body: str, shape: RowShape) -> Iterator[str]:
    """Lines put together while a quote is open, up to a line that is a row by itself."""
    lines = [line.rstrip("\r") for line in body.split("\n")]
    at = 0
    while at < len(lines):
        end, odd = at + 1, lines[at].count('"') % 2
        while odd and end < min(len(lines), at + LONGEST) and not shape.is_row(lines[end]):
            odd = (odd + lines[end].count('"')) % 2
            end += 1
        if odd and end - at > 1:  # never closed: the line alone is broken, what follows is read anew
            end = at + 1
        yield "\n".join(lines[at:end])
        at = end
