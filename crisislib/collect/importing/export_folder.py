"""An inbox folder: export files that are put there are read once each."""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from crisislib.collect.import_batch import REJECTS, Batch, batch_id, record
from crisislib.collect.importing.collection_times import STEP, natural
from crisislib.collect.importing.containers import ENDINGS, PACKED
from crisislib.collect.importing.decode import digest_of
from crisislib.collect.importing.export_file import read_exports
from crisislib.collect.sources.live_source import Source, State
from crisislib.collect.sources.source_options import Option, option
from crisislib.core.errors import CrisisError, SourceError
from crisislib.core.i18n import N_
from crisislib.core.ids import short_hash
from crisislib.core.isolation import Failure, run_isolated
from crisislib.core.tables import empty
from crisislib.core.watch import Watch
from crisislib.core.watch_sections import SourceUse

logger = logging.getLogger(__name__)

FAILED = N_("{file} could not be read: {why}")
WAITS = N_("{file} changed within the last {seconds} s and may be incomplete: it will be read next time")
OPTIONS = {
    "path": Option("the folder"),
    "layout": Option("layout of its files (by their columns)"),
    "layouts": Option("folders with layouts of your own (those of the workbench)", []),
    "settle_s": Option("seconds a file must rest (5)", 5.0),
}


def fetch(use: SourceUse, watch: Watch, *, state: State, now: datetime) -> tuple[Batch, State]:
    """Import the files of a folder that were not imported before, each known by its content.

    A file that changed in the last `settle_s` seconds may still be being written and waits for the
    next time. A file that cannot be read is named once and tried again when its content changes.

    Parameters
    ----------
    use : SourceUse
        The entry of the watch file.
    watch : Watch
        Whose posts they are.
    state : State
        What was read before.
    now : datetime
        UTC.

    Raises
    ------
    SourceError
        There is no such folder.
    """
    folder = Path(str(use.options["path"]))
    if not folder.is_dir():
        raise SourceError(
            N_("there is no such folder"), where=str(folder), do=N_("make it, or correct path in the watch file")
        )
    layout = str(use.options["layout"]) if use.options.get("layout") else None
    own = [Path(folder) for folder in option(use, OPTIONS, "layouts")]
    settle = option(use, OPTIONS, "settle_s")
    read: dict[str, str] = dict(state.get("read", {}))
    batches: list[Batch] = []
    failed: list[tuple[str, dict[str, object]]] = []
    waiting: list[tuple[str, dict[str, object]]] = []
    files = [p for p in folder.iterdir() if p.is_file() and p.name.lower().endswith((*ENDINGS, *PACKED))]
    for path in sorted(files, key=lambda p: natural(p.name)):
        if now.timestamp() - path.stat().st_mtime < settle:
            waiting.append((WAITS, {"file": path.name, "seconds": f"{settle:g}"}))
            continue
        digest = digest_of(path)
        if digest in read:
            continue
        read[digest] = path.name
        at = now + len(batches) * STEP  # files of one visit are observations one after another
        run_isolated(
            f"file {path.name}",
            lambda path=path, at=at: batches.extend(read_exports(path, watch, layout=layout, folders=own, now=at)),  # type: ignore[misc]
            on_error=lambda failure, path=path: failed.append(_why(path, failure)),  # type: ignore[misc]
            logger=logger,
        )
    return _joined(batches, failed, waiting, use, watch, str(folder), now), {**state, "read": read}


def _why(path: Path, failure: Failure) -> tuple[str, dict[str, object]]:
    """The sentence on a file that could not be read."""
    messages = failure.error.wrong if isinstance(failure.error, CrisisError) else failure.text
    return FAILED, {"file": path.name, "why": messages}


def _joined(
    batches: list[Batch],
    failed: list[tuple[str, dict[str, object]]],
    waiting: list[tuple[str, dict[str, object]]],
    use: SourceUse,
    watch: Watch,
    where: str,
    now: datetime,
) -> Batch:
    """One batch of all files; its record sums theirs and names what failed or waits."""
    rows = [b.record.to_pylist()[0] for b in batches]
    counts = {c: sum(r[c] for r in rows) for c in ("n_read", "n_kept", "n_rejected", "n_duplicate")}
    digest = short_hash(*(r["sha256"] for r in rows), length=64)
    spans = [(r["since"], r["until"]) for r in rows if r["since"] is not None]
    messages = [("{line}", {"line": line}) for b in batches for line in b.warnings] + failed + waiting
    return Batch(
        pa.concat_tables([empty("POSTS"), *(b.posts for b in batches)]),
        pa.concat_tables([empty("ACCOUNTS"), *(b.accounts for b in batches)]),
        pa.concat_tables([REJECTS.empty_table(), *(b.rejects for b in batches)]),
        record(
            # The same files are the same batch, whenever they are read; an empty look is one of its own.
            batch=batch_id(watch.watch, digest, use.source, *([] if rows else [now.isoformat()])),
            now=now, watch=watch.watch, language=watch.language,
            source=use.name or use.source, file=", ".join(r["file"] for r in rows) or where, sha256=digest,
            layout="+".join(dict.fromkeys(r["layout"] for r in rows)) or use.source, counts=counts,
            span=(min(s for s, _ in spans), max(u for _, u in spans)) if spans else (None, None),
            messages=messages, ok=not failed,
        ),
    )  # fmt: skip


SOURCE = Source(
    "folder",
    {"en": "Inbox folder of export files", "zh": "导出文件收件夹"},
    fetch,
    OPTIONS,
    required=("path",),
    paths=("path",),
    terms={
        "en": "The tool that made an export says what may be stored, and for how long.",
        "zh": "可保存的内容与期限以导出工具的条款为准。",
    },
)
