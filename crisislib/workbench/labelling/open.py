"""The queue over an open workbench, and what stands in its place where nobody can press a button."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING

from crisislib.core.i18n import N_, tr
from crisislib.engine.analyst_labels import me
from crisislib.workbench.display import Shown
from crisislib.workbench.labelling.buttons import Queue, opened
from crisislib.workbench.labelling.card import pieces
from crisislib.workbench.progressive_page import Piece
from crisislib.workbench.report_context import Desk

if TYPE_CHECKING:
    from crisislib.workbench.workbench import Workbench

PAST = N_(
    "This reads an older state of the data (as_of); labels are written to the present. Leave as_of empty to label."
)
NOBODY = N_(
    "The queue with its buttons is there when this notebook is open in JupyterLab, or on crisis dashboards --labels."
)


def fresh(desk: Desk) -> Desk:
    """The same watch and window start, with the data as they are now."""
    now = desk.home.now()
    return replace(desk, as_of=desk.lake.versions(), until=max(desk.until, now), now=max(desk.now, now))


def queue_of(bench: Workbench, *, by: str, n: int) -> Queue:
    """The queue over a workbench; after teaching the card is read from the lake as it is then."""
    from crisislib.workbench.workbench import Workbench

    desk = bench.desk

    def card() -> Iterable[Piece]:
        return pieces(Workbench(fresh(desk)))

    return opened(Queue(desk.home, desk.watch, language=desk.language, card=card, by=by, n=n))


def queue_shown(bench: Workbench, *, by: str, n: int) -> Shown:
    """The queue as an output: buttons where there is a person, a sentence on a printed page."""
    language = bench.desk.language
    if bench.desk.past:
        return Shown(f'<p class="cw-none">{escape(tr(PAST, language))}</p>')
    queue = queue_of(bench, by=by or me(), n=n)
    widget = queue.whole._repr_mimebundle_()
    view = {k: v for k, v in widget.items() if k != "text/plain"}
    words = escape(tr(NOBODY, language))
    return Shown(f'<p class="cw-none">{words}</p>', words, view)
