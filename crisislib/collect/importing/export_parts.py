"""What is read of each file of an import, in the order in which the files were collected, as batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import pyarrow as pa

from crisislib.collect.import_batch import Batch, Message, batch_id, record, rejected
from crisislib.collect.importing.collection_times import STEP, Collected, ReadFile, collection_times, with_time
from crisislib.collect.importing.decode import Opened
from crisislib.collect.importing.layout_choice import Chosen
from crisislib.collect.importing.validate_rows import ValidatedTable
from crisislib.core.i18n import N_
from crisislib.core.ids import short_hash
from crisislib.core.watch import Watch

NO_MATCH = N_("none of the rows that could be read ({n}) matches the watch's query")
NOT_MATCHING = N_(
    "{n} {n:row|rows} {n:does not match the watch's query and was|do not match the watch's query and were} left out"
)


@dataclass(frozen=True)
class ExportPart:
    """What was read of a file, or of several that belong together.

    Attributes
    ----------
    chosen : list of (Layout, list of Raw)
        Its tables, with what reads them.
    files : list of Opened
        Where they stand.
    batch : str
        Id of the batch.
    tables : list of ValidatedTable
        Their rows.
    """

    chosen: Chosen
    files: list[Opened]
    batch: str
    tables: list[ValidatedTable]


def groups_of(chosen: Chosen) -> list[Chosen]:
    """Tables that share a file, or that one layout joins, together.

    Parameters
    ----------
    chosen : list of (Layout, list of Raw)
        All tables.
    """
    groups: list[tuple[set[str], Chosen]] = []
    for layout, some in chosen:
        digests, mine = {raw.digest for raw in some}, [(layout, some)]
        for other in [group for group in groups if group[0] & digests]:
            groups.remove(other)
            digests, mine = digests | other[0], [*other[1], *mine]
        groups.append((digests, mine))
    return [mine for _, mine in groups]


def files_of(chosen: Chosen, files: Sequence[Opened]) -> list[Opened]:
    """The files that some tables stand in.

    Parameters
    ----------
    chosen : list of (Layout, list of Raw)
        The tables.
    files : sequence of Opened
        All files.
    """
    digests = {raw.digest for _, some in chosen for raw in some}
    return [file for file in files if file.sha256 in digests]


def batch_of(watch: Watch, chosen: Chosen, files: Sequence[Opened], mapping: Mapping[str, str]) -> str:
    """The id of a batch.

    Parameters
    ----------
    watch : Watch
        Its query and zone count.
    chosen : list of (Layout, list of Raw)
        The tables.
    files : sequence of Opened
        Their content counts.
    mapping : Mapping[str, str]
        As the user gave it.
    """
    settings = [f"{field}={column}" for field, column in sorted(mapping.items())]
    names = "+".join(dict.fromkeys(layout.layout for layout, _ in chosen))
    return batch_id(watch.watch, _digest(files), names, watch.query, watch.timezone, *settings)


def _digest(files: Sequence[Opened]) -> str:
    """SHA-256 of a file, or of the digests of several."""
    return files[0].sha256 if len(files) == 1 else short_hash(*sorted(f.sha256 for f in files), length=64)


def batches_in_order(
    parts: Sequence[ExportPart], messages: list[Message], *, watch: Watch, now: datetime
) -> list[Batch]:
    """A batch for each part, in the order in which they were collected.

    Parameters
    ----------
    parts : sequence of ExportPart
        What was read; rows that do not say when they were collected have `now`.
    messages : list of Message
        What else a reader should know; told with the first.
    watch : Watch
        The watch.
    now : datetime
        UTC.
    """
    ordered = in_order(parts, watch, now)
    moments = [now - (len(ordered) - 1 - rank) * STEP for rank in range(len(ordered))]
    told = [messages, *([] for _ in ordered[1:])]
    return [joined([part], some, watch=watch, now=at) for part, some, at in zip(ordered, told, moments, strict=True)]


def in_order(parts: Sequence[ExportPart], watch: Watch, now: datetime) -> list[ExportPart]:
    """Parts in the order in which they were collected; rows that do not say when get the time of their file.

    Parameters
    ----------
    parts : sequence of ExportPart
        What was read; rows that do not say when they were collected have `now`.
    watch : Watch
        The watch.
    now : datetime
        UTC.

    Returns
    -------
    list of ExportPart
        The oldest first.
    """
    read = []
    for part in parts:
        newest = [table.span[1] for table in part.tables if table.span[1] is not None]
        read.append(ReadFile(part.files[0].path, max(newest) if newest else None))
    times = collection_times(read, watch.zone, now)
    order = sorted(zip(times, parts, strict=True), key=lambda pair: pair[0].rank)
    return [replace(part, tables=[_dated(table, now, when) for table in part.tables]) for when, part in order]


def _dated(table: ValidatedTable, now: datetime, when: Collected) -> ValidatedTable:
    """A table whose rows say when they were collected."""
    posts = with_time(table.posts, "collected_at", now, when.at)
    accounts = with_time(table.accounts, "seen_at", now, when.at)
    dated = when.message is not None and not posts.equals(table.posts)
    said: list[Message] = [when.message] if dated and when.message is not None else []
    return replace(table, posts=posts, accounts=accounts, messages=[*table.messages, *said])


def joined(
    parts: Sequence[ExportPart],
    messages: list[Message],
    *,
    watch: Watch,
    now: datetime,
    files: Sequence[Opened] | None = None,
) -> Batch:
    """One batch of some parts.

    Parameters
    ----------
    parts : sequence of ExportPart
        What was read.
    messages : list of Message
        What else a reader should know.
    watch : Watch
        The watch.
    now : datetime
        UTC.
    files : sequence of Opened, optional
        All that were given, where some of them were not read.
    """
    tables = [table for part in parts for table in part.tables]
    files = files if files is not None else [file for part in parts for file in part.files]
    counts = {name: sum(j.counts[name] for j in tables) for name in ("n_read", "n_kept", "n_rejected", "n_duplicate")}
    missed = counts["n_read"] - counts["n_kept"] - counts["n_rejected"] - counts["n_duplicate"]
    messages = [*messages, *(s for j in tables for s in j.messages)]
    if missed:
        messages.append((NO_MATCH, {"n": missed}) if not counts["n_kept"] else (NOT_MATCHING, {"n": missed}))
    layout = "+".join(dict.fromkeys(lay.layout for part in parts for lay, _ in part.chosen))
    rows = [(no, col, why, cells) for j in tables for no, col, why, cells in j.rejects]
    spans = [j.span for j in tables if j.span[0] is not None]
    return Batch(
        posts=pa.concat_tables([j.posts for j in tables]),
        accounts=pa.concat_tables([j.accounts for j in tables]),
        rejects=rejected(rows, watch.language),
        record=record(
            batch=parts[0].batch,
            now=now,
            watch=watch.watch,
            language=watch.language,
            source=layout,
            file=", ".join(f.path.name for f in files),
            sha256=_digest(files),
            layout=layout,
            counts=counts,
            span=(min(s[0] for s in spans), max(s[1] for s in spans)) if spans else (None, None),  # type: ignore[type-var]
            messages=messages,
            ok=counts["n_kept"] > 0,
            gaps=[g for j in tables for g in j.gaps],
        ),
    )
