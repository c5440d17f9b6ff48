"""Incident: what happened, what people say, the posts behind it, the risk, and the responses."""

from __future__ import annotations

from collections.abc import Iterator

import ipywidgets
import pandas as pd

from crisislib.core.i18n import N_, tr
from crisislib.workbench import incident_tables, signal_frames, topic_frames
from crisislib.workbench.dashboards.choice import Choice, query
from crisislib.workbench.dashboards.dashboard_base import INCIDENT, Dashboard
from crisislib.workbench.display import Fragment
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
    return Dashboard(_page, asked=query(), more=more).show()


def incident_options(choice: Choice) -> list[tuple[str, object]]:
    """Incidents of the chosen watch, the one that matters most first.

    Parameters
    ----------
    choice : Choice
        What the reader has chosen.

    Returns
    -------
    list of (str, object)
        Title and incident id; the id follows a title that occurs twice.
    """
    context = choice.workbench().context
    rows = incident_tables.present(context)
    titles = pd.Series(incident_tables.titles(context, rows), dtype="str")
    each = zip(titles, rows["incident_id"], titles.duplicated(keep=False), strict=True)
    return [(f"{title} ({name})" if twice else title, name) for title, name, twice in each]


def _all(choice: Choice) -> tuple[str, object]:
    return (tr(ALL, choice.language), "")


def _platforms(choice: Choice) -> list[tuple[str, object]]:
    return [_all(choice), *((p, p) for p in signal_frames.platforms(choice.workbench().context)["platform"].dropna())]


def _moods(choice: Choice) -> list[tuple[str, object]]:
    return [_all(choice), *((tr(v, choice.language), v) for v in ("negative", "neutral", "positive"))]


def _topics(choice: Choice) -> list[tuple[str, object]]:
    rows = topic_frames.topics(choice.workbench().context).head(20)
    return [_all(choice), *zip(rows["title"], rows["topic"], strict=True)]


def _page(choice: Choice) -> Iterator[Piece]:
    workbench, chosen = choice.workbench(), choice["incident"]
    filters = {name: choice[name] for name in ("platform", "mood", "topic")}
    posts = signal_frames.filter_posts(workbench.context, **filters)
    yield workbench.heading("incident")
    yield workbench.health()
    yield workbench.brief(chosen)
    yield workbench.charts.around(chosen)
    yield workbench.section("evidence")
    yield _counted(posts, choice.language)
    yield workbench.evidence(list(posts["post_id"]) or [""], most=12)
    yield workbench.section("mood")
    yield workbench.charts.sentiment()
    yield workbench.section("topics")
    yield workbench.charts.topics()
    yield workbench.section("stories")
    yield workbench.charts.stories()
    yield workbench.section("loss")
    yield workbench.charts.loss(chosen)
    yield workbench.section("plan")
    yield workbench.plan(chosen)
    yield workbench.section("answers")
    yield workbench.answers()
    yield workbench.foot()


COUNTED = N_("{n} {n:post fits|posts fit} the filters, the most reposted first.")


def _counted(posts: pd.DataFrame, language: str) -> Fragment:
    return Fragment(f'<p class="cw-counted">{tr(COUNTED, language, n=f"{len(posts):,}")}</p>')
