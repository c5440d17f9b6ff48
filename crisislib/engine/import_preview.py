"""How an export would be read: its layout, what would become of its rows, and the first of them; nothing is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from crisislib.collect import Batch, read_exports
from crisislib.core.i18n import N_, tr
from crisislib.core.watch import Watch
from crisislib.engine.home import Home
from crisislib.engine.import_card import import_card
from crisislib.engine.ingest import ImportResult

PREVIEW = N_(
    "{file} ({layout}): {posts} {posts:post|posts} in {kept} {kept:observation|observations}, {rejected} "
    "rejected and {twice} given twice of {read} {read:row|rows}; nothing was written"
)
ROWS = 3
"""Posts shown: enough to see a column that was taken for another."""
WIDTH = 80
"""Characters of a text shown, so that a post is one line."""


def preview_import(
    home: Home,
    watch: Watch,
    files: Sequence[Path],
    *,
    layout: str | None = None,
    mapping: Mapping[str, str] | None = None,
    now: datetime,
) -> list[ImportResult]:
    """Read export files as an import would.

    Parameters
    ----------
    home : Home
        Folder of the workbench, with the user's layouts.
    watch : Watch
        Its query, zone and language apply.
    files : sequence of Path
        Files that belong together.
    layout : str, optional
        By name; else recognised.
    mapping : Mapping of str to str, optional
        Field -> column.
    now : datetime
        UTC.

    Returns
    -------
    list of ImportResult
        One a file; its sentence names layout, counts, warnings and the first posts.

    Raises
    ------
    InputError, LayoutError
        The files cannot be read.
    """
    batches = read_exports(list(files), watch, layout=layout, mapping=mapping, folders=home.layouts, now=now)
    return [_previewed(batch, watch, home) for batch in batches]


def _previewed(batch: Batch, watch: Watch, home: Home) -> ImportResult:
    """What would be added of one batch."""
    record = batch.record.to_pylist()[0]
    facts = {
        "file": record["file"],
        "layout": record["layout"],
        "posts": len(set(batch.posts["post_id"].to_pylist())),
        "kept": batch.posts.num_rows,
        "rejected": record["n_rejected"],
        "twice": record["n_duplicate"],
        "read": record["n_read"],
    }
    card = import_card(batch, record, watch, home)
    head = (tr(PREVIEW, watch.language, **facts), *batch.warnings, *card.lines(watch.language))
    lines = (*head, *preview_lines(batch, watch))
    return ImportResult(str(record["file"]), bool(record["ok"]), lines, batch.posts)


def preview_lines(batch: Batch, watch: Watch) -> list[str]:
    """The first posts of a batch, one a line, and why the first rejected rows were.

    Parameters
    ----------
    batch : Batch
        As read.
    watch : Watch
        Its zone applies.
    """
    zone = ZoneInfo(watch.timezone)
    shown = [_line(post, zone) for post in batch.posts.slice(0, ROWS).to_pylist()]
    return [*shown, *(f"{r['row_no']}: {r['reason']}" for r in batch.rejects.slice(0, ROWS).to_pylist())]


def _line(post: Mapping[str, object], zone: ZoneInfo) -> str:
    """One post on one line: when, what, who, counts, text."""
    at = post["created_at"]
    when = at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S") if isinstance(at, datetime) else ""
    counts = "/".join(
        "–" if post[c] is None else str(post[c]) for c in ("n_likes", "n_reposts", "n_replies", "n_views")
    )
    text = " ".join(str(post["text"]).split())[:WIDTH]
    return " | ".join([when, str(post["post_id"]), str(post["kind"]), str(post["account_id"] or "–"), counts, text])
