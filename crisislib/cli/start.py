"""The first commands: demo, init."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from crisislib import services
from crisislib.cli.common import LakeDir, ReportDir, bars, escape, home, out
from crisislib.cli.run import print_result
from crisislib.cli.typed_command import place_of, typed
from crisislib.core.errors import InputError
from crisislib.core.i18n import LANGUAGES, N_, tr
from crisislib.engine.reader_language import reader_language

TRUTH = N_("Against the known truth")
GO_ON = N_("Go on with")
PAGES = N_("the same incident as live pages in your browser")
BOOKS = N_("the same as notebooks: open one, Run All")
SPREAD = N_("who started it and who carried it, as one offline page")
REFUTATION = N_("whether the correction reached those who spread the story")
OWN = N_("a folder for your own watches and data")
NEW, SAME, UNCHANGED = N_("new"), N_("there already"), N_("yours, left as it is")
LAID = N_("The workbench is in {folder}")
CHECK = N_("whether every file of yours is right")
DEMO = N_("a simulated incident to explore, one to two minutes")
INBOX = N_("read the export files that you put into data/inbox")
RUN = N_("label, trace, warn, assess, plan, report")
WRITTEN, MISSING = N_("{file} is written: change it in an editor"), N_("what is still missing or wrong in it")
ROOM = "crisis-room"
"""Folder that we propose for the user's own."""

Lines = list[tuple[str, str]]


def demo(
    posts: Annotated[int, typer.Option(min=500, help="Posts to simulate.")] = 20_000,
    kind: Annotated[str, typer.Option(help="Kind of crisis to simulate, as the playbooks name them.")] = "rumour",
    seed: Annotated[int, typer.Option(help="The same seed gives the same incident.")] = 0,
    language: Annotated[str, typer.Option(help="zh or en; that of this machine if left out.")] = "",
    folder: Annotated[
        Path | None, typer.Option(help="Where the demo's own lake, exports and watch go; data/demo if left out.")
    ] = None,
    lake: LakeDir = None,
    reports: ReportDir = None,
) -> None:
    """Simulate an incident with known truth, write it as raw exports, and run them through to a cited report.

    Needs no network and no configuration. Nothing is shared with your own lake: until that holds posts, the
    dashboards and the notebooks open on the demonstration.
    """
    from crisislib.engine.home_folders import DEMONSTRATION

    spoken = _language(language)
    place = home(None, None, reports)
    target = folder or (place.root if place.simulated else place.lake_root.parent / DEMONSTRATION)
    with bars() as progress:
        result, checks = services.demo(
            target, posts=posts, kind=kind, seed=seed, language=spoken, now=datetime.now(UTC),
            lake=lake, reports=reports or (None if folder else place.reports), progress=progress,
        )  # fmt: skip
    print_result(result)
    out.print(f"\n[bold]{escape(tr(TRUTH, spoken))}[/bold]")
    for line in checks:
        out.print(f"  {escape(line)}")
    command = typed() if folder is None else f"{typed()} --home {shlex.quote(place_of(folder))}"
    _go_on(
        [
            (f"{command} dashboards", PAGES),
            (f"{command} lab", BOOKS),
            (f"{command} report spread --watch {result.watch}", SPREAD),
            (f"{command} refutation --watch {result.watch}", REFUTATION),
            (f"{typed()} init {ROOM}", OWN),
        ],
        spoken,
    )


def init(
    folder: Annotated[Path, typer.Argument(help="The folder; made when it is not there.")],
    language: Annotated[str, typer.Option(help="Of what is printed: zh or en; that of this machine if left out.")] = "",
) -> None:
    """Set up a folder of your own: watches, playbooks, layouts, notebooks, an inbox for exports, reports.

    Every command typed in it, or in a folder below it, works on what lies there. Nothing that exists is overwritten:
    type it again after an upgrade, and only what is missing is added.
    """
    spoken = _language(language)
    words = {"new": NEW, "same": SAME, "kept": UNCHANGED}
    for laid in services.create_workspace(folder):
        out.print(f"  {escape(laid.path):<28} [dim]{escape(tr(words[laid.state], spoken))}[/dim]")
    out.print(f"[bold]{escape(tr(LAID, spoken, folder=place_of(folder)))}[/bold]")
    command = typed(anywhere=True)
    there = [] if folder.resolve() == Path.cwd() else [(f"cd {shlex.quote(place_of(folder))}", "")]
    _go_on(
        [
            *there,
            (f"{command} check", CHECK),
            (f"{command} demo", DEMO),
            (f"{command} dashboards", PAGES),
            (f"{command} collect --watch example", INBOX),
            (f"{command} run --watch example", RUN),
        ],
        spoken,
    )


def new(
    kind: Annotated[str, typer.Argument(help="layout, indicator, notebook, playbook, source or watch.")],
    name: Annotated[str, typer.Argument(help="Its name, which is the file's: a-z, 0-9 and _, a letter first.")],
) -> None:
    """Write a commented template into your folder: a layout, an indicator, a notebook, a playbook, a source, a watch.

    What you add comes before what is shipped. Indicators and sources are Python files: they run with your rights, and
    only in a folder that has a crisis.toml.
    """
    path = services.write_template(home(None, None, None), kind, name)
    out.print(f"{escape(tr(WRITTEN, reader_language(), file=place_of(path)))}")
    _go_on([(f"{typed()} check {name}", MISSING)], reader_language())


def _language(asked: str) -> str:
    if asked and asked not in LANGUAGES:
        raise InputError(
            N_("{asked} is no language of ours"),
            where="--language",
            do=N_("write {languages}"),
            facts={"asked": repr(asked), "languages": " or ".join(LANGUAGES)},
        )
    return asked or reader_language()


def _go_on(lines: Lines, language: str) -> None:
    """The next commands, each as it can be typed."""
    out.print(f"\n[bold]{escape(tr(GO_ON, language))}[/bold]")
    width = max(len(command) for command, _ in lines)
    for command, why in lines:
        out.print(f"  {escape(command):<{width}}   [dim]{escape(tr(why, language) if why else '')}[/dim]".rstrip())


commands: dict[str, Callable[..., None]] = {"demo": demo, "init": init, "new": new}
