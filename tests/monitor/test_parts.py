"""The parts of the monitor, each alone: clock, asking, outbox, health, lock."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from filelock import FileLock
from hypothesis import given
from hypothesis import strategies as st

from crisislib.core.errors import CrisisError, LakeError
from crisislib.core.watch import Watch
from crisislib.engine.screening import Counts
from crisislib.lake import Lake
from crisislib.services.monitor import Clock, position, serve, web
from crisislib.services.monitor.alert_outbox import Outbox, notice
from crisislib.services.monitor.collecting import SourceCollector
from crisislib.services.monitor.monitor_state import MonitorState
from crisislib.services.monitor.vitals import Vitals
from tests.monitor.world import CALM, PATIENCE_S, START, feed_of, home_at, written

SHANGHAI = Watch.model_validate(
    {"watch": "acme", "title": {"en": "Acme"}, "brand": {"names": ["Acme"]}, "timezone": "Asia/Shanghai"}
)


@given(st.lists(st.tuples(st.floats(0.1, 100), st.floats(-1e6, 1e6)), max_size=20))
def test_a_clock_that_was_set_is_noticed_and_only_then(steps: list[tuple[float, float]]) -> None:
    wall, steady, read = START, 0.0, []
    clock = Clock(lambda: wall, lambda: steady)
    clock.read()
    for ran, by in steps:
        steady += ran
        wall += timedelta(seconds=ran + by)
        read.append(clock.read()[1])
    for jump, (_, by) in zip(read, steps, strict=True):
        assert (jump is not None) == (abs(by) > 30) or abs(abs(by) - 30) < 1e-3
        assert jump is None or abs(jump.by.total_seconds() - by) < 1e-3


def test_a_dead_source_is_recorded_and_the_others_go_on(tmp_path: Path) -> None:
    posts = written(START - timedelta(hours=1), START, rate=20, words=CALM, seed=1)
    with feed_of(posts, lambda: START) as feed:
        dead = (
            "  - {source: rss, name: dead, every_minutes: 1, options: {url: 'http://127.0.0.1:9/', timeout_s: 1.0}}\n"
        )
        home, watch = home_at(tmp_path, feed, more=dead)
        asker = SourceCollector(home, [watch], patience_s=PATIENCE_S)
        got = asker.collect(START)
        assert (got.asked, got.failed, got.posts.num_rows) == (1, 1, len(posts))
        records = home.lake.read("BATCHES").set_index("source")["ok"].to_dict()
        assert records == {"feed": True, "dead": False}
        assert asker.failing.keys() == {"acme/dead"}
        assert asker.collect(START + timedelta(seconds=30)).failed == 0, "asked again at its pace, not at every tick"
        later = asker.collect(START + timedelta(minutes=2))
        assert (later.asked, later.failed, later.posts.num_rows) == (1, 1, 0)
        covering = home.lake.read("BATCHES", present=False).query("source == 'feed'").sort_values("at").iloc[-1]
        assert covering["since"] == pd.Timestamp(START), "a quiet minute was watched, too"
        asker.close()


def test_what_a_full_disk_refuses_is_put_in_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    posts = written(START - timedelta(hours=1), START, rate=20, words=CALM, seed=1)
    with feed_of(posts, lambda: START) as feed:
        home, watch = home_at(tmp_path, feed)
        asker = SourceCollector(home, [watch], patience_s=PATIENCE_S)
        real, full = home.lake.append, [True]

        def append(name: str, rows: object) -> int:
            if full[0] and name == "BATCHES":
                raise LakeError("disk full")
            return real(name, rows)  # type: ignore[arg-type]

        monkeypatch.setattr(home.lake, "append", append)
        with pytest.raises(LakeError):
            asker.collect(START)
        full[0] = False
        assert asker.collect(START + timedelta(seconds=5)).posts.num_rows == len(posts)
        assert len(home.lake.read("POSTS")) == len(posts), "nothing lost, nothing twice"
        asker.close()


def alert(at: pd.Timestamp, name: str = "alert-1") -> dict[str, object]:
    return {"alert_id": name, "made_at": at, "watch": "acme", "level": "red", "statistic": 95.0, "signal": "volume",
            "method": "index@1;opened", "incident_id": "inc-1"}  # fmt: skip


def test_a_slow_channel_holds_up_nobody_and_gets_each_notice_once(tmp_path: Path) -> None:
    with feed_of(written(START, START, rate=0, words=CALM, seed=1), lambda: START) as feed:
        feed.delay_s = 1.0
        home, watch = home_at(tmp_path, feed)
        outbox = Outbox(home, [watch], now=START)
        outbox.add("acme", [notice(alert(pd.Timestamp(START)), watch, "Acme", [])])
        began = time.perf_counter()
        for second in range(3):
            outbox.pump(START + timedelta(seconds=second))
        assert time.perf_counter() - began < 0.9, "pumping waits for no channel"
        assert outbox.waiting(START) == 1
        outbox.close()
        assert feed.items() == ["alert-1"]
        # killed before the lake knows: the journal does
        again = Outbox(home, [watch], now=START)
        again.add("acme", [notice(alert(pd.Timestamp(START)), watch, "Acme", [])])
        again.pump(START + timedelta(minutes=5))
        again.store()
        again.close()
        assert feed.items() == ["alert-1"]
        assert home.lake.read("DELIVERIES")["ok"].tolist() == [True]


@pytest.mark.parametrize("index", [None, float("nan"), 95.4])
def test_an_alert_without_an_index_is_told_like_any_other(index: float | None) -> None:
    """A hard trigger raises one before anything could be expected; a start that fell over it would never tell."""
    told = notice(alert(pd.Timestamp(START)) | {"statistic": index}, SHANGHAI, "Acme", [])
    assert told.findings[0].facts["index"] == ("95" if index == 95.4 else "–")


def test_a_notice_and_the_notes_of_a_monitor_give_the_time_of_the_watch(tmp_path: Path) -> None:
    said = notice(alert(pd.Timestamp(START)), SHANGHAI, "Acme", []).findings[0].render("en")
    assert f"{START + timedelta(hours=8):%Y-%m-%d %H:%M}" in said and "UTC" not in said
    vitals = Vitals(tmp_path / "heartbeat.json", every_s=5.0, zone=SHANGHAI.zone)
    vitals.beat(MonitorState(at=START, sources=1, failing={"acme/dead": "no answer"}), alerts=0, waits=np.array([]))
    assert f"since {START + timedelta(hours=8):%Y-%m-%d %H:%M} Asia/Shanghai" in vitals.reasons()[0]


def test_health_says_what_is_wrong(tmp_path: Path) -> None:
    vitals = Vitals(tmp_path / "heartbeat.json", every_s=5.0)
    server = web.start(vitals, 0)
    base = f"http://127.0.0.1:{server.server_port}"
    with pytest.raises(urllib.error.HTTPError, match="503"):
        urllib.request.urlopen(f"{base}/health")
    state = MonitorState(at=START, sources=2, failing={"acme/dead": "no answer"}, levels={"acme": "red"})
    vitals.beat(state, alerts=1, waits=np.array([1.0, 2.0]))
    with urllib.request.urlopen(f"{base}/health") as answer:
        said = json.loads(answer.read())
    assert said["ok"] and "acme/dead" in said["notes"][0]
    with urllib.request.urlopen(f"{base}/metrics") as answer:
        assert 'crisis_level{watch="acme"} 4.0' in answer.read().decode()
    vitals.beat(MonitorState(at=START, store_fault="No space left"), alerts=0, waits=np.zeros(0))
    with pytest.raises(urllib.error.HTTPError) as told:
        urllib.request.urlopen(f"{base}/health")
    assert "No space left" in json.loads(told.value.read())["reasons"][0]
    assert json.loads((tmp_path / "heartbeat.json").read_text())["ok"] is False
    server.shutdown()
    server.server_close()


def test_one_monitor_a_lake(tmp_path: Path) -> None:
    home, watch = home_at(tmp_path, None)
    with FileLock(home.lake.artifact("locks", "monitor.lock")), pytest.raises(CrisisError, match="another monitor"):
        serve(home, [watch], port=0, ticks=1)


def test_positions_of_watches_that_rest_are_kept(tmp_path: Path) -> None:
    files = Lake(tmp_path).shared
    position.write_positions(files, {"a": START, "b": START})
    position.write_positions(files, {"a": START + timedelta(hours=1)})
    assert position.read_positions(files) == {"a": START + timedelta(hours=1), "b": START}


def test_the_quick_look_calls_for_a_full_one() -> None:
    signals = pd.DataFrame(
        {
            "at": pd.Timestamp(START),
            "signal": ["volume", "negative_posts"],
            "value": [10.0, 1.0],
            "hi": [20.0, np.nan],
            "complete": 0.5,
        }
    )
    counts = Counts()
    assert counts.unusual(START, 0.5), "a window that nobody has looked at"
    counts.rest(START, signals, 0.5)
    assert not counts.unusual(START, 0.5)
    counts.add({"volume": 8.0, "severe": 1.0})
    assert not counts.unusual(START, 0.5)
    counts.add({"volume": 8.0})
    assert counts.unusual(START, 0.5)
    assert not counts.unusual(START, 0.75), "half as much again may have come by then"
    counts.rest(START, signals, 0.5)
    counts.add({"severe": 5.0})
    assert counts.unusual(START, 0.5)
    assert counts.unusual(START + timedelta(hours=1), 0.0)
