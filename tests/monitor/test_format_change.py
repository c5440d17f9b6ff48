"""Answers that are not what they were: a changed format is not calm, and a deleted post stays what it said."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from typer.testing import CliRunner

from crisislib.cli.app import app
from crisislib.engine.home import Home
from crisislib.services.monitor.collecting import SourceCollector
from tests.collect.loopback import Server, server
from tests.monitor.test_pauses import home

__all__ = ["home", "server"]  # fixtures

WATCH = """watch: tea
title: {{en: Aurora Tea}}
brand: {{names: [Aurora Tea]}}
sources:
  - {{source: discourse, name: Forum, every_minutes: 1, options: {{url: "{url}"}}}}
"""


def posts(numbers: range, *, changed: bool) -> list[dict[str, object]]:
    now = datetime.now(UTC)
    right = [
        {"id": n, "username": "ann", "created_at": (now - timedelta(minutes=60 - n)).isoformat(), "topic_id": 1,
         "raw": f"Aurora Tea {n}", "post_number": n, "topic_title": "Glass?", "topic_slug": "glass"}
        for n in reversed(numbers)
    ]  # fmt: skip
    return [{**post, "created_at": {"at": 1}, "raw": None, "cooked": 5} for post in right] if changed else right


def collected(home: Home, server: Server, shown: list[dict[str, object]]) -> str:
    server.answer = lambda *_: (200, {}, json.dumps({"latest_posts": shown}).encode())
    return " ".join(CliRunner().invoke(app, ["collect", "--watch", "tea"]).output.split())


def test_when_no_new_item_can_be_read_the_source_fails_and_is_read_again(home: Home, server: Server) -> None:
    (home.watches / "tea.yml").write_text(WATCH.format(url=server.url), "utf-8")
    assert "3 posts added" in collected(home, server, posts(range(1, 4), changed=False))
    said = collected(home, server, [*posts(range(4, 12), changed=True), *posts(range(1, 4), changed=False)])
    assert "none of 8 new items of Forum can be read" in said
    last = home.lake.read("BATCHES", present=False).sort_values("at").iloc[-1]
    assert not last["ok"] and last["state"] == "failed" and last["since"] < last["until"]
    told = CliRunner().invoke(app, ["run", "--watch", "tea", "--no-report"]).output
    assert "Forum (failed)" in " ".join(told.split())
    assert "8 posts added" in collected(home, server, posts(range(1, 12), changed=False)), "nothing was passed over"


def test_a_few_strange_items_cost_themselves(home: Home, server: Server) -> None:
    (home.watches / "tea.yml").write_text(WATCH.format(url=server.url), "utf-8")
    shown = [*posts(range(2, 12), changed=True), *posts(range(1, 2), changed=False)]
    assert "1 post added" in collected(home, server, shown)


def test_a_post_that_was_deleted_keeps_its_words_in_the_monitor_too(home: Home, server: Server) -> None:
    (home.watches / "tea.yml").write_text(WATCH.format(url=server.url), "utf-8")
    shown = posts(range(1, 4), changed=False)
    collected(home, server, shown)
    shown[1] = {**shown[1], "raw": "[removed]"}
    server.answer = lambda *_: (200, {}, json.dumps({"latest_posts": shown}).encode())
    monitor = SourceCollector(home, [home.watch("tea")], patience_s=30)
    found = monitor.collect(datetime.now(UTC) + timedelta(minutes=5))
    monitor.close()
    assert found.posts.num_rows == 1 and found.posts["text"].to_pylist() == ["Aurora Tea 2"]
    texts = {p["post_id"]: p["text"] for p in home.lake.arrow("POSTS").to_pylist()}
    assert sorted(texts.values()) == ["Aurora Tea 1", "Aurora Tea 2", "Aurora Tea 3"]
    assert [x["value"] for x in home.lake.arrow("LABELS").to_pylist() if x["label"] == "deleted"] == ["deleted"]
