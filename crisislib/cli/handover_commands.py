"""The hand-over of a shift: crisis handover."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from crisislib.cli.common import Incident, LakeDir, Language, WatchDir, WatchName, escape, instant, opened, out
from crisislib.core.i18n import N_, tr

WRITTEN = N_("the hand-over is written to {file}")


def handover(
    watch: WatchName,
    hours: Annotated[float, typer.Option(help="Length of the shift that ends now.", min=0.1)] = 8.0,
    since: Annotated[
        str | None, typer.Option(help="Its begin, in the watch's zone; before --hours if left out.")
    ] = None,
    to: Annotated[Path | None, typer.Option("--to", help="A Markdown file; printed if left out.")] = None,
    incident: Incident = "",
    language: Language = None,
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Hand a shift over: what happened, what was decided, what is open, and what comes next.

    From alerts, responses, steps, changes of incidents and the logbook, as they are on record: write decisions down
    with crisis log add decision, and they are here. Other open incidents follow, one line each. What is due within
    the next eight hours is the next shift's.
    """
    from crisislib.core.atomic_files import replace_file
    from crisislib.engine import shift_handover

    place, chosen = opened(watch, lake, watches)
    now = place.now()
    spoken = language or chosen.language
    begin = instant(since, chosen, "--since", before=now) or now - timedelta(hours=hours)
    page = shift_handover.handover(place, chosen, since=begin, now=now, language=spoken, incident_id=incident)
    text = page.markdown(chosen, spoken)
    if to is None:
        out.print(escape(text))
        return
    replace_file(to, text)
    out.print(escape(tr(WRITTEN, spoken, file=to)))


commands: dict[str, Callable[..., None]] = {"handover": handover}
