"""The whole monitor on a small world: a planted crisis is told once, whatever happens on the way."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from crisislib.engine import Home
from crisislib.services.monitor import Clock, Monitor
from tests.monitor.world import CALM, GRAVE, PATIENCE_S, START, Feed, feed_of, history, home_at, written

STEP = timedelta(minutes=30)


class Turned:
    """A clock that a test turns."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def clock(self) -> Clock:
        return Clock(self, lambda: self.at.timestamp())


def crisis(hours: float = 2.5) -> pd.DataFrame:
    """Half an hour of calm, then a storm."""
    calm = written(START, START + STEP, rate=8, words=CALM, seed=2)
    return pd.concat(
        [calm, written(START + STEP, START + timedelta(hours=hours), rate=400, words=GRAVE, seed=3)]
    ).reset_index(drop=True)


def started(home: Home, watch: object, now: Turned) -> Monitor:
    return Monitor(home, [watch], clock=now.clock(), briefs=False, patience_s=PATIENCE_S)  # type: ignore[list-item]


def settle(monitor: Monitor) -> None:
    monitor.close()


def once(feed: Feed, home: Home) -> None:
    """Every alert of the lake has reached the hook, each once."""
    alerts = home.lake.read("ALERTS")
    assert len(alerts) and alerts["alert_id"].is_unique
    assert sorted(feed.items()) == sorted(alerts["alert_id"])


@pytest.mark.long
def test_a_crisis_is_told_once_through_stops_and_a_clock_set_back(tmp_path: Path) -> None:
    now = Turned(START)
    with feed_of(crisis(), now) as feed:
        home, watch = home_at(tmp_path, feed)
        history(home.lake, watch, START)
        first = started(home, watch, now)
        now.at += STEP
        tick = first.tick()
        assert (tick.evaluated, tick.alerts) == (1, 0), "calm before the storm"
        assert first.states["acme"].level == "none"
        now.at += STEP
        assert first.tick().alerts == 1
        assert first.states["acme"].level in ("orange", "red")
        settle(first)  # everything that the next one knows comes from the lake
        once(feed, home)
        now.at += timedelta(hours=1)
        second = started(home, watch, now)
        second.tick()
        told = len(feed.items())
        now.at -= timedelta(hours=1)
        second._clock = Clock(now, lambda: 0.0)
        second._clock._last = (now.at + timedelta(hours=1), 0.0)
        assert second.tick().alerts == 0
        assert any("clock" in note for note in second.vitals.notes())
        settle(second)
        assert len(feed.items()) == max(told, len(home.lake.read("ALERTS")))
        once(feed, home)
        assert len(home.lake.read("INCIDENTS")) == 1


@pytest.mark.slow
def test_after_downtime_the_missed_windows_are_decided_in_order_and_said(tmp_path: Path) -> None:
    now = Turned(START)
    with feed_of(crisis(), now) as feed:
        home, watch = home_at(tmp_path, feed)
        history(home.lake, watch, START)
        first = started(home, watch, now)
        now.at += STEP
        first.tick()
        settle(first)
        now.at = START + timedelta(hours=8)
        second = started(home, watch, now)
        assert second.tick().alerts >= 1, "the storm was over when it came back; it is told all the same"
        assert any("decided on late" in note for note in second.vitals.notes())
        settle(second)
        once(feed, home)
        made = home.lake.read("ALERTS")["made_at"].min()
        assert made <= pd.Timestamp(START + timedelta(hours=2)), "decided as at the end of the window that it missed"


@pytest.mark.slow
def test_the_emergency_brief_is_written_and_sent_after_the_alert(tmp_path: Path) -> None:
    now = Turned(START)
    with feed_of(crisis(), now) as feed:
        home, watch = home_at(tmp_path, feed)
        history(home.lake, watch, START)
        now.at += 2 * STEP
        monitor = Monitor(home, [watch], clock=now.clock(), briefs=True, patience_s=PATIENCE_S)
        assert monitor.tick().alerts == 1
        end = time.monotonic() + 300
        while monitor.vitals.report()["briefs"] and time.monotonic() < end:
            time.sleep(0.5)
            monitor.tick()
        settle(monitor)
        log = (tmp_path / "lake" / "artifacts" / "monitor" / "brief.log").read_text()
        runs = home.lake.read("RUNS")
        runs = runs[runs["job"] == "brief"]
        assert len(runs) == 1 and runs["level"].iloc[0] in ("orange", "red"), log
        page = Path(runs["detail"].iloc[0])
        assert page.is_file() and page.stat().st_size > 10_000
        alert = home.lake.read("ALERTS")["alert_id"].iloc[0]
        assert sorted(feed.items()) == [alert, f"{alert}-brief"]
        # the next start knows that it was written and told
        again = Monitor(home, [watch], clock=now.clock(), briefs=True, patience_s=PATIENCE_S)
        again.tick()
        settle(again)
        assert len(feed.items()) == 2


@pytest.mark.long
def test_a_watch_that_cannot_be_read_is_said_and_the_others_go_on(tmp_path: Path) -> None:
    now = Turned(START + STEP)
    with feed_of(crisis(), now) as feed:
        home, watch = home_at(tmp_path, feed)
        wrong = watch.model_copy(
            update={"watch": "wrong", "brand": watch.brand.model_copy(update={"industry": "none"})}
        )
        monitor = Monitor(home, [wrong, watch], clock=now.clock(), briefs=False, patience_s=PATIENCE_S)
        assert monitor.tick().evaluated == 2
        assert any("wrong" in reason and "industry" in reason for reason in monitor.vitals.reasons())
        settle(monitor)
        assert len(home.lake.read("LABELS", watch="acme")) and not len(home.lake.read("LABELS", watch="wrong"))
