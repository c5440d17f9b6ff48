"""Spread: the cascade, who carried it, and the path to any of its posts."""

from __future__ import annotations

from collections.abc import Sequence

import ipywidgets

from crisislib.core.i18n import N_, tr
from crisislib.workbench import queries
from crisislib.workbench.dashboards.board import Board, Choice, Piece, query
from crisislib.workbench.evidence import short
from crisislib.workbench.paths import path_table

STORY, PATH = N_("Story"), N_("Path to")
STORY_LINE = N_("{n} posts: {text}")
STORIES = 15  # cascades offered, the largest first
PATHS = 15  # posts offered to trace, those that most came through first


def spread() -> ipywidgets.VBox:
    """One cascade; `?watch=…&root=…&post=…`."""
    return Board(_page, asked=query(), more={"root": (STORY, _stories), "post": (PATH, _posts)}).show()


def _stories(choice: Choice) -> list[tuple[str, object]]:
    desk = choice.bench().desk
    rows = queries.cascades(desk).head(STORIES)
    texts = desk.whole(list(rows["root_id"])).set_index("post_id")["text"]
    said = [
        tr(STORY_LINE, choice.language, n=n, text=short(texts.get(r, r), 24))
        for n, r in zip(rows["n"], rows["root_id"], strict=True)
    ]
    return list(zip(said, rows["root_id"], strict=True))


def _posts(choice: Choice) -> list[tuple[str, object]]:
    root = choice["root"]
    people = queries.carriers(queries.members(choice.bench().desk, root)) if root else None
    if people is None or people.empty:
        return []
    rows = people[people["post_id"] != root].head(PATHS)
    return [(f"{name} · {post}", post) for name, post in zip(rows["name"], rows["post_id"], strict=True)]


def _page(choice: Choice) -> Sequence[Piece]:
    bench, root = choice.bench(), choice["root"]
    return [
        bench.heading("spread"),
        bench.health(),
        bench.say("path"),
        bench.charts.tree(root),
        path_table(bench.desk, choice["post"]),
        bench.charts.layers(root),
        bench.say("people"),
        bench.charts.spreaders(root),
        bench.say("reach"),
        bench.charts.reach(root),
        bench.say("platforms"),
        bench.charts.crossings(root),
        bench.say("findings"),
        bench.findings("spread"),
        bench.foot(),
    ]
