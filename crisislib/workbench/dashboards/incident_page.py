"""Incident: what happened, what people say, the posts behind it, the risk, and the responses."""

from __future__ import annotations

from collections.abc import Iterator

import ipywidgets
import pandas as pd

from crisislib.core.i18n import N_, tr
from crisislib.workbench import chart_frames, incident_tables
from crisislib.workbench.dashboards.choice import Choice, query
from crisislib.workbench.dashboards.dashboard_base import INCIDENT, Board
from crisislib.workbench.display import Shown
from crisislib.workbench.progressive_page import Piece

PLATFORM, MOOD, TOPIC = N_("Platform"), N_("Sentiment"), N_("Topic")
ALL = N_("all")


def incident() -> ipywidgets.VBox:
    """One incident; `?watch=…&incident=…&platform=…`."""
    more = {
        "incident": (INCIDENT, incident_options),
        "platform": (PLATFORM, _platforms),
        "mood": (MOOD, _moods),
        "topic": (TOPIC, _topics),
    }
    return Board(_page, asked=query(), more=more).show()


def incident_options(choice: Choice) -> list[tuple[str, object]]:
    """Incidents of the chosen watch, the one that matters most first."""
    desk = choice.bench().desk
    rows = incident_tables.present(desk)
    titles = pd.Series(incident_tables.titles(desk, rows), dtype="str")
    each = zip(titles, rows["incident_id"], titles.duplicated(keep=False), strict=True)
    return [(f"{title} ({name})" if twice else title, name) for title, name, twice in each]


def _all(choice: Choice) -> tuple[str, object]:
    return (tr(ALL, choice.language), "")


def _platforms(choice: Choice) -> list[tuple[str, object]]:
    return [_all(choice), *((p, p) for p in chart_frames.platforms(choice.bench().desk)["platform"].dropna())]


def _moods(choice: Choice) -> list[tuple[str, object]]:
    return [_all(choice), *((tr(v, choice.language), v) for v in ("negative", "neutral", "positive"))]


def _topics(choice: Choice) -> list[tuple[str, object]]:
    rows = chart_frames.topics(choice.bench().desk).head(20)
    return [_all(choice), *zip(rows["title"], rows["topic"], strict=True)]


def _page(choice: Choice) -> Iterator[Piece]:
    bench, chosen = choice.bench(), choice["incident"]
    found = chart_frames.picked(bench.desk, platform=choice["platform"], mood=choice["mood"], topic=choice["topic"])
    yield bench.heading("incident")
    yield bench.health()
    yield bench.brief(chosen)
    yield bench.charts.around(chosen)
    yield bench.say("evidence")
    yield _counted(found, choice.language)
    yield bench.evidence(list(found["post_id"]) or [""], most=12)
    yield bench.say("mood")
    yield bench.charts.sentiment()
    yield bench.say("topics")
    yield bench.charts.topics()
    yield bench.say("stories")
    yield bench.charts.stories()
    yield bench.say("loss")
    yield bench.charts.loss(chosen)
    yield bench.say("plan")
    yield bench.plan(chosen)
    yield bench.say("answers")
    yield bench.answers()
    yield bench.foot()


COUNTED = N_("{n} posts fit the filters, the most reposted first.")


def _counted(found: pd.DataFrame, language: str) -> Shown:
    return Shown(f'<p class="cw-counted">{tr(COUNTED, language, n=f"{len(found):,}")}</p>')
