"""The queue with buttons, keys and a progress bar; then teaching, and the report card under it."""

from __future__ import annotations

import atexit
import logging
from collections.abc import Callable, Iterable
from html import escape
from importlib import resources

import ipywidgets

from crisislib.core.i18n import N_, tr
from crisislib.core.isolation import Failure, run_isolated
from crisislib.core.watch import Watch
from crisislib.engine import Home
from crisislib.engine.analyst_labels import teach
from crisislib.engine.label_counts import CLASSES, count_labels
from crisislib.engine.report_card import standing_finding
from crisislib.workbench.display import Fragment
from crisislib.workbench.labelling.labelling_session import Session
from crisislib.workbench.labelling.post_card import done_html, post_html
from crisislib.workbench.progressive_page import Piece, ProgressivePage, failure_notice, later, notice, output

logger = logging.getLogger(__name__)

WHO, START, NEXT = N_("Your name"), N_("Start"), N_("More posts")
SKIP, BACK, TEACH = N_("skip"), N_("undo"), N_("Teach the model")
KEYS = N_(
    "Is the post negative, neutral or positive, as a reader would take it? The brand is marked. Keys: 1 negative, "
    "2 neutral, 3 positive, 0 skip, Backspace undo. Labels are written as you go; closing the page loses none."
)
AT, PACE = N_("{done} of {n}"), N_("{seconds} s a post, about {minutes} min left")
UNWRITTEN = N_("{n} {n:label is|labels are} not written yet; writing is tried again: {fault}")
NAME_FIRST = N_("Write your name, then press Start: every label is stored with who gave it.")
TEACHING = N_("Learning; some seconds …")
NEW_RUN = N_("Levels, signals and reports use what the labels taught from the next run on: crisis run --watch {watch}")
SYMBOLS = {"negative": "1", "neutral": "2", "positive": "3", "skip": "0", "back": "⌫"}
WRITE_S = 4.0
"""Until labels that do not fill a batch are written."""

Card = Callable[[], Iterable[Piece]]


class Queue:
    """The queue as a widget.

    Parameters
    ----------
    home : Home
        Where labels go.
    watch : Watch
        Whose posts.
    language : str
        Of the analyst.
    card : callable
        Pieces of the report card, drawn after teaching.
    by : str
        Who labels; asked for when empty.
    n : int
        Posts a queue.

    Attributes
    ----------
    widget : ipywidgets.VBox
        To be shown.
    """

    def __init__(self, home: Home, watch: Watch, *, language: str, card: Card, by: str = "", n: int = 100) -> None:
        self._home, self._watch, self._language, self._card, self._n = home, watch, language, card, n
        self.session: Session | None = None
        self._who = ipywidgets.Text(value=by, placeholder=self._tr(WHO), layout={"width": "12rem"})
        self._begin = ipywidgets.Button(description=self._tr(START), button_style="primary")
        self._begin.on_click(lambda _: self._guarded(self._start))
        self._bar = ipywidgets.IntProgress(min=0, max=1, layout={"width": "16rem"})
        self._words, self._post, self._said = ipywidgets.HTML(), ipywidgets.HTML(), ipywidgets.HTML()
        self._buttons = {name: self._button(name) for name in SYMBOLS}
        self._teach = ipywidgets.Button(description=self._tr(TEACH))
        self._teach.on_click(lambda _: self._guarded(self._learn))
        self._learning = ipywidgets.IntProgress(min=0, max=3, layout={"width": "16rem", "visibility": "hidden"})
        self._progressive, self._fault = ProgressivePage(), ipywidgets.HTML()
        keys = resources.files("crisislib.workbench.labelling").joinpath("keys.html").read_text(encoding="utf-8")
        self.widget = ipywidgets.VBox(
            [
                _row([ipywidgets.Label(self._tr(WHO)), self._who, self._begin, self._bar, self._words]),
                self._post,
                _row(list(self._buttons.values())),
                ipywidgets.HTML(f'<p class="cw-note">{escape(self._tr(KEYS))}</p>'),
                self._fault,
                self._said,
                _row([self._teach, self._learning]),
                self._progressive.widget,
                output([Fragment(keys, " ")]),
            ]
        )
        self.widget.add_class("cw-queue")
        self._refresh()

    def _tr(self, message: str, **values: object) -> str:
        return tr(message, self._language, **values)

    def _button(self, name: str) -> ipywidgets.Button:
        words = {"skip": SKIP, "back": BACK}.get(name, name)
        made = ipywidgets.Button(description=f"{SYMBOLS[name]}  {self._tr(words)}", disabled=True)
        made.add_class(f"cw-key-{name}")
        made.on_click(lambda _: self._guarded(lambda: self._press(name)))
        return made

    def _guarded(self, work: Callable[[], None]) -> None:
        """Do what a button asks; a fault is shown under the buttons and stops nothing."""
        self._fault.value = ""

        def broken(failure: Failure) -> None:
            waits = self.session.waiting if self.session else 0
            words = notice(self._tr(UNWRITTEN, n=waits, fault=failure.text)).html
            self._fault.value = words if waits else failure_notice(failure, self._language)

        run_isolated("labelling", work, on_error=broken, logger=logger)
        self._refresh()

    def _start(self) -> None:
        """A new queue; what an older one still holds is written first."""
        self.leave()
        if not self._who.value.strip():
            self._fault.value = notice(self._tr(NAME_FIRST)).html
            return
        self.session = Session(self._home, self._watch, by=self._who.value.strip(), n=self._n)
        self._begin.description = self._tr(NEXT)
        self._who.disabled = True

    def _press(self, name: str) -> None:
        session = self.session
        if session is None:
            return
        if name in CLASSES:
            session.give(name)
            later(WRITE_S, self._write)
        elif name == "skip":
            session.skip()
        else:
            session.back()

    def _write(self) -> None:
        if self.session is not None and self.session.waiting:
            self._guarded(self._flush)

    def _flush(self) -> None:
        if self.session is not None:
            self.session.write()

    def leave(self) -> None:
        """Write what waits; the queue may be thrown away after it."""
        if self.session is not None:
            self.session.write()

    def _refresh(self) -> None:
        """The screen after a step."""
        session = self.session
        if session is None:
            self._post.value = f'<div class="cw-post"><p class="cw-note">{escape(self._tr(NAME_FIRST))}</p></div>'
        else:
            post, n = session.current, len(session.posts)
            before = session.given.get(session.place, "")
            self._post.value = (
                done_html(self._language, empty=not n)
                if post is None
                else post_html(post, self._watch, self._language, before)
            )
            self._bar.max, self._bar.value = max(n, 1), session.place
            said = self._tr(AT, done=session.place, n=n)
            if session.pace is not None and post is not None:
                left = session.pace * (n - session.place) / 60
                said += " · " + self._tr(PACE, seconds=f"{session.pace:.1f}", minutes=f"{left:.0f}")
            self._words.value = escape(said)
        for name, button in self._buttons.items():
            ends = session is None or (session.place == 0 if name == "back" else session.current is None)
            button.disabled = ends
        if session is None or not session.waiting:  # counted from the lake: only what is written counts
            held = count_labels(self._home, self._watch)
            self._said.value = f'<p class="cw-said">{escape(standing_finding(held).render(self._language))}</p>'
            self._teach.disabled = bool(held.lacking)

    def _learn(self) -> None:
        """Teach, and draw the report card."""
        self.leave()
        self._teach.disabled = True
        self._learning.value, self._learning.layout.visibility = 0, "visible"
        self._fault.value = f'<p class="cw-note">{escape(self._tr(TEACHING))}</p>'
        try:
            teach(self._home, self._watch, progress=self._progress)
        finally:
            self._learning.layout.visibility = "hidden"
        self._fault.value = ""
        self._progressive.draw([*self._card(), notice(self._tr(NEW_RUN, watch=self._watch.watch))], self._language)

    def _progress(self, stage: str, done: int, total: int | None) -> None:
        self._learning.value = done


def _row(parts: list[ipywidgets.Widget]) -> ipywidgets.HBox:
    return ipywidgets.HBox(parts, layout={"flex_flow": "row wrap", "align_items": "center"})


def write_at_exit(queue: Queue) -> Queue:
    """Write what waits when the kernel ends, as it does when a dashboard is closed.

    Parameters
    ----------
    queue : Queue
        The queue on the screen.

    Returns
    -------
    Queue
        The same.
    """
    atexit.register(queue.leave)
    return queue
