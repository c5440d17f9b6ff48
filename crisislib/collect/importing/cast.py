"""The SELECT that turns cells of text into typed columns, as a layout says.

Four steps, each a subquery, so that long expressions repeat short names only: cells picked (`a_…`),
written values translated (`s_…`; `e_…` without the layout's default), then typed, then what follows from the typed
(`extra`, `unread_…`). A column that is not there, or that is empty throughout the file, costs nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

from crisislib.collect.importing import cells
from crisislib.collect.importing.column_profile import Shape
from crisislib.collect.importing.derived_columns import Derived
from crisislib.collect.importing.field_mapping import Header, used
from crisislib.collect.importing.identity_columns import (
    VAGUE,
    account_sql,
    native_sql,
    parent_sql,
    platform_sql,
    root_sql,
)
from crisislib.collect.importing.layout import COUNTS, Cell, Layout, Parent
from crisislib.core.platforms import SPELLINGS, SPOKEN

_READ: dict[str, tuple[Callable[[str], str], str]] = {
    **dict.fromkeys(("name", "text", "title", "url", "place", "account_kind"), (lambda cell: cell, "VARCHAR")),
    "lang": (cells.language, "VARCHAR"),
    "sentiment": (cells.sentiment, "VARCHAR"),
    "verified": (cells.flag, "BOOLEAN"),
}  # fmt: skip
PROSE = ("name", "text", "title")
"""Fields that are text for people."""


def picked_roles(layout: Layout, header: Header) -> dict[str, Cell]:
    """Every value that the table has columns for.

    Parameters
    ----------
    layout : Layout
        What becomes what.
    header : Header
        Where the columns are.

    Returns
    -------
    dict of str to Cell
        Field (`platform`, `kind`, `root`, `parent0`, … and :data:`~crisislib.collect.importing.layout.ROLES`) -> cell.
    """
    wanted: dict[str, Cell] = {"platform": layout.platform, "kind": layout.kind, **layout.columns}
    wanted |= {"root": layout.root} if layout.root is not None else {}
    wanted |= {f"parent{n}": p for n, p in enumerate(p for p in layout.parents if header.present(p))}
    return {role: cell for role, cell in wanted.items() if header.present(cell)}


def picked_sql(layout: Layout, header: Header, roles: Sequence[str], derived: Derived) -> str:
    """The SELECT that gives `row_no` and the cell `s_ROLE` of some roles for every row.

    Parameters
    ----------
    layout : Layout
        What becomes what.
    header : Header
        Where the columns are.
    roles : sequence of str
        Fields that the table has.
    derived : Derived
        Text columns that were cleaned.
    """
    cells_of = picked_roles(layout, header)
    first = "".join(f", {_picked(cells_of[role], header, role, derived)} AS a_{role}" for role in roles)
    second = ", ".join(f"{_value(cells_of[role], f'a_{role}', role)} AS s_{role}" for role in roles)
    return f"SELECT row_no, {second} FROM (SELECT *{first} FROM raw)"


def typed_sql(layout: Layout, header: Header, derived: Derived, *, at: str) -> str:
    """The SELECT over table `raw` that gives one typed row for each row of the file that is not blank.

    Parameters
    ----------
    layout : Layout
        What becomes what.
    header : Header
        Where the columns are, and which are filled.
    derived : Derived
        Columns that stand beside the cells.
    at : str
        The present, ISO with offset; the time of rows that are accounts.
    """
    present = picked_roles(layout, header)
    parents = [p for p in layout.parents if header.present(p)]
    picked = {role: _picked(cell, header, role, derived) for role, cell in present.items()}
    values = {role: _value(present[role], f"a_{role}", role) for role in picked}
    stated = {
        role: _value(present[role].model_copy(update={"default": None}), f"a_{role}", role)
        for role in ("platform", "kind")
        if role in present
    }
    every = {"platform": layout.platform, "kind": layout.kind, **layout.columns}
    values |= {
        role: cells.quoted(c.default) for role, c in every.items() if role not in values and c.default is not None
    }
    first = "".join(f", {expression} AS a_{role}" for role, expression in picked.items())
    second = "".join(f", {expression} AS s_{role}" for role, expression in values.items())
    second += "".join(f", {stated.get(role, 'CAST(NULL AS VARCHAR)')} AS e_{role}" for role in ("platform", "kind"))
    shapes = {
        role: header.shape(every.get(role, layout.root if role == "root" else present.get(role))) for role in values
    }
    typed = _typed(layout, header, shapes, parents, derived, at=at)
    if header.stamped and not layout.accounts_only:
        typed["created"] = "stamped"
    third = "".join(f",\n  {expression} AS {name}" for name, expression in typed.items())
    after = {"extra": _extra(layout, header), "tags": _tags(layout, header)}
    after |= {f"unread_{r}": f"q_{r}" if f"q_{r}" in derived else "false" for r in COUNTS}
    fourth = "".join(f",\n  {expression} AS {name}" for name, expression in after.items())
    rows = f"SELECT *{first} FROM raw WHERE {_any_filled(header)}"
    return f"SELECT row_no, {', '.join(typed)}{fourth}\nFROM (SELECT *{third}\nFROM (SELECT *{second} FROM ({rows})))"


def light(derived: Derived) -> bool:
    """Whether typing the table again costs little, so that it need not be copied.

    Parameters
    ----------
    derived : Derived
        Columns that stand beside the cells.
    """
    return set(derived.columns) <= {"stamped"}


def _any_filled(header: Header) -> str:
    """Whether a row is not blank; nothing to ask where a column has something in every row."""
    if any(shape.full for shape in header.shapes):
        return "true"
    filled = ", ".join(f"nullif(c{i}, '')" for i in sorted(header.filled or range(len(header.names))))
    return f"coalesce({filled}, NULL) IS NOT NULL"


def _picked(cell: Cell, header: Header, role: str, derived: Derived) -> str:
    """The first filled column of a cell, or all of them joined."""
    present = header.present(cell)
    shapes = [header.shapes[i] if header.shapes else None for i in present]
    prose = role in PROSE
    flags = {i: value for name, value in cell.flags.items() for i in header.find(name)}
    names = [f"x_{i}" if prose and f"x_{i}" in derived else f"c{i}" for i in present]
    picks = [
        _one(name, cell, cells.clean(name) if prose else cells.plain(name, shape))
        for name, shape in zip(names, shapes, strict=True)
    ]
    for n, i in enumerate(present):
        if i in flags:
            picks[n] = f"CASE WHEN {cells.flag(picks[n])} THEN {cells.quoted(flags[i])} END"
    if len(picks) > 1 and cell.join is None and (cell.values or cell.patterns) and role in ("platform", "kind"):
        said = [f"CASE WHEN {_known(cell, pick)} THEN {pick} END" for pick in picks]  # else the next may say it
        if role == "platform" and any(v in VAGUE for v in cell.values.values()):
            sharp = cell.model_copy(update={"values": {k: v for k, v in cell.values.items() if v not in VAGUE}})
            said = [*(f"CASE WHEN {_known(sharp, pick)} THEN {pick} END" for pick in picks), *said]
        picks = said
    if cell.join is not None and cell.whole:
        sign = cells.quoted(cell.join)
        return f" || {sign} || ".join(picks) if len(picks) == len(cell.columns) else "NULL"
    if cell.join is not None:
        return f"nullif(concat_ws({cells.quoted(cell.join)}, {', '.join(picks)}), '')"
    return picks[0] if len(picks) == 1 else f"coalesce({', '.join(picks)})"


def _one(column: str, cell: Cell, values: str) -> str:
    """One column of a cell, cleaned already: its empty words taken out, its wanted part taken."""
    if cell.empty:
        values = f"CASE WHEN {column} NOT IN ({', '.join(cells.quoted(e) for e in cell.empty)}) THEN {values} END"
    if cell.extract is not None:
        values = f"nullif(regexp_extract({values}, {cells.quoted(cell.extract)}, 1), '')"
    return values


def _known(cell: Cell, column: str) -> str:
    """Whether a written value is one that the cell has a value for."""
    words = ", ".join(cells.quoted(k.lower()) for k in (*cell.values, *cell.flags.values()))
    known = [f"lower({column}) IN ({words})"] if words else []
    return " OR ".join([*known, *(f"regexp_matches({column}, {cells.quoted(k)}, 'i')" for k in cell.patterns)])


def _value(cell: Cell, column: str, role: str) -> str:
    """The value as we call it: by the cell's table of values and patterns, else by default, else as written."""
    default = cells.quoted(cell.default) if cell.default is not None else None
    values = column
    if cell.values or cell.patterns or cell.flags:
        listed = {**{v: v for v in cell.flags.values()}, **cell.values}
        cases = " ".join(
            f"WHEN lower({column}) = {cells.quoted(k.lower())} THEN {cells.quoted(v)}" for k, v in listed.items()
        )
        cases += "".join(
            f" WHEN regexp_matches({column}, {cells.quoted(k)}, 'i') THEN {cells.quoted(v)}"
            for k, v in cell.patterns.items()
        )
        values = f"CASE {cases} ELSE {default or ('NULL' if role in ('platform', 'kind') else column)} END"
    elif role == "platform":
        bare = f"nullif(regexp_replace(lower({column}), '[^\\w]+', '', 'g'), '')"
        spelled = " ".join(f"WHEN {cells.quoted(k)} THEN {cells.quoted(v)}" for k, v in SPELLINGS.items())
        spoken = " ".join(
            f"WHEN regexp_matches(lower({column}), {cells.quoted(k)}) THEN {cells.quoted(v)}" for k, v in SPOKEN.items()
        )
        values = f"CASE lower({column}) {spelled} ELSE CASE {spoken} ELSE {bare} END END"
    return f"coalesce({values}, {default})" if default else values


def _typed(
    layout: Layout,
    header: Header,
    values: Mapping[str, Shape | None],
    parents: Sequence[Parent],
    derived: Derived,
    *,
    at: str,
) -> dict[str, str]:
    """Typed column -> expression over the picked cells; `values` has the shape of each."""
    none = "CAST(NULL AS {})".format
    typed = {"native": native_sql(layout, values, derived)}
    bare = values.get("id")
    typed["rounded"] = cells.rounded_id("s_id") if "id" in values and not (bare and bare.bare) else "false"
    typed["rounded"] = "cut" if "cut" in derived else typed["rounded"]
    typed["platform"] = platform_sql(layout, values, derived)
    typed["account_native"] = account_sql(layout, values, derived)
    for role, (read, kind) in _READ.items():
        typed[role] = read(f"s_{role}") if role in values else none(kind)
    if "place" in values and not ((shape := values["place"]) and shape.lacks(b"\xe5\xe6\xe7")):
        typed["place"] = cells.place("s_place")
    if "u_url" in derived:
        typed["url"] = "u_url"
    if "ad_name" in derived and "name" not in values:
        typed["name"] = "ad_name"
    for role in ("followers", *COUNTS):
        typed[role] = (
            f"n_{role}"
            if f"n_{role}" in derived
            else f"try_cast(s_{role} AS BIGINT)"
            if role in values
            else none("BIGINT")
        )
    typed["written"] = (
        cells.quoted(at) if layout.accounts_only else "s_created" if "created" in values else none("VARCHAR")
    )
    for role in ("created", "collected", "account_created"):
        typed[role] = f"t_{role}" if f"t_{role}" in derived else none("TIMESTAMPTZ")
    if derived.collected is not None:
        typed["collected"] = f"TIMESTAMPTZ '{derived.collected.isoformat()}'"
    typed["created"] = f"TIMESTAMPTZ {cells.quoted(at)}" if layout.accounts_only else typed["created"]
    floor = max(1, layout.precision_s or 1)
    if derived.created is not None and derived.created.at is not None:
        typed["created"] = f"TIMESTAMPTZ '{derived.created.at.isoformat()}'"
        floor = max(floor, derived.created.precision)
    fine = f"greatest(p_created, {floor})" if "p_created" in derived else str(floor)
    typed["created_precision_s"] = f"CAST({fine} AS BIGINT)"
    typed["relative"] = "relative" if "relative" in derived else "false"
    typed["parent_native"], typed["kind"] = parent_sql(layout, parents, values, derived)
    typed["root_native"] = root_sql(layout, values, derived)
    return typed


def _extra(layout: Layout, header: Header) -> str:
    """JSON object of the filled cells that have no column of their own, and of counts that are no numbers."""
    mapped = used(layout, header)
    counts = {i: role for role in COUNTS if role in layout.columns for i in header.present(layout.columns[role])}
    items, sure = [], []
    for i in range(len(header.names)):
        if header.filled is not None and i not in header.filled:
            continue
        name = cells.quoted(_json_key(header.title(i) or f"column {i + 1}"))
        shape = header.shapes[i] if header.shapes else None
        if i not in mapped:
            value = f"'\"', c{i}, '\"'" if shape and shape.jsonable else f"to_json(c{i})"
            whole = f"concat({name}, {value})"
            sure += [name, value] if shape and shape.full else []
            items.append(whole if shape and shape.full else f"CASE WHEN c{i} <> '' THEN {whole} END")
        elif i in counts and not (shape and shape.digits):
            unread = f"c{i} <> '' AND {counts[i]} IS NULL"
            items.append(f"CASE WHEN {unread} THEN {name} || to_json(c{i}) END")
    if not items:
        return "'{}'"
    if len(sure) == 2 * len(items):  # every row has them all
        pairs = (f"{name}, {value}" for name, value in zip(sure[::2], sure[1::2], strict=True))
        return "concat('{', " + ", ',', ".join(pairs) + ", '}')"
    return "'{' || concat_ws(',', " + ", ".join(items) + ") || '}'"


def _json_key(name: str) -> str:
    return json.dumps(name, ensure_ascii=False) + ":"


def _tags(layout: Layout, header: Header) -> str:
    """What a query can reach besides the text, written as `column:value`."""
    found = [(name, i) for name in layout.tags for i in header.find(name)]
    if not found:
        return "''"
    return "concat(" + ", ".join(f"{cells.quoted(f' {name}:')}, c{i}" for name, i in found) + ")"
