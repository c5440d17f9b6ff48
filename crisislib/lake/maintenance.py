"""Maintenance of the lake: compaction, retention, and erasure of a person's data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from deltalake import DeltaTable
from deltalake.exceptions import TableNotFoundError

from crisislib.core.tables import TABLES
from crisislib.lake.store import Lake


@dataclass(frozen=True)
class Erased:
    """How many rows a deletion removed from one table."""

    table: str
    rows: int


def _tables(lake: Lake) -> list[tuple[str, DeltaTable]]:
    found = []
    for name in TABLES:
        try:
            found.append((name, DeltaTable(lake.root / name.lower())))
        except TableNotFoundError:
            continue
    return found


def compact(lake: Lake, *, keep_days: int = 30) -> dict[str, int]:
    """Join small files; versions younger than `keep_days` stay readable.

    Returns
    -------
    dict[str, int]
        Table -> data files removed from the present version.
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


def forget_before(lake: Lake, watch: str, before: datetime) -> list[Erased]:
    """Delete a watch's rows older than an instant, from every table with a time (retention)."""
    gone = []
    for name, delta in _tables(lake):
        spec = TABLES[name]
        if not spec.time or "watch" not in spec.schema.names:
            continue
        stamp = before.isoformat()
        metrics = delta.delete(f"watch = '{_safe(watch)}' AND \"{spec.time}\" < '{stamp}'")
        gone.append(Erased(name, int(metrics["num_deleted_rows"] or 0)))
    return gone


def erase_account(lake: Lake, account_id: str) -> list[Erased]:
    """Delete what one account posted and what was derived from it, and the old files that held it.

    Old versions stop being readable: erasure of a person's data goes before reproducibility.
    """
    ids = [
        p.as_py()
        for p in lake.sql("POSTS", present=False)
        .filter(f"account_id = '{_safe(account_id)}'")
        .to_arrow_table()["post_id"]
    ]
    posts = ", ".join(f"'{_safe(p)}'" for p in sorted(set(ids))) or "''"
    gone = []
    for name, delta in _tables(lake):
        columns = TABLES[name].schema.names
        conditions = []
        if "account_id" in columns:
            conditions.append(f"account_id = '{_safe(account_id)}'")
        if "post_id" in columns:
            conditions.append(f"post_id IN ({posts})")
        if not conditions:
            continue
        metrics = delta.delete(" OR ".join(conditions))
        gone.append(Erased(name, int(metrics["num_deleted_rows"] or 0)))
        delta.vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False)
    return gone


def _safe(text: str) -> str:
    return text.replace("'", "''")
