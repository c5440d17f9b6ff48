"""A source that goes silent: its record, coverage, level, data health and the monitor's own health say so."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crisislib import engine, services
from crisislib.core.silence import silent_records
from crisislib.core.watch import Watch, load_watch
from crisislib.engine import Home
from crisislib.services.monitor.collecting import SourceCollector
from crisislib.services.monitor.monitor_state import MonitorState
from crisislib.services.monitor.vitals import Vitals
from crisislib.workbench import Workbench
from tests.monitor.world import CALM, PATIENCE_S, START, feed_of, history, home_at, written

HOUR = timedelta(hours=1)
TEN_MINUTES = timedelta(minutes=10)


def with_limit(home: Home, minutes: int) -> Watch:
    """The watch of the world, its feed called silent after so many minutes."""
    file = home.watches / "acme.yml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("every_minutes: 1,", f"every_minutes: 1, silent_after_minutes: {minutes},"), "utf-8")
    return load_watch(file)


def records(home: Home) -> pd.DataFrame:
    return home.lake.read("BATCHES", present=False).query("batch_id != 'h'").sort_values("at")


def ask(home: Home, watch: Watch, moments: list[datetime]) -> SourceCollector:
    asker = SourceCollector(home, [watch], patience_s=PATIENCE_S)
    for now in moments:
        asker.collect(now)
    asker.close()
    return asker


@pytest.mark.long
def test_a_silent_source_is_said_everywhere_and_its_time_is_not_collected(tmp_path: Path) -> None:
    posts = written(START, START + 2 * HOUR, rate=8, words=CALM, seed=3)
    now = START
    with feed_of(posts, lambda: now) as feed:
        home, _ = home_at(tmp_path, feed)
        watch = with_limit(home, 90)
        history(home.lake, watch, START)
        asker = SourceCollector(home, [watch], patience_s=PATIENCE_S)
        for step in range(19):
            now = START + 2 * step * TEN_MINUTES
            asker.collect(now)
        asker.close()
    last = posts["at"].max()
    held = records(home)
    silent = held[silent_records(held)]
    assert silent["ok"].all() and silent["at"].min() > last + pd.Timedelta(minutes=90)
    assert "nothing new" in silent["warnings"].iloc[0]
    assert list(asker.silent) == ["acme/feed"] and not asker.failing

    found = services.run(home, watch, until=now, now=now, report=False)
    volume = home.lake.read("SIGNALS", watch="acme").query("signal == 'volume'").set_index("at")
    assert volume.loc[pd.Timestamp(START + HOUR), "complete"] == pytest.approx(1, abs=0.01)
    quiet = volume.loc[pd.Timestamp(START + 2 * HOUR)]
    assert quiet["value"] == 0 and quiet["complete"] > 0.99, "the first quiet hour was watched, and is calm"
    gone = volume.loc[pd.Timestamp(START + 5 * HOUR)]
    assert pd.isna(gone["value"]) and gone["complete"] < 0.01, "silence is not calm"
    assert found.level == "unknown" and any("feed" in line for line in found.health)

    bench = Workbench.open("acme", lake=home.lake_root, watches=home.watches, now=now)
    assert "nothing new for unusually long" in bench.health().html
    assert "nothing new" in str(bench.charts.sources().to_dict())

    vitals = Vitals(tmp_path / "heartbeat.json", every_s=5.0)
    vitals.beat(MonitorState(at=now, sources=1, silent=asker.silent), alerts=0, waits=np.zeros(0))
    assert not vitals.reasons() and "acme/feed" in vitals.notes()[0]
    assert vitals.failing()["silent"][0]["name"] == "acme/feed"


@pytest.mark.long
def test_a_source_that_comes_back_with_what_it_held_was_not_silent(tmp_path: Path) -> None:
    """A feed that was stuck and then brings all that had been posted: its gap is caught up, as after a downtime."""
    posts = written(START, START + 4 * HOUR, rate=8, words=CALM, seed=3)
    shown = START
    with feed_of(posts, lambda: shown) as feed:
        home, _ = home_at(tmp_path, feed)
        watch = with_limit(home, 60)
        asker = SourceCollector(home, [watch], patience_s=PATIENCE_S)
        for step in range(31):
            now = START + step * TEN_MINUTES
            shown = now if now <= START + HOUR or now >= START + 4 * HOUR else START + HOUR
            asker.collect(now)
        asker.close()
    assert silent_records(records(home)).sum() > 3
    assert not asker.silent
    services.run(home, watch, until=now, now=now, report=False)
    volume = home.lake.read("SIGNALS", watch="acme").query("signal == 'volume'").set_index("at")["complete"]
    assert volume.loc[pd.Timestamp(START + 2 * HOUR) : pd.Timestamp(START + 3 * HOUR)].min() > 0.9


def test_asked_by_the_command_it_is_said_too(tmp_path: Path) -> None:
    posts = written(START - HOUR, START, rate=20, words=CALM, seed=1)
    with feed_of(posts, lambda: START) as feed:
        home, _ = home_at(tmp_path, feed)
        watch = with_limit(home, 30)
        for now in (START, START + 20 * timedelta(minutes=1), START + 50 * timedelta(minutes=1)):
            lines = engine.collect(home, watch, now=now)[0].lines
    assert any("nothing new" in line for line in lines)
    assert silent_records(records(home)).tolist() == [False, False, True]
