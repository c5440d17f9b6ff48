"""Incident: what happened, what people say, the posts behind it, the risk, and the responses."""

from __future__ import annotations

from collections.abc import Sequence

import ipywidgets
import pandas as pd

from crisislib.core.i18n import N_, tr
from crisislib.workbench import incidents, queries
from crisislib.workbench.dashboards.board import INCIDENT, Board, Choice, Piece, query
from crisislib.workbench.show import Shown

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
    rows = incidents.present(choice.bench().desk)
    return [
        (f"{t} ({i})" if n else t, i)
        for t, i, n in zip(
            rows["title"].fillna(rows["incident_id"]),
            rows["incident_id"],
            rows["title"].duplicated(keep=False),
            strict=True,
        )
    ]


def _all(choice: Choice) -> tuple[str, object]:
    return (tr(ALL, choice.language), "")


def _platforms(choice: Choice) -> list[tuple[str, object]]:
    return [_all(choice), *((p, p) for p in queries.platforms(choice.bench().desk)["platform"].dropna())]


def _moods(choice: Choice) -> list[tuple[str, object]]:
    return [_all(choice), *((tr(v, choice.language), v) for v in ("negative", "neutral", "positive"))]


def _topics(choice: Choice) -> list[tuple[str, object]]:
    rows = queries.topics(choice.bench().desk).head(20)
    return [_all(choice), *zip(rows["title"], rows["topic"], strict=True)]


def _page(choice: Choice) -> Sequence[Piece]:
    bench, chosen = choice.bench(), choice["incident"]
    found = queries.picked(bench.desk, platform=choice["platform"], mood=choice["mood"], topic=choice["topic"])
    return [
        bench.heading("incident"),
        bench.health(),
        bench.brief(chosen),
        bench.charts.around(chosen),
        bench.say("evidence"),
        _counted(found, choice.language),
        bench.evidence(list(found["post_id"]) or [""], most=12),
        bench.say("mood"),
        bench.charts.sentiment(),
        bench.say("topics"),
        bench.charts.topics(),
        bench.say("stories"),
        bench.charts.stories(),
        bench.say("loss"),
        bench.charts.loss(chosen),
        bench.say("plan"),
        bench.plan(chosen),
        bench.say("answers"),
        bench.answers(),
        bench.foot(),
    ]


COUNTED = N_("{n} posts fit the filters, the most reposted first.")


def _counted(found: pd.DataFrame, language: str) -> Shown:
    return Shown(f'<p class="cw-counted">{tr(COUNTED, language, n=f"{len(found):,}")}</p>')
