"""What the monitor decides from memory is what it would decide from the lake."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest

from crisislib import signals, warn
from crisislib.engine import evaluation
from crisislib.engine.cache.decision_inputs import read_inputs
from crisislib.engine.cache.shared_tables import SharedTables
from crisislib.lake import Lake, compact
from crisislib.services.monitor.service import Monitor
from crisislib.signals import INDICATORS
from crisislib.warn.evidence_posts import chosen
from tests.monitor.test_monitor import Turned, crisis, started
from tests.monitor.world import START, feed_of, history, home_at

WINDOW = "window: {step_minutes: 10, baseline_days: 3}\n"
FIGURES = ("value", "expected", "lo", "hi", "surprise", "n_posts", "complete")


def plain(lake: Lake, monitor: Monitor, begin: datetime, now: Turned) -> pd.DataFrame:
    """Signals of the windows from an instant on, all read from the lake."""
    desk, until = monitor.states["acme"], now.at + timedelta(seconds=1)
    reach = {"since": begin - timedelta(days=1), "until": until}
    frames = signals.Frames(
        posts=lake.scan("POSTS", watch="acme", **reach),
        labels=lake.scan("LABELS", watch="acme", **reach),
        groups=lake.scan("GROUPS", watch="acme", present=False),
        accounts=lake.scan("ACCOUNTS"),
        batches=lake.scan("BATCHES", watch="acme"),
    )
    before = desk.history[desk.history["at"] < pd.Timestamp(begin)]
    return signals.compute(frames, desk.watch, since=begin, until=until, now=now.at, history=before).to_pandas()


def same(held: pd.DataFrame, read: pd.DataFrame) -> None:
    """Sums of floats may differ in their last digits, as they do from one reading of the lake to the next.

    A part that is met nowhere in the windows read has no row: it counted none.
    """
    both = held.merge(read, on=["signal", "at"], how="outer", suffixes=("_held", "_read"), indicator=True)
    alone = both[both["_merge"] != "both"]
    assert alone["signal"].str.contains(".", regex=False).all()
    assert not alone[["value_held", "value_read"]].fillna(0.0).to_numpy(dtype=float).any()
    both = both[both["_merge"] == "both"]
    assert len(both) >= len(INDICATORS) - 3
    for figure in FIGURES:
        one, other = (both[f"{figure}_{side}"].to_numpy(dtype=float, na_value=np.nan) for side in ("held", "read"))
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12, err_msg=figure)


def evidence(labels: pd.DataFrame, posts: pd.DataFrame, at: datetime) -> list[str]:
    """What a decision would show of the last day."""
    return chosen(labels, posts, pd.Timestamp(at - timedelta(days=1)), pd.Timestamp(at))


def tick_and_check(monitor: Monitor, lake: Lake, now: Turned) -> None:
    """A tick whose signals and decision are as from the lake."""
    desk = monitor.states["acme"]
    begins: list[datetime] = []
    measured = evaluation.measure

    def noted(ctx, state, labels, begin, shared):  # type: ignore[no-untyped-def]
        begins.append(begin)
        return measured(ctx, state, labels, begin, shared)

    with patch.object(evaluation, "measure", noted):
        monitor.tick()
    begin = begins[0]  # a gap that is owned up to reaches back before the last decision
    read, at = plain(lake, monitor, begin, now), pd.Timestamp(begin)
    same(desk.history[desk.history["at"] >= at], read)
    whole = pd.concat([desk.history[desk.history["at"] < at], read], ignore_index=True)
    rows = {n: lake.read(n, watch="acme", present=False) for n in ("INCIDENTS", "ALERTS")}
    assert desk.inputs is not None
    labels, posts = desk.inputs.at(now.at)
    read = read_inputs(lake, desk.watch, now.at, now.at + timedelta(seconds=1))
    assert evidence(labels, posts, now.at) == evidence(*read.at(now.at), now.at), "what is shown is what the lake would"
    seen = {"labels": labels, "posts": posts}
    again = warn.decide(whole, desk.watch, now=now.at, incidents=rows["INCIDENTS"], alerts=rows["ALERTS"], **seen)
    assert (again.level, again.incident_id) == (desk.level, desk.incident)
    assert again.alerts.num_rows == 0, "nothing that memory overlooked"


@pytest.mark.long
def test_memory_and_lake_agree_through_a_crisis(tmp_path: Path) -> None:
    now, reached = Turned(START), 0
    with feed_of(crisis(), now) as feed:
        home, watch = home_at(tmp_path, feed, more=WINDOW)
        history(home.lake, watch, START, hours=48)
        monitor = started(home, watch, now)
        monitor.tick()
        for _ in range(5):
            now.at += timedelta(minutes=11)
            tick_and_check(monitor, home.lake, now)
            desk = monitor.states["acme"]
            reached += desk.cache.reaches(desk.window(now.at)) and desk.reductions.end is not None
        monitor.close()
    assert reached >= 4, "and memory was what it looked at"
    assert monitor.states["acme"].level in ("orange", "red")


@pytest.mark.long
def test_what_somebody_else_writes_is_seen_at_the_next_look(tmp_path: Path) -> None:
    now = Turned(START)
    with feed_of(crisis(), now) as feed:
        home, watch = home_at(tmp_path, feed, more=WINDOW)
        history(home.lake, watch, START, hours=48)
        monitor = started(home, watch, now)
        for _ in range(5):
            now.at += timedelta(minutes=9)
            monitor.tick()
        labels = home.lake.read("LABELS", watch="acme", since=START)
        mine = labels[labels["label"] == "sentiment"].tail(40)
        Lake(home.lake_root).append("LABELS", mine.assign(model="analyst", value="positive", score=0.01, p=1.0))
        now.at += timedelta(minutes=2)
        tick_and_check(monitor, home.lake, now)
        monitor.close()


def test_only_what_others_commit_counts_as_changed(tmp_path: Path) -> None:
    home, watch = home_at(tmp_path, None)
    shared = SharedTables(home.lake)
    history(home.lake, watch, START, hours=48)
    assert shared.changed() == set(), "our own"
    history(Lake(home.lake_root), watch, START - timedelta(days=9))
    assert shared.changed() == {"POSTS", "BATCHES"}
    assert shared.changed() == set()
    compact(Lake(home.lake_root))
    assert shared.changed() == set(), "files were joined, no row changed"
    history(home.lake, watch, START - timedelta(days=20))
    assert shared.changed() == set()


def test_what_a_kill_makes_repeat_adds_nothing_to_the_microsecond(tmp_path: Path) -> None:
    at, lake = pd.Timestamp(START) + pd.Timedelta("123456us"), Lake(tmp_path)
    one = {
        "BATCHES": {"batch_id": "b", "at": at, "watch": "acme", "ok": True},
        "ACCOUNTS": {"account_id": "a", "seen_at": at},
        "LABELS": {"watch": "acme", "post_id": "p", "label": "x", "model": "m@1", "at": at, "created_at": at},
        "SIGNALS": {"watch": "acme", "signal": "volume", "at": at, "step_s": 600, "made_at": at},
    }
    for name, row in one.items():
        assert [lake.append(name, pd.DataFrame([row])) for _ in range(2)] == [1, 0], name
        assert Lake(tmp_path).append(name, pd.DataFrame([row])) == 0, name
    assert len(lake.read("LABELS", since=at.to_pydatetime())) == 1
