"""Commands that hand data on to other tools: export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crisislib import engine
from crisislib.cli.common import LakeDir, Since, Until, WatchDir, WatchName, escape, instant, opened, out
from crisislib.core.errors import LakeError
from crisislib.core.i18n import N_

export = typer.Typer(no_args_is_help=True, help="Files for other tools: Gephi, spreadsheets, CooRTweet.")
BOM = "\ufeff"
"""Without it Excel reads a CSV file in the code page of the machine."""


@export.command("graph")
def graph(
    watch: WatchName,
    file: Annotated[Path, typer.Option("--out", "-o", help="File to write.")],
    form: Annotated[
        str, typer.Option("--format", "-f", help="gexf or graphml (Gephi), csv (spreadsheets), coortweet (R).")
    ] = "gexf",
    root: Annotated[str | None, typer.Option(help="Post that a story began with (CASCADES.root_id); else all.")] = None,
    since: Since = None,
    until: Until = None,
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Write who passed on what from whom; names are masked, texts left out.

    csv and gexf hold each post with its parent and how that is known; coortweet holds who shared which link, hashtag,
    image, text or post when.
    """
    place, chosen = opened(watch, lake, watches)
    text = engine.export_graph(
        place, chosen, form, root_id=root,
        since=instant(since, chosen, "--since"), until=instant(until, chosen, "--until"),
    )  # fmt: skip
    try:
        file.write_text((BOM if form == "csv" else "") + text, encoding="utf-8")
    except OSError as fault:
        raise LakeError(
            N_("cannot be written: {fault}"),
            where=str(file),
            do=N_("choose another file with --out"),
            facts={"fault": fault},
        ) from fault
    out.print(f"{escape(str(file))}: {form}; names are masked")
