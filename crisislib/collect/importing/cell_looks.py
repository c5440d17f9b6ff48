"""What the cells of a column look like: times, texts, addresses, ids, names, counts, feelings."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from crisislib.collect.importing.cells import FEELINGS
from crisislib.collect.importing.count_columns import read_count
from crisislib.collect.importing.moments import read_moment

MOST = 0.6
"""Share of a column's cells that must look like what its name says: some cells of every column are damaged."""
NEARLY_ALL = 0.9
"""Share where the name says nothing and the cells have to speak alone."""
READABLE = 8
"""Characters that the cells of a text column have on average at least, where its name says nothing."""
FIRST_WIDE = "\u2e80"
"""From here on the scripts of East Asia, whose characters say about twice as much as a letter."""
LONGEST_NAME, LONGEST_ID = 80, 200
"""Characters on average; names and ids are shorter."""
STARS = 5
"""Ratings end here; a column of 1 to 5 is no sentiment."""
FEWEST = 5
"""Cells from which it can be told whether they repeat."""
_POSITIONS = {"头条", "次条", "头条位", "单图文"}
"""Where in a message of a WeChat account an article stands, which is no place of a writer."""
_IP = re.compile(r"[\d.*]{7,15}|[\da-fA-F:*]{8,}")
_ADDRESS = re.compile(r"(https?:)?//\S+|www\.\S+|/r/\w+/comments/\S+|[\w.-]+\.(com|cn|net|org)/\S+")
_ASSET = re.compile(r"\.(png|jpe?g|gif|webp|svg|mp4|m3u8|mp3|css|js)([?#].*)?$|//api\.|/api/", re.IGNORECASE)
"""Addresses of pictures, files and interfaces, which are not those of posts."""
_NESTED = re.compile(r"[\[{].*[\"':].*[\]}]", re.DOTALL)
"""A list or an object as text; a name may begin with a bracket."""
UTC_ZONE = ZoneInfo("UTC")
ANY_TIME = datetime(2026, 1, 1, tzinfo=UTC)
"""Stands for the time of collection where only the form of a time matters."""
_FEELINGS = re.compile(
    r"(very |mostly |non)?(mixed|[正负中](面|性|立)?|非?敏感|" + "|".join(" ".join(FEELINGS.values()).split()) + ")"
)


def looks_like(role: str, cells: Sequence[str]) -> bool:
    """Whether cells look like a field's.

    Parameters
    ----------
    role : str
        The field.
    cells : sequence of str
        Some filled cells.
    """
    if not cells:
        return False
    size = sum(map(len, cells)) / len(cells)
    checks: dict[str, Callable[[], bool]] = {
        "created": lambda: share(cells, is_time) >= MOST,
        "collected": lambda: share(cells, is_time) >= MOST,
        "account_created": lambda: share(cells, is_time) >= MOST,
        "text": lambda: (
            share(cells, _is_text) >= min(MOST, 1.0) or (size > READABLE and share(cells, _is_text) > 1 - MOST)
        ),
        "title": lambda: share(cells, _is_text) > 1 - MOST,
        "url": lambda: share(cells, lambda c: _ADDRESS.match(c) is not None and not _ASSET.search(c)) >= MOST,
        "id": lambda: size <= LONGEST_ID and share(cells, lambda c: " " not in c) >= NEARLY_ALL,
        "account": lambda: size <= LONGEST_ID and share(cells, lambda c: " " not in c) >= NEARLY_ALL,
        "name": lambda: (
            size <= LONGEST_NAME
            and share(cells, lambda c: not (_NESTED.fullmatch(c) or _ADDRESS.match(c) or c.startswith("r/"))) >= MOST
        ),
        "place": lambda: size <= LONGEST_NAME and not {*cells} & _POSITIONS and not all(map(_IP.fullmatch, cells)),
        "lang": lambda: size <= LONGEST_NAME / 4,
        "verified": lambda: len({c.casefold() for c in cells}) <= STARS,
        "sentiment": lambda: _is_sentiment(cells),
    }
    if role in checks:
        return checks[role]()
    return share(cells, lambda c: read_count(c, dots=True) is not None or c.strip() in "-–—") >= MOST


def share(cells: Sequence[str], holds: Callable[[str], bool]) -> float:
    """Share of cells for which something holds.

    Parameters
    ----------
    cells : sequence of str
        Some filled cells.
    holds : callable
        Asked of each.
    """
    return sum(map(holds, cells)) / len(cells)


def is_time(cell: str) -> bool:
    """Whether a cell is a time in either order of day and month.

    Parameters
    ----------
    cell : str
        As written.
    """
    moment = read_moment(cell, UTC_ZONE, "mdy", ANY_TIME)
    return moment.at is not None or read_moment(cell, UTC_ZONE, "dmy", ANY_TIME).at is not None


def _is_text(cell: str) -> bool:
    return any(c.isalpha() for c in cell) and not _ADDRESS.fullmatch(cell) and not is_time(cell)


def is_prose(cells: Sequence[str]) -> bool:
    """Whether cells are sentences rather than names or keys: most have several words and differ from each other.

    Parameters
    ----------
    cells : sequence of str
        Some filled cells.
    """
    several = share(cells, lambda c: " " in c.strip() or sum(x >= FIRST_WIDE for x in c) >= READABLE / 2)
    return several >= MOST and (len(cells) < FEWEST or len(set(cells)) > len(cells) / 2)


def _is_sentiment(cells: Sequence[str]) -> bool:
    """Words for feelings, or numbers around zero; one to five stars are none."""
    if share(cells, lambda c: _FEELINGS.fullmatch(c.strip().casefold()) is not None) >= MOST:
        return True
    try:
        numbers = [float(c) for c in cells]
    except ValueError:
        return False
    return min(numbers) < 0 or max(numbers) <= 1
