"""What the commands share: options, times, progress bars."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import markup
from rich.console import Console

from crisislib import engine
from crisislib.core.errors import InputError
from crisislib.core.sanitize import escape_controls

if TYPE_CHECKING:
    from crisislib.core.watch import Watch
    from crisislib.engine import Home, Told

WatchName = Annotated[str, typer.Option("--watch", "-w", help="Name of a watch file in data/watches.")]
LakeDir = Annotated[Path | None, typer.Option("--lake", help="Folder of the lake [data/lake].")]
WatchDir = Annotated[Path | None, typer.Option("--watches", help="Folder of the watch files [data/watches].")]
ReportDir = Annotated[Path | None, typer.Option("--reports", help="Folder of the reports [reports].")]
Since = Annotated[
    str | None, typer.Option("--since", help="Start, 2026-03-01 or 2026-03-01T08:00, in the watch's zone.")
]
Until = Annotated[str | None, typer.Option("--until", help="End, not included; same forms.")]

err = Console(stderr=True)
out = Console(soft_wrap=True, highlight=False)


def escape(text: str) -> str:
    """Text that may come from the internet, for the terminal: no markup of ours, no control characters of theirs."""
    return markup.escape(escape_controls(text))


def instant(text: str | None, watch: Watch, option: str) -> datetime | None:
    """An option's time as a UTC instant; naive times are read in the watch's zone."""
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as fault:
        raise InputError(
            f"{text!r} is no time", where=option, do="write 2026-03-01 or 2026-03-01T08:00 or …+08:00"
        ) from fault
    return (at if at.tzinfo else at.replace(tzinfo=watch.zone)).astimezone(UTC)


@contextmanager
def bars() -> Iterator[Told]:
    """Progress bars, one a stage, on standard error."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<9}"), BarColumn(30), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=False) as progress:
        tasks: dict[str, TaskID] = {}

        def told(stage: str, done: int, total: int | None) -> None:
            if stage not in tasks:
                tasks[stage] = progress.add_task(stage, total=total)
            progress.update(tasks[stage], completed=done, total=total)

        yield told


def home(lake: Path | None, watches: Path | None, reports: Path | None) -> Home:
    """The folders of this call."""
    return engine.Home.here(lake=lake, watches=watches, reports=reports)
