"""Which row of a table names its columns, and what repeats it."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from crisislib.collect.importing.layout import key
from crisislib.collect.importing.moment import DAY, NOT_A_TIME
from crisislib.collect.importing.moments import read_moment

HEADER_WITHIN = 15
"""The header row lies within this many rows of the top; report tools put their own lines above it."""
FIRST_WIDE = "\u2e80"
"""From here on the scripts of East Asia."""
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


def column_names(rows: Sequence[Sequence[str]], known: set[str]) -> tuple[list[str], int, int]:
    """The column names among the first rows, put together where merged cells spread them over two.

    Parameters
    ----------
    rows : sequence of sequences of str
        The first rows.
    known : set of str
        Column names that some layout knows, as compared.

    Returns
    -------
    names : list of str
    at : int
        The last row that belongs to them.
    score : int
        How many are known.
    """
    at, score = header_row(rows, known)
    names = list(rows[at])
    below = list(rows[at + 1]) if at + 1 < min(len(rows), HEADER_WITHIN) else []
    if score and _under(names, below, known):
        names = [lower if lower.strip() else upper for upper, lower in zip(names, below, strict=True)]
        return names, at + 1, score
    above = list(rows[at - 1]) if score and at else []
    if len(above) == len(names) and sum(map(bool, map(str.strip, above))) > 1:
        names = [name if name.strip() else upper for name, upper in zip(names, above, strict=True)]
    return names, at, score


def _under(names: Sequence[str], below: Sequence[str], known: set[str]) -> bool:
    """Whether a row only names the columns below heads that span several of them."""
    filled = [i for i, cell in enumerate(below) if cell.strip()]
    if len(below) != len(names) or not filled or any(not n.strip() and not b.strip() for n, b in _inner(names, below)):
        return False
    spanned = [not names[i].strip() or (i + 1 in filled and not names[i + 1].strip()) for i in filled]
    return all(spanned) and sum(key(below[i]) in known for i in filled) * 2 >= len(filled)


def _inner(names: Sequence[str], below: Sequence[str]) -> list[tuple[str, str]]:
    """Cells of both rows up to the last that is filled in either."""
    pairs = list(zip(names, below, strict=True))
    last = max((i for i, (n, b) in enumerate(pairs) if n.strip() or b.strip()), default=-1)
    return pairs[: last + 1]


def link_name(name: str) -> str:
    """How the column with the addresses behind another column's cells is called.

    Parameters
    ----------
    name : str
        Of the other column.
    """
    return f"{name}链接" if any(c >= FIRST_WIDE for c in name) else f"{name} link"


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
