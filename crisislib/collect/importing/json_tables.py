"""Tables written as JSON: names apart from rows, or a list of values for each column, as data frames are saved."""

from __future__ import annotations

from typing import Any

_NAMES = ("columns", "header", "headers", "fields", "schema", "cols")
_ROWS = ("data", "rows", "values", "records", "items", "results")
SEARCHED = 3
"""How deep a table is looked for below what wraps it."""


def rows_of_table(document: Any, depth: int = 0) -> list[dict[str, Any]] | None:
    """The rows of a table as records; None where a document is none.

    Parameters
    ----------
    document : object
        As read from JSON: `{"columns": [...], "data": [[...], ...]}`, a list of rows of which the first has the names,
        or `{"text": [...], "time": [...]}` and `{"text": {"0": ...}, "time": {"0": ...}}`, also inside of an envelope.
    depth : int
        Of the document below the file's own.
    """
    if isinstance(document, list):
        rows = [r for r in document if isinstance(r, list)]
        if len(document) > 1 and len(rows) == len(document) and all(isinstance(n, str) for n in rows[0]):
            return _records(rows[0], rows[1:])
        return None
    if not isinstance(document, dict) or not document:
        return None
    names = next((document[k] for k in _NAMES if isinstance(document.get(k), list)), None)
    rows = next((document[k] for k in _ROWS if isinstance(document.get(k), list)), [])
    if names and rows and all(isinstance(r, list) for r in rows):
        return _records([n.get("name") if isinstance(n, dict) else n for n in names], rows)
    columns = list(document.values())
    if all(isinstance(c, dict) and c and all(str(k).isdigit() for k in c) for c in columns):
        keys = dict.fromkeys(k for column in columns for k in column)
        return [{name: column.get(k) for name, column in document.items()} for k in keys]
    if len(columns) > 1 and all(isinstance(c, list) and c and len(c) == len(columns[0]) for c in columns):
        cells = list(zip(*columns, strict=True))
        return None if any(isinstance(v, dict) for row in cells for v in row) else _records(list(document), cells)
    if depth < SEARCHED:
        inner = (rows_of_table(v, depth + 1) for v in columns if isinstance(v, dict))
        return next((found for found in inner if found), None)
    return None


def _records(names: Any, rows: Any) -> list[dict[str, Any]] | None:
    """Rows under their names; None where they do not go together."""
    if not all(isinstance(n, str) and n.strip() for n in names) or len(set(names)) < len(names):
        return None
    if any(len(row) != len(names) or any(isinstance(v, list) for v in row) for row in rows):
        return None
    return [dict(zip(names, row, strict=True)) for row in rows]
