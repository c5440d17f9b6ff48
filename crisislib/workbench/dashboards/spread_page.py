"""Spread: the cascade, who carried it, and the path to any of its posts."""

from __future__ import annotations

from collections.abc import Iterator

import ipywidgets

from crisislib.core.i18n import N_, tr
from crisislib.workbench import chart_frames
from crisislib.workbench.dashboards.choice import Choice, query
from crisislib.workbench.dashboards.dashboard_base import Board
from crisislib.workbench.evidence_table import short
from crisislib.workbench.progressive_page import Piece
from crisislib.workbench.story_paths import path_table

STORY, PATH = N_("Story"), N_("Path to")
STORY_LINE = N_("{n} posts: {text}")
STORIES = 15  # cascades offered, the largest first
PATHS = 15  # posts offered to trace, those that most came through first


def spread() -> ipywidgets.VBox:
    """One cascade; `?watch=…&root=…&post=…`."""
    return Board(_page, asked=query(), more={"root": (STORY, _stories), "post": (PATH, _posts)}).show()


def _stories(choice: Choice) -> list[tuple[str, object]]:
    desk = choice.bench().desk
    rows = chart_frames.cascades(desk).head(STORIES)
    texts = desk.whole(list(rows["root_id"])).set_index("post_id")["text"]
    said = [
        tr(STORY_LINE, choice.language, n=n, text=short(texts.get(r, r), 24))
        for n, r in zip(rows["n"], rows["root_id"], strict=True)
    ]
    return list(zip(said, rows["root_id"], strict=True))


def _posts(choice: Choice) -> list[tuple[str, object]]:
    root = choice["root"]
    people = chart_frames.carriers(chart_frames.members(choice.bench().desk, root)) if root else None
    if people is None or people.empty:
        return []
    rows = people[people["post_id"] != root].head(PATHS)
    return [(f"{name} · {post}", post) for name, post in zip(rows["name"], rows["post_id"], strict=True)]


def _page(choice: Choice) -> Iterator[Piece]:
    bench, root = choice.bench(), choice["root"]
    yield bench.heading("spread")
    yield bench.health()
    yield bench.say("path")
    yield bench.charts.tree(root)
    yield path_table(bench.desk, choice["post"])
    yield bench.charts.layers(root)
    yield bench.say("people")
    yield bench.charts.spreaders(root)
    yield bench.say("circles")
    yield bench.circles()
    yield bench.say("reach")
    yield bench.charts.reach(root)
    yield bench.say("growth")
    yield bench.charts.reproduction()
    yield bench.say("platforms")
    yield bench.charts.crossings(root)
    yield bench.say("findings")
    yield bench.findings("spread")
    yield bench.foot()
