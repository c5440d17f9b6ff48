"""Tables as CSV that a spreadsheet only shows: nothing in a cell is run."""

from __future__ import annotations

import io
from collections.abc import Collection

import pandas as pd

_FORMULA = r"^\s*(?:[=@]|[+\-](?![\d\s().\-]*$))"
"""What a spreadsheet takes for the beginning of a formula; a telephone number or a number is none."""
_CONTROL = r"[\x00-\x1f\x7f\x85\u2028\u2029]"
"""A carriage return in a cell begins a new row in some programs, and with it a formula."""
_CONTROL_BUT_LINES = r"[\x00-\x09\x0b-\x1f\x7f\x85\u2028\u2029]"
"""The same where a cell may have lines."""


def safe_csv(frame: pd.DataFrame, *, with_lines: Collection[str] = ()) -> str:
    """A table as CSV with header; cells that a spreadsheet would run are quoted with '.

    Parameters
    ----------
    frame : pandas.DataFrame
        The table.
    with_lines : collection of str
        Columns whose cells keep their line breaks; in all others a cell is one line.

    Returns
    -------
    str
        The whole file.
    """
    safe = frame.copy()
    for name in safe.columns:
        if pd.api.types.is_string_dtype(safe[name]) or safe[name].dtype == object:
            control = _CONTROL_BUT_LINES if name in with_lines else _CONTROL
            text = safe[name].astype("str").str.replace(control, " ", regex=True)
            risky = safe[name].notna() & text.str.contains(_FORMULA, regex=True)
            safe[name] = text.where(~risky, "'" + text).where(safe[name].notna())
    out = io.StringIO()
    safe.to_csv(out, index=False)
    return out.getvalue()
