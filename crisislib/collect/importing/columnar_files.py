"""Parquet and Feather files as columns of text, nested values as JSON has them."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq

from crisislib.core.memory_database import session


def columnar_cells(data: bytes) -> pa.Table:
    """The columns of a file as text.

    Parameters
    ----------
    data : bytes
        The file.
    """
    source = pa.BufferReader(data)
    table = feather.read_table(source) if data.startswith(b"ARROW1") else pq.read_table(source)
    while any(pa.types.is_struct(column.type) for column in table.schema):
        table = table.flatten()  # as objects of JSON: `user.name`
    names = list(table.column_names)
    db = session()
    db.register("t", table.rename_columns([f"c{i}" for i in range(table.num_columns)]))
    casts = ", ".join(f"coalesce({_as_text(f, f'c{i}')}, '') AS c{i}" for i, f in enumerate(table.schema))
    text = db.sql(f"SELECT {casts} FROM t").to_arrow_table() if casts else table
    return text.rename_columns(names)


def _as_text(field: pa.Field, column: str) -> str:
    nested = pa.types.is_nested(field.type)
    return f"CAST(to_json({column}) AS VARCHAR)" if nested else f"CAST({column} AS VARCHAR)"
