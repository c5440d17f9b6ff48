"""Export files into the lake, and how any batch is stored, each with its record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from crisislib.collect import Batch, read_exports, write_rejects
from crisislib.core.i18n import N_, tr
from crisislib.core.watch import Watch
from crisislib.engine.deletions import with_last_text
from crisislib.engine.home import Home
from crisislib.engine.import_card import import_card
from crisislib.engine.known_posts import stored_before, with_known_ids
from crisislib.engine.observation_order import in_order, no_later_than
from crisislib.engine.progress import Progress, silent, stage_progress
from crisislib.engine.pseudonyms import pseudonymised
from crisislib.engine.stored_observations import stored_observations

OBSERVED = N_(
    "{file} ({layout}): {posts} {posts:post|posts} added ({kept} {kept:observation|observations}), {stored} "
    "stored already, {rejected} rejected of {read} {read:row|rows}"
)
KEPT = N_(
    "{file} ({layout}): {kept} {kept:post|posts} added, {stored} stored already, {rejected} rejected of {read} "
    "{read:row|rows}"
)
AGAIN = N_("{file}: imported before, nothing added")
FAILED = N_("{file}: failed: {why}")
KNOWN = N_(
    "{n} {n:post was|posts were} stored before under another id and {n:keeps|keep} it: the same "
    "{n:post|posts}, read by another layout"
)
OLDER = N_(
    "this file is older than one that is stored: its counters and texts count as those of {at}, the time of its newest "
    "post"
)
REJECTS = N_("rejected rows with reasons: {path}")


@dataclass(frozen=True)
class ImportResult:
    """What came of one file group or one source.

    Attributes
    ----------
    name : str
        The files or the source.
    ok : bool
        Whether it could be read.
    lines : tuple of str
        What was added and what is to be known of it, in the watch's language.
    posts : pyarrow.Table or None
        POSTS rows that were read; None where there are none.
    rejected : int
        Rows that could not be read.
    """

    name: str
    ok: bool
    lines: tuple[str, ...]
    posts: pa.Table | None = None
    """The POSTS rows that were handed to the lake; None when the source failed."""
    rejected: int = 0

    def sentence(self) -> str:
        """All lines, indented under the first."""
        return "\n  ".join(self.lines)


def import_files(
    home: Home,
    watch: Watch,
    files: Sequence[Path],
    *,
    layout: str | None = None,
    mapping: Mapping[str, str] | None = None,
    now: datetime,
    progress: Progress = silent,
) -> list[ImportResult]:
    """Import export files, the oldest first; the same content twice adds nothing.

    Parameters
    ----------
    home : Home
        The workbench.
    watch : Watch
        The watch.
    files : Sequence of Path
        Export files, zips or folders of them.
    layout : str or None, default None
        Name of the layout; recognised from the columns when left out.
    mapping : Mapping[str, str] or None, default None
        Column of POSTS → column of the export, or `=value`; replaces what the layout says.
    now : datetime
        Wall clock.
    progress : Progress
        Gets the progress of reading.

    Returns
    -------
    list of ImportResult
        One a file, or group of files that belong together, in the order in which they were collected.

    Raises
    ------
    InputError, LayoutError
        The files cannot be read; nothing was added.
    """
    batches = read_exports(
        list(files),
        watch,
        layout=layout,
        mapping=mapping,
        folders=home.layouts,
        now=now,
        progress=stage_progress(progress, "import"),
    )
    return [store_batch(home, watch, batch, now) for batch in batches]


def store_batch(home: Home, watch: Watch, batch: Batch, now: datetime) -> ImportResult:
    """A batch into the lake: posts, accounts, rejected rows, then the record, which says that all is there.

    Each table takes a batch in one commit and knows it by its id, so that after a kill between two of
    them, or beside another import of the same file, each holds it once.

    Parameters
    ----------
    home : Home
        Whose lake.
    watch : Watch
        What the posts are for.
    batch : Batch
        Posts, accounts, rejected rows and the record.
    now : datetime
        When the last text of deleted posts is looked up.

    Returns
    -------
    ImportResult
        What was added.
    """
    batch = pseudonymised(home, watch, batch)
    record = batch.record.to_pylist()[0]
    language, name = watch.language, str(record["file"] or record["source"])
    again = ImportResult(name, True, (tr(AGAIN, language, file=name),), batch.posts)
    with ThreadPoolExecutor(1) as beside, home.lake.session("import"):
        # The card needs nothing of the lake: it is made while the rows are written.
        card = beside.submit(import_card, batch, record, watch, home)
        before = home.lake.read("BATCHES", watch=watch.watch)
        if len(before) and ((before["batch_id"] == record["batch_id"]) & before["ok"]).any():
            return again
        posts, known, before_it, older = batch.posts, 0, 0, None
        if len(before) and posts.num_rows:
            twins = before["batch_id"][before["ok"] & (before["sha256"] == record["sha256"])].tolist()
            stored = stored_observations(home.lake, watch, posts, twins)
            posts, known = with_known_ids(stored, posts, twins)
            before_it = stored_before(stored, posts) if record["file"] else 0
            posts, older = in_order(home.lake, watch, stored, posts, batch.record)
        posts, gone = with_last_text(home.lake, watch, posts)
        added = home.lake.append("POSTS", posts, same=("batch_id",))
        home.lake.append("LABELS", gone)
        accounts = batch.accounts if older is None else no_later_than(batch.accounts, older)
        home.lake.append("ACCOUNTS", accounts, same=("batch_id",))
        rejects = write_rejects(batch, home.lake_root / "rejects")
        recorded = home.lake.append("BATCHES", batch.record, same=("batch_id", "ok"))
    if not recorded and record["ok"]:
        return again
    facts = {
        "file": name,
        "layout": record["layout"],
        "kept": added,
        "stored": batch.posts.num_rows - added,
        "rejected": record["n_rejected"],
        "read": record["n_read"],
    }
    new = pc.count_distinct(posts["post_id"]).as_py() - (before_it or known)
    observed = OBSERVED if added > new else KEPT
    lines = [tr(observed, language, **facts, posts=new), *batch.warnings, *card.result().lines(language)]
    lines += [tr(KNOWN, language, n=known)] if known else []
    lines += [tr(OLDER, language, at=older.astimezone(watch.zone).strftime("%Y-%m-%d %H:%M"))] if older else []
    if rejects is not None:
        lines.append(tr(REJECTS, language, path=rejects))
    return ImportResult(name, bool(record["ok"]), tuple(lines), batch.posts, int(record["n_rejected"] or 0))
