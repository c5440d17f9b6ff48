"""Real processes, really killed: kill -9 at any moment, a disk that is full for a while, SIGTERM."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from tests.monitor.test_monitor import crisis, once
from tests.monitor.world import START, feed_of, history, home_at

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow


def turn(root: Path, at: datetime) -> None:
    part = root / "clock.part"
    part.write_text(at.isoformat())
    part.replace(root / "clock")


@contextmanager
def process(root: Path, *more: str) -> Iterator[subprocess.Popen[bytes]]:
    with (root / "log").open("ab") as log:
        running = subprocess.Popen(
            [sys.executable, "-m", "tests.monitor.process", str(root), *more], cwd=ROOT, stdout=log, stderr=log
        )
    try:
        yield running
    finally:
        running.kill()
        running.wait()


def beat(root: Path) -> dict[str, object]:
    file = root / "lake" / "artifacts" / "monitor" / "heartbeat.json"
    return json.loads(file.read_text()) if file.exists() else {}


def asked(root: Path) -> str:
    """When the feed last answered, as the lake remembers it."""
    states = list((root / "lake" / "artifacts" / "acme" / "sources").glob("*.json"))
    return str(json.loads(states[0].read_text())["asked_at"]) if states else ""


def settled(root: Path, running: subprocess.Popen[bytes], at: datetime, *, seconds: float = 120.0) -> bool:
    """Wait until the feed has answered at that time, this process has done a tick since, and owes no message."""
    end, stored = time.monotonic() + seconds, None
    while time.monotonic() < end:
        told = beat(root)
        if told.get("pid") == running.pid and told["at"] == at.isoformat():
            # On a busy machine the answer comes ticks after the question.
            stored = told["ticks"] if stored is None and asked(root) == at.isoformat() else stored
            if stored is not None and told["ticks"] > stored and not told["messages_waiting"]:
                return True
        if running.poll() is not None:
            return False
        time.sleep(0.05)
    raise AssertionError(f"no tick at {at}: {beat(root)}\n{(root / 'log').read_text()[-3000:]}")


def test_kill_9_loses_no_alert_and_raises_none_twice(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    clock = [START]
    with feed_of(crisis(), lambda: clock[0]) as feed:
        home, watch = home_at(tmp_path, feed)
        history(home.lake, watch, START)
        for step in range(1, 5):
            clock[0] = START + timedelta(minutes=30) * step
            turn(tmp_path, clock[0])
            with process(tmp_path) as doomed:
                time.sleep(float(rng.uniform(2.0, 6.0)))
                doomed.send_signal(signal.SIGKILL)
            with process(tmp_path) as running:
                assert settled(tmp_path, running, clock[0])
        once(feed, home)
        held = home.lake.read("POSTS", since=START)
        assert len(held) == (feed.posts["at"] <= clock[0]).sum(), "no post lost either"


def test_a_full_disk_is_said_and_nothing_is_lost(tmp_path: Path) -> None:
    clock = [START + timedelta(minutes=90)]
    with feed_of(crisis(), lambda: clock[0]) as feed:
        home, watch = home_at(tmp_path, feed)
        history(home.lake, watch, START)
        turn(tmp_path, clock[0])
        with process(tmp_path, "9000") as full:
            end = time.monotonic() + 90
            while time.monotonic() < end and not beat(tmp_path).get("reasons"):
                assert full.poll() is None, (tmp_path / "log").read_text()[-3000:]
                time.sleep(0.1)
            assert "cannot be written" in str(beat(tmp_path)["reasons"])
        assert not len(home.lake.read("ALERTS"))
        with process(tmp_path) as running:
            assert settled(tmp_path, running, clock[0])
            assert beat(tmp_path)["ok"]
        once(feed, home)


def test_it_stops_in_good_order(tmp_path: Path) -> None:
    clock = [START + timedelta(minutes=30)]
    with feed_of(crisis(), lambda: clock[0]) as feed:
        home_at(tmp_path, feed)
        turn(tmp_path, clock[0])
        with process(tmp_path) as running:
            assert settled(tmp_path, running, clock[0])
            running.send_signal(signal.SIGTERM)
            assert running.wait(timeout=60) == 0
        assert "stopped" in (tmp_path / "log").read_text()
