"""JSON of any depth as a table of text: objects become `a.b` columns, known kinds of lists become one cell each."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

import pyarrow as pa

from crisislib.collect.importing.json_damage import whole_records
from crisislib.collect.importing.json_depth import TOO_DEEP, holds_cut, loads
from crisislib.collect.importing.json_records import Record, is_notice, records
from crisislib.core.errors import InputError
from crisislib.core.i18n import N_

DEEPEST = 12
"""Objects below this depth stay as JSON text: no post is described deeper."""
WIDEST = 4000
"""Columns; more means that ids stand where names should, so that every row would add some."""
_SCRIPT = re.compile(r"^(?:(?:var|let|const)\s+)?[A-Za-z_$][\w.$]*\s*[=(]\s*(?=[\[{])")
"""What stands before the records in a script, such as the archive of an X account or an answer to a call (JSONP)."""
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
Broken = list[tuple[int, str, str]]


def read_json(text: str, name: str) -> tuple[list[str], pa.Table, Broken]:
    """Records of one JSON text.

    Parameters
    ----------
    text : str
        One document (an array, an object that holds one at any depth, pages of an API), or one document a line.
    name : str
        Of the file, for errors.

    Returns
    -------
    header : list of str
        Column names in order of sight.
    table : pyarrow.Table
        `row_no` (the line, or the place among all records where a line or list holds several) and `c0`, … as strings.
    broken : list of (row_no, reason, text)
        Lines that are no JSON, and records that are no posts.

    Raises
    ------
    InputError
        Nothing in it is a record.
    """
    broken: Broken = []
    columns: dict[str, list[str]] = {}
    numbers: list[int] = []
    for number, record, cut in _numbered(text, name, broken):
        if cut and holds_cut(record):
            broken.append((number, "too_deep", _text(record).replace(TOO_DEEP, "…")[:500]))
            continue
        if is_notice(record):
            broken.append((number, "service", json.dumps(record, ensure_ascii=False)[:500]))
            continue
        _add_cells(record, columns, len(numbers))
        numbers.append(number)
        if len(columns) > WIDEST:
            raise InputError(
                N_("the records have more than {widest} different keys"),
                where=name,
                do=N_("give a list of records in which every record has the same keys"),
                facts={"widest": WIDEST},
            )
    if not numbers and not broken:
        raise InputError(
            N_("there is no record in this JSON"), where=name, do=N_("give a list of objects, or one a line")
        )
    if not numbers and all(why == "too_deep" for _, why, _ in broken):
        raise InputError(N_("every record is nested deeper than any post"), where=name, do=N_("export it again"))
    if any(after <= before for before, after in pairwise(numbers)):  # several posts in a line: rows are known by it
        numbers = list(range(1, len(numbers) + 1))
    arrays = [pa.array(numbers, pa.int64())]
    for cells in columns.values():
        cells += [""] * (len(numbers) - len(cells))
        arrays.append(_strings(cells))
    table = pa.table(arrays, names=["row_no", *(f"c{i}" for i in range(len(columns)))])
    return list(columns), table, broken


def _strings(cells: list[str]) -> pa.Array:
    try:
        return pa.array(cells, pa.string())
    except UnicodeEncodeError:  # half of a surrogate pair, as a cut text leaves it
        return pa.array([c.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for c in cells], pa.string())


def _numbered(text: str, name: str, broken: Broken) -> Iterator[tuple[int, Record, bool]]:
    """Records with their place, and whether their document was cut: one document, one a line, or one after another."""
    stripped = text.strip()
    if begin := _SCRIPT.match(stripped):
        stripped = stripped[begin.end() :].rstrip("; \n")
        stripped = stripped.removesuffix(")") if begin[0].rstrip().endswith("(") else stripped
    if "\n" not in stripped or stripped[0] == "[" or not _is_json(stripped.split("\n", 1)[0]):
        try:
            document, cut = loads(stripped)
        except ValueError as fault:
            if "\n" not in stripped or not any(map(_is_json, stripped.split("\n")[:50])):
                whole, damaged = ([], []) if str(fault).startswith("Extra data") else whole_records(stripped)
                if not whole:
                    yield from ((n, record, False) for n, record in enumerate(_successive(stripped, name, fault), 1))
                    return
                broken += [(n, "damaged", piece) for n, piece in damaged]
                yield from ((n, record, False) for n, item in whole for record in records(item))
                return
        else:
            yield from ((n, record, cut) for n, record in enumerate(records(document), 1))
            return
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            document, cut = loads(line)
        except ValueError:
            broken.append((number, "not_json", line))
            continue
        if not isinstance(document, dict | list):
            broken.append((number, "not_json", line))
            continue
        for record in records(document):
            yield number, record, cut


def _is_json(line: str) -> bool:
    try:
        return isinstance(loads(line)[0], dict | list)
    except ValueError:
        return False


def _successive(text: str, name: str, fault: ValueError) -> Iterator[Record]:
    """Documents that follow each other with nothing or a comma between them."""
    decoder = json.JSONDecoder(parse_float=str)
    at, read = 0, 0
    while at < len(text):
        try:
            document, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            raise InputError(
                N_("the JSON is damaged: {fault}"), where=name, do=N_("export it again"), facts={"fault": fault}
            ) from fault
        if text[at : at + 1] not in ("", "\n", "\r", " ", ",", "{"):
            raise InputError(
                N_("the JSON is damaged: {fault}"), where=name, do=N_("export it again"), facts={"fault": fault}
            )
        while at < len(text) and text[at] in " \r\n\t,":
            at += 1
        read += 1
        yield from records(document)


def _add_cells(record: Record, columns: dict[str, list[str]], row: int, prefix: str = "", depth: int = 0) -> None:
    """Every value of a record, put into the columns that have the rows before it."""
    for key, value in record.items():
        name = prefix + key
        if isinstance(value, str):
            cell = value.strip()
            cells = columns.get(name)
            if cells is not None and len(cells) == row:  # nearly every cell of nearly every file
                cells.append(cell)
                continue
        elif value is None:
            cell = ""
        elif isinstance(value, bool):
            cell = "true" if value else "false"
        elif isinstance(value, dict):
            if len(value) == 1 and next(iter(value)).startswith("$"):  # typed by MongoDB: $oid, $date, $numberLong
                _add_cells({key: next(iter(value.values()))}, columns, row, prefix, depth)
                continue
            if "label" in value and set(value) <= {"label", "attributes"}:  # the feeds of the App Store
                _add_cells({key: value["label"]}, columns, row, prefix, depth)
                continue
            if depth < DEEPEST and value:
                _add_cells(value, columns, row, f"{name}.", depth + 1)
                continue
            cell = _text(value) if value else ""
        elif isinstance(value, list):
            for listed, cell in _listed(name, value):
                _put(columns, listed, cell, row)
            continue
        else:
            cell = str(value)
        _put(columns, name, cell, row)


def _put(columns: dict[str, list[str]], name: str, cell: str, row: int) -> None:
    """A cell at its row; of two in one row the later stays."""
    cells = columns.get(name)
    if cells is None:
        cells = columns[name] = []
    if len(cells) < row:
        cells += [""] * (row - len(cells))
    if len(cells) == row:
        cells.append(cell)
    else:
        cells[row] = cell


def _listed(name: str, items: list[Any]) -> Iterable[tuple[str, str]]:
    """A list as cells: rich text as its text, related posts by how they are related, reactions as their number."""
    if not items:
        return [(name, "")]
    objects = [i for i in items if isinstance(i, dict)]
    if len(objects) == len(items):
        if all(isinstance(o.get("type"), str) and isinstance(o.get("id"), str | int) and len(o) <= 3 for o in objects):
            return [(f"{name}.{o['type']}.id", str(o["id"])) for o in objects]
        if all(isinstance(o.get("count"), int) for o in objects):
            return [(f"{name}.count", str(sum(o["count"] for o in objects)))]
        if all("actor" in o for o in objects):  # who reacted, one by one
            return [(f"{name}.count", str(len(objects)))]
    rich = all(isinstance(o.get("text"), str) and "type" in o for o in objects)
    if objects and rich and len(objects) + sum(isinstance(i, str) for i in items) == len(items):
        return [(name, "".join(i if isinstance(i, str) else i["text"] for i in items).strip())]
    return [(name, _text(items))]


def _text(value: Any) -> str:
    try:
        return _ENCODER.encode(value)
    except RecursionError:
        return ""
