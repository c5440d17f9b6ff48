"""A crawler that people run: started and supervised, or only watched; what is new in its output becomes posts.

The crawler stays a program of its own with its own licence and terms; what it writes is read by the layouts of files.
"""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from crisislib.collect.import_batch import REJECTS, Batch, Message, batch_id, record
from crisislib.collect.importing.collection_times import STEP
from crisislib.collect.importing.export_file import read_export
from crisislib.collect.sources import crawler_process
from crisislib.collect.sources.crawler_process import Run
from crisislib.collect.sources.live_source import Source, State
from crisislib.collect.sources.output_database import new_rows
from crisislib.collect.sources.output_files import DATABASES, new_piece, output_files
from crisislib.collect.sources.source_options import Option, option
from crisislib.core.errors import CrisisError, LayoutError, SourceError
from crisislib.core.i18n import N_
from crisislib.core.ids import short_hash
from crisislib.core.isolation import Failure, run_isolated
from crisislib.core.tables import empty
from crisislib.core.watch import Watch
from crisislib.core.watch_sections import SourceUse

logger = logging.getLogger(__name__)

ENDED = N_(
    "the crawler of {source} ended with code {code} at {at}; it is started again at {again}. Its last words: {words}"
)
LATE = N_(
    "the crawler of {source} was stopped at {at}, since it ran longer than {minutes} {minutes:minute|minutes}; "
    "it is started again at {again}"
)
STOPPED = N_("the crawler of {source} was ended from outside at {at}; it is started again at {again}")
UNSTARTED = N_("the crawler of {source} could not be started: {words}; it is tried again at {again}")
AGAIN_AT_WORK = N_(
    "the crawler of {source} has failed {n} {n:time|times} in a row; it runs again since {at} and has not "
    "written anything yet"
)
IDLE = N_("nothing was written into {path} since {at}; the crawler of {source} has probably stopped")
NOTHING_WRITTEN = N_("the crawler of {source} has not written anything to {path} yet")
LEFT_OUT = N_("{file} is no export that is known and is left out: {why}")
UNREADABLE_OUTPUT = N_("{file} could not be read; what is new in it is tried again next time: {why}")
BACKOFF = timedelta(minutes=1)
"""Pause after a first failure; each further one doubles it: a site that blocks is not made angrier."""
LONGEST_BACKOFF = timedelta(hours=2)
"""A crawler that is repaired in the morning runs before noon."""
OPTIONS = {
    "output": Option("folder, file or SQLite database that the crawler writes"),
    "command": Option("program and its words, as a list; only watched when empty", []),
    "environment": Option("names of environment variables that the command may see, such as its cookie's", []),
    "folder": Option("where the command runs (that of output)"),
    "match": Option("which files of the folder, as */weibo/*contents*; all data files when empty"),
    "layout": Option("layout of its files (by their columns)"),
    "layouts": Option("folders with layouts of your own (those of the workbench)", []),
    "run_minutes": Option("minutes that one run of the command may last (60)", 60.0, least=0.01),
    "pause_minutes": Option("minutes between the end of one run and the next (30)", 30.0),
    "idle_minutes": Option(
        "without a command: minutes without anything written after which it counts as stopped (1500)",
        1500.0,
        least=0.01,
    ),
    "settle_s": Option("seconds a file that is written anew as a whole must rest (5)", 5.0),
    "state_folder": Option("where the status of the command is stored (beside the source's state)"),
}


@dataclass
class _Output:
    """What was read in one fetch, and how far."""

    marks: dict[str, Any]
    batches: list[Batch] = field(default_factory=list)
    left: list[Message] = field(default_factory=list)
    failed: list[Message] = field(default_factory=list)


def fetch(use: SourceUse, watch: Watch, *, state: State, now: datetime) -> tuple[Batch, State]:
    """Read what a crawler wrote since last time; start its command where it is due.

    Parameters
    ----------
    use : SourceUse
        The entry of the watch file, see :data:`OPTIONS`.
    watch : Watch
        Whose posts they are.
    state : State
        `marks`: how far each file or table was read; `written`: when something new was read last; `failures`: failed
        runs in a row, and `run`, the start of the last that they count; `well`: when all was well last.
    now : datetime
        UTC.

    Raises
    ------
    SourceError
        There is no such output and no command that would write it.

    Notes
    -----
    The marks are stored after the posts are in the lake. After a crash in between the same records come again, as the
    same batch where nothing was added to the file, and the lake drops the posts that it has.
    """
    path, command = Path(str(use.options["output"])), option(use, OPTIONS, "command")
    if not command and not path.exists():
        raise SourceError(
            N_("there is no such file or folder"), where=str(path), do=N_("correct output in the watch file")
        )
    output = _read(path, use, watch, dict(state.get("marks", {})), now)
    after: State = {**state, "marks": output.marks}
    trouble = list(output.failed)
    if output.batches:
        after["written"] = now.isoformat()
    if command:
        run, after = _supervised(use, path, after, now)
        trouble += _run_trouble(run, use, watch, after, now, wrote=bool(output.batches))
        if not path.exists():
            output.left.append((NOTHING_WRITTEN, {"source": use.name or use.source, "path": path.name}))
    else:
        trouble += _idle(path, use, watch, after, now)
    if not trouble:
        after["well"] = now.isoformat()
    return _joined(output, trouble, use, watch, str(path), now, since=after.get("well", now.isoformat())), after


def _idle(path: Path, use: SourceUse, watch: Watch, state: State, now: datetime) -> list[Message]:
    """Whether the output of a crawler that others run has not been written for too long."""
    state.setdefault("written", now.isoformat())
    written = datetime.fromisoformat(state["written"])
    if now - written <= timedelta(minutes=option(use, OPTIONS, "idle_minutes")):
        return []
    facts = {"path": path.name, "source": use.name or use.source, "at": _local(written, watch)}
    return [(IDLE, facts)]


def _read(path: Path, use: SourceUse, watch: Watch, marks: dict[str, Any], now: datetime) -> _Output:
    """New records of every file or table; one that cannot be read costs itself only."""
    files = output_files(path, option(use, OPTIONS, "match")) if path.exists() else {}
    output = _Output({name: mark for name, mark in marks.items() if name in files or not path.exists()})
    with tempfile.TemporaryDirectory(prefix="crisis-crawler-") as scratch:
        # A post in two files, of which the later written one has its present counters.
        ordered = sorted(files.items(), key=lambda item: item[1].stat().st_mtime)
        for number, (name, file) in enumerate(ordered):
            at = now - (len(ordered) - 1 - number) * STEP
            place = Path(scratch, str(number), file.name)
            place.parent.mkdir()
            run_isolated(
                f"output {name}",
                partial(_read_one, name, file, place, use, watch, output, at),
                on_error=partial(_unread, name, output),
                logger=logger,
            )
    return output


def _read_one(name: str, file: Path, place: Path, use: SourceUse, watch: Watch, output: _Output, now: datetime) -> None:
    """One file: its new records, copied aside, through the layouts; the mark moves once they are read."""
    mark: dict[str, Any] = output.marks.get(name, {})
    after: Mapping[str, object]
    if file.name.lower().endswith(DATABASES):
        number, after = new_rows(file, mark, place)
        if not number:
            return
    else:
        piece = new_piece(name, file, mark, now=now, settle_s=option(use, OPTIONS, "settle_s"))
        if piece is None:
            return
        place.write_bytes(piece.data)
        after = piece.mark
    layout = str(use.options["layout"]) if use.options.get("layout") else None
    own = [Path(folder) for folder in option(use, OPTIONS, "layouts")]
    try:
        output.batches.append(read_export(place, watch, layout=layout, folders=own, now=now))
    except LayoutError as fault:
        if layout is not None:
            raise
        output.left.append((LEFT_OUT, {"file": name, "why": fault.wrong}))
    output.marks[name] = after


def _unread(name: str, output: _Output, failure: Failure) -> None:
    why = failure.error.wrong if isinstance(failure.error, CrisisError) else failure.text
    output.failed.append((UNREADABLE_OUTPUT, {"file": name, "why": why}))


def _supervised(use: SourceUse, path: Path, state: State, now: datetime) -> tuple[Run, State]:
    """The run of the command that counts, after one was started where it is due; failed runs in a row are counted."""
    if os.name != "posix":
        raise SourceError(
            N_("a command is supervised on Linux and macOS only"),
            where=use.name or use.source,
            do=N_("leave command out, let the system's own scheduler start the crawler, and watch its output"),
        )
    folder = Path(option(use, OPTIONS, "state_folder") or path.parent / ".crisis-crawler")
    cwd = Path(option(use, OPTIONS, "folder") or (path if path.is_dir() else path.parent))
    run = crawler_process.last_run(folder)
    if run is not None and run.ended and run.started != state.get("run"):
        state = {**state, "run": run.started, "failures": int(state.get("failures", 0)) + 1 if run.failed else 0}
    if run is None or (run.ended and now >= _again(run, use, state)):
        command = [str(word) for word in option(use, OPTIONS, "command")]
        limit_s = 60 * option(use, OPTIONS, "run_minutes")
        names = [str(name) for name in option(use, OPTIONS, "environment")]
        run = crawler_process.start(command, cwd=cwd, folder=folder, limit_s=limit_s, environment=names)
        logger.info("crawler of %s started: %s", use.name or use.source, command[0])
    return run, state


def _again(run: Run, use: SourceUse, state: State) -> datetime:
    """When the command is started next."""
    wait = timedelta(minutes=option(use, OPTIONS, "pause_minutes"))
    if run.failed:
        failures = max(int(state.get("failures", 0)), 1)
        wait = min(BACKOFF * 2 ** min(failures - 1, 10), LONGEST_BACKOFF)
    return datetime.fromisoformat(run.ended).astimezone(UTC) + wait


def _run_trouble(run: Run, use: SourceUse, watch: Watch, state: State, now: datetime, *, wrote: bool) -> list[Message]:
    """What is wrong with the command: it failed, or it failed before and has not written anything since."""
    failures, facts = int(state.get("failures", 0)), {"source": use.name or use.source}
    if run.failed:
        sentence = {"late": LATE, "stopped": STOPPED, "unstarted": UNSTARTED}.get(run.why, ENDED)
        more = {
            "code": run.code,
            "at": _local(datetime.fromisoformat(run.ended), watch),
            "again": _local(max(_again(run, use, state), now), watch),
            "minutes": f"{option(use, OPTIONS, 'run_minutes'):g}",
            "words": " / ".join(run.last_lines) or "–",
        }
        return [(sentence, {**facts, **more})]
    if failures and not run.ended and not wrote:
        return [(AGAIN_AT_WORK, {**facts, "n": failures, "at": _local(datetime.fromisoformat(run.started), watch)})]
    return []


def _local(at: datetime, watch: Watch) -> str:
    return f"{at.astimezone(watch.zone):%Y-%m-%d %H:%M}"


def _joined(
    output: _Output,
    trouble: list[Message],
    use: SourceUse,
    watch: Watch,
    where: str,
    now: datetime,
    *,
    since: str,
) -> Batch:
    """One batch of all that is new; with trouble the time since all was well counts as not collected."""
    rows = [b.record.to_pylist()[0] for b in output.batches]
    counts = {c: sum(r[c] for r in rows) for c in ("n_read", "n_kept", "n_rejected", "n_duplicate")}
    digest = short_hash(*(r["sha256"] for r in rows), length=64)
    spans = [(r["since"], r["until"]) for r in rows if r["since"] is not None]
    span = (min(s for s, _ in spans), max(u for _, u in spans)) if spans else (None, None)
    if trouble:
        span = (min(datetime.fromisoformat(since), now), now)
    lines: list[Message] = [("{line}", {"line": line}) for b in output.batches for line in b.warnings]
    posts = pa.concat_tables([empty("POSTS"), *(b.posts for b in output.batches)])
    names = pa.array([use.name or use.source] * posts.num_rows, pa.string())  # not the layout: data health counts by it
    return Batch(
        posts.set_column(posts.column_names.index("source"), "source", names),
        pa.concat_tables([empty("ACCOUNTS"), *(b.accounts for b in output.batches)]),
        pa.concat_tables([REJECTS.empty_table(), *(b.rejects for b in output.batches)]),
        record(
            batch=batch_id(watch.watch, digest, use.source, now.isoformat()),  # every look is on record
            now=now, watch=watch.watch, language=watch.language, source=use.name or use.source,
            file=", ".join(r["file"] for r in rows) or where, sha256=digest,
            layout="+".join(dict.fromkeys(r["layout"] for r in rows)) or use.source, counts=counts,
            span=span, messages=[*lines, *output.left, *trouble], ok=not trouble,
        ),
    )  # fmt: skip


SOURCE = Source(
    "crawler",
    {"en": "Crawler: started and supervised, or its output watched", "zh": "爬虫：启动并守护，或只读取其输出"},
    fetch,
    OPTIONS,
    required=("output",),
    terms={
        "en": "Its licence and the platform's terms bind whoever runs it; MediaCrawler's allows no commercial use.",
        "zh": "爬虫由您运行，须遵守其许可证与平台条款；MediaCrawler 的许可证不允许商业使用。",
    },
    paths=("output", "folder"),
)
