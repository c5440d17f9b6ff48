"""Upkeep of what is stored."""

from __future__ import annotations

from crisislib import lake
from crisislib.engine.home import Home


def compact(home: Home, *, keep_days: int = 30) -> dict[str, int]:
    """Join small files of the lake.

    Parameters
    ----------
    home : Home
        Whose lake.
    keep_days : int
        Versions younger than this stay readable.

    Returns
    -------
    dict of str to int
        Table -> files that were joined.
    """
    return lake.compact(home.lake, keep_days=keep_days)
