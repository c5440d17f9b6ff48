"""The SELECT that turns cells of text into typed columns, as a layout says.

Four steps, each a subquery, so that long expressions repeat short names only: cells picked (`a_…`),
written values translated (`s_…`), then typed, then what follows from the typed (`extra`,
`unread_…`). A column that is not there, or that is empty throughout the file, costs nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

from crisislib.collect.importing import cells
from crisislib.collect.importing.column_profile import Shape
from crisislib.collect.importing.field_mapping import Header, used
from crisislib.collect.importing.layout import COUNTS, Cell, Layout, Parent

_READ: dict[str, tuple[Callable[[str, Shape | None], str], str]] = {
    **dict.fromkeys(("name", "text", "title"), (cells.prose, "VARCHAR")),
    **dict.fromkeys(("url", "place", "lang", "account_kind"), (lambda cell, _: cell, "VARCHAR")),
    "sentiment": (lambda cell, _: cells.sentiment(cell), "VARCHAR"),
    "verified": (lambda cell, _: cells.flag(cell), "BOOLEAN"),
    "followers": (cells.count, "BIGINT"),
    **dict.fromkeys(COUNTS, (cells.count, "BIGINT")),
}  # fmt: skip
_PROSE = ("name", "text", "title")


def typed_sql(layout: Layout, header: Header, *, zone: str, order: cells.Order, at: str) -> str:
    """The SELECT over table `raw` that gives one typed row for each row of the file that is not blank.

    Parameters
    ----------
    layout : Layout
        What becomes what.
    header : Header
        Where the columns are, and which are filled.
    zone : str
        IANA zone of times without one.
    order : {'mdy', 'dmy'}
        How numeric dates are read.
    at : str
        The present, ISO with offset; the time of rows that are accounts.
    """
    parents = [p for p in layout.parents if header.present(p)]
    wanted: dict[str, Cell] = {"platform": layout.platform, "kind": layout.kind, **layout.columns}
    wanted |= {"root": layout.root} if layout.root is not None else {}
    wanted |= {f"parent{n}": p for n, p in enumerate(parents)}
    picked = {role: _picked(cell, header, role) for role, cell in wanted.items() if header.present(cell)}
    said = {role: _said(wanted[role], f"a_{role}", role) for role in picked}
    said |= {role: cells.quoted(c.default) for role, c in wanted.items() if role not in said and c.default is not None}
    first = "".join(f", {expression} AS a_{role}" for role, expression in picked.items())
    second = "".join(f", {expression} AS s_{role}" for role, expression in said.items())
    shapes = {role: header.shape(wanted[role]) for role in said}
    typed = _typed(layout, shapes, parents, zone=zone, order=order, at=at)
    if header.stamped and not layout.accounts_only:
        typed["created"] = "stamped"
    third = "".join(f",\n  {expression} AS {name}" for name, expression in typed.items())
    after = {"extra": _extra(layout, header), "tags": _tags(layout, header)}
    after |= {f"unread_{r}": _unread(f"s_{r}", r, shapes[r]) if r in said else "false" for r in COUNTS}
    fourth = "".join(f",\n  {expression} AS {name}" for name, expression in after.items())
    rows = f"SELECT *{first} FROM raw WHERE {_any_filled(header)}"
    return f"SELECT row_no, {', '.join(typed)}{fourth}\nFROM (SELECT *{third}\nFROM (SELECT *{second} FROM ({rows})))"


def light(layout: Layout, header: Header) -> bool:
    """Whether no time and no count of the file needs the long way, so that typing it again costs little."""
    times = [layout.columns[r] for r in ("created", "collected", "account_created") if r in layout.columns]
    counts = [layout.columns[r] for r in (*COUNTS, "followers") if r in layout.columns]
    return all((s := header.shape(c)) is not None and s.stamped for c in times if header.present(c)) and all(
        (s := header.shape(c)) is not None and s.digits for c in counts if header.present(c)
    )


def _any_filled(header: Header) -> str:
    """Whether a row is not blank; nothing to ask where a column has something in every row."""
    if any(shape.full for shape in header.shapes):
        return "true"
    filled = ", ".join(f"nullif(c{i}, '')" for i in sorted(header.filled or range(len(header.names))))
    return f"coalesce({filled}, NULL) IS NOT NULL"


def _unread(said: str, role: str, shape: Shape | None) -> str:
    """Whether a count is written that is no number."""
    return "false" if shape is not None and shape.digits else f"{said} IS NOT NULL AND {role} IS NULL"


def _picked(cell: Cell, header: Header, role: str) -> str:
    """The first filled column of a cell, or all of them joined."""
    present = header.present(cell)
    shapes = [header.shapes[i] if header.shapes else None for i in present]
    picks = [
        _one(f"c{i}", cell, cells.clean(f"c{i}") if role in _PROSE else cells.plain(f"c{i}", shape))
        for i, shape in zip(present, shapes, strict=True)
    ]
    if cell.join is not None:
        return f"nullif(concat_ws({cells.quoted(cell.join)}, {', '.join(picks)}), '')"
    return picks[0] if len(picks) == 1 else f"coalesce({', '.join(picks)})"


def _one(column: str, cell: Cell, said: str) -> str:
    """One column of a cell, cleaned already: its empty words taken out, its wanted part taken."""
    if cell.empty:
        said = f"CASE WHEN {column} NOT IN ({', '.join(cells.quoted(e) for e in cell.empty)}) THEN {said} END"
    if cell.extract is not None:
        said = f"nullif(regexp_extract({said}, {cells.quoted(cell.extract)}, 1), '')"
    return said


def _said(cell: Cell, column: str, role: str) -> str:
    """The value as we call it: by the cell's table of values, else by default, else as written."""
    default = cells.quoted(cell.default) if cell.default is not None else None
    said = column
    if cell.values:
        cases = " ".join(f"WHEN {cells.quoted(k.lower())} THEN {cells.quoted(v)}" for k, v in cell.values.items())
        said = f"CASE lower({column}) {cases} ELSE {default or column} END"
    elif role == "platform":
        bare = f"nullif(regexp_replace(lower({column}), '[^\\w]+', '', 'g'), '')"
        said = f"CASE lower({column}) WHEN 'twitter' THEN 'x' ELSE {bare} END"
    return f"coalesce({said}, {default})" if default else said


def _typed(
    layout: Layout,
    said: Mapping[str, Shape | None],
    parents: Sequence[Parent],
    *,
    zone: str,
    order: cells.Order,
    at: str,
) -> dict[str, str]:
    """Typed column -> expression over the picked cells; `said` has the shape of each."""
    none = "CAST(NULL AS {})".format

    def when(role: str) -> str:
        return cells.moment(f"s_{role}", zone, order, said[role]) if role in said else none("TIMESTAMPTZ")

    typed = {"native": _id(layout.columns.get("id"), "s_id", said)}
    bare = said.get("id")
    typed["rounded"] = cells.rounded_id("s_id") if "id" in said and not (bare and bare.bare) else "false"
    typed["platform"] = "coalesce(s_platform, 'web')" if "platform" in said else "'web'"
    typed["account_native"] = _id(layout.columns.get("account"), "s_account", said)
    for role, (read, kind) in _READ.items():
        typed[role] = read(f"s_{role}", said[role]) if role in said else none(kind)
    typed["written"] = (
        cells.quoted(at) if layout.accounts_only else "s_created" if "created" in said else none("VARCHAR")
    )
    typed["created"] = f"TIMESTAMPTZ {cells.quoted(at)}" if layout.accounts_only else when("created")
    typed["created_precision_s"] = (
        cells.precision("s_created", layout.precision_s, said["created"]) if "created" in said else none("BIGINT")
    )
    typed["collected"], typed["account_created"] = when("collected"), when("account_created")
    typed["parent_native"], typed["kind"] = _parent(parents, said, "s_kind" if "kind" in said else "'post'")
    typed["root_native"] = _id(layout.root, "s_root", said)
    return typed


def _id(cell: Cell | None, column: str, said: Mapping[str, Shape | None]) -> str:
    if cell is None or column.removeprefix("s_") not in said:
        return "CAST(NULL AS VARCHAR)"
    prefix = f"{cells.quoted(cell.prefix)} || " if cell.prefix else ""
    return prefix + cells.ident(column, said[column.removeprefix("s_")])


def _parent(parents: Sequence[Parent], said: Mapping[str, Shape | None], kind: str) -> tuple[str, str]:
    """Parent id of a row and what the row is: by the first parent column that is filled, else by its own."""
    if not parents:
        return "CAST(NULL AS VARCHAR)", kind
    ids = [_id(parent, f"s_parent{n}", said) for n, parent in enumerate(parents)]
    cases = " ".join(
        f"WHEN s_parent{n} IS NOT NULL THEN {cells.quoted(parent.kind)}"
        for n, parent in enumerate(parents)
        if parent.kind is not None
    )
    return f"coalesce({', '.join(ids)})", f"CASE {cases} ELSE {kind} END" if cases else kind


def _extra(layout: Layout, header: Header) -> str:
    """JSON object of the filled cells that have no column of their own, and of counts that are no numbers."""
    mapped = used(layout, header)
    counts = {i: role for role in COUNTS if role in layout.columns for i in header.present(layout.columns[role])}
    items = []
    for i in range(len(header.names)):
        if header.filled is not None and i not in header.filled:
            continue
        name = cells.quoted(_json_key(header.title(i) or f"column {i + 1}"))
        shape = header.shapes[i] if header.shapes else None
        if i not in mapped:
            value = f"'\"' || c{i} || '\"'" if shape and shape.jsonable else f"to_json(c{i})"
            items.append(
                f"{name} || {value}" if shape and shape.full else f"CASE WHEN c{i} <> '' THEN {name} || {value} END"
            )
        elif i in counts and not (shape and shape.digits):
            unread = f"c{i} <> '' AND {counts[i]} IS NULL"
            items.append(f"CASE WHEN {unread} THEN {name} || to_json(c{i}) END")
    if not items:
        return "'{}'"
    return "'{' || concat_ws(',', " + ", ".join(items) + ") || '}'"


def _json_key(name: str) -> str:
    return json.dumps(name, ensure_ascii=False) + ":"


def _tags(layout: Layout, header: Header) -> str:
    """What a query can reach besides the text, written as `column:value`."""
    found = [(name, i) for name in layout.tags for i in header.find(name)]
    if not found:
        return "''"
    return "concat(" + ", ".join(f"{cells.quoted(f' {name}:')}, c{i}" for name, i in found) + ")"
