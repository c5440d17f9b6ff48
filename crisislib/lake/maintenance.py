"""Maintenance of the lake: joining small files."""

from __future__ import annotations

from deltalake import DeltaTable
from deltalake.exceptions import TableNotFoundError

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
            try:
                delta = DeltaTable(lake.root / name.lower())
            except TableNotFoundError:
                continue
            removed[name] = int(delta.optimize.compact()["numFilesRemoved"])
            delta.vacuum(retention_hours=keep_days * 24, dry_run=False, enforce_retention_duration=False)
    return removed
