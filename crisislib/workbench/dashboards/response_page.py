"""Response: what is due, what was said, and whether it helped."""

from __future__ import annotations

from collections.abc import Iterator

import ipywidgets

from crisislib.core.i18n import N_
from crisislib.engine.rendering import signal_words
from crisislib.workbench import chart_frames
from crisislib.workbench.dashboards.choice import Choice, query
from crisislib.workbench.dashboards.dashboard_base import INCIDENT, Board
from crisislib.workbench.dashboards.incident_page import incident_options
from crisislib.workbench.progressive_page import Piece

SIGNAL = N_("Signal")


def response() -> ipywidgets.VBox:
    """Plan and effect of one incident; `?watch=…&incident=…&signal=…`."""
    more = {"incident": (INCIDENT, incident_options), "signal": (SIGNAL, _signals)}
    return Board(_page, asked=query(), more=more).show()


def _signals(choice: Choice) -> list[tuple[str, object]]:
    names = list(chart_frames.signals(choice.bench().desk)["signal"].unique())
    names.sort(key=lambda name: (name != "volume", name))
    titles, _ = signal_words(names, choice.language)
    return [(titles[name], name) for name in names]


def _page(choice: Choice) -> Iterator[Piece]:
    bench, chosen = choice.bench(), choice["incident"]
    yield bench.heading("response")
    yield bench.health()
    yield bench.incident(chosen)
    yield bench.say("plan")
    yield bench.charts.plan(chosen)
    yield bench.plan(chosen)
    yield bench.say("answers")
    yield bench.answers()
    yield bench.say("effect")
    yield bench.charts.effect(choice["signal"] or "volume")
    yield bench.foot()
