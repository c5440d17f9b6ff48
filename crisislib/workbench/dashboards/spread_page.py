"""Spread: the cascade, who carried it, and the path to any of its posts."""

from __future__ import annotations

from collections.abc import Iterator

import ipywidgets

from crisislib.core.i18n import N_, tr
from crisislib.workbench import cascade_frames, chart_frames
from crisislib.workbench.dashboards.choice import Choice, query
from crisislib.workbench.dashboards.dashboard_base import Dashboard
from crisislib.workbench.evidence_table import short
from crisislib.workbench.progressive_page import Piece
from crisislib.workbench.story_paths import path_table

STORY, PATH = N_("Story"), N_("Path to")
STORY_LINE = N_("{n} {n:post|posts}: {text}")
STORIES = 15  # cascades offered, the largest first
PATHS = 15  # posts offered to trace, those that most came through first


def spread() -> ipywidgets.VBox:
    """One cascade; `?watch=…&root=…&post=…`."""
    return Dashboard(_page, asked=query(), more={"root": (STORY, _stories), "post": (PATH, _posts)}).show()


def _stories(choice: Choice) -> list[tuple[str, object]]:
    context = choice.workbench().context
    rows = cascade_frames.cascades(context).head(STORIES)
    texts = context.posts_by_id(list(rows["root_id"])).set_index("post_id")["text"]
    said = [
        tr(STORY_LINE, choice.language, n=n, text=short(texts.get(r, r), 24))
        for n, r in zip(rows["n"], rows["root_id"], strict=True)
    ]
    return list(zip(said, rows["root_id"], strict=True))


def _posts(choice: Choice) -> list[tuple[str, object]]:
    root = choice["root"]
    people = cascade_frames.key_spreaders(chart_frames.members(choice.workbench().context, root)) if root else None
    if people is None or people.empty:
        return []
    rows = people[people["post_id"] != root].head(PATHS)
    return [(f"{name} · {post}", post) for name, post in zip(rows["name"], rows["post_id"], strict=True)]


def _page(choice: Choice) -> Iterator[Piece]:
    workbench, root = choice.workbench(), choice["root"]
    yield workbench.heading("spread")
    yield workbench.health()
    yield workbench.section("path")
    yield workbench.charts.tree(root)
    yield path_table(workbench.context, choice["post"])
    yield workbench.charts.layers(root)
    yield workbench.section("people")
    yield workbench.charts.spreaders(root)
    yield workbench.section("circles")
    yield workbench.communities()
    yield workbench.section("reach")
    yield workbench.charts.reach(root)
    yield workbench.section("growth")
    yield workbench.charts.reproduction()
    yield workbench.section("platforms")
    yield workbench.charts.crossings(root)
    yield workbench.section("findings")
    yield workbench.findings("spread")
    yield workbench.foot()
