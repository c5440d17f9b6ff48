"""The frame of a dashboard: controls above, a page below that is drawn anew when a control changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import ipywidgets

from crisislib.core.i18n import N_, tr
from crisislib.workbench.dashboards.choice import WINDOWS, Choice, language_of, requested_watch, window_of
from crisislib.workbench.display import use_renderer
from crisislib.workbench.kernel_log import log_from_kernel
from crisislib.workbench.progressive_page import SOON_S, Piece, ProgressivePage, later, notice
from crisislib.workbench.workbench import Workbench

WATCH, INCIDENT, WINDOW, LANGUAGE = N_("Watch"), N_("Incident"), N_("Window"), N_("Language")
REFRESH = N_("Refresh")
NO_SUCH = N_("There is no watch {name}. There are: {known}")
NO_WATCHES = N_("There are no watch files yet. Write one with crisis new watch NAME, or run: crisis demo")

Page = Callable[[Choice], Iterable[Piece]]
Options = Callable[[Choice], list[tuple[str, object]]]


def dropdown(options: Sequence[tuple[str, object]], wanted: object = None) -> ipywidgets.Dropdown:
    """A control of one choice, on what is wanted where that is offered; on none where nothing is.

    Parameters
    ----------
    options : sequence of (str, object)
        Label and value of each choice.
    wanted : object
        Value to begin with.

    Returns
    -------
    ipywidgets.Dropdown
        The control.
    """
    values = [v for _, v in options]
    chosen = wanted if wanted in values else None
    return ipywidgets.Dropdown(options=list(options), value=chosen, layout={"width": "auto", "min_width": "9rem"})


class Dashboard:
    """Controls and the page under them.

    Parameters
    ----------
    page : callable
        Choice to the pieces of the page, one after another as they are asked for.
    asked : Mapping[str, str]
        What the address asks for.
    with_watch : bool
        Whether one watch is chosen.
    more : Mapping[str, tuple[str, callable]], optional
        Further controls: name to its marked label and a function from Choice to options.
    """

    def __init__(
        self,
        page: Page,
        *,
        asked: Mapping[str, str],
        with_watch: bool = True,
        more: Mapping[str, tuple[str, Options]] | None = None,
        days: int = 35,
    ) -> None:
        use_renderer()
        log_from_kernel()
        self._page, self._more, self._asked = page, dict(more or {}), asked
        self._with_watch, self._days = with_watch, days
        self._progressive, self._bar = ProgressivePage(), ipywidgets.HBox(layout={"flex_flow": "row wrap"})
        self._quiet = False
        self._opened: dict[object, Workbench] = {}  # workbenches of this reading; thrown away when a control changes

    def show(self) -> ipywidgets.VBox:
        """The whole for the notebook to show; it fills once the notebook has been answered.

        The page is sent before anything is read, so that the browser starts its own machinery meanwhile.
        """
        later(SOON_S, lambda: self._progressive.guard("page", self._begin, self._asked.get("language", "en")))
        return ipywidgets.VBox([self._bar, self._progressive.widget])

    def _begin(self) -> None:
        self._selection, first = requested_watch(self._asked)
        language = language_of(self._asked, self._selection, first)
        self._controls: dict[str, ipywidgets.Dropdown] = {}
        names = [w.watch for w in self._selection.watches]
        if self._with_watch:
            choices = [(w.name(language), w.watch) for w in self._selection.watches]
            self._controls["watch"] = dropdown(choices, first.watch if first else None)
            names = [first.watch] if first else []
        for name in self._more:
            self._controls[name] = dropdown([])
        days = window_of(self._asked, self._selection, names, self._days)
        self._controls["window"] = dropdown([(tr(k, language), v) for k, v in WINDOWS.items()], days)
        self._controls["language"] = dropdown([("中文", "zh"), ("English", "en")], language)
        self._refresh = ipywidgets.Button(icon="", layout={"width": "auto"})
        self._refresh.on_click(lambda _: self._again())
        self._label(self._asked)
        for control in self._controls.values():
            control.observe(self._changed, names="value")
        self.draw()

    def choice(self) -> Choice:
        """What is chosen now."""
        values = {name: control.value for name, control in self._controls.items()}
        return Choice(values, str(values["language"]), self._selection, self._opened)

    def _label(self, asked: Mapping[str, str]) -> None:
        """Options and labels anew: they hang on the watch and on the language."""
        self._quiet = True
        choice = self.choice()
        language = choice.language
        self._controls["window"].options = [(tr(k, language), v) for k, v in WINDOWS.items()]
        self._controls["window"].value = choice.values["window"]
        labels = {"watch": WATCH, "window": WINDOW, "language": LANGUAGE}
        for name, (label, options) in self._more.items():
            labels[name] = label
            # Asked anew for each: the posts offered hang on the story chosen before them.
            offered = options(self.choice()) if self._drawable() else []
            wanted = asked.get(name, choice.values.get(name))
            self._controls[name].options = offered
            self._controls[name].value = (
                wanted if wanted in [v for _, v in offered] else (offered[0][1] if offered else None)
            )
        self._refresh.description = tr(REFRESH, language)
        pairs = [
            ipywidgets.HBox([ipywidgets.Label(tr(labels[n], language)), control])
            for n, control in self._controls.items()
        ]
        self._bar.children = [*pairs, self._refresh]
        self._quiet = False

    def _changed(self, _: Mapping[str, object]) -> None:
        if not self._quiet:
            self._opened.clear()
            self._progressive.guard("controls", self._anew, self._language())

    def _anew(self) -> None:
        try:
            self._label({})
        finally:
            self._quiet = False
        self.draw()

    def _again(self) -> None:
        self._opened.clear()
        self._progressive.guard("refresh", self.draw, self._language())

    def _language(self) -> str:
        return str(self._controls["language"].value)

    def draw(self) -> None:
        """The page anew."""
        choice = self.choice()
        self._progressive.draw(self._pieces(choice), choice.language)

    def _drawable(self) -> bool:
        """Whether there is a watch to draw: the one asked for, or any where the page shows all."""
        return self._controls["watch"].value is not None if self._with_watch else bool(self._selection.watches)

    def _pieces(self, choice: Choice) -> Iterator[Piece]:
        yield from map(notice, self._selection.faults)
        known, wanted = [w.watch for w in self._selection.watches], self._asked.get("watch", "")
        if wanted and wanted not in known and (not self._with_watch or self._controls["watch"].value is None):
            yield notice(tr(NO_SUCH, choice.language, name=wanted, known=", ".join(known) or "–"))
        elif not known:
            yield notice(tr(NO_WATCHES, choice.language))
        if self._drawable():
            yield from self._page(choice)
