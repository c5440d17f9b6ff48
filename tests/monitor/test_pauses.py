"""A server that asked for a pause is left alone by whoever comes next, and every door says why nothing comes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from crisislib.cli.app import app
from crisislib.engine.home import Home
from crisislib.services.monitor.collecting import SourceCollector
from tests.collect.loopback import Server, server

__all__ = ["server"]

WATCH = """watch: tea
title: {{en: Aurora Tea}}
language: {language}
brand: {{names: [Aurora Tea]}}
sources:
  - {{source: rss, name: busy, every_minutes: 1, options: {{url: "{url}/busy"}}}}
  - {{source: rss, name: broken, every_minutes: 1, options: {{url: "{url}/broken"}}}}
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    (tmp_path / "crisis.toml").touch()
    (tmp_path / "data" / "watches").mkdir(parents=True)
    for name in ("CRISIS_HOME", "CRISIS_LAKE", "CRISIS_WATCHES", "CRISIS_REPORTS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return Home.here()


def written(home: Home, server: Server, language: str) -> None:
    server.answer = lambda path, *_: (429, {"Retry-After": "1800"}, b"") if path == "/busy" else (404, {}, b"")
    (home.watches / "tea.yml").write_text(WATCH.format(url=server.url, language=language), "utf-8")


def collected() -> str:
    return CliRunner().invoke(app, ["collect", "--watch", "tea"]).output


def test_a_pause_holds_for_the_next_command_and_the_next_monitor(home: Home, server: Server) -> None:
    written(home, server, "en")
    assert "429" in collected()
    assert "busy: not asked: it asked us to pause until 20" in " ".join(collected().split())
    monitor = SourceCollector(home, [home.watch("tea")], patience_s=60)  # its asking process starts slowly at load
    monitor.collect(datetime.now(UTC))
    monitor.close()
    assert [one.path for one in server.requests].count("/busy") == 1
    assert monitor.fault_kinds == {"tea/busy": "throttled", "tea/broken": "failed"}
    assert "pause until" in monitor.failing["tea/busy"]


@pytest.mark.parametrize(
    ("language", "told"),
    [("en", "broken (failed); busy (asked us to pause)"), ("zh", "broken（采集失败）；busy（要求暂停访问）")],
)
def test_the_run_says_what_is_wrong_with_each_source(home: Home, server: Server, language: str, told: str) -> None:
    written(home, server, language)
    collected()
    said = CliRunner().invoke(app, ["run", "--watch", "tea", "--no-report"]).output
    assert told in " ".join(said.split())


def test_a_source_that_never_answered_was_never_collected(home: Home, server: Server) -> None:
    from crisislib.workbench import Workbench

    written(home, server, "en")
    collected()
    rows = Workbench.open("tea", lake=home.lake_root, watches=home.watches, now=datetime.now(UTC)).context.health
    assert rows.sources["last"].isna().all() and set(rows.sources["state"]) == {"throttled", "failed"}
