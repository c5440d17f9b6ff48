"""Response: what is due, what was published, and whether it helped."""

from __future__ import annotations

from collections.abc import Iterator

import ipywidgets

from crisislib.core.i18n import N_
from crisislib.engine.rendering import signal_words
from crisislib.workbench import signal_frames
from crisislib.workbench.dashboards.choice import Choice, query
from crisislib.workbench.dashboards.dashboard_base import INCIDENT, Dashboard
from crisislib.workbench.dashboards.incident_page import incident_options
from crisislib.workbench.progressive_page import Piece

SIGNAL = N_("Signal")


def response() -> ipywidgets.VBox:
    """Plan and effect of one incident; `?watch=…&incident=…&signal=…`."""
    more = {"incident": (INCIDENT, incident_options), "signal": (SIGNAL, _signals)}
    return Dashboard(_page, asked=query(), more=more).show()


def _signals(choice: Choice) -> list[tuple[str, object]]:
    names = list(signal_frames.signals(choice.workbench().context)["signal"].unique())
    names.sort(key=lambda name: (name != "volume", name))
    titles, _ = signal_words(names, choice.language)
    return [(titles[name], name) for name in names]


def _page(choice: Choice) -> Iterator[Piece]:
    workbench, chosen = choice.workbench(), choice["incident"]
    yield workbench.heading("response")
    yield workbench.health()
    yield workbench.incident(chosen)
    yield workbench.section("plan")
    yield workbench.charts.plan(chosen)
    yield workbench.plan(chosen)
    yield workbench.section("answers")
    yield workbench.answers()
    yield workbench.section("effect")
    yield workbench.charts.effect(choice["signal"] or "volume")
    yield workbench.charts.race()
    yield workbench.foot()
