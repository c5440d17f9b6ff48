"""The command line: one app, its commands in one file per kind of work."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from crisislib import __version__
from crisislib.cli import (
    aftermath_commands,
    breach_commands,
    case_commands,
    clock_commands,
    drill_commands,
    evidence_commands,
    explain,
    handover_commands,
    incident_commands,
    lake_commands,
    listening,
    logbook_commands,
    maintain,
    mcp_command,
    operations,
    people_commands,
    refutation_commands,
    register_commands,
    release_commands,
    respond,
    review,
    run,
    spread,
    start,
    task_commands,
    teach,
    training_commands,
)
from crisislib.cli.error_language import forget_reader, reader_of_errors
from crisislib.cli.help_panels import flowing, panel_of
from crisislib.cli.usage_errors import ReadableGroup
from crisislib.core import logs
from crisislib.core.errors import REMEDY, CrisisError
from crisislib.core.i18n import N_, tr
from crisislib.core.isolation import Failure, run_isolated
from crisislib.core.sanitize import escape_controls, mask_secrets

logger = logging.getLogger(__name__)

OURS = N_("this is a fault of the program; report it with the lines above")
UNFORESEEN = 70
"""Exit code of an error that nobody foresaw: EX_SOFTWARE of sysexits.h."""

app = typer.Typer(
    name="crisis",
    cls=ReadableGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help=flowing("""From raw exports to a cited report on a social-media crisis, on your own machine.

    [bold]First steps[/bold]

      crisis demo                      a simulated incident, run end to end
      crisis import FILE… --watch W    exports of listening tools and crawlers
      crisis run --watch W             label, trace, warn, assess, plan, report
      crisis report brief --watch W    one notebook as an offline HTML page
      crisis dashboards                what stakeholders look at
      crisis init FOLDER               a folder of your own

    A command works on the workbench that it is typed in: the nearest folder, upwards, with a crisis.toml or with
    data/watches. Others come from --home, or folder by folder from --lake, --watches, --reports; or from CRISIS_HOME,
    CRISIS_LAKE, CRISIS_WATCHES, CRISIS_REPORTS."""),
)
FOLDER_VARIABLES = ("CRISIS_LAKE", "CRISIS_WATCHES", "CRISIS_REPORTS", "CRISIS_NOTEBOOKS")
"""Environment variables that name single folders."""
GROUPS: tuple[dict[str, Callable[..., None]], ...] = (
    start.commands, run.commands, operations.commands, respond.commands, review.commands, teach.commands,
    explain.commands, maintain.commands, drill_commands.commands, refutation_commands.commands, listening.commands,
    handover_commands.commands, clock_commands.commands, mcp_command.commands,
    evidence_commands.commands, case_commands.commands, aftermath_commands.commands, people_commands.commands,
)  # fmt: skip
SUBCOMMANDS: dict[str, typer.Typer] = {
    "task": task_commands.task,
    "release": release_commands.release,
    "breach": breach_commands.breach,
    "register": register_commands.register,
    "training": training_commands.training,
    "log": logbook_commands.log,
    "incident": incident_commands.incident,
    "export": spread.export,
    "lake": lake_commands.lake,
}
for commands in GROUPS:
    for name, command in commands.items():
        app.command(name, rich_help_panel=panel_of(name), help=flowing(command.__doc__))(command)
for name, group in SUBCOMMANDS.items():
    for one in group.registered_commands:
        one.help = flowing(one.help or (one.callback.__doc__ if one.callback else None))
    app.add_typer(group, name=name, rich_help_panel=panel_of(name))


@app.callback()
def _everywhere(
    context: typer.Context,
    home: Annotated[Path | None, typer.Option("--home", help="Folder of the workbench, wherever you are.")] = None,
    log_level: Annotated[
        str | None,
        typer.Option(
            "--log-level",
            help="debug, info, warning or error (warning; info for monitor and schedule). Or CRISIS_LOG_LEVEL.",
        ),
    ] = None,
    log_json: Annotated[
        bool | None,
        typer.Option("--log-json/--log-text", help="Log lines as JSON. Or CRISIS_LOG_FORMAT=json.", show_default=False),
    ] = None,
) -> None:
    """Crisis workbench."""
    forget_reader()
    if home is not None:
        for name in FOLDER_VARIABLES:  # what is typed counts before what the environment says
            os.environ.pop(name, None)
        os.environ["CRISIS_HOME"] = str(home)
    default = "INFO" if context.invoked_subcommand in operations.SERVICES else "WARNING"
    logs.set_up(level=log_level, as_json=log_json, default=default)


@app.command("version", rich_help_panel=panel_of("version"))
def version() -> None:
    """Print the version."""
    print(__version__)


def main() -> None:
    """Run the command; a :class:`CrisisError` is reported in plain words and exits with 2, any other error with 70."""
    run_isolated("the command", _command, on_error=_unforeseen, logger=logger)


def _command() -> None:
    try:
        app()
    except CrisisError as fault:
        _print_error(fault.text(reader_of_errors()))
        sys.exit(2)


def _unforeseen(failure: Failure) -> None:
    """An error of ours: its traceback is in the log above, masked and escaped as everything there."""
    language = reader_of_errors()
    remedy = tr(REMEDY, language, remedy=tr(OURS, language))
    _print_error(f"{failure.text}\n  {remedy}")
    sys.exit(UNFORESEEN)


def _print_error(words: str) -> None:
    # Text(...) and not markup: the message may quote a hostile file.
    Console(stderr=True, soft_wrap=True).print(Text(escape_controls(mask_secrets(f"crisis: {words}")), style="red"))
