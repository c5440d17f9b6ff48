"""Commands of the walk: import, collect, run, report."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crisislib import engine, services
from crisislib.cli.common import (
    LakeDir,
    ReportDir,
    Since,
    Until,
    WatchDir,
    WatchName,
    bars,
    err,
    escape,
    home,
    instant,
    out,
)
from crisislib.cli.error_language import watch_in
from crisislib.cli.typed_command import place_of
from crisislib.core.errors import InputError, LayoutError
from crisislib.core.i18n import N_, tr

if TYPE_CHECKING:
    from crisislib.core.watch import Watch
    from crisislib.engine import Home, RunResult


def import_(
    files: Annotated[list[Path], typer.Argument(help="Exports of any known layout, or a folder of them.")],
    watch: WatchName,
    layout: Annotated[
        str | None, typer.Option(help="Layout by name (crisis layouts lists them); else recognised.")
    ] = None,
    map_: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            "-m",
            help="Field=Column, for files of no known layout: text=Body; or collected=TIME, for relative times.",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say how the files would be read, with the first posts; write nothing.")
    ] = False,
    ask: Annotated[
        bool, typer.Option("--ask", help="Propose which column is what, change it together, save it as your layout.")
    ] = False,
    save: Annotated[str | None, typer.Option("--save", help="With --ask: name of the layout (after the file).")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="With --ask: accept the proposal without a question.")] = False,
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Import export files into the lake; the same file twice adds nothing.

    Several exports of one search are so many observations of its posts, in the order in which they were collected:
    as a column says, else the name of each file, else its newest post.

    Rows that cannot be read are kept, with the reason, in a rejects file beside the lake. A file of no known export:
    try --ask, which proposes a layout with its reasons and shows three rows as they would be read.
    """
    place = home(lake, watches, None, watch)
    mapping = pairs(map_ or [], "--map")
    if ask:
        options = [*(["--lake", str(lake)] if lake else []), *(["--watches", str(watches)] if watches else [])]
        ask_layout(place, watch_in(place, watch), files, mapping, name=save, yes=yes, options=options)
        return
    if dry_run:
        shown = engine.preview_import(
            place, watch_in(place, watch), files, layout=layout, mapping=mapping, now=datetime.now(UTC)
        )
        for line in shown:
            out.print(escape(line.sentence()))
        return
    with bars() as progress:
        results = engine.import_files(
            place,
            watch_in(place, watch),
            files,
            layout=layout,
            mapping=mapping,
            now=datetime.now(UTC),
            progress=progress,
        )
    for line in results:
        out.print(escape(line.sentence()))


def ask_layout(
    place: Home,
    watch: Watch,
    files: list[Path],
    changes: dict[str, str],
    *,
    name: str | None,
    yes: bool,
    options: list[str],
) -> None:
    """Show a proposal, take changes until it is accepted, save it."""
    while True:
        proposed = engine.propose_import(place, watch, files, changes, now=datetime.now(UTC))
        for line in proposed.lines:
            out.print(escape(line))
        if yes or not sys.stdin.isatty():
            break
        answer = typer.prompt(tr(engine.ASK, watch.language), default="", show_default=False).strip()
        if not answer and proposed.ready:
            break
        if answer.casefold() in ("q", "quit"):
            raise typer.Exit(1)
        try:
            tried = {**changes, **pairs(answer.split(","), "--map")}
            engine.propose_import(place, watch, files, tried, now=datetime.now(UTC))
            changes = tried
        except (InputError, LayoutError) as fault:
            out.print(escape(fault.text(watch.language)))
    if not yes and not sys.stdin.isatty():
        out.print(escape(tr(engine.NOT_SAVED, watch.language)))
        return
    path = engine.save_layout(place, proposed, name)
    for line in engine.saved_lines(path, proposed, files, watch, options):
        out.print(escape(line))


def collect(watch: WatchName, lake: LakeDir = None, watches: WatchDir = None) -> None:
    """Ask every live source of a watch once; a source that fails is named, and the others go on."""
    place = home(lake, watches, None, watch)
    with bars() as progress:
        results = engine.collect(place, watch_in(place, watch), now=datetime.now(UTC), progress=progress)
    for line in results:
        out.print(escape(line.sentence()))
    if results and not any(line.ok for line in results):
        raise typer.Exit(1)


def run(
    watch: WatchName,
    since: Since = None,
    until: Until = None,
    no_report: Annotated[bool, typer.Option("--no-report", help="Compute only.")] = False,
    no_notify: Annotated[bool, typer.Option("--no-notify", help="Send nothing.")] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Compute everything again, also where nothing has changed.")
    ] = False,
    lake: LakeDir = None,
    watches: WatchDir = None,
    reports: ReportDir = None,
) -> None:
    """Label, trace, warn, assess, plan, report and notify over what the lake holds.

    Without --since and --until: everything stored, up to the newest post. Only what is new is
    computed; running it again over the same data gives the same answer, at once where nothing has changed.
    """
    place = home(lake, watches, reports, watch)
    chosen = watch_in(place, watch)
    span = (instant(since, chosen, "--since"), instant(until, chosen, "--until"))
    with bars() as progress:
        # The clock of a demonstration stands still, but what is computed later is newer: it is decided as at then.
        result = services.run(
            place, chosen, since=span[0], until=span[1] or place.moment, now=datetime.now(UTC), progress=progress,
            report=not no_report, notify=False if no_notify else None, fresh=fresh,
        )  # fmt: skip
    print_result(result)


def report(
    notebook: Annotated[
        str,
        typer.Argument(
            help="brief delta period incident aftermath; collection topics spread warning risk response backtest; own."
        ),
    ],
    watch: WatchName,
    params: Annotated[list[str] | None, typer.Option("-p", "--param", help="name=value, once for each.")] = None,
    pdf: Annotated[
        bool, typer.Option("--pdf", help="Also print it as PDF: needs Chromium, Chrome or Edge (CRISIS_BROWSER).")
    ] = False,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="A manifest.json: the same numbers again; or a time.")
    ] = None,
    lake: LakeDir = None,
    watches: WatchDir = None,
    reports: ReportDir = None,
) -> None:
    """Run one notebook over a watch into an offline HTML page with a manifest.

    Reports: brief (emergency), delta (what has changed since the brief before), period (-p every=day, week or
    month), incident, aftermath. One with a first page also leaves a mail (.eml) that any mail program opens. A failed
    run keeps the notebook with its error in place and exits with 2.
    """
    place = home(lake, watches, reports, watch)
    chosen = watch_in(place, watch)
    written = services.report(
        place, chosen, notebook, params=pairs(params or [], "-p"), as_of=as_of, now=datetime.now(UTC)
    )
    out.print(escape(place_of(written.html)))
    if pdf:
        out.print(escape(place_of(services.print_pdf(written.html))))
    if written.mail is not None:  # not on stdout: scripts take the page's path from there
        err.print(escape(place_of(written.mail)))


def pairs(items: list[str], option: str) -> dict[str, str]:
    """`name=value` options as a mapping; anything else is an error that says so."""
    found = {}
    for item in items:
        name, sign, value = item.partition("=")
        if not sign or not name:
            raise InputError(
                N_("{item} is not name=value"),
                where=option,
                do=N_("write it as name=value, no spaces"),
                facts={"item": repr(item)},
            )
        found[name] = value
    return found


def print_result(result: RunResult) -> None:
    """What a run found, in the order in which a reader needs it."""
    language = result.language
    colour = {"blue": "blue", "yellow": "yellow", "orange": "dark_orange", "red": "red"}.get(result.level, "white")
    out.print(f"\n[bold {colour}]{escape(result.headline())}[/]")
    if result.stands:
        out.print(f"  {escape(result.unchanged())}", style="dim")
    for line in result.health:
        out.print(f"  {escape(line)}", style="dim")
    if result.incident:
        out.print(f"[bold]{tr(engine.INCIDENT, language)}[/bold]  {escape(result.incident)}")
    for number, finding in enumerate(result.leading(3), 1):
        ids = ", ".join(finding.post_ids[:3])
        out.print(f"  {number}. {escape(finding.render(language))}" + (f" [dim]({escape(ids)})[/dim]" if ids else ""))
    if result.report:
        out.print(f"[bold]{tr(engine.REPORT, language)}[/bold]  {escape(place_of(result.report))}")
    for line in result.deliveries:
        out.print(f"  {escape(line)}", style="dim")
    if result.next_steps:
        out.print(f"[bold]{tr(engine.NEXT, language)}[/bold]")
    for step in result.next_steps:
        out.print(f"  · {escape(step)}")
    err.print("  ".join(f"{name} {seconds:.1f}s" for name, seconds in result.seconds.items()), style="dim")


commands: dict[str, Callable[..., None]] = {
    "import": import_,
    "collect": collect,
    "run": run,
    "report": report,
}
