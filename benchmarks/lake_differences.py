"""Two lakes, table by table and row by row."""

import numpy as np
import pandas as pd

from crisislib.core.tables import TABLES
from crisislib.lake import Lake

OF_THE_RUN = {"RUNS": ["seconds", "versions", "detail"], "BATCHES": ["file"]}
"""How long it took, at which versions, where its report lies, on which port the feed was served."""
CLOSE = 1e-9
"""Sums of floats depend on the order of the rows in their last digits."""


def differences(one: Lake, other: Lake) -> list[str]:
    """`table.column: n rows`, or how many rows each has; empty where all is equal and there is something to compare."""
    lines = [] if one.version("POSTS") >= 0 else ["POSTS: none to compare"]
    for name, spec in TABLES.items():
        left, right = (
            lake.read(name, present=False).sort_values(list(spec.key)).reset_index(drop=True) for lake in (one, other)
        )
        if len(left) != len(right):
            lines.append(f"{name}: {len(left)} and {len(right)} rows")
            continue
        for column in left.columns.difference(OF_THE_RUN.get(name, [])):
            n = int(_differ(left[column], right[column]).sum())
            lines += [f"{name}.{column}: {n} rows"] if n else []
    return lines


def _rounded(column: pd.Series) -> pd.Series:
    """Numbers inside JSON as near as numbers in columns of their own."""
    text = column.dtype == "str" and column.str.contains(r"\.\d{9}", na=False).any()
    return column.str.replace(r"\d+\.\d{6,}", lambda m: f"{float(m[0]):.9g}", regex=True) if text else column


def _differ(left: pd.Series, right: pd.Series) -> np.ndarray:
    both_missing = left.isna() & right.isna()
    if pd.api.types.is_float_dtype(left.dtype):
        same = np.isclose(left, right, rtol=CLOSE, atol=CLOSE)
    else:
        same = (_rounded(left) == _rounded(right)).fillna(False)
    return ~(same | both_missing).to_numpy(dtype=bool)
