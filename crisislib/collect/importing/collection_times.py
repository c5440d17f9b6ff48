"""When a file that does not say so row by row was collected: its name, its newest post, or when it was written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from crisislib.collect.import_batch import Message
from crisislib.core.i18n import N_
from crisislib.core.table_definitions import TIME

BY_NAME = N_("its posts count as collected on {at}, as the name of the file says")
BY_NEWEST = N_("its posts count as collected on {at}, the time of its newest post, since nothing else says when")
BY_CHANGE = N_("its posts count as collected on {at}, when the file was last changed")
BY_ORDER = N_(
    "nothing says when this file was collected; of the {of} files given together it counts as number {n}, in the order "
    "of their names"
)
STEP = timedelta(milliseconds=1)
"""Between files read together that are known by their order only: too short to matter, long enough to tell apart."""
APART = timedelta(minutes=1)
"""Files that were changed closer together than this were copied together, and say nothing of when they were made."""

_NAMED = re.compile(
    r"(?<!\d)(20\d\d)([-_.年]?)(0[1-9]|1[0-2])[-_.月]?(0[1-9]|[12]\d|3[01])日?"
    r"(?:[-_ T.]{0,3}([01]\d|2[0-3])[-_:.时h]?([0-5]\d)(?:[-_:.分m]?([0-5]\d))?(?:\.\d+)?秒?(Z)?)?(?![\d:])"
)
_EPOCH = re.compile(r"(?<!\d)(1[5-9]\d{8})(\d{3})?(?!\d)")
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class ReadFile:
    """What is known of a file that was read.

    Attributes
    ----------
    path : Path
        Where it is; a file in a zip lies below the zip's name.
    newest : datetime or None
        Time of its newest post; None where it has none.
    """

    path: Path
    newest: datetime | None


@dataclass(frozen=True)
class Collected:
    """When a file counts as collected.

    Attributes
    ----------
    rank : int
        Its place among the files that were read together, the oldest 0.
    at : datetime
        What `collected_at` becomes where its rows do not say.
    message : Message or None
        How that is known; None for a single file, which counts as collected when it is imported.
    """

    rank: int
    at: datetime
    message: Message | None


def named_time(name: str, zone: ZoneInfo) -> tuple[datetime, bool] | None:
    """The last time that a file's name states.

    Parameters
    ----------
    name : str
        `brand_2026-01-26_2200.csv`, `导出20260126.xlsx`, `posts-1769464800.json`.
    zone : ZoneInfo
        In which it is meant.

    Returns
    -------
    (datetime, bool) or None
        The instant, and whether only a day is stated; None where there is none.
    """
    found = [*_NAMED.finditer(name)]
    for match in reversed(found):
        year, _, month, day, hour, minute, second, utc = match.groups()
        try:
            at = datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0))
        except ValueError:
            continue
        return at.replace(tzinfo=UTC if utc else zone).astimezone(UTC), hour is None
    epoch = [*_EPOCH.finditer(name)]
    return (datetime.fromtimestamp(int(epoch[-1][1]), UTC), False) if epoch else None


def made_by(name: str, above: str, zone: ZoneInfo, now: datetime) -> datetime | None:
    """When an export was made at the latest, as the lines above its table or its name say; None where they do not.

    Parameters
    ----------
    name : str
        Of the file.
    above : str
        Of a report: `2026年7月5日`, `From: 2026-07-04 To: 2026-07-05`.
    zone : ZoneInfo
        In which it is meant.
    now : datetime
        UTC; nothing was made after it.
    """
    for text in (re.sub(r"(?<!\d)(\d)(?=[月日/-])", r"0\1", above), name):
        told = named_time(text.replace("/", "-"), zone)
        if told is not None and (at := told[0] + _DAY * told[1]) <= now:
            return at
    return None


def by_name(file: ReadFile, zone: ZoneInfo, now: datetime) -> datetime | None:
    """The time in a file's name, where it can be that of its collection: not before its newest post, not after `now`.

    Parameters
    ----------
    file : ReadFile
        The file.
    zone : ZoneInfo
        Of the watch.
    now : datetime
        UTC.
    """
    names = [file.path.name, *([file.path.parent.name] if file.path.parent.suffix.lower() == ".zip" else [])]
    for name in names:
        if (told := named_time(name, zone)) is None:
            continue
        at, day = told
        newest = file.newest or at
        if day and at <= newest < at + _DAY:
            return newest  # a day is all that is said: the earliest moment of it at which the file can have been made
        if newest <= at <= now:
            return at
    return None


def natural(name: str) -> list[tuple[int, str]]:
    """A sort key in which `export_10` follows `export_9`.

    Parameters
    ----------
    name : str
        Of a file.
    """
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name.casefold()) if part]


def collection_times(files: Sequence[ReadFile], zone: ZoneInfo, now: datetime) -> list[Collected]:
    """When each of some files that were read together counts as collected: distinct, and in their order.

    Parameters
    ----------
    files : sequence of ReadFile
        The files.
    zone : ZoneInfo
        Of the watch: times in names are meant in it, and messages give theirs in it.
    now : datetime
        UTC; the time of a single file whose name says nothing.

    Returns
    -------
    list of Collected
        One a file.

    Notes
    -----
    The names decide where each has a time; else the newest posts, where they differ; else the times of the last change.
    A file known by its newest post keeps `now`, less its place, as `collected_at`: what is imported later is newer.
    """
    named = [by_name(file, zone, now) for file in files]
    newest = [file.newest or now for file in files]
    if all(at is not None for at in named):
        keys, message = [at for at in named if at is not None], BY_NAME
    elif len(files) == 1:
        return [Collected(0, now, None)]
    elif len({*newest}) == len(files):
        keys, message = newest, BY_NEWEST
    else:
        changed = [_changed(file, now) for file in files]
        told = sorted(at for at in changed if at is not None)
        clear = len(told) == len(files) and all(b - a >= APART for a, b in pairwise(told))
        keys, message = ([at for at in changed if at is not None], BY_CHANGE) if clear else (newest, BY_ORDER)
    order = sorted(range(len(files)), key=lambda i: (keys[i], newest[i], natural(files[i].path.name)))
    out: dict[int, Collected] = {}
    before: datetime | None = None
    for rank, i in enumerate(order):
        own = message in (BY_NAME, BY_CHANGE)
        at = keys[i] if own else now - (len(files) - 1 - rank) * STEP
        at = at if before is None or at > before else before + STEP
        before = at
        shown = keys[i].astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
        out[i] = Collected(rank, at, (message, {"at": shown, "n": rank + 1, "of": len(files)}))
    return [out[i] for i in range(len(files))]


def _changed(file: ReadFile, now: datetime) -> datetime | None:
    """When a file was last changed; None where that cannot be when it was made, or it lies in another."""
    if not file.path.is_file():
        return None
    at = datetime.fromtimestamp(file.path.stat().st_mtime, UTC)
    return at if (file.newest or at) <= at <= now else None


def with_time(table: pa.Table, column: str, now: datetime, at: datetime) -> pa.Table:
    """A table in which what says `now` says `at`.

    Parameters
    ----------
    table : pyarrow.Table
        POSTS or ACCOUNTS.
    column : str
        `collected_at` or `seen_at`.
    now : datetime
        What rows have that say nothing of themselves.
    at : datetime
        Of their file.
    """
    place = table.column_names.index(column)
    changed = pc.if_else(pc.equal(table[column], pa.scalar(now, TIME)), pa.scalar(at, TIME), table[column])
    return table.set_column(place, table.schema.field(column), changed)
