"""Ids and names without characters that no reader sees: controls, escapes, marks of writing direction."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from crisislib.collect.importing.column_profile import Shape

HIDDEN = r"[\x{00}-\x{1F}\x{7F}-\x{9F}\x{200B}\x{200E}\x{200F}\x{202A}-\x{202E}\x{2060}-\x{2069}\x{FEFF}]"
"""Joiners (U+200C, U+200D) stay: they make one picture of several, and letters of some scripts."""


def without_hidden(table: pa.Table, shapes: list[Shape], places: set[int]) -> tuple[pa.Table, set[int]]:
    """The table with clean cells in some columns, and the columns that changed.

    Parameters
    ----------
    table : pyarrow.Table
        Cells `c0`, `c1`, ….
    shapes : list of Shape
        Of the columns; most columns show at once that they have nothing hidden.
    places : set of int
        Columns of ids and names.
    """
    changed: set[int] = set()
    for i in sorted(places):
        if shapes[i].visible:
            continue
        name = f"c{i}"
        clean = pc.replace_substring_regex(table.column(name), HIDDEN, "")
        if not clean.equals(table.column(name)):
            table = table.set_column(table.schema.get_field_index(name), name, clean)
            changed.add(i)
    return table, changed
