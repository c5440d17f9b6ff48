"""A watch with three open sources on loopback: collected, run, monitored; the report names them, rhythm and silence."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from crisislib import services
from crisislib.cli.app import app
from crisislib.core.watch import load_watch
from crisislib.engine.home import Home
from crisislib.services.monitor.collecting import SourceCollector
from crisislib.workbench import Workbench
from tests.collect.loopback import Reply, Server, server

__all__ = ["server"]

WATCH = """watch: tea
title: {{en: Aurora Tea, zh: 星河奶茶}}
brand: {{names: [Aurora Tea]}}
sources:
  - {{source: hackernews, name: Hacker News, every_minutes: 5, options: {{search: aurora, url: "{url}"}}}}
  - {{source: discourse, name: Owners' forum, every_minutes: 10, silent_after_minutes: 90, options: {{url: "{url}"}}}}
  - {{source: rsshub, name: Hot list, every_minutes: 20, options: {{route: weibo/search/hot, url: "{url}"}}}}
"""


class World:
    """Three services on one server; each can be switched off."""

    def __init__(self, server: Server, now: datetime) -> None:
        self.now, self.dead = now, set[str]()
        server.answer = self.answer

    def answer(self, path: str, query: dict[str, list[str]], headers: object) -> Reply:
        service = {"/api/v1/search_by_date": "hackernews", "/posts.json": "discourse"}.get(path, "rsshub")
        if service in self.dead:
            return 500, {}, b"out of order"
        content = {"hackernews": self._hits, "discourse": self._posts, "rsshub": self._list}[service](query)
        return 200, {"Content-Type": "application/json"}, json.dumps(content).encode()

    def _hits(self, query: dict[str, list[str]]) -> object:
        last = int(query.get("numericFilters", ["created_at_i<=99999999999"])[0].removeprefix("created_at_i<="))
        stamps = [int((self.now - timedelta(minutes=20 * n)).timestamp()) for n in range(1, 145)]
        hits = [
            {"objectID": str(at), "author": f"user{at % 97}", "created_at_i": at, "comment_text": f"Aurora Tea {at}",
             "story_id": 1, "parent_id": 1, "_tags": ["comment"]}
            for at in stamps if at <= last
        ]  # fmt: skip
        return {"hits": hits[:100]}

    def _posts(self, query: dict[str, list[str]]) -> object:
        before = int(query.get("before", ["999"])[0])
        posts = [
            {"id": n, "username": f"ann{n}", "created_at": (self.now - timedelta(hours=49 - n)).isoformat(),
             "topic_id": 1, "raw": f"My Aurora Tea has glass in it {n}", "post_number": n, "topic_title": "Glass?",
             "topic_slug": "glass"}
            for n in range(48, 0, -1) if n <= before
        ]  # fmt: skip
        return {"latest_posts": posts[:50]}

    def _list(self, query: dict[str, list[str]]) -> object:
        titles = [f"Aurora Tea {self.now:%d%H}", "weather", "football"]
        return {"title": "微博热搜榜", "items": [{"title": t, "url": f"https://s.weibo.example/{t}"} for t in titles]}


@pytest.fixture
def home(tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> Home:
    (tmp_path / "crisis.toml").touch()
    watches = tmp_path / "data" / "watches"
    watches.mkdir(parents=True)
    (watches / "tea.yml").write_text(WATCH.format(url=server.url), "utf-8")
    for name in ("CRISIS_HOME", "CRISIS_LAKE", "CRISIS_WATCHES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return Home.here()


def typed(*words: str) -> str:
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.long
def test_three_open_sources_from_the_watch_file_to_the_report(home: Home, server: Server) -> None:
    now = datetime.now(UTC)
    world = World(server, now)
    typed("check", "tea")
    typed("collect", "--watch", "tea")
    assert "from 3 source" in typed("run", "--watch", "tea", "--no-report")
    posts = home.lake.read("POSTS", watch="tea")
    assert posts.groupby("source").size().to_dict() == {"Hacker News": 144, "Owners' forum": 48, "Hot list": 3}
    volume = home.lake.read("SIGNALS", watch="tea").query("signal == 'volume'")
    assert volume["n_posts"].sum() >= 180, "posts of all three become signals"

    shown = Workbench.open("tea", lake=home.lake_root, watches=home.watches, now=datetime.now(UTC)).health().html
    assert "cw-health good" in shown
    for name in ("Hacker News", "Owners&#x27; forum", "Hot list"):
        assert name in shown, "the report names every source"
    assert "asked every 5 min" in shown and "silent after 90 min" in shown, "and its rhythm"

    # One dies: the command says so, the run says so, the report is red, and the others go on.
    world.dead.add("discourse")
    output = CliRunner().invoke(app, ["collect", "--watch", "tea"]).output
    assert "Owners' forum" in output and "500" in output
    assert "Failed, silent or never collected: Owners' forum" in typed("run", "--watch", "tea", "--no-report")
    shown = Workbench.open("tea", lake=home.lake_root, watches=home.watches, now=datetime.now(UTC)).health().html
    assert "cw-health bad" in shown and "failed" in shown


@pytest.mark.long
def test_the_monitor_names_a_dead_source_and_a_silent_one(home: Home, server: Server) -> None:
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    world = World(server, now)
    watch = load_watch(home.watches / "tea.yml")
    collector = SourceCollector(home, [watch], patience_s=300.0)
    collector.collect(now)
    assert not collector.failing and not collector.silent
    world.dead.add("hackernews")
    for step in range(1, 12):
        collector.collect(now + timedelta(minutes=10 * step))
    collector.close()
    assert "500" in collector.failing["tea/Hacker News"]
    assert "tea/Owners' forum" in collector.silent, "it answers, and has had nothing new for more than 90 minutes"
    late = now + timedelta(minutes=110)
    shown = Workbench.open("tea", lake=home.lake_root, watches=home.watches, now=late).health().html
    assert "cw-health bad" in shown and "nothing new for unusually long" in shown


@pytest.mark.long
def test_when_all_are_dead_the_level_is_unknown_and_not_calm(home: Home, server: Server) -> None:
    world = World(server, datetime.now(UTC))
    typed("collect", "--watch", "tea")
    world.dead |= {"hackernews", "discourse", "rsshub"}
    later = datetime.now(UTC) + timedelta(hours=4)
    watch = load_watch(home.watches / "tea.yml")
    collector = SourceCollector(home, [watch], patience_s=300.0)
    for step in range(5):
        collector.collect(later - timedelta(hours=4 - step))
    collector.close()
    assert len(collector.failing) == 3
    result = services.run(home, watch, until=later, now=later, report=False)
    assert result.level == "unknown"
