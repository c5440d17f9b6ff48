"""What the commands share: options, times, progress bars."""

from __future__ import annotations

import getpass
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import markup
from rich.cells import cell_len
from rich.console import Console

from crisislib import engine
from crisislib.cli.error_language import asked_for, watch_in
from crisislib.core.errors import InputError
from crisislib.core.i18n import N_
from crisislib.core.sanitize import escape_controls

if TYPE_CHECKING:
    from crisislib.core.watch import Watch
    from crisislib.engine import Home, Progress
    from crisislib.engine.team_change import TeamChange

WatchName = Annotated[str, typer.Option("--watch", "-w", envvar="CRISIS_WATCH", help="Name of a watch file.")]
LakeDir = Annotated[
    Path | None,
    typer.Option("--lake", help="Folder of the lake, or s3://BUCKET/PATH (as crisis.toml says, else data/lake)."),
]
WatchDir = Annotated[
    Path | None, typer.Option("--watches", help="Folder of the watch files (as crisis.toml says, else data/watches).")
]
ReportDir = Annotated[
    Path | None, typer.Option("--reports", help="Folder of the reports (as crisis.toml says, else reports).")
]
Since = Annotated[
    str | None, typer.Option("--since", help="Start, 2026-03-01 or 2026-03-01T08:00, in the watch's zone.")
]
Until = Annotated[str | None, typer.Option("--until", help="End, not included; same forms.")]
Part = Annotated[
    str,
    typer.Option("--shard", envvar="CRISIS_SHARD", help="Only this part of the watches: 2/4 is the second of four."),
]
By = Annotated[str | None, typer.Option("--by", help="Who; your login name if left out.")]
Incident = Annotated[str, typer.Option("--incident", help="Its id; the open one that began last if left out.")]
Language = Annotated[
    str | None, typer.Option("--language", help="zh or en; that of the watch if left out.", callback=asked_for)
]
Why = Annotated[str, typer.Option("--why", help="The reason; it is kept with the change.")]

OF_DAY = re.compile(r"\d{1,2}:\d\d")

err = Console(stderr=True)
out = Console(soft_wrap=True, highlight=False)


def escape(text: str) -> str:
    """Text that may come from the internet, for the terminal: no markup of ours, no control characters of theirs."""
    return markup.escape(escape_controls(text))


def instant(
    text: str | None, watch: Watch, option: str, *, before: datetime | None = None, after: datetime | None = None
) -> datetime | None:
    """An option's time as a UTC instant; naive times are read in the watch's zone.

    Parameters
    ----------
    text : str, optional
        A date, a date with a time, or, beside `before` or `after`, a time of day.
    watch : Watch
        Whose zone is meant.
    option : str
        Named where the text cannot be read.
    before, after : datetime, optional
        A time of day alone is the last one before, for what has happened, or the next one after, for a deadline. What
        has happened is not after `before`.

    Returns
    -------
    datetime or None
        None where no text is given.

    Raises
    ------
    InputError
        The text is no time, or one to come for what has happened.
    """
    if text is None:
        return None
    near = after or before
    of_day = near is not None and OF_DAY.fullmatch(text.strip()) is not None
    today = f"{near.astimezone(watch.zone):%Y-%m-%d}T" if near is not None and of_day else ""
    try:
        at = datetime.fromisoformat(today + text.strip().zfill(5))
    except ValueError as fault:
        raise InputError(
            N_("{text} is no time"),
            where=option,
            do=N_("write 08:00 or 2026-03-01 or 2026-03-01T08:00 or …+08:00")
            if near
            else N_("write 2026-03-01 or 2026-03-01T08:00 or …+08:00"),
            facts={"text": repr(text)},
        ) from fault
    at = at if at.tzinfo else at.replace(tzinfo=watch.zone)
    if of_day and after is not None and at <= after:
        at += timedelta(days=1)  # on the clock of the wall, also where the hour changes
    elif of_day and after is None and before is not None and at > before:
        at -= timedelta(days=1)
    if before is not None and at > before:
        local, now = (f"{one.astimezone(watch.zone):%Y-%m-%d %H:%M}" for one in (at, before))
        raise InputError(
            N_("{local} is in the future"),
            where=option,
            do=N_("it is {now} now; leave the time out for that"),
            facts={"local": local, "now": now},
        )
    return at.astimezone(UTC)


def to_come(at: datetime | None, change: TeamChange, option: str) -> datetime | None:
    """A deadline as it was typed, refused where it is past.

    Parameters
    ----------
    at : datetime, optional
        Of :func:`instant`.
    change : TeamChange
        Its clock and its watch's zone.
    option : str
        Named where the time is past.

    Returns
    -------
    datetime or None
        The same.

    Raises
    ------
    InputError
        It is past.
    """
    if at is not None and at <= change.now:
        zone = change.watch.zone
        local, now = (f"{one.astimezone(zone):%Y-%m-%d %H:%M}" for one in (at, change.now))
        raise InputError(
            N_("{local} is past"),
            where=option,
            do=N_("it is {now} now: give a time to come"),
            facts={"local": local, "now": now},
        )
    return at


def words_or_file(text: str, option: str) -> str:
    """An option's words, or those of the file that it names as @FILE.

    Parameters
    ----------
    text : str
        As it was typed.
    option : str
        Named where the file cannot be read.

    Returns
    -------
    str
        The words.

    Raises
    ------
    InputError
        There is no such file, or it is no text.
    """
    if not text.startswith("@"):
        return text
    try:
        return Path(text[1:]).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise InputError(
            N_("{text} cannot be read: {fault}"),
            where=option,
            do=N_("name a file of UTF-8 text"),
            facts={"text": text[1:], "fault": fault},
        ) from fault


def print_listing(
    headings: Iterable[str],
    rows: Sequence[Sequence[object]],
    *,
    whole: Collection[int] = (0,),
    late: Collection[int] = (),
) -> None:
    """Rows as a table that fits a narrow terminal: columns without content are left out, ids are never cut.

    Parameters
    ----------
    headings : iterable of str
        One a column; the first is the id's.
    rows : sequence of sequences
        Cells, as many as there are headings.
    whole : collection of int
        Places of the columns that are never broken: what commands take, and times.
    late : collection of int
        Places of the rows in red.
    """
    from rich.table import Column, Table

    filled = [
        (place, heading) for place, heading in enumerate(headings) if place in whole or any(row[place] for row in rows)
    ]
    texts = {place: [str(heading), *(str(row[place]) for row in rows)] for place, heading in filled}
    least = {place: _least_width(words, whole=place in whole) for place, words in texts.items()}
    if rows and sum(least.values()) + 2 * (len(least) - 1) > out.width:
        _print_blocks(filled, rows, late)
        return
    columns = (
        Column(heading, no_wrap=place in whole, overflow="fold", min_width=least[place]) for place, heading in filled
    )
    table = Table(*columns, box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for number, row in enumerate(rows):
        cells = (escape(str(row[place])) for place, _ in filled)
        table.add_row(*cells, style="red" if number in late else None)
    out.print(table)


LONGEST_WORD = 24
"""Cells that a column keeps for its longest word: an address or an id beyond may be folded."""


def _least_width(texts: Sequence[str], *, whole: bool) -> int:
    """Width in which no word of a column is broken."""
    longest = [cell_len(text) if whole else max(map(cell_len, text.split()), default=0) for text in texts]
    return max(longest) if whole else min(max(longest), LONGEST_WORD)


def _print_blocks(filled: Sequence[tuple[int, str]], rows: Sequence[Sequence[object]], late: Collection[int]) -> None:
    """Rows one below the other, a line a cell, where the terminal is too narrow for a table."""
    (first, _), *others = filled
    for number, row in enumerate(rows):
        out.print(f"[bold]{escape(str(row[first]))}[/bold]", style="red" if number in late else None)
        for place, heading in others:
            if str(row[place]):
                out.print(f"  {escape(str(heading))}  {escape(str(row[place]))}")


@contextmanager
def bars() -> Iterator[Progress]:
    """Progress bars, one a stage, on standard error."""
    from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description:<9}"), BarColumn(30), MofNCompleteColumn(), TimeElapsedColumn())
    with Bars(*columns, console=err, transient=False) as shown:
        tasks: dict[str, TaskID] = {}

        def advance(stage: str, done: int, total: int | None) -> None:
            if stage not in tasks:
                tasks[stage] = shown.add_task(stage, total=total)
            shown.update(tasks[stage], completed=done, total=total)

        yield advance


def home(lake: Path | None, watches: Path | None, reports: Path | None, watch: str = "") -> Home:
    """The folders of this call; with a watch, those of the demonstration where only that has it."""
    return engine.Home.here(lake=lake, watches=watches, reports=reports).holding(watch)


def opened(watch: str, lake: Path | None, watches: Path | None) -> tuple[Home, Watch]:
    """The workbench that has a watch, and the watch."""
    place = home(lake, watches, None, watch)
    return place, watch_in(place, watch)


def change_of(watch: str, by: str | None, lake: Path | None, watches: Path | None) -> TeamChange:
    """Where, whose, by whom (the system's user where nobody is named) and when, of a command that changes something."""
    from crisislib.engine.team_change import TeamChange

    place, chosen = opened(watch, lake, watches)
    return TeamChange(place, chosen, by or getpass.getuser(), place.now())
