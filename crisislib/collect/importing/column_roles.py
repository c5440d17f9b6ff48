"""What a column means: by the words of its name and by what its cells look like, together."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import TypeVar
from zoneinfo import ZoneInfo

import pyarrow as pa

from crisislib.collect.importing.column_profile import Shape
from crisislib.collect.importing.count_columns import read_count
from crisislib.collect.importing.derived_columns import sample
from crisislib.collect.importing.field_mapping import Header
from crisislib.collect.importing.layout import COUNTS, Cell, Layout, Parent
from crisislib.collect.importing.layout_files import shipped
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
FIRST_ROLES = ("created", "text", "title", "url", "id", "account", "name")
"""Decided first, so that a doubtful column goes to the field that matters most."""
BESIDE = (
    "name",
    "account",
    "followers",
    "verified",
    "url",
    "title",
    "place",
    "lang",
    "sentiment",
    *COUNTS,
    "collected",
)
"""Fields in which a layout is completed by the names of columns that it does not name."""
NEEDED = ("created", "text")
"""Fields without which no row is a post."""
_ADDRESS = re.compile(r"(https?:)?//\S+|www\.\S+")
_C = TypeVar("_C", Cell, Parent)
_UTC = ZoneInfo("UTC")
_ANY = datetime(2026, 1, 1, tzinfo=UTC)
_FEELINGS = re.compile(
    r"(very |mostly |non)?(positive|negative|neutral|mixed)|pos|neg|neu|"
    r"[正负中](面|性|立)?|积极|消极|非?敏感|非常[正负]面"
)


@cache
def words(name: str) -> str:
    """A column name as words: `likeCount`, `like_count` and `Like Count` are one.

    Parameters
    ----------
    name : str
        As written in the header.
    """
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z]|[A-Z]+\b)", " ", name.replace("\ufeff", ""))
    return " ".join(re.sub(r"[\W_]+", " ", apart).casefold().split())


def matches(name: str, wanted: str) -> bool:
    """Whether a column name is meant by an entry of the general layout.

    Parameters
    ----------
    name : str
        Column name as written.
    wanted : str
        A name, or a /pattern/ over words.
    """
    if wanted.startswith("/") and wanted.endswith("/") and len(wanted) > 2:
        return re.search(wanted[1:-1], words(name)) is not None
    return words(name) == words(wanted) or name.strip().casefold() == wanted.casefold()


def infer(header: Header, table: pa.Table, roles: Sequence[str], used: set[int]) -> dict[str, int]:
    """The column of each field, where there is one.

    Parameters
    ----------
    header : Header
        Column names.
    table : pyarrow.Table
        Cells.
    roles : sequence of str
        Fields that are sought.
    used : set of int
        Columns that are something else already; those found are added.

    Returns
    -------
    dict of str to int
        Field -> position of its column.
    """
    general = shipped()["generic"]
    found: dict[str, int] = {}
    for role in sorted(roles, key=lambda r: FIRST_ROLES.index(r) if r in FIRST_ROLES else len(FIRST_ROLES)):
        for wanted in general.columns[role].columns:
            fits = [i for i, name in enumerate(header.names) if i not in used and matches(name, wanted)]
            if (i := next((i for i in fits if _looks(role, sample(table, i))), None)) is not None:
                found[role] = i
                used.add(i)
                break
        else:
            if role in NEEDED and (named := _plainly(role, header, table, used)) is not None:
                found[role] = named
                used.add(named)
    return found


def _plainly(role: str, header: Header, table: pa.Table, used: set[int]) -> int | None:
    """A filled column with exactly a field's name, whatever its cells: each is then rejected with its reason."""
    exact = [n for n in shipped()["generic"].columns[role].columns if not n.startswith("/")]
    places = (i for n in exact for i, name in enumerate(header.names) if i not in used and matches(name, n))
    return next((i for i in places if sample(table, i, 1)), None)


def guess(table: pa.Table, n: int, role: str, used: set[int]) -> int | None:
    """The column that is a time or a text by its cells alone.

    Parameters
    ----------
    table : pyarrow.Table
        Cells.
    n : int
        Number of columns.
    role : {'created', 'text'}
        What is sought.
    used : set of int
        Columns that are something else already.
    """
    best: tuple[float, int] | None = None
    for i in (i for i in range(n) if i not in used):
        cells = sample(table, i)
        if not cells:
            continue
        if role == "created":
            if _share(cells, lambda c: len(c) > 5 and not c.isdigit() and _is_time(c)) >= NEARLY_ALL:
                return i
        elif _looks("text", cells):
            size = sum(len(c) + sum(x >= FIRST_WIDE for x in c) for c in cells) / len(cells)
            best = max(best or (0.0, -1), (size, i)) if size >= READABLE else best
    return best[1] if best else None


def complete(layout: Layout, header: Header, table: pa.Table) -> tuple[Layout, str]:
    """A layout with the columns that it does not name itself.

    Parameters
    ----------
    layout : Layout
        The general layout gets all its columns; any other those of :data:`BESIDE` that it leaves open.
    header : Header
        Column names with their shapes.
    table : pyarrow.Table
        Cells.

    Returns
    -------
    layout : Layout
    added : str
        `field=COLUMN, …` of what was added to a known layout; empty for the general one, which says it all.
    """
    if layout.parts or layout.accounts_only:
        return layout, ""
    if layout.last:
        return _general(layout, header, table), ""
    named = {i for cell in _cells(layout) for i in header.of(cell)} | {i for t in layout.tags for i in header.find(t)}
    if layout.late_column:
        named |= set(header.find(layout.late_column))
    open_roles = [r for r in BESIDE if r not in layout.columns or not header.present(layout.columns[r])]
    if "name" in layout.columns and header.present(layout.columns["name"]):
        open_roles = [r for r in open_roles if r != "account"]
    found = infer(header, table, open_roles, named)
    if not found:
        return layout, ""
    columns = {**layout.columns, **{role: Cell(columns=[header.names[i]]) for role, i in found.items()}}
    return layout.model_copy(update={"columns": columns}), ", ".join(f"{r}={header.names[i]}" for r, i in found.items())


def readable(header: Sequence[str], table: pa.Table) -> bool:
    """Whether a table of no known layout has a time and something to read.

    Parameters
    ----------
    header : sequence of str
        Column names.
    table : pyarrow.Table
        Cells.
    """
    named = Header(header)
    columns = _general(shipped()["generic"], named, table).columns
    return "created" in columns and bool({"text", "title"} & set(columns))


def _cells(layout: Layout) -> list[Cell]:
    return [
        layout.platform,
        layout.kind,
        *layout.columns.values(),
        *layout.parents,
        *([layout.root] if layout.root else []),
    ]


def _general(layout: Layout, header: Header, table: pa.Table) -> Layout:
    """The general layout over one table; what a user has mapped stays."""
    general = shipped()["generic"]
    given = {role: cell for role, cell in layout.columns.items() if general.columns.get(role) != cell}
    used = {i for cell in given.values() for i in header.of(cell)}
    if header.shapes:
        header.filled = {i for i, shape in enumerate(header.shapes) if isinstance(shape, Shape) and shape.filled}
    resolved = {
        name: _worded(_named(getattr(layout, name), header, used), header, table) for name in ("platform", "kind")
    }
    parents = [_named(p, header, used) for p in layout.parents]
    root = _named(layout.root, header, used) if layout.root else None
    relations = used | {i for cell in (*parents, *([root] if root else [])) for i in header.of(cell)}
    found = infer(header, table, [r for r in general.columns if r not in given], relations)
    columns = {**given, **{role: Cell(columns=[header.names[i]]) for role, i in found.items()}}
    taken = relations | {i for cell in resolved.values() for i in header.of(cell)}
    for role in ("created", "text"):
        if role in columns or (role == "text" and "title" in columns):
            continue
        if (i := guess(table, len(header.names), role, taken)) is not None:
            columns[role] = Cell(columns=[header.names[i]])
            taken.add(i)
    kind = resolved["kind"]
    if "text" in found and re.match(r"(.*评论|comment( |$)|.* comment( |$))", words(header.names[found["text"]])):
        kind = kind.model_copy(update={"default": "comment"}) if kind.default == "post" else kind
    return layout.model_copy(update={**resolved, "kind": kind, "parents": parents, "root": root, "columns": columns})


def _named(cell: _C, header: Header, used: set[int]) -> _C:
    """A cell with the names that its columns have in this table."""
    names = [n for w in cell.columns for i, n in enumerate(header.names) if i not in used and matches(n, w)]
    return cell.model_copy(update={"columns": list(dict.fromkeys(names))})


def _worded(cell: Cell, header: Header, table: pa.Table) -> Cell:
    """A cell without the columns that hold none of its words; where nothing of it is left, its default stands."""
    patterns = [re.compile(p, re.IGNORECASE) for p in cell.patterns]
    known = {value.casefold() for value in cell.values}
    names = [
        name
        for name in cell.columns
        if any(v.casefold() in known or any(p.search(v) for p in patterns) for v in sample(table, header.find(name)[0]))
    ]
    return cell.model_copy(update={"columns": names})


def _looks(role: str, cells: Sequence[str]) -> bool:
    """Whether cells look like a field's."""
    if not cells:
        return False
    size = sum(map(len, cells)) / len(cells)
    checks: dict[str, Callable[[], bool]] = {
        "created": lambda: _share(cells, _is_time) >= MOST,
        "collected": lambda: _share(cells, _is_time) >= MOST,
        "account_created": lambda: _share(cells, _is_time) >= MOST,
        "text": lambda: (
            _share(cells, _is_text) >= min(MOST, 1.0) or (size > READABLE and _share(cells, _is_text) > 1 - MOST)
        ),
        "title": lambda: _share(cells, _is_text) > 1 - MOST,
        "url": lambda: _share(cells, lambda c: _ADDRESS.match(c) is not None) >= MOST,
        "id": lambda: size <= LONGEST_ID and _share(cells, lambda c: " " not in c) >= NEARLY_ALL,
        "account": lambda: size <= LONGEST_ID and _share(cells, lambda c: " " not in c) >= NEARLY_ALL,
        "name": lambda: (
            size <= LONGEST_NAME and _share(cells, lambda c: c[:1] not in "{[" and not _ADDRESS.match(c)) >= MOST
        ),
        "place": lambda: size <= LONGEST_NAME,
        "lang": lambda: size <= LONGEST_NAME / 4,
        "verified": lambda: len({c.casefold() for c in cells}) <= STARS,
        "sentiment": lambda: _is_sentiment(cells),
    }
    if role in checks:
        return checks[role]()
    return _share(cells, lambda c: read_count(c) is not None or c.strip() in "-–—") >= MOST


def _share(cells: Sequence[str], holds: Callable[[str], bool]) -> float:
    return sum(map(holds, cells)) / len(cells)


def _is_time(cell: str) -> bool:
    moment = read_moment(cell, _UTC, "mdy", _ANY)
    return moment.at is not None or read_moment(cell, _UTC, "dmy", _ANY).at is not None


def _is_text(cell: str) -> bool:
    return any(c.isalpha() for c in cell) and not _ADDRESS.fullmatch(cell) and not _is_time(cell)


def _is_sentiment(cells: Sequence[str]) -> bool:
    """Words for feelings, or numbers around zero; one to five stars are none."""
    if _share(cells, lambda c: _FEELINGS.fullmatch(c.strip().casefold()) is not None) >= MOST:
        return True
    try:
        numbers = [float(c) for c in cells]
    except ValueError:
        return False
    return min(numbers) < 0 or max(numbers) <= 1
