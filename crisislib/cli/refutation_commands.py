"""A correction against its story: crisis refutation."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from typing import Annotated

import typer
from rich.table import Table

from crisislib.cli.common import By, LakeDir, Language, WatchDir, WatchName, escape, opened, out
from crisislib.cli.respond import print_findings
from crisislib.core.i18n import N_, tr

HEADINGS = (N_("First seen"), N_("Accounts"), N_("Post"), N_("Text"))
MOST_WORDS = 80
"""Characters of a version that the terminal shows: one line."""


def refutation(
    watch: WatchName,
    story: Annotated[
        str, typer.Option(help="A post of the story; the largest before the correction if left out.")
    ] = "",
    correction: Annotated[str, typer.Option(help="Its post; that of the newest public response if left out.")] = "",
    collected: Annotated[
        float, typer.Option(help="Share of the posts on the matter that you hold, as 0.8.", min=0.01, max=1.0)
    ] = 1.0,
    by: By = None,
    language: Language = None,
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Compare the spread of a correction with that of the story: who saw which, whom it reached, new versions.

    Who took part in both is counted; who saw what is bounded, not guessed: whoever took part saw it, and audiences lie
    between the planning share of followers and all of them. The same is stored with every crisis run.
    """
    from crisislib.engine import story_corrections

    place, chosen = opened(watch, lake, watches)
    spoken = language or chosen.language
    made = story_corrections.refutation(
        place, chosen, by=by or getpass.getuser(), now=place.now(), story=story, correction=correction,
        collected=collected,
    )  # fmt: skip
    print_findings(made.findings, spoken)
    if made.variants.empty:
        return
    table = Table(*(tr(words, spoken) for words in HEADINGS))
    for row in made.variants.to_dict("records"):
        first = f"{row['first_at'].astimezone(chosen.zone):%m-%d %H:%M}"
        table.add_row(first, str(row["accounts"]), escape(row["post_id"]), escape(str(row["text"])[:MOST_WORDS]))
    out.print(table)


commands: dict[str, Callable[..., None]] = {"refutation": refutation}
