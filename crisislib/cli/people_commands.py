"""Whom to speak to one by one: crisis people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from crisislib.cli.common import (
    By,
    Incident,
    LakeDir,
    Language,
    WatchDir,
    WatchName,
    change_of,
    escape,
    instant,
    out,
    print_listing,
)
from crisislib.core.i18n import N_, tr

HEADINGS = (N_("Name"), N_("Why"), N_("Post"), N_("State"), N_("Owner"), N_("Entry"))
NOBODY = N_("Nobody stands out: no post of this incident complains in its own words, and no account carried many.")
TAKEN = N_("{n} {n:conversation|conversations} begun; crisis log set ENTRY --status contacted, answered or settled")


def people(
    watch: WatchName,
    most: Annotated[int, typer.Option(min=1, help="Affected and influential accounts at most, each.")] = 10,
    take: Annotated[bool, typer.Option("--take", help="Begin a conversation with everybody on the list.")] = False,
    due: Annotated[str | None, typer.Option(help="With --take: by when, 14:00 (the next) or 2026-03-01T14:00.")] = None,
    by: By = None,
    incident: Incident = "",
    language: Language = None,
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Whom to speak to one by one: who complains in their own words, and through whom most posts came; with its state.

    --take writes an entry of the logbook for each with whom no conversation was begun: affected people to customer
    care, influential ones to the spokesperson. Once contacted it is logged as a one-to-one response. Names are masked;
    the post leads to the account.
    """
    from crisislib.engine import contact_priorities

    change = change_of(watch, by, lake, watches)
    spoken = language or change.watch.language

    def listed() -> list[list[str]]:
        rows = contact_priorities.contact_priorities(
            change.home, change.watch, language=spoken, most=most, incident_id=incident
        )
        if take:
            at = instant(due, change.watch, "--due", after=change.now)
            n = contact_priorities.take_contacts(change, rows, due_at=at, incident_id=incident)
            out.print(tr(TAKEN, spoken, n=n))
            rows = contact_priorities.contact_priorities(
                change.home, change.watch, language=spoken, most=most, incident_id=incident
            )
        shown = rows[["name", "why", "post_id", "state", "owner", "entry_id"]]
        return [[str(cell) for cell in row] for row in shown.itertuples(index=False)]

    cells = listed()
    if not cells:
        out.print(escape(tr(NOBODY, spoken)))
        return
    print_listing((tr(words, spoken) for words in HEADINGS), cells, whole=())


commands: dict[str, Callable[..., None]] = {"people": people}
