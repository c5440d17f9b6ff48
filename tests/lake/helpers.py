"""Rows for the tests of the lake."""

from datetime import timedelta
from typing import Any

import pandas as pd
import pyarrow as pa

from crisislib.core.table_definitions import TIME, Table

T0 = pd.Timestamp("2026-01-01", tz="UTC")


def posts(n: int = 3, *, start: int = 0, likes: int | None = 1, seen: int = 0, watch: str = "w") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "watch": watch,
            "post_id": [f"x:{i}" for i in range(start, start + n)],
            "collected_at": T0 + pd.Timedelta(hours=100 + seen),
            "created_at": [T0 + pd.Timedelta(hours=i) for i in range(start, start + n)],
            "text": [f"text {i}" for i in range(start, start + n)],
            "account_id": [f"x:a{i % 2}" for i in range(start, start + n)],
            "n_likes": pd.array([likes] * n, dtype="Int64"),
        }
    )


def any_rows(spec: Table, numbers: list[int], *, without: frozenset[str] = frozenset()) -> pa.Table:
    """One row a number, every column filled, in an Arrow table that may lack some columns."""

    def value(field: pa.Field, i: int) -> Any:
        if field.type == TIME:
            return (T0 + timedelta(hours=i)).to_pydatetime()
        if field.type == pa.string():
            return f"{field.name} {i}"
        return {pa.int64(): i, pa.float64(): i / 2, pa.bool_(): bool(i % 2)}[field.type]

    fields = [f for f in spec.schema if f.name not in without]
    return pa.table([pa.array([value(f, i) for i in numbers], f.type) for f in fields], schema=pa.schema(fields))
