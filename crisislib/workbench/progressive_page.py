"""A page that grows: what is above is on the screen while what is below is still being drawn."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator
from html import escape
from typing import TypeAlias

import altair as alt
import ipywidgets
from IPython.core.getipython import get_ipython

from crisislib.core.errors import CrisisError
from crisislib.core.i18n import N_, tr
from crisislib.core.isolation import Failure, run_isolated
from crisislib.workbench.display import Fragment, render

logger = logging.getLogger(__name__)

MORE = N_("The rest of this page is being drawn …")
BROKEN = N_(
    "The rest of this page could not be drawn, so it is incomplete. Press Refresh; if that does not "
    "help, give the administrator of the server this error number: {error_id}."
)
SOON_S, SETTLE_S, PAUSE_S, GONE_S = 0.05, 1.0, 0.02, 10.0
"""Until the cell has been answered; until a browser that has just come has fetched the first chart; between two groups,
so that the kernel answers the browser in between; and until parts of an older page are given up."""

Piece: TypeAlias = Fragment | alt.Chart


def later(seconds: float, work: Callable[[], None]) -> None:
    """Do some work once the kernel has answered what it was asked; at once where nothing is listened to.

    Parameters
    ----------
    seconds : float
        Delay.
    work : callable
        Called without arguments.
    """
    if getattr(get_ipython(), "kernel", None) is None:  # a test, or a script
        work()
    else:
        asyncio.get_running_loop().call_later(seconds, work)


def notice(words: str) -> Fragment:
    """A sentence about what is wrong, in a frame.

    Parameters
    ----------
    words : str
        Plain text.

    Returns
    -------
    Fragment
        Escaped.
    """
    return Fragment(f'<p style="border-left:4px solid #c62828;padding:.4rem .8rem">{escape(words)}</p>', words)


def failure_notice(failure: Failure, language: str) -> str:
    """What a reader is shown of an error: what to do where it was foreseen, else a number that the log has, too.

    Parameters
    ----------
    failure : Failure
        Error, its text and its number in the log.
    language : {"zh", "en"}
        Of the reader.

    Returns
    -------
    str
        Escaped HTML.
    """
    if isinstance(failure.error, CrisisError):
        return notice(failure.text).html
    return notice(tr(BROKEN, language, error_id=failure.error_id)).html


def output(pieces: Iterable[Piece]) -> ipywidgets.Output:
    """Some pieces in one widget, set at once: displayed one by one they go to the server and back each time.

    Parameters
    ----------
    pieces : iterable of Fragment or altair.Chart
        In the order of the page.

    Returns
    -------
    ipywidgets.Output
        The widget.
    """
    made = ipywidgets.Output()
    made.outputs = tuple(
        {
            "output_type": "display_data",
            "data": piece._repr_mimebundle_() if isinstance(piece, Fragment) else render(piece.to_dict()),
            "metadata": {},
        }
        for piece in pieces
    )
    return made


class ProgressivePage:
    """The page under the controls.

    Attributes
    ----------
    widget : ipywidgets.VBox
        To be shown.
    """

    def __init__(self) -> None:
        self._parts, self._note = ipywidgets.VBox(), ipywidgets.HTML()
        self.widget = ipywidgets.VBox([self._parts, self._note])
        self._turn, self._pause = 0, SETTLE_S

    def draw(self, pieces: Iterable[Piece], language: str) -> None:
        """Draw anew: words down to the first chart now, what follows in the pauses.

        Parameters
        ----------
        pieces : iterable of Fragment or altair.Chart
            Made one after another, as the page is drawn.
        language : {"zh", "en"}
            Of the reader.
        """
        self._turn += 1
        self._go_on(self._turn, iter(pieces), [], language)

    def _go_on(self, turn: int, pieces: Iterator[Piece], drawn: list[ipywidgets.Output], language: str) -> None:
        """Draw the next group and come back for the one after it; a newer page ends an older one."""
        if turn != self._turn:
            return

        def drawing() -> tuple[list[ipywidgets.Output], str, bool]:
            group, more = _next(pieces, language)
            said = f'<p class="cw-note">{escape(tr(MORE, language))}</p>' if more else ""
            return ([*drawn, output(group)] if group else drawn), said, more

        def broken(failure: Failure) -> tuple[list[ipywidgets.Output], str, bool]:
            return drawn, failure_notice(failure, language), False  # half a page is not a whole one, and says so

        drawn, said, more = run_isolated("page", drawing, on_error=broken, logger=logger)
        self._show(drawn, said)
        if more:
            later(self._pause, lambda: self._go_on(turn, pieces, drawn, language))
            self._pause = PAUSE_S

    def _show(self, parts: list[ipywidgets.Output], note: str) -> None:
        """Put the parts on the page; those that it no longer has are given up, or a wall display would fill up."""
        gone = [one for one in self._parts.children if one not in parts]
        self._parts.children, self._note.value = parts, note
        if gone:  # not at once: a browser that is still fetching them would complain
            later(GONE_S, lambda: _close(gone))


def _close(parts: list[ipywidgets.Output]) -> None:
    for one in parts:
        one.close()


def _next(pieces: Iterator[Piece], language: str) -> tuple[list[Piece], bool]:
    """Pieces down to the next chart, and whether there may be more."""
    group: list[Piece] = []
    try:
        for piece in pieces:
            group.append(piece)
            if not isinstance(piece, Fragment):
                return group, True
    except CrisisError as fault:  # a reader gets the sentence, not a trace; the notebook keeps none either
        group.append(notice(fault.text(language)))
    return group, False
