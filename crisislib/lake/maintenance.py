"""Maintenance of the lake: joining small files."""

from __future__ import annotations

from crisislib.core.tables import TABLES
from crisislib.lake.store import Lake


def compact(lake: Lake, *, keep_days: int = 30) -> dict[str, int]:
    """Join the small files of every table; versions younger than `keep_days` stay readable.

    Parameters
    ----------
    lake : Lake
        Nobody may erase from it meanwhile; others may read and append.
    keep_days : int, default 30
        Days for which files of older versions stay, so that a report of then can be made again.
    """
    removed = {}
    with lake.session("compact"):
        for name in TABLES:
            delta = lake.tables.present(name, to_write=True)
            if delta is None:
                continue
            removed[name] = int(delta.optimize.compact()["numFilesRemoved"])
            delta.vacuum(retention_hours=keep_days * 24, dry_run=False, enforce_retention_duration=False)
    return removed
