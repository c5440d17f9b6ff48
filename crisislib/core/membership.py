"""Which rows of a column have a value of another one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc


def is_among(column: pd.Series, wanted: pd.Series) -> npt.NDArray[np.bool_]:
    """Whether each value of a column of text stands in another one.

    Parameters
    ----------
    column, wanted : pandas.Series of str
        The values asked about, and those that count.

    Returns
    -------
    numpy.ndarray of bool, shape (len(column),)
        False where a value is missing.

    Notes
    -----
    The same as `column.isin(wanted)`, which makes a Python object of every wanted value: a second for 200,000 of them.
    """
    known = pa.array(wanted.dropna(), type=pa.large_string())
    found = pc.is_in(pa.array(column, type=pa.large_string(), from_pandas=True), value_set=known)
    return np.asarray(found.to_numpy(zero_copy_only=False))
