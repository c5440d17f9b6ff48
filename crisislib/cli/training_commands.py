"""Training of the team: crisis training list, show, done."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from crisislib.cli.common import LakeDir, Language, WatchDir, WatchName, change_of, escape, opened, out
from crisislib.core.i18n import N_, tr

HEADINGS = (N_("Participant"), N_("Module"), N_("State"), N_("When"), N_("With"), N_("Note"))
RECORDED = N_("{person}: {module}, {checked} of {items}; {state}")
Module = Annotated[str, typer.Argument(help="ethics, skills or care.")]

training = typer.Typer(
    no_args_is_help=True,
    help="Short modules on ethics, skills and looking after people, with a checklist and a record.",
)


@training.command("list")
def training_list(watch: WatchName, language: Language = None, lake: LakeDir = None, watches: WatchDir = None) -> None:
    """List the modules, and who of the team has done them, when and with whom."""
    from crisislib.engine import logbook_reading, training_modules

    place, chosen = opened(watch, lake, watches)
    spoken = language or chosen.language
    for name, title in training_modules.MODULES.items():
        out.print(f"{name}  {tr(title, spoken)}")
    table = Table(*(tr(words, spoken) for words in HEADINGS))
    rows = training_modules.training_record(place, chosen)
    for one in logbook_reading.entries_in_words(rows, spoken).to_dict("records"):
        day = f"{one['written_at'].astimezone(chosen.zone):%Y-%m-%d}"
        cells = (one["owner"], tr(one["title"], spoken), one["status"], day, one["first_by"], one["note"])
        table.add_row(*(escape(str(cell)) for cell in cells))
    if len(rows):
        out.print(table)


@training.command("show")
def training_show(module: Module, language: Annotated[str, typer.Option(help="zh or en.")] = "en") -> None:
    """Print a module as Markdown: ten minutes to read, and a checklist to go through with a colleague."""
    from crisislib.engine import training_modules

    out.print(escape(training_modules.module_text(module, language)))


@training.command("done")
def training_done(
    module: Module,
    watch: WatchName,
    person: Annotated[str, typer.Option(help="Who has done it.")],
    by: Annotated[str, typer.Option("--by", help="Who went through the checklist with them.")],
    checked: Annotated[int, typer.Option(help="Items of the checklist that were ticked.")],
    note: Annotated[str, typer.Option(help="What is still to be practised.")] = "",
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Record a module: done with every item ticked, else still planned. Nobody records their own."""
    from crisislib.core.phrase import unpack
    from crisislib.engine import logbook_reading, training_modules

    change = change_of(watch, by, lake, watches)
    row = training_modules.record_training(change, module, person=person, checked=checked, note=note)
    spoken, facts = change.watch.language, unpack(row["facts"])
    state = logbook_reading.entry_in_words(row, spoken)["status"]
    words = tr(RECORDED, spoken, person=person, module=tr(row["title"], spoken), state=state, **facts)
    out.print(escape(words))
