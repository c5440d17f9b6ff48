"""Labelling: the only dashboard that writes; it runs where the server was started for it."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping

import ipywidgets

from crisislib.core.i18n import N_, tr
from crisislib.core.isolation import Failure, run_isolated
from crisislib.workbench.dashboards.choice import (
    LANGUAGE,
    LANGUAGES,
    WATCH,
    dropdown,
    language_of,
    query,
    requested_watch,
)
from crisislib.workbench.display import use_renderer
from crisislib.workbench.kernel_log import log_from_kernel
from crisislib.workbench.labelling.queue_opening import queue_of
from crisislib.workbench.labelling.queue_widget import Queue
from crisislib.workbench.progressive_page import SOON_S, failure_notice, later, notice, output
from crisislib.workbench.workbench import Workbench

logger = logging.getLogger(__name__)

NO_SUCH = N_("There is no watch {name}. There are: {known}")
NO_WATCHES = N_("There are no watch files yet. Write one with crisis new watch NAME, or run: crisis demo")
CLOSED = N_(
    "Labelling is not open here: this page writes labels, and the server was started read-only. "
    "Start it with crisis dashboards --labels, or open notebooks/labelling.ipynb."
)
WRITES = N_(
    "This page writes: each label is stored under the name that you give, and the newest label of a post "
    "counts in every later share. Whoever can open this page can write."
)
OPENED = "CRISIS_LABELS"
POSTS = 100
"""Posts a queue: about ten minutes."""


def labelling() -> ipywidgets.VBox:
    """The queue of one watch; `?watch=…&language=…&by=…`."""
    asked = query()
    if os.environ.get(OPENED) != "1":
        words = [tr(CLOSED, language) for language in ("zh", "en")]
        return ipywidgets.VBox([output(map(notice, words))])
    return LabellingPage(asked).show()


class LabellingPage:
    """Watch and language above, the queue below.

    Parameters
    ----------
    asked : Mapping[str, str]
        What the address asks for.
    """

    def __init__(self, asked: Mapping[str, str]) -> None:
        use_renderer()
        log_from_kernel()
        self._asked = asked
        self._queue: Queue | None = None
        self._bar, self._page, self._fault = ipywidgets.HBox(), ipywidgets.VBox(), ipywidgets.HTML()

    def show(self) -> ipywidgets.VBox:
        """The whole; it fills once the notebook has been answered."""
        later(SOON_S, lambda: self._guarded(self._begin, self._asked.get("language", "en")))
        return ipywidgets.VBox([self._bar, self._page, self._fault])

    def _guarded(self, work: Callable[[], None], language: str) -> None:
        """Do what a control or a timer asks for; what goes wrong is shown under the page, and its traceback logged."""
        self._fault.value = ""

        def broken(failure: Failure) -> None:
            self._fault.value = failure_notice(failure, language)

        run_isolated("labelling", work, on_error=broken, logger=logger)

    def _begin(self) -> None:
        self._selection, first = requested_watch(self._asked)
        language, wrong = language_of(self._asked, self._selection, first), self._selection.faults
        if first is None:
            known = ", ".join(w.watch for w in self._selection.watches)
            said = tr(NO_SUCH, language, name=self._asked["watch"], known=known) if known else tr(NO_WATCHES, language)
            self._page.children = [output(map(notice, [*wrong, said]))]
            return
        self._watch = dropdown([(w.name(language), w.watch) for w in self._selection.watches], first.watch)
        self._language = dropdown(LANGUAGES, language)
        for control in (self._watch, self._language):
            control.observe(lambda _: self._guarded(self.draw, str(self._language.value)), names="value")
        self.draw()

    def draw(self) -> None:
        """The page anew; labels that wait are written first."""
        if self._queue is not None:
            self._queue.leave()
        language = str(self._language.value)
        labels = zip((WATCH, LANGUAGE), (self._watch, self._language), strict=True)
        self._bar.children = [ipywidgets.HBox([ipywidgets.Label(tr(m, language)), c]) for m, c in labels]
        chosen = self._selection.named(str(self._watch.value))
        workbench = Workbench.of(self._selection.home, chosen or self._selection.watches[0], language=language)
        head = [workbench.heading("labelling"), *map(notice, [*self._selection.faults, tr(WRITES, language)])]
        self._queue = queue_of(workbench.context, by=self._asked.get("by", ""), n=POSTS)
        self._page.children = [output(head), self._queue.widget, output([workbench.foot()])]
