"""Which row of a table names its columns, and what repeats it."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from crisislib.collect.importing.layout import key
from crisislib.collect.importing.moment import DAY, NOT_A_TIME
from crisislib.collect.importing.moments import read_moment

HEADER_WITHIN = 15
"""The header row lies within this many rows of the top; report tools put their own lines above it."""
UTC_ZONE = ZoneInfo("UTC")
"""For telling times from names; whose zone it is does not matter."""


def header_row(rows: Sequence[Sequence[str]], known: set[str]) -> tuple[int, int]:
    """Which of the first rows holds the column names, and how many of them are known.

    The row with the most known names; the first row that has any cell where none is known.

    Parameters
    ----------
    rows : sequence of sequences of str
        The first rows.
    known : set of str
        Column names that some layout knows, as compared.
    """
    scores = [sum(key(cell) in known for cell in dict.fromkeys(row)) for row in rows[:HEADER_WITHIN]]
    best = max(scores, default=0)
    if best:
        return scores.index(best), best
    return next((i for i, row in enumerate(rows[:HEADER_WITHIN]) if any(c.strip() for c in row)), 0), 0


def without_names(row: Sequence[str], known: int) -> bool:
    """Whether the first row of a table is a row like the others rather than column names.

    Parameters
    ----------
    row : sequence of str
        The row that was taken for the names.
    known : int
        How many of its cells are names that some layout knows.
    """
    cells = [cell.strip() for cell in row if cell.strip()]
    return not known and len(cells) > 1 and any(_is_time(cell) for cell in cells)


def _is_time(cell: str) -> bool:
    moment = read_moment(cell, UTC_ZONE) if len(cell) > len("1/1/2026") else NOT_A_TIME
    return moment.at is not None and moment.precision < DAY


def numbered_names(row: Sequence[str]) -> list[str]:
    """Names of columns in a table that has none: `column 1`, `column 2` …

    Parameters
    ----------
    row : sequence of str
        Any row of it.

    Returns
    -------
    list of str
        One for each cell.
    """
    return [f"column {i}" for i in range(1, len(row) + 1)]
