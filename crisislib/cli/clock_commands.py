"""Duties towards authorities and their clocks: crisis clocks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from crisislib.cli.common import By, Incident, LakeDir, Language, WatchDir, WatchName, change_of, escape, instant, out
from crisislib.core.i18n import N_, tr

HEADINGS = (N_("To whom"), N_("Rule"), N_("Counted from"))
MIND = N_("To mind")
READ = N_("{id}: read on {checked}: {sources}")
LINE = N_("{name}: {words}")
AT_ONCE = N_("at once")
NONE = N_(
    "No duty is listed for {trigger} in {where}. The list is not complete: ask counsel. Without --trigger: "
    "every duty there."
)
ADVICE = N_("Facts with their sources, not legal advice: counsel decides which apply and reads the rules themselves.")
ADDED = N_("{n} {n:duty is a task|duties are tasks} of the incident now; counsel decides which apply (crisis task na)")


def clocks(
    watch: WatchName,
    where: Annotated[list[str] | None, typer.Option("--where", help="CN, EU, US, UK, JP …; repeat.")] = None,
    trigger: Annotated[
        list[str] | None,
        typer.Option(help="data_breach, cyber_incident, product_safety, food_safety, listed_company_disclosure …"),
    ] = None,
    begin: Annotated[str | None, typer.Option("--from", help="When the clocks began; now if left out.")] = None,
    add: Annotated[bool, typer.Option("--add", help="Make them tasks of the incident, owned by counsel.")] = False,
    sources: Annotated[
        bool, typer.Option("--sources", help="Where each can be read, and when that was checked.")
    ] = False,
    by: By = None,
    incident: Incident = "",
    language: Language = None,
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Which duties towards authorities an incident may set off, and until when, by jurisdiction and trigger.

    Each clock is borne out by a public page that --sources names. Business days leave weekends out, but not holidays.
    """
    import pandas as pd

    from crisislib.engine import regulator_duties

    change = change_of(watch, by, lake, watches)
    chosen, spoken = change.watch, language or change.watch.language
    started = instant(begin, chosen, "--from", before=change.now) or change.now
    rows = regulator_duties.duties(where or [], trigger or [], begin=started)
    if rows.empty:
        out.print(tr(NONE, spoken, where=", ".join(where or []), trigger=", ".join(trigger or [])))
        return
    names = [tr(words, spoken) for words in HEADINGS]
    for row in rows.to_dict("records"):
        late = pd.isna(row["due_at"])
        due = tr(AT_ONCE, spoken) if late else f"{row['due_at'].astimezone(chosen.zone):%Y-%m-%d %H:%M}"
        duty = row["duty"].render(spoken)
        out.print(f"[bold]{escape(due)}[/bold]  {escape(row['jurisdiction'])}  {escape(duty)}")
        for name, cell in zip(names, (row["to_whom"], row["legal_basis"], row["counted_from"]), strict=True):
            out.print("    " + escape(tr(LINE, spoken, name=name, words=cell.render(spoken))))
        if row["note"] is not None:  # what is not settled of a clock is no detail
            out.print("    " + escape(tr(LINE, spoken, name=tr(MIND, spoken), words=row["note"].render(spoken))))
    if sources:
        for row in rows.to_dict("records"):
            words = tr(READ, spoken, id=row["id"], checked=row["checked"], sources=" ".join(row["sources"]))
            out.print(escape(words), style="dim", soft_wrap=True)
    out.print(tr(ADVICE, spoken))
    if add:
        made = regulator_duties.add_duties(change, rows, incident_id=incident)
        out.print(tr(ADDED, spoken, n=len(made)))


commands: dict[str, Callable[..., None]] = {"clocks": clocks}
