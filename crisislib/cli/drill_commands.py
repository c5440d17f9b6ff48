"""Drills: crisis drill."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from crisislib.cli.common import bars, escape, home, out
from crisislib.cli.run import pairs
from crisislib.cli.typed_command import place_of
from crisislib.core.errors import InputError
from crisislib.core.i18n import LANGUAGES, N_, tr

HEADINGS = (N_("Part"), N_("Target (min)"), N_("Taken (min)"), N_("Points"))
DONE = N_("the drill is over; its lake stays in {folder}: crisis --home {folder} task list --watch drill --all")
SHORT = N_(
    "{hours} hours are short: the first is ordinary talk, and an alert may take another. What cannot fall due in the "
    "time is not scored; {least} hours show all of it"
)


def drill(
    scenario: Annotated[
        str, typer.Argument(help="rumour, data_breach, malicious_attack, product_harm …, or a file of scenarios/.")
    ] = "rumour",
    speed: Annotated[
        float,
        typer.Option(
            help="Simulated seconds a second; 0 waits for nothing, and looks every 15 simulated minutes.", min=0
        ),
    ] = 60.0,
    hours: Annotated[float, typer.Option(help="Simulated hours that it lasts.", min=0.5)] = 6.0,
    team: Annotated[str, typer.Option(help="people (you), or a simulated team: good, slow, none.")] = "people",
    to: Annotated[
        Path | None, typer.Option("--to", help="Folder that becomes the drill's own workbench (data/drill).")
    ] = None,
    owner: Annotated[
        list[str] | None, typer.Option("--owner", help="Who plays a role, role=person; repeat for more.")
    ] = None,
    channel: Annotated[
        str, typer.Option(help="An Apprise address that alerts, tasks and injects are sent to; none if left out.")
    ] = "",
    seed: Annotated[int, typer.Option(help="Same seed, same incident.")] = 0,
    posts: Annotated[int, typer.Option(help="Posts of the simulation, three weeks of everyday talk included.")] = 6000,
    language: Annotated[str, typer.Option(help="zh or en, of the watch and its messages.")] = "en",
    list_all: Annotated[bool, typer.Option("--list", help="List the scenarios and stop.")] = False,
) -> None:
    """Run a drill: a simulated incident through the real monitor, tasks and messages, marked DRILL everywhere.

    It runs in this terminal while the team works in others: `crisis --home data/drill task list -w drill`,
    `crisis --home data/drill respond …`, `crisis --home data/drill dashboards`. The clock of that folder is its own.
    Journalists call (crisis log list --kind enquiry), a memo leaks, a platform is out of order. What the team says
    bends the crisis: an early, true answer makes it smaller, a denial of what is true makes it larger. At the end
    detection, assessment, first word, steps and enquiries are scored; crisis log and crisis task hold the record.
    """
    if language not in LANGUAGES:
        raise InputError(
            N_("{language} is no language of ours"),
            where="--language",
            do=N_("write zh or en"),
            facts={"language": repr(language)},
        )
    from crisislib.engine.drill_score import SHORT_HOURS
    from crisislib.services import drill_session

    around = home(None, None, None)
    own = around.root / "scenarios"
    if list_all:
        for name, title in drill_session.known_scenarios(own, language).items():
            out.print(escape(f"{name}: {title}"))
        return
    plan = drill_session.DrillPlan(
        drill_session.find_scenario(scenario, own), speed=speed, hours=hours, seed=seed, posts=posts, language=language,
        team=team,
    )  # fmt: skip
    if hours < SHORT_HOURS:
        out.print(tr(SHORT, language, hours=f"{hours:g}", least=f"{SHORT_HOURS:g}"), style="yellow")
    folder = to or around.root / "data" / "drill"
    with bars() as advance:
        _, result = drill_session.drill(
            folder, plan, now=around.now(), channel=channel, owners=pairs(owner or [], "--owner"),
            echo=lambda line: out.print(escape(line)), progress=lambda done, whole: advance("drill", done, whole),
        )  # fmt: skip
    out.print(escape(result.finding.render(language)))
    for line in result.finding.caveats(language):
        out.print(escape(line), style="dim")
    table = Table(*(tr(words, language) for words in HEADINGS))
    for row in result.parts.to_dict("records"):
        numbers = [row["target_min"], row["taken_min"], row["points"] * 100]
        cells = ["–" if value != value else f"{value:.0f}" for value in numbers]
        table.add_row(row["title"].render(language), *cells)
    out.print(table)
    out.print(escape(tr(DONE, language, folder=place_of(folder))))


commands: dict[str, Callable[..., None]] = {"drill": drill}
