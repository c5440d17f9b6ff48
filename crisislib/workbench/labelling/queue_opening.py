"""The labelling queue of an open watch, and what stands in its place where nobody can press a button."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from html import escape

from crisislib.core.i18n import N_, tr
from crisislib.engine.analyst_labels import me
from crisislib.workbench.display import Fragment
from crisislib.workbench.finding_cards import findings_fragment
from crisislib.workbench.labelling import card_frames
from crisislib.workbench.labelling.queue_widget import Queue, write_at_exit
from crisislib.workbench.page_charts import Charts
from crisislib.workbench.progressive_page import Piece
from crisislib.workbench.report_context import ReportContext

PAST = N_(
    "This reads an older state of the data (as_of); labels are written to the present. Leave as_of empty to label."
)
NOBODY = N_(
    "The queue with its buttons is there when this notebook is open in JupyterLab, or on crisis dashboards --labels."
)


def present_context(context: ReportContext) -> ReportContext:
    """The same watch and window start, with the data as they are now.

    Parameters
    ----------
    context : ReportContext
        As it was opened.

    Returns
    -------
    ReportContext
        At the newest version, up to now.
    """
    now = context.home.now()
    return replace(context, as_of=context.lake.versions(), until=max(context.until, now), now=max(context.now, now))


def report_card(context: ReportContext) -> Iterator[Piece]:
    """The report card as a page; how many labels there are stands by the queue already.

    Parameters
    ----------
    context : ReportContext
        The watch that is read.

    Returns
    -------
    iterator of Fragment or altair.Chart
        Drawn one after another.
    """
    charts = Charts(context)
    yield findings_fragment(context, card_frames.card(context))
    yield charts.confusion()
    yield charts.reliability()
    yield charts.corrected()


def queue_of(context: ReportContext, *, by: str, n: int) -> Queue:
    """The queue of a watch; after teaching the report card is read from the lake as it is then.

    Parameters
    ----------
    context : ReportContext
        The watch whose posts are labelled.
    by : str
        Who labels; asked for when empty.
    n : int
        Posts in the queue.

    Returns
    -------
    Queue
        Writes what waits when the kernel ends.
    """
    queue = Queue(
        context.home,
        context.watch,
        language=context.language,
        card=lambda: report_card(present_context(context)),
        by=by,
        n=n,
    )
    return write_at_exit(queue)


def queue_fragment(context: ReportContext, *, by: str, n: int) -> Fragment:
    """The queue as an output: buttons where there is a person, a sentence on a printed page.

    Parameters
    ----------
    context : ReportContext
        The watch whose posts are labelled.
    by : str
        Who labels; the user of the system when empty.
    n : int
        Posts in the queue.

    Returns
    -------
    Fragment
        A sentence, and the widget for those who can use it.
    """
    if context.past:
        return Fragment(f'<p class="cw-none">{escape(tr(PAST, context.language))}</p>')
    queue = queue_of(context, by=by or me(), n=n)
    mime_bundle = queue.widget._repr_mimebundle_()
    view = {mime: data for mime, data in mime_bundle.items() if mime != "text/plain"}
    words = escape(tr(NOBODY, context.language))
    return Fragment(f'<p class="cw-none">{words}</p>', words, view)
