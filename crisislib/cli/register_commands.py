"""The risk register: crisis register list, add, review."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.table import Table

from crisislib.cli.common import (
    By,
    LakeDir,
    Language,
    WatchDir,
    WatchName,
    change_of,
    escape,
    instant,
    opened,
    out,
)
from crisislib.core.errors import InputError
from crisislib.core.i18n import N_, tr

HEADINGS = (N_("Risk"), N_("Rating (of 25)"), N_("Treatment"), N_("Owner"), N_("State"), N_("Review"))
NO_RISKS = N_("The risk register is empty.")
ENTERED = N_("{id} “{title}”: {state}, {owner}, review on {review}")
Review = Annotated[str | None, typer.Option(help="When it is looked at next, 2026-03-01, in the watch's zone.")]
Treatment = Annotated[str | None, typer.Option(help="avoid, reduce, transfer or accept.")]
Likelihood = Annotated[int | None, typer.Option(help="1 (hardly) to 5 (almost certain).")]
Impact = Annotated[int | None, typer.Option(help="1 (slight) to 5 (threatens the company).")]

register = typer.Typer(
    no_args_is_help=True, help="The risk register: risks with owner, rating, treatment, state and review date."
)


@register.command("list")
def register_list(
    watch: WatchName,
    every: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
    language: Language = None,
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """List the risks, the highest first; those that are due for review are marked.

    They are in the digest of their owner (crisis task digest) the day before, and in the reports by period.
    """
    from crisislib.engine import logbook_reading, risk_register

    place, chosen = opened(watch, lake, watches)
    spoken = language or chosen.language
    rows = risk_register.register(place, chosen, now=place.now(), every=every)
    if rows.empty:
        out.print(tr(NO_RISKS, spoken))
        return
    table = Table("id", *(tr(words, spoken) for words in HEADINGS))
    for one in logbook_reading.entries_in_words(rows, spoken).to_dict("records"):
        treatment = tr(risk_register.TREATMENTS[one["treatment"]], spoken)
        day = f"{one['due_at'].astimezone(chosen.zone):%Y-%m-%d}"
        cells = (one["entry_id"], one["title"], one["rating"], treatment, one["owner"], one["status"], day)
        table.add_row(*(escape(str(cell)) for cell in cells), style="red" if one["due"] else None)
    out.print(table)


@register.command("add")
def register_add(
    title: Annotated[str, typer.Argument(help="What may happen.")],
    watch: WatchName,
    owner: Annotated[str, typer.Option(help="Role or person who answers for it.")],
    review: Review,
    treatment: Treatment,
    likelihood: Likelihood,
    impact: Impact,
    note: Annotated[str, typer.Option(help="What is done about it.")] = "",
    by: By = None,
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Enter a risk: what may happen, who answers for it, how likely and how bad, what is done, when it is reviewed."""
    from crisislib.engine import risk_register

    change = change_of(watch, by, lake, watches)
    moment = instant(review, change.watch, "--review")
    if moment is None or treatment is None or likelihood is None or impact is None:
        raise InputError(N_("the risk is not complete"), where="crisis register add", do=N_("give every option"))
    row = risk_register.add_risk(
        change, title, owner=owner, review=moment, treatment=treatment, likelihood=likelihood, impact=impact, note=note
    )
    _shown(row, change.watch)


@register.command("review")
def register_review(
    risk: Annotated[str, typer.Argument(metavar="ID", help="Its id, or as much of it as no other has.")],
    watch: WatchName,
    review: Review = None,
    status: Annotated[str | None, typer.Option(help="open, treated, accepted or closed.")] = None,
    owner: Annotated[str | None, typer.Option(help="Who answers for it from now on.")] = None,
    treatment: Treatment = None,
    likelihood: Likelihood = None,
    impact: Impact = None,
    note: Annotated[str, typer.Option(help="What the review found.")] = "",
    by: By = None,
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Record a review: what has changed, and when the next one is. What was there before stays (crisis log history)."""
    from crisislib.engine import risk_register

    change = change_of(watch, by, lake, watches)
    row = risk_register.review_risk(
        change, risk, review=instant(review, change.watch, "--review"), status=status, owner=owner,
        treatment=treatment, likelihood=likelihood, impact=impact, note=note,
    )  # fmt: skip
    _shown(row, change.watch)


def _shown(row: dict[str, Any], watch: Any) -> None:
    from crisislib.engine import logbook_reading

    one = logbook_reading.entry_in_words(row, watch.language)
    day = f"{row['due_at'].astimezone(watch.zone):%Y-%m-%d}"
    facts = {"id": row["entry_id"], "title": row["title"], "state": one["status"], "owner": one["owner"], "review": day}
    out.print(escape(tr(ENTERED, watch.language, **facts)))
