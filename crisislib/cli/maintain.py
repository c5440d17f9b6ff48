"""Commands of upkeep: check, layouts, sources, compact, forget, person, erase."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Column, Table

from crisislib import engine
from crisislib.cli.common import LakeDir, ReportDir, WatchDir, WatchName, escape, home, out
from crisislib.cli.error_language import reader_of_errors
from crisislib.cli.typed_command import place_of
from crisislib.core.errors import InputError
from crisislib.core.i18n import N_, counted, tr
from crisislib.engine.reader_language import reader_language

SECRET_OPTION = N_(" (a secret: write ${NAME})")
PACE_OF = N_("Calls that its provider allows: {text}.")
TERMS_OF = N_("Terms: {text}")
UNCONFIRMED_OF = N_("Could not be confirmed: {text}")


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

    # what is wrong is printed below, once; the log that other commands leave of it would say it again
    log = logging.getLogger("crisislib.engine.user_code")
    before, log.level = log.level, logging.ERROR
    try:
        found = validation.check(home(None, watches, None), names or [])
    finally:
        log.level = before
    for one in found:
        for fault in one.faults:
            out.print(escape(fault.text(reader_of_errors()).replace(f"{Path.cwd()}{os.sep}", "")), style="red")
        if not one.faults and (one.own or names):
            out.print(f"ok  {one.kind}  {escape(place_of(one.path))}")
            for note in one.notes:
                out.print(f"    {escape(note)}")
    shipped = [one for one in found if not one.own and not one.faults and not names]
    for kind in dict.fromkeys(one.kind for one in shipped):
        out.print(f"ok  {sum(one.kind == kind for one in shipped)} shipped {kind}s")
    if any(one.faults for one in found):
        raise typer.Exit(1)


def layouts() -> None:
    """List the export layouts that import recognises, the columns by which it does, and where each comes from.

    A file NAME.yml in the folder layouts of your workbench is tried before the shipped ones.
    """
    known, faults = engine.known_layouts(home(None, None, None))
    table = Table(Column("layout", no_wrap=True), "what it is", "recognised by", Column("from", no_wrap=True))
    for layout in known:
        origin = "shipped" if layout.file is None else place_of(layout.file)
        words = " / ".join(", ".join(columns) for columns in layout.recognised_by)
        table.add_row(escape(layout.name), escape(layout.title), escape(words), escape(origin))
    out.print(table)
    for fault in faults:
        out.print(escape(fault.text(reader_of_errors())), style="red")


def sources(
    name: Annotated[
        str | None, typer.Argument(help="One source: its options, limits and terms, and an example.")
    ] = None,
) -> None:
    """List the live sources that a watch file can name; a file NAME.py in the folder sources adds one.

    With a NAME it also says what its provider allows and asks, what of its interface could not be confirmed, and how an
    entry of a watch file looks.
    """
    home(None, None, None)  # enters the workbench's own
    if name is not None:
        _print_source(name)
        return
    table = Table("source", "what it is", "options (needed ones with *)")
    for source in engine.known_sources():
        options = [f"{key}{'*' if key in source.required else ''}: {about}" for key, about in source.options.items()]
        table.add_row(escape(source.name), escape(source.title), escape("\n".join(options)))
    out.print(table)


def _print_source(name: str) -> None:
    known = {source.name: source for source in engine.known_sources()}
    if name not in known:
        raise InputError(
            N_("there is no source {name}"),
            where="sources",
            do=N_("use one of {known}"),
            facts={"name": repr(name), "known": ", ".join(known)},
        )
    source, language = known[name], reader_language()
    out.print(escape(f"{source.name}: {source.title}"), style="bold")
    for key, about in source.options.items():
        mark = "*" if key in source.required else " "
        secret = tr(SECRET_OPTION, language) if key in source.secrets else ""
        out.print(escape(f"  {mark} {key}: {about}{secret}"))
    facts = {
        PACE_OF: source.pace,
        TERMS_OF: source.terms.get(language, ""),
        UNCONFIRMED_OF: source.unconfirmed.get(language, ""),
    }
    for message, text in facts.items():
        if text:
            out.print(escape(tr(message, language, text=text)))
    out.print(escape(source.example()))


def compact(
    keep_days: Annotated[int, typer.Option(min=0, help="Versions younger than this stay readable.")] = 30,
    lake_dir: LakeDir = None,
) -> None:
    """Join small files of the lake; reports older than --keep-days can then no longer be made again."""
    for table, removed in engine.compact(home(lake_dir, None, None), keep_days=keep_days).items():
        out.print(f"{table}: {counted(removed, 'file')} joined")


Wait = Annotated[float, typer.Option("--wait", min=0, help="Seconds to wait for runs and imports under way to end.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be removed.")]


def forget(
    watch: WatchName,
    days: Annotated[int, typer.Option(min=1, help="What is older than this many days is deleted.")],
    dry_run: DryRun = False,
    wait: Wait = 10.0,
    lake_dir: LakeDir = None,
    reports: ReportDir = None,
) -> None:
    """Retention: delete what a watch holds from more than so many days ago, files and older versions too.

    Rows of every table, accounts of which no post is left, rejected rows, models' memories, old lines of
    journals, reports. Stop the monitor first. Not reversible; older reports can then not be made again.
    """
    before = datetime.now(UTC) - timedelta(days=days)
    found = engine.expire(home(lake_dir, None, reports, watch), watch, before, dry_run=dry_run, wait_s=wait)
    _show(found)
    if not found:
        out.print(f"nothing of {escape(watch)} is older than {counted(days, 'day')}")


def person(
    account: Annotated[str, typer.Argument(help="platform:id of the account.")],
    export: Annotated[
        Path | None, typer.Option("--export", help="Write every row about it into this file, JSON.")
    ] = None,
    lake_dir: LakeDir = None,
    reports: ReportDir = None,
) -> None:
    """Show what is stored about one account and where, and export it (a person's right). Changes nothing."""
    place = home(lake_dir, None, reports)
    who, found = engine.find_person(place, account)
    if not found:
        out.print(f"nothing is stored about {escape(account)}")
        return
    out.print(f"{escape(account)}, named {escape(', '.join(sorted(who.names)) or '?')}")
    _show(found)
    if export:
        rows = engine.export_person(place, account, export)
        out.print(f"{counted(rows, 'row')} written to {escape(str(export))}")


def erase(
    account: Annotated[str, typer.Argument(help="platform:id of the account.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; words of others and reports too.")] = False,
    dry_run: DryRun = False,
    wait: Wait = 10.0,
    lake_dir: LakeDir = None,
    reports: ReportDir = None,
) -> None:
    """Erase one account from everything that was written here (a person's right). Not reversible.

    Its rows in every table and in rejected rows go, with the older versions and logs that contain them;
    others' rows that point to its posts get a placeholder. What others wrote of it, and reports that
    quote it, are listed and asked about. Stop the monitor first.
    """
    place = home(lake_dir, None, reports)
    who, found = engine.find_person(place, account)
    files = engine.source_files(place, who)
    if not found:
        out.print(f"nothing is stored about {escape(account)}")
    if dry_run or not yes:
        _show(found)
    if dry_run:
        return
    if not yes:
        question = f"Erase {account}? Older reports can then not be made again."
        typer.confirm(question if found else "Clear older versions of all tables all the same?", abort=True)
    ask = "Also redact what others wrote of it, and remove reports that quote it?"
    agreed = yes or (any(one.quotes for one in found) and typer.confirm(ask))
    done = engine.erase(place, account, quotes=agreed, wait_s=wait)
    out.print("erased:")
    _show([one for one in done if agreed or not one.quotes])
    left = [one for one in done if one.quotes and not agreed]
    if left:
        out.print("left as it is:")
        _show(left)
    if files:
        out.print(f"your own export files still hold it: {escape(', '.join(files))}")


def _show(removals: list[engine.Removal]) -> None:
    """One line for each place: how many, of what, where."""
    for one in removals:
        out.print(f"{one.n:>9,}  {escape(f'{one.what:<28}')} {escape(one.where)}")


commands: dict[str, Callable[..., None]] = {
    "check": check,
    "layouts": layouts,
    "sources": sources,
    "compact": compact,
    "forget": forget,
    "person": person,
    "erase": erase,
}
