"""The frame of a dashboard: controls above, a page below that is drawn anew when a control changes."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from html import escape
from typing import TypeAlias
from urllib.parse import parse_qs

import altair as alt
import ipywidgets
import pandas as pd

from crisislib.charts import CHARTS
from crisislib.core.errors import CrisisError, WatchError
from crisislib.core.i18n import N_, tr
from crisislib.core.levels import rank
from crisislib.core.watch import Watch, load_watch
from crisislib.lake import Lake
from crisislib.workbench import places
from crisislib.workbench.bench import Workbench
from crisislib.workbench.show import Shown, render, use_renderer

WATCH, INCIDENT, WINDOW, LANGUAGE = N_("Watch"), N_("Incident"), N_("Window"), N_("Language")
REFRESH = N_("Refresh")
WINDOWS: dict[str, int] = {
    N_("last 24 hours"): 1,
    N_("last 7 days"): 7,
    N_("last 35 days"): 35,
    N_("everything held"): 0,
}
NO_WATCHES = N_("There are no watch files yet. Write one (data/README.md) or run: crisis demo")
FIRST = datetime(1990, 1, 1, tzinfo=UTC)  # before any social medium: the start of `everything held`

Piece: TypeAlias = Shown | alt.Chart
Page = Callable[["Choice"], Sequence[Piece]]


class Choice:
    """What the reader has chosen.

    Attributes
    ----------
    values : Mapping[str, object]
        Control to value.
    language : str
        `zh` or `en`.
    """

    def __init__(self, values: Mapping[str, object], language: str, opened: dict[object, Workbench]) -> None:
        self.values, self.language, self._opened = values, language, opened

    def __getitem__(self, name: str) -> str:
        return str(self.values.get(name) or "")

    def bench(self, watch: str = "") -> Workbench:
        """The chosen watch, in the chosen window, in the chosen language; data as they are now."""
        days = int(str(self.values.get("window") or 0))
        name = watch or self["watch"]
        key = (name, days, self.language)
        if key not in self._opened:
            now = moment()
            since = now - timedelta(days=days) if days else FIRST
            self._opened[key] = Workbench.open(name, since=since, now=now, language=self.language)
        return self._opened[key]


def moment() -> datetime:
    """The clock, or `CRISIS_NOW` where a drill or a demonstration stands still in time."""
    said = os.environ.get("CRISIS_NOW")
    return datetime.fromisoformat(said) if said else datetime.now(UTC)


def query() -> dict[str, str]:
    """What the address asks for (`?watch=…&language=…`); waits for it in a kernel that was started ahead."""
    if os.environ.get("VOILA_PREHEAT", "False") != "False":
        from voila.utils import wait_for_request

        _warm()
        wait_for_request()
    return {k: v[-1] for k, v in parse_qs(os.environ.get("QUERY_STRING", "")).items()}


def _warm() -> None:
    """Import and draw once what takes long the first time, so that the first reader does not wait for it."""
    from crisislib import respond, risk, signals, spread, warn  # noqa: F401  # with their models

    spec = CHARTS["level_strip"]
    spec.draw(**{spec.table: pd.DataFrame(columns=list(spec.columns))}).to_dict()


def watches() -> tuple[list[Watch], list[str]]:
    """Every watch of the folder, by name, and what is wrong with the files that are none.

    One wrong file must not blind a room to all other watches; it is shown on every page instead.
    """
    good, wrong = [], []
    for path in sorted(places.watches(None).glob("*.yml")):
        try:
            good.append(load_watch(path))
        except WatchError as fault:
            wrong.append(str(fault))
    return good, wrong


def urgent(names: Sequence[str]) -> str:
    """The watch whose open incident is the most urgent; empty where none is open."""
    rows = Lake(places.lake(None)).sql("INCIDENTS").filter("closed_at IS NULL").project("watch, level").fetchall()
    live = sorted(((rank(level), watch) for watch, level in rows if watch in names), key=lambda r: (-r[0], r[1]))
    return live[0][1] if live else ""


def dropdown(options: Sequence[tuple[str, object]], wanted: object = None) -> ipywidgets.Dropdown:
    """A control of one choice, on what is wanted where that is offered."""
    values = [v for _, v in options]
    chosen = wanted if wanted in values else (values[0] if values else None)
    return ipywidgets.Dropdown(options=list(options), value=chosen, layout={"width": "auto", "min_width": "9rem"})


class Board:
    """Controls and the page under them.

    Parameters
    ----------
    page : callable
        Choice to the pieces of the page.
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
        more: Mapping[str, tuple[str, Callable[[Choice], list[tuple[str, object]]]]] | None = None,
        days: int = 35,
    ) -> None:
        use_renderer()
        self._page, self._more = page, dict(more or {})
        self._held, self._wrong = watches()
        wanted = asked.get("watch") or urgent([w.watch for w in self._held])
        first = next((w for w in self._held if w.watch == wanted), self._held[0] if self._held else None)
        language = asked.get("language") or (first.language if first else "en")
        self._controls: dict[str, ipywidgets.Dropdown] = {}
        if with_watch:
            self._controls["watch"] = dropdown([(w.name(language), w.watch) for w in self._held], wanted)
        for name in self._more:
            self._controls[name] = dropdown([])
        asked_days = int(asked["days"]) if asked.get("days", "").isdigit() else days
        self._controls["window"] = dropdown([(tr(k, language), v) for k, v in WINDOWS.items()], asked_days)
        self._controls["language"] = dropdown([("中文", "zh"), ("English", "en")], language)
        self._out, self._bar = ipywidgets.Output(), ipywidgets.HBox(layout={"flex_flow": "row wrap"})
        self._refresh = ipywidgets.Button(icon="", layout={"width": "auto"})
        self._refresh.on_click(lambda _: self._again())
        self._quiet = False
        self._opened: dict[object, Workbench] = {}  # benches of this reading; thrown away when a control changes
        self._offer(asked)
        for control in self._controls.values():
            control.observe(self._changed, names="value")

    def choice(self) -> Choice:
        """What is chosen now."""
        values = {name: control.value for name, control in self._controls.items()}
        return Choice(values, str(values["language"]), self._opened)

    def _offer(self, asked: Mapping[str, str]) -> None:
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
            offered = options(self.choice()) if self._held else []
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
        if self._quiet:
            return
        self._opened.clear()
        self._offer({})
        self.draw()

    def _again(self) -> None:
        self._opened.clear()
        self.draw()

    def draw(self) -> None:
        """The page anew."""
        choice = self.choice()
        try:
            pieces = self._page(choice) if self._held else [_notice(tr(NO_WATCHES, choice.language))]
        except CrisisError as fault:  # a reader gets the sentence, not a trace; the notebook keeps none either
            pieces = [_notice(str(fault))]
        # Set at once, not displayed piece by piece into the widget: that sends the growing page back and
        # forth between server and kernel, and a busy server was seen to wait for ever.
        self._out.outputs = tuple(_output(piece) for piece in [*map(_notice, self._wrong), *pieces])

    def show(self) -> ipywidgets.VBox:
        """Draw, and give the whole for the notebook to show."""
        self.draw()
        return ipywidgets.VBox([self._bar, self._out])


def _notice(words: str) -> Shown:
    return Shown(f'<p style="border-left:4px solid #c62828;padding:.4rem .8rem">{escape(words)}</p>', words)


def _output(piece: Piece) -> dict[str, object]:
    """A piece as a notebook's output."""
    data = piece._repr_mimebundle_() if isinstance(piece, Shown) else render(piece.to_dict())
    return {"output_type": "display_data", "data": data, "metadata": {}}
