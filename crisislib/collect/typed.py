"""The SELECT that turns cells of text into typed columns, as a layout says.

Four steps, each a subquery, so that long expressions repeat short names only: cells picked (`a_…`),
written values translated (`s_…`), then typed, then what follows from the typed (`extra`,
`unread_…`). A column that is not there, or that is empty throughout the file, costs nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from crisislib.collect import cells
from crisislib.collect.layout import COUNTS, Cell, Layout, Parent
from crisislib.collect.mapping import Header, used

_READ: dict[str, tuple[Callable[[str], str], str]] = {
    "name": (cells.prose, "VARCHAR"), "text": (cells.prose, "VARCHAR"), "title": (cells.prose, "VARCHAR"),
    "url": (str, "VARCHAR"), "place": (str, "VARCHAR"), "lang": (str, "VARCHAR"), "account_kind": (str, "VARCHAR"),
    "sentiment": (cells.sentiment, "VARCHAR"), "verified": (cells.flag, "BOOLEAN"),
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
    filled = ", ".join(f"nullif(c{i}, '')" for i in sorted(header.filled or range(len(header.names))))
    first = "".join(f", {expression} AS a_{role}" for role, expression in picked.items())
    second = "".join(f", {expression} AS s_{role}" for role, expression in said.items())
    typed = _typed(layout, set(said), parents, zone=zone, order=order, at=at)
    third = "".join(f",\n  {expression} AS {name}" for name, expression in typed.items())
    after = {"extra": _extra(layout, header), "tags": _tags(layout, header)}
    after |= {f"unread_{r}": f"s_{r} IS NOT NULL AND {r} IS NULL" if r in said else "false" for r in COUNTS}
    fourth = "".join(f",\n  {expression} AS {name}" for name, expression in after.items())
    rows = f"SELECT *{first} FROM raw WHERE coalesce({filled}, NULL) IS NOT NULL"
    return f"SELECT row_no, {', '.join(typed)}{fourth}\nFROM (SELECT *{third}\nFROM (SELECT *{second} FROM ({rows})))"


def _picked(cell: Cell, header: Header, role: str) -> str:
    """The first filled column of a cell, or all of them joined."""
    picks = [_one(f"c{i}", cell, cells.clean if role in _PROSE else cells.plain) for i in header.present(cell)]
    if cell.join is not None:
        return f"nullif(concat_ws({cells.quoted(cell.join)}, {', '.join(picks)}), '')"
    return picks[0] if len(picks) == 1 else f"coalesce({', '.join(picks)})"


def _one(column: str, cell: Cell, clean: Callable[[str], str]) -> str:
    """One column of a cell: cleaned, its empty words taken out, its wanted part taken."""
    said = clean(column)
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
    layout: Layout, said: set[str], parents: Sequence[Parent], *, zone: str, order: cells.Order, at: str
) -> dict[str, str]:
    """Typed column -> expression over the picked cells."""
    none = "CAST(NULL AS {})".format

    def when(role: str) -> str:
        return cells.moment(f"s_{role}", zone, order) if role in said else none("TIMESTAMPTZ")

    typed = {"native": _id(layout.columns.get("id"), "s_id", said)}
    typed["rounded"] = cells.rounded_id("s_id") if "id" in said else "false"
    typed["platform"] = "coalesce(s_platform, 'web')" if "platform" in said else "'web'"
    typed["account_native"] = _id(layout.columns.get("account"), "s_account", said)
    typed |= {role: read(f"s_{role}") if role in said else none(kind) for role, (read, kind) in _READ.items()}
    typed["written"] = (
        cells.quoted(at) if layout.accounts_only else "s_created" if "created" in said else none("VARCHAR")
    )
    typed["created"] = f"TIMESTAMPTZ {cells.quoted(at)}" if layout.accounts_only else when("created")
    typed["created_precision_s"] = (
        cells.precision("s_created", layout.precision_s) if "created" in said else none("BIGINT")
    )
    typed["collected"], typed["account_created"] = when("collected"), when("account_created")
    typed["parent_native"], typed["kind"] = _parent(parents, "s_kind" if "kind" in said else "'post'")
    typed["root_native"] = _id(layout.root, "s_root", said)
    return typed


def _id(cell: Cell | None, column: str, said: set[str]) -> str:
    if cell is None or column.removeprefix("s_") not in said:
        return "CAST(NULL AS VARCHAR)"
    prefix = f"{cells.quoted(cell.prefix)} || " if cell.prefix else ""
    return prefix + cells.ident(column)


def _parent(parents: Sequence[Parent], kind: str) -> tuple[str, str]:
    """Parent id of a row and what the row is: by the first parent column that is filled, else by its own."""
    if not parents:
        return "CAST(NULL AS VARCHAR)", kind
    ids = [_id(parent, f"s_parent{n}", {f"parent{n}"}) for n, parent in enumerate(parents)]
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
        if i not in mapped:
            items.append(f"CASE WHEN c{i} <> '' THEN {name} || to_json(c{i}) END")
        elif i in counts:
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
