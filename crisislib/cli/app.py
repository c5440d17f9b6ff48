"""The command line: one app, its commands in one file per kind of work."""

from __future__ import annotations

import sys
from collections.abc import Callable

import typer
from rich.console import Console
from rich.text import Text

from crisislib import __version__
from crisislib.cli import care, learn, respond, review, run, tasks, watchful
from crisislib.core.errors import CrisisError

app = typer.Typer(
    name="crisis",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="""From raw exports to a cited report on a social-media crisis, on your own machine.

    [bold]First steps[/bold]

      crisis demo                                  a simulated incident, walked end to end
      crisis import FILE… --watch W                exports of listening tools and crawlers
      crisis run --watch W                         label, trace, warn, assess, plan, report
      crisis report brief --watch W                one notebook as an offline HTML page
      crisis dashboards                            what stakeholders look at

    Folders come from --lake, --watches, --reports or CRISIS_LAKE, CRISIS_WATCHES, CRISIS_REPORTS.""",
)
GROUPS: tuple[dict[str, Callable[..., None]], ...] = (
    run.commands, watchful.commands, respond.commands, review.commands, learn.commands, care.commands,
)  # fmt: skip
for commands in GROUPS:
    for name, command in commands.items():
        app.command(name)(command)
app.add_typer(tasks.task, name="task")


@app.callback()
def _version() -> None:
    """Crisis workbench."""


@app.command("version")
def version() -> None:
    """Print the version."""
    print(__version__)


def main() -> None:
    """Run the command; a :class:`CrisisError` is told in plain words and exits with 2."""
    try:
        app()
    except CrisisError as told:
        # Text(...) and not markup: the message may quote a hostile file.
        Console(stderr=True, soft_wrap=True).print(Text(f"crisis: {told}", style="red"))
        sys.exit(2)
