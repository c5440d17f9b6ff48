"""Layouts that are several files: their parts joined into one table by the layout's own SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb
import pyarrow as pa

from crisislib.collect.importing.layout import Layout
from crisislib.collect.importing.layout_detection import roles
from crisislib.collect.importing.tabular_reader import Raw
from crisislib.core.errors import LayoutError
from crisislib.core.i18n import N_


def join(
    layout: Layout, raws: Sequence[Raw], options: Mapping[str, int], db: duckdb.DuckDBPyConnection
) -> tuple[Raw, list[tuple[str, str]]]:
    """One table of text from the files of a layout, and the gaps that the files tell of.

    Parameters
    ----------
    layout : Layout
        A layout of several files, with its SQL.
    raws : sequence of Raw
        Their tables.
    options : Mapping of str to int
        The layout's options.
    db : duckdb.DuckDBPyConnection
        A session.

    Raises
    ------
    LayoutError
        The layout's SQL needs a column that the files do not have.
    """
    found = roles(layout, raws)
    where = ", ".join(raw.name for raw in raws)
    if found is None:
        raise LayoutError(
            N_("not all parts of {layout!r} are there"),
            where=where,
            do=N_("give its files together"),
            facts={"layout": layout.layout},
        )
    for part in layout.parts:
        tables = [_named(raw) for raw in found.get(part, [])]
        names = list(dict.fromkeys(n for t in tables for n in t.column_names)) or layout.parts[part].fingerprint
        whole = pa.concat_tables(tables, promote_options="default") if tables else _empty(names)
        db.register(f"{part}_rows", whole)
        picks = ", ".join(f"nullif({_q(n)}, '') AS {_q(n)}" for n in names)
        db.execute(f"CREATE OR REPLACE TEMP VIEW {part} AS SELECT {picks} FROM {part}_rows")
    query, gaps = layout.sql, layout.gaps
    for name, number in options.items():
        query, gaps = query.replace(f"${name}", str(number)), gaps.replace(f"${name}", str(number))
    try:
        joined = db.sql(query)
        header = list(joined.columns)
        texts = ", ".join(f"coalesce(CAST({_q(n)} AS VARCHAR), '') AS c{i}" for i, n in enumerate(header))
        table = db.sql(f"SELECT row_number() OVER () AS row_no, {texts} FROM joined").to_arrow_table()
        silent = [(str(a), str(b)) for a, b in db.sql(gaps).fetchall()] if gaps else []
    except duckdb.Error as fault:
        raise LayoutError(
            N_("the files do not join as {layout!r}: {fault}"),
            where=where,
            do=N_("compare their columns with the layout file"),
            facts={"layout": layout.layout, "fault": str(fault).splitlines()[0]},
        ) from fault
    broken = [row for raw in raws for row in raw.broken]
    return Raw(where, header, table, broken), silent


def _named(raw: Raw) -> pa.Table:
    """A table under its own column names, the first of each."""
    first = {name: i for i, name in reversed(list(enumerate(raw.header)))}
    return pa.table({name.strip(): raw.table.column(f"c{i}") for name, i in sorted(first.items(), key=lambda f: f[1])})


def _empty(names: Sequence[str]) -> pa.Table:
    return pa.table({name: pa.array([], pa.string()) for name in names})


def _q(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
