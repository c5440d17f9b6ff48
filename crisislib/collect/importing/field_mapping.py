"""A layout over a header: one SQL SELECT that turns cells of text into typed columns."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from crisislib.collect.importing.column_profile import Shape
from crisislib.collect.importing.layout import ROLES, Cell, Layout, Parent, key
from crisislib.collect.importing.moments import read_moment
from crisislib.core.errors import LayoutError
from crisislib.core.i18n import N_
from crisislib.core.located import spot
from crisislib.core.phrase_types import BESIDE, Listing, Phrase
from crisislib.core.schema_faults import faults

FIELDS = (*ROLES, "platform", "kind", "parent", "root")
"""What a user's mapping may give a column for."""
ALIASES = {
    "created_at": "created", "date": "created", "time": "created", "collected_at": "collected", "post_id": "id",
    "account_id": "account", "author_id": "account", "author": "name", "n_likes": "likes", "n_reposts": "reposts",
    "n_replies": "replies", "n_views": "views", "sentiment_given": "sentiment", "parent_id": "parent",
    "root_id": "root", "body": "text",
}  # fmt: skip
"""Other names of these fields, such as the columns of POSTS."""


@dataclass
class Header:
    """Column names of one table, and where each is."""

    names: Sequence[str]
    at: dict[str, int] = field(init=False)
    doubled: list[str] = field(init=False)
    exact: dict[str, int] = field(init=False)
    filled: set[int] | None = None
    """Columns with any cell that is not empty; None where that was not looked at."""
    shapes: Sequence[Shape] = ()
    """What the cells of each column look like; empty where that was not looked at."""
    stamped: bool = False
    """Whether the table has the times of posts as instants already, in a column `stamped`."""

    def __post_init__(self) -> None:
        self.at, self.doubled = {}, []
        self.exact = {name: i for i, name in reversed(list(enumerate(self.names)))}
        for i, name in enumerate(self.names):
            if key(name) in self.at:
                self.doubled += [name] * bool(name.strip())
            else:
                self.at[key(name)] = i

    def find(self, name: str) -> list[int]:
        """Positions of a column, or of all columns that a /pattern/ names.

        Parameters
        ----------
        name : str
            A name, or a /pattern/ over the header.
        """
        if name.startswith("/") and name.endswith("/") and len(name) > 2:
            return [i for i, n in enumerate(self.names) if re.search(name[1:-1], n, re.IGNORECASE)]
        if name in self.exact:  # columns that differ in case only
            return [self.exact[name]]
        return [self.at[key(name)]] if key(name) in self.at else []

    def of(self, cell: Cell) -> list[int]:
        """Positions of the columns of a cell that are there, in the cell's order.

        Parameters
        ----------
        cell : Cell
            Names its columns.
        """
        return list(dict.fromkeys(i for name in (*cell.flags, *cell.columns) for i in self.find(name)))

    def present(self, cell: Cell) -> list[int]:
        """Like :meth:`of`, without columns that are empty throughout the file.

        Parameters
        ----------
        cell : Cell
            Names its columns.
        """
        return [i for i in self.of(cell) if self.filled is None or i in self.filled]

    def shape(self, cell: Cell | None) -> Shape | None:
        """The shape of the values of a cell; None where they are not one column's cells as they stand.

        Parameters
        ----------
        cell : Cell or None
            Names its columns.
        """
        found = self.present(cell) if cell is not None and self.shapes else []
        if (
            cell is None
            or len(found) != 1
            or cell.join is not None
            or cell.extract is not None
            or cell.values
            or cell.patterns
        ):
            return None
        shape = self.shapes[found[0]]
        return shape if cell.default is None or shape.full else None

    def title(self, i: int) -> str:
        """How the column is called in `extra`: as written; a second of the same name gets its number.

        Parameters
        ----------
        i : int
            Position.
        """
        same = [j for j, n in enumerate(self.names[: i + 1]) if n == self.names[i]]
        return self.names[i] if len(same) == 1 else f"{self.names[i]} ({len(same)})"


def with_mapping(layout: Layout, mapping: Mapping[str, str], header: Header | None, where: str) -> Layout:
    """The layout as a user's mapping changes it.

    Parameters
    ----------
    layout : Layout
        What the columns were taken for.
    mapping : Mapping[str, str]
        Field -> column, or `=constant` for platform, kind, timezone, dates and the times created and collected;
        option names of the layout are left to :func:`options`.
    header : Header or None
        To check that the columns are there; None where the table is made by the layout's own SQL.
    where : str
        Named in errors.

    Raises
    ------
    LayoutError
        A field that there is not, a column that is not in the file, or a constant that cannot be.
    """
    columns = dict(layout.columns)
    change: dict[str, object] = {}
    for given, value in mapping.items():
        name = ALIASES.get(given, given)
        if name in layout.options:
            continue
        if name in ("timezone", "dates"):
            change[name] = value.removeprefix("=")
            continue
        if name not in FIELDS:
            known = ", ".join((*FIELDS, "timezone", "dates", *layout.options))
            raise LayoutError(
                N_("there is no field {name!r} to map"),
                where=where,
                do=N_("use one of {known}"),
                facts={"name": name, "known": known},
            )
        constant = value.startswith("=")
        if name in ("collected", "created") and header is not None and not header.find(value) and not constant:
            constant, value = read_moment(value, ZoneInfo("UTC")).at is not None, f"={value}"
            value = value if constant else value[1:]
        if not constant and header is not None and not header.find(value):
            raise LayoutError(
                N_("there is no column {value!r} for {name}"),
                where=where,
                do=N_("use one of {known}, or ={value} for a constant")
                if name in ("platform", "kind")
                else N_("use one of {known}"),
                facts={"value": value, "name": name, "known": ", ".join(header.names)},
            )
        cell = {"default": value[1:]} if constant else {"columns": [value]}
        if name == "parent":
            change["parents"] = [Parent.model_validate(cell)]
        elif name in ("platform", "kind", "root"):
            change[name] = Cell.model_validate(cell)
        else:
            columns[name] = Cell.model_validate(cell)
    if not change and columns == layout.columns:
        return layout
    data = {**layout.model_dump(), **_dumped(change), "columns": columns}
    try:
        return Layout.model_validate(data)
    except ValidationError as fault:
        wrong = [Phrase(N_("{key}: {what}"), {"key": spot(place), "what": what})
                 for place, what, _ in faults(fault, Layout, data)]  # fmt: skip
        raise LayoutError(
            N_("{faults}"),
            where=where,
            do=N_("give --map another value"),
            facts={"faults": Listing(tuple(wrong), BESIDE)},
        ) from fault


def _dumped(change: Mapping[str, object]) -> dict[str, object]:
    return {k: [c.model_dump() for c in v] if isinstance(v, list) else v for k, v in change.items()}


def options(layout: Layout, mapping: Mapping[str, str], where: str) -> dict[str, int]:
    """The layout's options, as the user set them or by default.

    Parameters
    ----------
    layout : Layout
        Says which options there are.
    mapping : Mapping of str to str
        As the user gave it.
    where : str
        Named in errors.
    """
    chosen = {}
    for name, option in layout.options.items():
        given = mapping.get(name, str(option.default))
        if not re.fullmatch(r"\d{1,9}", str(given)):
            raise LayoutError(
                N_("option {name}={given!r} is not a whole number"),
                where=where,
                do=option.about,
                facts={"name": name, "given": given},
            )
        chosen[name] = int(given)
    return chosen


def require(layout: Layout, header: Header, where: str) -> None:
    """Say which needed columns are not there: the time, and something to read or to know a post by.

    Parameters
    ----------
    layout : Layout
        What the columns were taken for.
    header : Header
        Where the columns are.
    where : str
        Named in errors.
    """
    for role in () if layout.accounts_only else ("created", "text"):
        cell = layout.columns.get(role)
        if cell is None or cell.default is not None or header.of(cell):
            continue
        if role == "text" and "title" in layout.columns and header.of(layout.columns["title"]):
            continue
        usual = f" ({' or '.join(cell.columns)})" if cell.columns else ""
        raise LayoutError(
            N_("layout {layout!r} needs a column for {role}{usual}, and it is not there"),
            where=where,
            do=N_(
                "give created=COLUMN as mapping, or created=2026-03-01 where no column has it; the columns are: {names}"
            )
            if role == "created"
            else N_("give {role}=COLUMN as mapping; the columns are: {names}"),
            facts={"layout": layout.layout, "role": role, "usual": usual, "names": ", ".join(header.names)},
        )


def used(layout: Layout, header: Header) -> set[int]:
    """Columns whose whole content is in a POSTS or ACCOUNTS column; the others, and tags, are in `extra`.

    Parameters
    ----------
    layout : Layout
        What becomes what.
    header : Header
        Where the columns are.
    """
    kept = {i for name in layout.tags for i in header.find(name)}
    verbatim: list[Cell] = [c for c in (layout.kind, layout.platform) if not (c.values or c.patterns)]
    parents = [p for p in layout.parents if header.of(p)]
    verbatim += [c for c in (*parents[:1], layout.root) if c is not None and not c.extract and len(parents) < 2]
    return {i for cell in (*layout.columns.values(), *verbatim) for i in header.of(cell)} - kept


def taken(layout: Layout, header: Header) -> str:
    """Which column became what, for a reader who is asked to check.

    Parameters
    ----------
    layout : Layout
        What becomes what.
    header : Header
        Where the columns are.
    """
    found = ((role, header.of(cell)) for role, cell in layout.columns.items())
    return ", ".join(f"{role}={header.names[where[0]]}" for role, where in found if where)
