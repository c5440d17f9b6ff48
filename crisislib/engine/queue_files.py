"""Queues of posts or stories to label as CSV files: given out, and read when they come back."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from crisislib.core.errors import InputError
from crisislib.core.i18n import N_


def write_queue(frame: pd.DataFrame, path: Path) -> None:
    """A queue as a CSV; a leading apostrophe keeps a spreadsheet from running a text as a formula.

    Parameters
    ----------
    frame : pandas.DataFrame
        With `text` and any other columns.
    path : Path
        The CSV, UTF-8 with a byte-order mark, as spreadsheets want it.
    """
    texts = frame["text"].fillna("")
    risky = texts.str.match(r"^[=+\-@\t\r]")
    frame.assign(text=texts.where(~risky, "'" + texts)).to_csv(path, index=False, encoding="utf-8-sig")


def read_queue(path: Path) -> pd.DataFrame:
    """The labelled rows of a queue that was given back.

    Parameters
    ----------
    path : Path
        The CSV.

    Returns
    -------
    pandas.DataFrame
        The rows whose `label` is not empty; all values are text.

    Raises
    ------
    InputError
        A column is missing.
    """
    frame = pd.read_csv(path, dtype=str, encoding="utf-8-sig").fillna("")
    missing = [c for c in ("post_id", "label") if c not in frame]
    if missing:
        raise InputError(
            N_("columns {missing} are missing"),
            where=str(path),
            do=N_("give back the file of crisis label"),
            facts={"missing": missing},
        )
    return frame[frame["label"].str.strip() != ""]
