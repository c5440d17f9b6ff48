"""The lake as a whole: crisis lake copy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from crisislib import engine
from crisislib.cli.common import escape, home, out
from crisislib.core.i18n import N_, tr
from crisislib.engine.reader_language import reader_language

if TYPE_CHECKING:
    from crisislib.engine import TableCopy

COPIED = N_("{table}: {n} {n:row|rows}, equal on both sides")
THERE = N_("{table}: {n} {n:row|rows}, there already and equal")
MOVED = N_("{n} {n:row|rows} in {tables} {tables:table|tables}; from now on: --lake {target}, or lake in crisis.toml")

lake = typer.Typer(no_args_is_help=True, help="The lake as a whole: copy it to another place.")


@lake.callback()
def _group() -> None:
    """The lake as a whole: copy it to another place."""


@lake.command("copy")
def copy(
    source: Annotated[str, typer.Argument(help="Folder of the lake, or s3://BUCKET/PATH.")],
    target: Annotated[str, typer.Argument(help="An empty place: another folder or address.")],
) -> None:
    """Copy every table with all observations, and what a monitor needs to go on; compare both sides.

    Stop the monitor and the scheduler first. A copy that was broken off is completed by the same command. Older
    versions stay where they are: a report of an older state is made again from the old lake.
    """
    spoken = reader_language()

    def done(one: TableCopy) -> None:
        out.print(escape(tr(COPIED if one.new else THERE, spoken, table=one.name, n=one.rows)))

    tables = engine.copy_lake(home(None, None, None), source, target, done)
    n = sum(one.rows for one in tables)
    out.print(escape(tr(MOVED, spoken, n=n, tables=len(tables), target=target)))
