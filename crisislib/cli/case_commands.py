"""What was done last time: crisis cases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from crisislib.cli.common import Incident, LakeDir, Language, WatchDir, WatchName, escape, opened, out
from crisislib.core.i18n import tr


def cases(
    watch: WatchName,
    text: Annotated[str, typer.Argument(help="Words to search by; the incident's own posts if left out.")] = "",
    kind: Annotated[str, typer.Option(help="Only with TEXT: a kind of crisis, as crisis incident retype takes.")] = "",
    most: Annotated[int, typer.Option(min=1, help="Cases at most.")] = 5,
    incident: Incident = "",
    language: Language = None,
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Search past cases by likeness: what was claimed, how it was answered, what it cost, with sources.

    Your own closed incidents, cases of yours (folder cases/), and a library of public cases. Likeness is
    by kind, subject, industry and standing, and by words that few cases use; its reasons stand beside it. Losses stand
    as the sources give them, not scaled.
    """
    from crisislib.engine import case_library

    place, chosen = opened(watch, lake, watches)
    spoken = language or chosen.language
    if text:
        found = case_library.like_text(place, chosen, text, kind=kind, most=most)
    else:
        found = case_library.like_incident(place, chosen, incident_id=incident, most=most)
    for one in found:
        for number, line in enumerate(case_library.case_in_words(one, spoken)):
            out.print(escape(line) if number else f"[bold]{escape(line)}[/bold]")
    for fault in case_library.case_faults(place):
        out.print(escape(fault.text(spoken)), style="red")
    if not found:
        out.print(tr(case_library.NO_CASE, spoken))


commands: dict[str, Callable[..., None]] = {"cases": cases}
