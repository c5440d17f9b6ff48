"""The tables that flow between the rooms: columns, types, keys, and the gate that checks them.

Times are UTC instants in microseconds, counts nullable 64-bit integers, ids strings. What is
collected is wide; what is derived is long, so that a new model or indicator adds rows.
"""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.core.errors import TableError
from crisislib.core.i18n import N_
from crisislib.core.table_definitions import ALL, TIME, Table

TABLES: dict[str, Table] = {table.name: table for table in ALL}


def table(name: str) -> Table:
    """The definition of a table.

    Parameters
    ----------
    name : str
        One of :data:`TABLES`.

    Returns
    -------
    Table
        Columns, types, keys and time column.

    Raises
    ------
    TableError
        There is no such table; names those there are.
    """
    if name not in TABLES:
        raise TableError(
            N_("there is no table {name!r}"),
            do=N_("use one of {tables}"),
            facts={"name": name, "tables": ", ".join(TABLES)},
        )
    return TABLES[name]


def empty(name: str) -> pa.Table:
    """A table of no rows, with the right columns.

    Parameters
    ----------
    name : str
        One of :data:`TABLES`.

    Returns
    -------
    pyarrow.Table
        Shape (0, columns).

    Raises
    ------
    TableError
        There is no such table.
    """
    return table(name).schema.empty_table()


def conform(data: pa.Table | pd.DataFrame, name: str) -> pa.Table:
    """Bring a frame to a table's exact schema, or say why it cannot be.

    Missing nullable columns become null; column order follows the schema.

    Parameters
    ----------
    data : pyarrow.Table or pandas.DataFrame
        Rows with at least the key columns.
    name : str
        One of :data:`TABLES`.

    Returns
    -------
    pyarrow.Table
        With exactly the columns and types of the table.

    Raises
    ------
    TableError
        An unknown column, a key column missing or null, or a value that its type does not take.
    """
    spec = table(name)
    arrow = data if isinstance(data, pa.Table) else _from_pandas(data, spec)
    unknown = [c for c in arrow.column_names if c not in spec.schema.names]
    if unknown:
        raise TableError(
            N_("unknown columns {unknown}"),
            where=name,
            do=N_("known: {names}"),
            facts={"unknown": unknown, "names": ", ".join(spec.schema.names)},
        )
    columns = [_column(arrow, field, name) for field in spec.schema]
    return pa.Table.from_arrays(columns, schema=spec.schema)


def _from_pandas(data: pd.DataFrame, spec: Table) -> pa.Table:
    """Arrow from pandas column by column, so that an error can name the column."""
    arrays = {}
    for column in data.columns:
        kind = spec.schema.field(column).type if column in spec.schema.names else None
        try:
            # Finer times than microseconds are cut; every other loss is an error.
            arrays[str(column)] = pa.Array.from_pandas(data[column], type=kind, safe=kind != TIME)
        except (pa.ArrowInvalid, pa.ArrowTypeError, ValueError, OverflowError) as fault:
            raise TableError(
                N_("column {column!r} does not fit {kind}: {fault}"),
                where=spec.name,
                facts={"column": column, "kind": kind, "fault": fault},
            ) from fault
    return pa.table(arrays)


def _column(arrow: pa.Table, field: pa.Field, name: str) -> pa.ChunkedArray:
    if field.name not in arrow.column_names:
        if not field.nullable:
            raise TableError(
                N_("key column {name!r} is missing"),
                where=name,
                do=N_("add it, or rename the column that holds it"),
                facts={"name": field.name},
            )
        return pa.chunked_array([pa.nulls(arrow.num_rows, field.type)])
    column = arrow.column(field.name)
    if not field.nullable and column.null_count:
        row = pc.index(pc.is_null(column), True).as_py()
        raise TableError(
            N_("key column {name!r} is null in row {row}"),
            where=name,
            do=N_("fill it, or leave the row out"),
            facts={"name": field.name, "row": row},
        )
    try:
        return column if column.type == field.type else column.cast(field.type)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as fault:
        raise TableError(
            N_("column {name!r} does not fit {type}: {fault}"),
            where=name,
            facts={"name": field.name, "type": field.type, "fault": fault},
        ) from fault
