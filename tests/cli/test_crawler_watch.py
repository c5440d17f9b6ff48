"""A crawler as a source of a watch, through the command line: read, said when it stopped, health in red."""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from crisislib import services
from crisislib.cli.app import app
from crisislib.collect.sources import crawler_process
from crisislib.core.watch import load_watch
from crisislib.engine.home import Home
from crisislib.services.monitor.collecting import SourceCollector

WATCH = """watch: tea
title: {{en: Aurora Tea, zh: 星河奶茶}}
language: zh
brand: {{names: [Aurora Tea, 星河奶茶]}}
sources:
  - source: crawler
    name: 微博爬虫
    every_minutes: 5
    options: {{output: crawler/data, command: {command}, folder: crawler, run_minutes: 1}}
"""
CRAWLER = """
import json, pathlib, sys
folder = pathlib.Path("data/weibo/jsonl")
folder.mkdir(parents=True, exist_ok=True)
row = {"note_id": "5111111111111111141", "content": "星河奶茶里有玻璃", "create_time": 1785587400,
       "create_date_time": "2026-08-01 12:30:00", "liked_count": "12", "comments_count": "3", "shared_count": "0",
       "last_modify_ts": 1785567600000, "creator_hash": "ab12", "nickname": "张***三", "source_keyword": "星河奶茶"}
with (folder / "search_contents_2026-08-01.jsonl").open("a", encoding="utf-8") as file:
    file.write(json.dumps(row, ensure_ascii=False) + "\\n")
sys.exit("登录已失效")
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    (tmp_path / "crisis.toml").touch()
    (tmp_path / "crawler").mkdir()
    (tmp_path / "crawler" / "crawl.py").write_text(CRAWLER, "utf-8")
    watches = tmp_path / "data" / "watches"
    watches.mkdir(parents=True)
    (watches / "tea.yml").write_text(WATCH.format(command=json.dumps([sys.executable, "crawl.py"])), "utf-8")
    for name in ("CRISIS_HOME", "CRISIS_LAKE", "CRISIS_WATCHES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return Home.here()


def typed(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(words))
    return done.exit_code, done.output


def ended(home: Home) -> crawler_process.Run:
    """The run of the crawler, once it has ended."""
    for _ in range(400):
        for status in home.lake_root.glob("artifacts/tea/sources/*/crawler.json"):
            run = crawler_process.last_run(status.parent)
            if run is not None and run.ended:
                return run
        time.sleep(0.05)
    raise AssertionError("the crawler did not end")


@pytest.mark.long
def test_a_crawler_brings_posts_and_its_end_is_said_everywhere(home: Home) -> None:
    assert typed("check", "tea")[0] == 0, typed("check", "tea")[1]
    assert typed("collect", "--watch", "tea")[0] == 0
    assert ended(home).code == 1
    _, output = typed("collect", "--watch", "tea")
    assert "登录已失效" in output and "退出码 1" in output, "why it ended, in the reader's language"
    posts = home.lake.read("POSTS", watch="tea")
    assert posts["text"].tolist() == ["星河奶茶里有玻璃"], "what it wrote before it failed is there"
    assert posts["source"].tolist() == ["微博爬虫"], "under the name that data health has"

    watch = load_watch(home.watches / "tea.yml")
    health = services.run(home, watch, now=datetime.now(UTC), report=False).health
    assert [line for line in health if "微博爬虫" in line], "a dead crawler stands in the data health"

    collector = SourceCollector(home, [watch], patience_s=300.0)
    collector.collect(datetime.now(UTC) + timedelta(minutes=6))
    collector.close()
    assert "连续失败" in collector.failing["tea/微博爬虫"], "the monitor's /health names it"
    ended(home)
