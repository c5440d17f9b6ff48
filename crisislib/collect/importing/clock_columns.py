"""A date in one column, its clock and its zone in others, as one written time."""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc

from crisislib.collect.importing.field_mapping import Header
from crisislib.collect.importing.layout import Cell, Layout
from crisislib.collect.importing.time_columns import clock_column
from crisislib.collect.importing.zone_words import is_zone_word

SAMPLE = 40
"""Filled cells that are looked at to tell what a column holds."""
_ZONE_NAMES = {
    "time zone",
    "timezone",
    "tz",
    "zone",
    "utc offset",
    "gmt offset",
    "时区",
    "時區",
    "zeitzone",
    "zona horaria",
}
_CLOCK_WORDS = (
    "time", "clock", "hour", "hora", "heure", "zeit", "时间", "时刻", "钟", "時", "врем", "час", "시간", "시각",
    "saat", "godzina", "czas", "tijd", "waktu", "jam", "giờ", "เวลา", "وقت", "ساعة", "tempo", "orario",
)  # fmt: skip
"""Words in the names of columns that hold clocks."""
_ZONED = re.compile(r"(?:[+-]\d\d:?\d\d|Z|(?:UTC|GMT)\s?[+-]\d{1,2}(?::\d\d)?|\bUTC|\bGMT)$")
"""A zone behind a clock, or alone; abbreviations are words of their own."""
LONGEST = 500
"""Characters of a cell that are looked at to tell what its column holds."""


def clock_beside(layout: Layout, header: Header, table: pa.Table) -> int | None:
    """The column of clocks that belongs to a column of dates without any; None where there is none.

    Parameters
    ----------
    layout : Layout
        Which column is the date.
    header : Header
        Where the columns are.
    table : pyarrow.Table
        Cells.
    """
    cell = layout.columns.get("created")
    present = header.present(cell) if cell is not None else []
    if not present or (cell is not None and cell.join is not None):
        return None
    dates = sample(table, present[0])
    if not dates or any(
        (":" in d and not d.endswith("00:00:00")) or "时" in d or (d.isdigit() and len(d) > 8) for d in dates
    ):
        return None
    others = [i for i in sorted(header.filled or ()) if i not in present]
    near = sorted(others, key=lambda i: abs(i - present[0]))
    return next((i for i in near if clock_column(sample(table, i)) and _clock_name(header.names[i])), None)


def with_clock(layout: Layout, header: Header, table: pa.Table) -> Layout:
    """A layout that reads columns of clocks and zones together with the column of dates that they belong to.

    Parameters
    ----------
    layout : Layout
        Which column is the date.
    header : Header
        Where the columns are.
    table : pyarrow.Table
        Cells.
    """
    cell = layout.columns.get("created")
    present = header.present(cell) if cell is not None else []
    if cell is None or not present or cell.join is not None:
        return layout
    clock = clock_beside(layout, header, table)
    parts = present[:1] + ([clock] if clock is not None else [])
    parts += _zone_beside(parts, header, table)
    if len(parts) == 1:
        return layout
    whole = Cell(columns=[header.names[i] for i in parts], join=" ")
    return layout.model_copy(update={"columns": {**layout.columns, "created": whole}})


def _zone_beside(parts: list[int], header: Header, table: pa.Table) -> list[int]:
    """The column that states the zone of times which do not state it themselves."""
    if any(_ZONED.search(c) or c.isdigit() for i in parts for c in sample(table, i)):
        return []
    for i in sorted(header.filled or ()):
        name = " ".join(re.sub(r"[\W_]+", " ", header.names[i]).casefold().split())
        cells = sample(table, i) if name in _ZONE_NAMES and i not in parts else []
        if cells and all(_ZONED.search(c) or is_zone_word(c.casefold()) for c in cells):
            return [i]
    return []


def _clock_name(name: str) -> bool:
    folded = name.casefold()
    return folded == "ora" or any(word in folded for word in _CLOCK_WORDS)


def sample(table: pa.Table, i: int, n: int = SAMPLE) -> list[str]:
    """Some filled cells of a column.

    Parameters
    ----------
    table : pyarrow.Table
        Cells.
    i : int
        Position of the column.
    n : int
        How many at most.
    """
    column = table.column(f"c{i}")
    head = column.slice(0, 20 * n)
    return [str(v)[:LONGEST] for v in head.filter(pc.not_equal(head, "")).slice(0, n).to_pylist()]
