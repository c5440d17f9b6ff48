"""What goes wrong in the monitor is a state that /health shows, not a silence: tasks, ticks, watches, logs, briefs."""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crisislib.core.errors import LakeError
from crisislib.services import monitor as around
from crisislib.services import readable_watches
from crisislib.services.monitor import Monitor, emergency_brief, web
from crisislib.services.monitor import service as ticking
from crisislib.services.monitor.background import BackgroundTask, Fault
from crisislib.services.monitor.monitor_state import MonitorState
from crisislib.services.monitor.vitals import TASK_TRIES, Vitals
from tests.monitor.test_monitor import Turned
from tests.monitor.world import START, home_at


def health(port: int) -> dict:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health") as answer:
            return json.loads(answer.read())
    except urllib.error.HTTPError as refused:
        return json.loads(refused.read())


def metrics(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        return answer.read().decode()


@contextmanager
def served(vitals: Vitals):
    server = web.start(vitals, 0)
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


def wait_for(done: Callable[[], object]) -> None:
    end = time.monotonic() + 20
    while not done() and time.monotonic() < end:
        time.sleep(0.01)
    assert done()


def test_a_compaction_that_fails_is_shown_until_it_succeeds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fails = [True]

    def compact(lake: object) -> dict[str, int]:
        if fails[0]:
            raise KeyError("numFilesRemoved")
        return {}

    monkeypatch.setattr(ticking, "compact", compact)
    monkeypatch.setattr(ticking, "COMPACT_EVERY_S", 0.0)
    now = Turned(START)
    home, watch = home_at(tmp_path, None)
    monitor = Monitor(home, [watch.model_copy(update={"sources": []})], clock=now.clock(), briefs=False)
    task = monitor._compaction
    with served(monitor.vitals) as port:
        for times in range(1, TASK_TRIES + 1):
            now.at += timedelta(hours=1)
            monitor.tick()
            wait_for(lambda n=times: task.fault and task.fault.times >= n and task._running.done())
        monkeypatch.setattr(ticking, "COMPACT_EVERY_S", 1e9)
        monitor.tick()
        said = health(port)
        (row,) = said["failing"]["tasks"]
        assert (row["name"], row["times"]) == ("compaction", TASK_TRIES) and "numFilesRemoved" in row["why"]
        assert row["since"] == (START + timedelta(hours=1)).isoformat(), "since the first failure"
        assert not said["ok"] and any("compaction since 2026-03-01 01:00 UTC" in r for r in said["reasons"])
        fails[0] = False
        monkeypatch.setattr(ticking, "COMPACT_EVERY_S", 0.0)
        monitor.tick()
        wait_for(lambda: task.fault is None)
        monkeypatch.setattr(ticking, "COMPACT_EVERY_S", 1e9)
        monitor.tick()
        assert health(port)["ok"] and health(port)["failing"]["tasks"] == []
    monitor.close()


def test_one_failure_of_a_task_is_a_note_and_a_task_never_runs_twice_at_once() -> None:
    task, gate, ran = BackgroundTask("care"), threading.Event(), []

    def work() -> None:
        ran.append(1)
        gate.wait(20)
        raise LakeError("another writer was faster")

    assert task.start(work, now=START) and not task.start(work, now=START)
    gate.set()
    task.close()
    assert ran == [1] and task.fault == Fault(START, 1, "another writer was faster")


def test_health_says_which_watch_fails_since_when(tmp_path: Path) -> None:
    vitals = Vitals(tmp_path / "heartbeat.json", every_s=5.0)
    for minutes in range(3):
        state = MonitorState(at=START + timedelta(minutes=minutes), sources=2)
        state.faults["acme"] = f"KeyError: 'x' [error {minutes}]"
        state.failing = {"acme/feed": "no answer"} if minutes else {}
        vitals.beat(state, alerts=0, waits=np.zeros(0))
    with served(vitals) as port:
        said = health(port)
        assert [(r["name"], r["since"]) for r in said["failing"]["watches"]] == [("acme", START.isoformat())]
        assert said["failing"]["sources"][0]["since"] == (START + timedelta(minutes=1)).isoformat()
        assert any("acme since 2026-03-01 00:00 UTC (KeyError" in reason for reason in said["reasons"])
        vitals.beat(MonitorState(at=START + timedelta(minutes=9), sources=2), alerts=0, waits=np.zeros(0))
        assert not any(health(port)["failing"].values()) and health(port)["ok"]


def test_a_tick_that_breaks_off_is_said_counted_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process lives on, says what is wrong while it is, and the log has the traceback."""
    home, watch = home_at(tmp_path, None)
    ticked, seen = Monitor.tick, []
    port: list[int] = []

    def tick(self: Monitor) -> object:
        if len(seen) < 2:
            seen.append(health(port[0]))
            raise ZeroDivisionError("rate of nothing")
        seen.append(health(port[0]))
        assert 'crisis_errors_total{kind="ZeroDivisionError",where="services.monitor.process"} 2.0' in metrics(port[0])
        return ticked(self)

    real = web.start
    monkeypatch.setattr(Monitor, "tick", tick)
    monkeypatch.setattr(web, "start", lambda vitals, _, host: port.append((s := real(vitals, 0)).server_port) or s)
    around.serve(home, [watch.model_copy(update={"sources": []})], every_s=0.01, port=0, ticks=3, briefs=False)
    assert len(seen) == 3
    assert any("the last 2 ticks failed, since" in r and "rate of nothing" in r for r in seen[2]["reasons"])
    assert seen[2]["log"]["file"] == "monitor.log" and seen[2]["log"]["fault"] == ""
    written = (tmp_path / "lake" / "artifacts" / "logs" / "monitor.log").read_text(encoding="utf-8")
    assert "Traceback" in written and "rate of nothing" in written and "watching 1 watch" in written
    heartbeat = json.loads((tmp_path / "lake" / "artifacts" / "monitor" / "heartbeat.json").read_text())
    assert heartbeat["ok"], "a tick that succeeds clears it"


@pytest.mark.long
def test_a_log_that_is_silent_because_it_cannot_be_written_is_said(tmp_path: Path) -> None:
    home, watch = home_at(tmp_path, None)
    home.lake.artifact("logs", "monitor.log").mkdir()  # the disk refuses
    found: list[dict[str, object]] = []
    monitors: list[Vitals] = []
    real = web.start

    def start(vitals: Vitals, port: int, host: str) -> object:
        monitors.append(vitals)
        return real(vitals, port, host)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(web, "start", start)
        around.serve(
            home, [watch.model_copy(update={"sources": []})], port=0, ticks=1, briefs=False,
            on_tick=lambda _: found.append(monitors[0].report()),
        )  # fmt: skip
    assert not found[0]["ok"] and "the log cannot be written" in str(found[0]["reasons"])


def test_a_watch_file_that_cannot_be_read_is_said_and_the_others_are_watched(tmp_path: Path) -> None:
    home, _ = home_at(tmp_path, None)
    (home.watches / "bad.yml").write_text("watch: bad\ncolour: red\n", encoding="utf-8")
    watches, wrong = readable_watches(home)
    assert [w.watch for w in watches] == ["acme"] and "colour" in wrong["bad"]
    vitals = Vitals(tmp_path / "heartbeat.json", every_s=5.0)
    vitals.unreadable = wrong
    vitals.beat(MonitorState(at=START), alerts=0, waits=np.zeros(0))
    assert any("1 watch file cannot be read" in r and "bad (" in r for r in vitals.reasons())


def test_a_health_page_that_breaks_is_unwell_and_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    vitals = Vitals(tmp_path / "heartbeat.json", every_s=5.0)
    monkeypatch.setattr(vitals, "report", lambda: 1 / 0)
    with served(vitals) as port, pytest.raises(urllib.error.HTTPError, match="500") as told:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/health")
    assert "ZeroDivisionError" in told.value.read().decode()
    assert any(r.exc_info for r in caplog.records)


def test_a_brief_that_fails_is_in_the_ledger_and_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    home, _ = home_at(tmp_path, None)
    monkeypatch.setattr(emergency_brief.os, "nice", lambda _: 0)
    monkeypatch.setattr(emergency_brief, "write", lambda *_, **__: {}["action_id"])
    words = [str(p) for p in (home.lake_root, home.watches, home.reports)]
    for _ in range(2):
        assert emergency_brief.main([*words, "acme", "alert-1", START.isoformat()]) == 2
    rows = home.lake.read("RUNS", present=False)
    assert rows["status"].tolist() == ["failed", "failed"], "each try has its row"
    assert rows["detail"].str.contains("KeyError: 'action_id'").all() and rows["code"].notna().all()
    assert json.loads(rows["parameters"].iloc[0])["alert_id"] == "alert-1"
    assert any(r.exc_info for r in caplog.records)
    assert rows["at"].max() < pd.Timestamp(START), "the row of a try that succeeds, dated by the alert, is the newest"
