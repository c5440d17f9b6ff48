"""Watches shared among monitors by configuration; one that is killed goes on on another machine."""

from __future__ import annotations

import json
import os
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
from typer.testing import CliRunner

from crisislib.cli.app import app
from crisislib.core.errors import InputError
from crisislib.core.shard import Shard, shard_of
from crisislib.engine import Home
from crisislib.lake.object_store import point_to
from tests.monitor.test_monitor import crisis, once
from tests.monitor.world import START, feed_of, history, home_at

ROOT = Path(__file__).parents[2]


def test_every_watch_belongs_to_one_part_and_always_to_the_same() -> None:
    names = [f"brand-{i}" for i in range(1000)] + ["品牌"]
    parts = [shard_of(f"{i}/4") for i in range(1, 5)]
    held = [[part.holds(name) for part in parts] for name in names]
    assert all(sum(row) == 1 for row in held)
    assert all(200 < sum(column) < 300 for column in zip(*held, strict=True))
    assert [part.number for part in parts if part.holds("acme")] == [1], "the split is the same in every version"
    assert shard_of("").holds("acme") and shard_of("1/1") == Shard()


@pytest.mark.parametrize("text", ["0/4", "5/4", "2", "a/b", "1/0", "-1/2"])
def test_a_part_that_is_none_says_so(text: str) -> None:
    with pytest.raises(InputError, match="part of the watches"):
        shard_of(text)


def test_the_scheduler_runs_its_part_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRISIS_HOME", str(tmp_path))
    (tmp_path / "crisis.toml").touch()
    for name in ("acme", "brand-2"):
        home_at(tmp_path / "data", None, more="schedule: {tasks_every_minutes: 5}\n", name=name)
    run = CliRunner()
    mine = [run.invoke(app, ["schedule", "--once", "--shard", f"{i}/4"]).output for i in range(1, 5)]
    assert sum("acme/tasks" in text for text in mine) == 1 and "acme/tasks" in mine[0]
    assert sum("brand-2/tasks" in text for text in mine) == 1
    assert run.invoke(app, ["schedule", "--once", "--shard", "5/4"]).exit_code != 0


# -- taking over -----------------------------------------------------------------------------------


def machine(folder: Path, address: str, watches: Path) -> Home:
    """A machine with a folder of its own, on which nothing lies yet but the watch files."""
    folder.mkdir()
    (folder / "watches").symlink_to(watches)
    point_to(folder / "lake", address)
    return Home(folder / "lake", folder / "watches", folder / "reports")


@contextmanager
def process(folder: Path, shard: str) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / "log").open("ab") as log:
        running = subprocess.Popen(
            [sys.executable, "-m", "tests.monitor.process", str(folder)],
            cwd=ROOT, stdout=log, stderr=log, env={**os.environ, "CRISIS_SHARD": shard},
        )  # fmt: skip
    try:
        yield running
    finally:
        running.kill()
        running.wait()


def settled(home: Home, running: subprocess.Popen[bytes], shard: Shard, at: datetime) -> None:
    """Wait until the feed was asked at that time and this process owes no message after a later tick."""
    end, stored = time.monotonic() + 120, None
    beat = home.lake_root / "artifacts" / "monitor" / f"{shard.labelled('heartbeat')}.json"
    while time.monotonic() < end:
        assert running.poll() is None, (home.lake_root.parent / "log").read_text()[-3000:]
        told = json.loads(beat.read_text()) if beat.exists() else {}
        if told.get("at") == at.isoformat():
            names = home.lake.shared.names("acme/sources")
            answered = [json.loads(home.lake.shared.read(n) or b"{}").get("asked_at") for n in names]
            stored = told["ticks"] if stored is None and at.isoformat() in answered else stored
            if stored is not None and told["ticks"] > stored and not told["messages_waiting"]:
                return
        time.sleep(0.05)
    raise AssertionError(f"no tick at {at}\n{(home.lake_root.parent / 'log').read_text()[-3000:]}")


@pytest.mark.slow
def test_a_killed_shard_goes_on_on_another_machine(tmp_path: Path, s3_lake: str) -> None:
    """Every half hour the machine of the shard dies, and one takes over that has nothing of it on its disk."""
    rng, part = np.random.default_rng(5), shard_of("1/4")
    clock = [START]
    with feed_of(crisis(), lambda: clock[0]) as feed:
        _, watch = home_at(tmp_path, feed)
        home_at(tmp_path, None, name="brand-2")  # another shard's
        reader = machine(tmp_path / "reader", s3_lake, tmp_path / "watches")
        history(reader.lake, watch, START)
        for step in range(1, 5):
            clock[0] = START + timedelta(minutes=30) * step
            for name, survives in ((f"a{step}", False), (f"b{step}", True)):
                home = machine(tmp_path / name, s3_lake, tmp_path / "watches")
                (tmp_path / name / "clock").write_text(clock[0].isoformat())
                with process(tmp_path / name, "1/4") as running:
                    if survives:
                        settled(home, running, part, clock[0])
                    else:
                        time.sleep(float(rng.uniform(2.0, 6.0)))
                        running.send_signal(signal.SIGKILL)
        once(feed, reader)
        held = reader.lake.read("POSTS", since=START)
        assert len(held) == (feed.posts["at"] <= clock[0]).sum(), "no post lost either"
        assert set(reader.lake.read("BATCHES")["watch"]) == {"acme"}
