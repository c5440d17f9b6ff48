"""Commands of upkeep: check, layouts, sources, compact, forget, erase."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Column, Table

from crisislib import collect, lake
from crisislib.cli.common import LakeDir, WatchDir, WatchName, escape, home, out, place_of


def check(
    names: Annotated[
        list[str] | None, typer.Argument(help="Files, or names of watches, playbooks, layouts, notebooks; else all.")
    ] = None,
    watches: WatchDir = None,
) -> None:
    """Load and check what you write, and what is shipped: watches, playbooks, export layouts, notebooks.

    Of a watch: every key, the query, the industry, each source with its options and folders, each channel (whether its
    address can be built and its ${VARIABLES} are set; nothing is sent). Of notebooks: their parameters.

      crisis check                     everything
      crisis check acme                the watch acme
      crisis check layouts/mine.yml    one file

    Says what is wrong, where, and what to do; exits with 1 if anything is.
    """
    from crisislib.services import validation

    place = home(None, watches, None)
    found = validation.check(place, names or [])
    for one in found:
        for fault in one.faults:
            out.print(escape(str(fault).replace(f"{Path.cwd()}{os.sep}", "")), style="red")
        if not one.faults and (one.own or names):
            out.print(f"ok  {one.kind}  {escape(place_of(one.path))}")
    shipped = [one for one in found if not one.own and not one.faults and not names]
    for kind in dict.fromkeys(one.kind for one in shipped):
        out.print(f"ok  {sum(one.kind == kind for one in shipped)} shipped {kind}s")
    if any(one.faults for one in found):
        raise typer.Exit(1)


def layouts() -> None:
    """List the export layouts that import recognises, the columns that tell them, and where each comes from.

    A file NAME.yml in the folder layouts of your workbench is tried before the shipped ones.
    """
    known = collect.layouts_of(home(None, None, None).layouts)
    table = Table(Column("layout", no_wrap=True), "what it is", "recognised by", Column("from", no_wrap=True))
    for name, layout in known.items():
        prints = [part for spec in layout.parts.values() for part in (spec.fingerprint,)] or layout.fingerprint
        origin = place_of(known.origin[name]) if name in known.own else "shipped"
        words = " / ".join(", ".join(p) for p in prints)
        table.add_row(escape(name), escape(layout.title["en"]), escape(words), escape(origin))
    out.print(table)
    for fault in known.faults:
        out.print(escape(str(fault)), style="red")


def sources() -> None:
    """List the live sources that a watch file can name."""
    table = Table("source", "what it is", "options (needed ones with *)")
    for name, source in collect.SOURCES.items():
        said = [
            f"{key}{'*' if key in source.required else ''}: {option.about}" for key, option in source.options.items()
        ]
        table.add_row(escape(name), escape(source.title["en"]), escape("\n".join(said)))
    out.print(table)


def compact(
    keep_days: Annotated[int, typer.Option(min=0, help="Versions younger than this stay readable.")] = 30,
    lake_dir: LakeDir = None,
) -> None:
    """Join small files of the lake; reports older than --keep-days can then no longer be made again."""
    for table, removed in lake.compact(home(lake_dir, None, None).lake, keep_days=keep_days).items():
        out.print(f"{table}: {removed} files joined")


def forget(
    watch: WatchName,
    days: Annotated[int, typer.Option(min=1, help="Rows older than this many days are deleted.")],
    lake_dir: LakeDir = None,
) -> None:
    """Retention: delete a watch's rows that are older than so many days."""
    before = datetime.now(UTC) - timedelta(days=days)
    for gone in lake.forget_before(home(lake_dir, None, None).lake, watch, before):
        out.print(f"{gone.table}: {gone.rows} rows deleted")


def erase(
    account: Annotated[str, typer.Argument(help="platform:id of the account.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    lake_dir: LakeDir = None,
) -> None:
    """Erase what one account posted and what was derived from it (a person's right). Not reversible."""
    if not yes:
        typer.confirm(f"Erase everything of {account}? Older reports can then not be made again.", abort=True)
    for gone in lake.erase_account(home(lake_dir, None, None).lake, account):
        out.print(f"{gone.table}: {gone.rows} rows deleted")


commands: dict[str, Callable[..., None]] = {
    "check": check,
    "layouts": layouts,
    "sources": sources,
    "compact": compact,
    "forget": forget,
    "erase": erase,
}
