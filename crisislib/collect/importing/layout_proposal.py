"""A layout proposed for a table of no known export: which column becomes what, and why; saved as the user's own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml

from crisislib.collect.import_batch import Message
from crisislib.collect.importing.cell_looks import looks_like
from crisislib.collect.importing.clock_columns import sample
from crisislib.collect.importing.column_profile import Shape
from crisislib.collect.importing.column_roles import matches
from crisislib.collect.importing.decode import open_files
from crisislib.collect.importing.field_mapping import ALIASES, Header, with_mapping
from crisislib.collect.importing.general_table import complete
from crisislib.collect.importing.layout import Cell, Layout, Parent
from crisislib.collect.importing.layout_detection import known_names
from crisislib.collect.importing.layout_files import Layouts, shipped
from crisislib.collect.importing.moments import read_moment
from crisislib.collect.importing.tabular_reader import Raw, read_raw
from crisislib.core.i18n import N_

GIVEN = N_("your choice")
BY_NAME = N_("a usual name for this field, and its cells fit")
BY_CELLS = N_("the name does not say so, but its cells fit")
PARENT_NAME = N_("a usual name for the post that a row shares or answers")
STATED = N_("used for all rows")
FILE_DATE = N_("no column holds a time; the file's own date is taken, so that its posts have a day only")
FILE_TIME = N_("times are relative; when the file was last written is taken as the time of collection")
LONGEST_CELLS = N_("the longest words of the table")
EXAMPLE = 60
"""Characters of an example."""
FINGERPRINT = 12
"""Columns by which the layout knows its files again: those that became a field, then others, as many as make it their
own; by a time and a text alone it would take what other tools write."""
MODEL_KEYS = (
    "columns",
    "flags",
    "join",
    "whole",
    "extract",
    "prefix",
    "values",
    "patterns",
    "default",
    "empty",
    "kind",
)


@dataclass(frozen=True)
class Proposal:
    """What each column of a table would become.

    Attributes
    ----------
    table : str
        The file, with its sheet or table.
    choices : tuple of (field, column, reason, example)
        Reason is a marked sentence; the column is empty where a constant stands for all rows.
    unused : tuple of str
        Columns that would stay in extra.
    missing : tuple of str
        Fields without which nothing can be read: `created`, `text`.
    layout : Layout
        The layout; read only where nothing is missing.
    of_file : Mapping of str to str
        Field -> constant that holds for this file only, such as its own day: no part of a layout that reads others.
    """

    table: str
    choices: tuple[tuple[str, str, str, str], ...]
    unused: tuple[str, ...]
    missing: tuple[str, ...]
    layout: Layout
    of_file: Mapping[str, str]


def propose_layout(
    paths: Sequence[Path], changes: Mapping[str, str], folders: Sequence[Path] = ()
) -> tuple[Proposal, list[Message]]:
    """Propose a layout for the largest table of some files.

    Parameters
    ----------
    paths : sequence of Path
        Files.
    changes : Mapping of str to str
        Field -> column or `=constant` as the user wants it; an empty column leaves the field out.
    folders : sequence of Path
        Folders with the user's layouts, whose column names help to find the header.

    Returns
    -------
    proposal : Proposal
    messages : list of Message
        What is damaged or was left out.

    Raises
    ------
    InputError, LayoutError
        A file cannot be read, or a change names a column or field that there is not.
    """
    names = known_names(Layouts(folders))
    raws: list[Raw] = []
    messages: list[Message] = []
    for path in paths:
        files, more = open_files(path)
        messages += more
        raws += [raw for file in files for raw in read_raw(file, names)]
    raw = max(raws, key=lambda one: one.table.num_rows)
    dropped = {ALIASES.get(field, field) for field, column in changes.items() if not column}
    wanted = {field: column for field, column in changes.items() if column}
    header = Header(raw.header)
    header.shapes = [Shape(column) for column in raw.table.columns[1:]]
    header.filled = {i for i, shape in enumerate(header.shapes) if shape.filled}
    general = shipped()["generic"]
    given = with_mapping(general, wanted, header, raw.name)
    layout, _ = complete(given, header, raw.table, raw.name, raw.above)
    layout = _without(layout, dropped, header)
    layout, assumed = _filled_in(layout, header, raw, paths, dropped)
    chosen = {ALIASES.get(field, field) for field in wanted}
    choices = tuple(
        (role, column, assumed.get(role, reason), example)
        for role, column, reason, example in _choices(layout, general, header, raw, chosen)
    )
    used = {i for cell in _cells(layout) for i in header.of(cell)}
    unused = tuple(n for i, n in enumerate(raw.header) if i not in used and i in header.filled and n)
    has_words = any(role in layout.columns for role in ("text", "title", "url"))
    missing = (() if "created" in layout.columns else ("created",)) + (() if has_words else ("text",))
    of_file = {role: value for role in assumed if (value := layout.columns[role].default) is not None}
    return Proposal(raw.name, choices, unused, missing, layout, of_file), messages


def _filled_in(
    layout: Layout, header: Header, raw: Raw, paths: Sequence[Path], dropped: set[str]
) -> tuple[Layout, dict[str, str]]:
    """The layout with what no column states and every post needs, so that the rows can be shown; and why."""
    columns, assumed = dict(layout.columns), {}
    written = datetime.fromtimestamp(max(path.stat().st_mtime for path in paths), UTC)
    if not {"text", "title", "url", *dropped} & {*columns, "text"}:
        taken = {i for cell in _cells(layout) for i in header.of(cell)}
        free = [i for i in sorted(header.filled or ()) if i not in taken and header.names[i]]
        sizes = {i: sum(map(len, cells)) for i in free if looks_like("text", cells := sample(raw.table, i))}
        if sizes:
            columns["text"] = Cell(columns=[header.names[max(sizes, key=lambda i: sizes[i])]])
            assumed["text"] = LONGEST_CELLS
    if "created" not in columns and "created" not in dropped and "text" in columns:
        columns["created"] = Cell(default=f"{written:%Y-%m-%d}")
        assumed["created"] = FILE_DATE
    times = header.of(columns["created"]) if "created" in columns else []
    if times and "collected" not in columns and "collected" not in dropped:
        moments = [read_moment(cell, ZoneInfo("UTC")) for cell in sample(raw.table, times[0])]
        if any(moment.relative for moment in moments):
            columns["collected"] = Cell(default=f"{written:%Y-%m-%dT%H:%M:%S}Z")
            assumed["collected"] = FILE_TIME
    return layout.model_copy(update={"columns": columns}), assumed


def layout_text(proposal: Proposal, name: str, *, of_file: bool = False) -> str:
    """A proposal as a layout file.

    Parameters
    ----------
    proposal : Proposal
        With everything that is needed.
    name : str
        Of the layout.
    of_file : bool, default False
        Whether to state what holds for this file only, so that its rows can be shown.

    Returns
    -------
    str
        YAML.
    """
    layout = proposal.layout
    fields = {role: _short(cell) for role, cell in layout.columns.items()}
    if not of_file:
        fields = {r: f for r, f in fields.items() if r not in proposal.of_file} | {
            role: [] for role in ("created",) if role in proposal.of_file
        }
    used = [column for _, column, _, _ in proposal.choices if column]
    data = {
        "layout": name,
        "title": {"en": name, "zh": name},
        "about": f"Proposed for {proposal.table} and accepted; change it as you like.",
        "fingerprint": [list(dict.fromkeys((*used, *proposal.unused)))[:FINGERPRINT]],
        "platform": _short(layout.platform),
        "kind": _short(layout.kind),
        "timezone": layout.timezone,
        "zone_stated": layout.timezone != "watch",
        "dates": layout.dates,
        "columns": fields,
        "parents": [_short(p) for p in layout.parents if p.columns],
        **({"root": _short(layout.root)} if layout.root is not None and layout.root.columns else {}),
    }
    return str(yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=110))


def layout_name(table: str) -> str:
    """A name for a layout after its file.

    Parameters
    ----------
    table : str
        File name.
    """
    plain = re.sub(r"[^a-z0-9]+", "-", Path(table.split(" [")[0]).stem.casefold()).strip("-")
    return f"own-{plain}"[:60].rstrip("-") if plain else "own-table"


def _without(layout: Layout, dropped: set[str], header: Header) -> Layout:
    """The layout without some fields, and without columns that the table does not have."""
    columns = {role: cell for role, cell in layout.columns.items() if role not in dropped and _stands(cell, header)}
    parents = [] if "parent" in dropped else [p for p in layout.parents if header.of(p)]
    root = layout.root if layout.root is not None and header.of(layout.root) and "root" not in dropped else None
    return layout.model_copy(update={"columns": columns, "parents": parents, "root": root})


def _stands(cell: Cell, header: Header) -> bool:
    return bool(header.of(cell)) or cell.default is not None


def _cells(layout: Layout) -> list[Cell]:
    root = [layout.root] if layout.root is not None else []
    return [layout.platform, layout.kind, *layout.columns.values(), *layout.parents, *root]


def _choices(
    layout: Layout, general: Layout, header: Header, raw: Raw, chosen: set[str]
) -> list[tuple[str, str, str, str]]:
    rows: list[tuple[str, str, str, str]] = []
    for role, cell in {"platform": layout.platform, "kind": layout.kind, **layout.columns}.items():
        places = header.of(cell)
        if not places:
            if cell.default is not None:
                rows.append((role, "", GIVEN if role in chosen else STATED, cell.default))
            continue
        usual = general.columns[role].columns if role in general.columns else [header.names[places[0]]]
        named = any(matches(header.names[places[0]], wanted) for wanted in usual)
        reason = GIVEN if role in chosen else BY_NAME if named else BY_CELLS
        rows += [(role, header.names[i], reason, _example(raw, i)) for i in places]
    for parent in layout.parents:
        reason = GIVEN if "parent" in chosen else PARENT_NAME
        rows += [("parent", header.names[i], reason, _example(raw, i)) for i in header.of(parent)]
    return rows


def _example(raw: Raw, i: int) -> str:
    cells = sample(raw.table, i, 1)
    return " ".join(cells[0].split())[:EXAMPLE] if cells else ""


def _short(cell: Cell | Parent) -> object:
    """A cell as people write it: a bare name or list where it has columns only."""
    full = cell.model_dump(exclude_defaults=True)
    if not full.get("columns"):
        full = {key: value for key, value in full.items() if key not in ("columns", "values", "patterns")}
    names = full.get("columns", [])
    if set(full) == {"columns"}:
        return names[0] if len(names) == 1 else names
    return {key: full[key] for key in MODEL_KEYS if key in full}
