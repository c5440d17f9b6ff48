"""Commands of upkeep: check, layouts, sources, compact, forget, erase."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.table import Table

from crisislib import collect, lake, text
from crisislib.cli.common import LakeDir, WatchDir, WatchName, escape, home, out
from crisislib.core.errors import CrisisError


def check(watches: WatchDir = None) -> None:
    """Check every watch file and playbook; says what is wrong, where, and what to do."""
    from crisislib.core.watch import Watch, load_watch
    from crisislib.engine import response_plan

    place = home(None, watches, None)
    held: list[Watch] = []
    faults: list[CrisisError] = []
    for path in sorted(place.watches.glob("*.yml")):
        try:
            held.append(load_watch(path))
            text.check_embedder(held[-1].text.topics.embedder)
        except CrisisError as told:
            faults.append(told)
        else:
            out.print(f"ok  {escape(str(path))}")
    faulty = response_plan.playbook_faults(place, held)
    if not faulty:
        names = response_plan.playbooks(place).names()
        out.print(f"ok  {len(names)} playbooks: {', '.join(names)}")
    for fault in [*faults, *faulty]:
        out.print(escape(str(fault)), style="red")
    if faults or faulty:
        raise typer.Exit(1)


def layouts() -> None:
    """List the export layouts that import recognises, and the columns that tell them."""
    table = Table("layout", "what it is", "recognised by")
    for name, layout in collect.LAYOUTS.items():
        prints = [part for spec in layout.parts.values() for part in (spec.fingerprint,)] or layout.fingerprint
        table.add_row(escape(name), escape(layout.title["en"]), escape(" / ".join(", ".join(p) for p in prints)))
    out.print(table)


def sources() -> None:
    """List the live sources that a watch file can name."""
    table = Table("source", "what it is", "options (needed ones with *)")
    for name, source in collect.SOURCES.items():
        said = [f"{key}{'*' if key in source.required else ''}: {what}" for key, what in source.options.items()]
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
