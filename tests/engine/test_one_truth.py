"""A batch run and the monitor over the same posts come to the same decisions, alerts, incidents and findings."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crisislib import services
from crisislib.core.watch import Watch
from crisislib.engine import Home
from crisislib.lake import Lake
from crisislib.services.monitor import Monitor
from tests.monitor.test_monitor import Turned
from tests.monitor.world import CALM, GRAVE, START, history, home_at, written

STEP = timedelta(minutes=30)
LOOKS = 5
"""Windows between two ticks of a monitor to which nothing new comes: it decides on each of them all the same."""
WINDOW = "window: {step_minutes: 30, baseline_days: 4}\n"
DECIDED = {
    "ALERTS": ["alert_id", "made_at", "incident_id", "signal", "at", "level", "statistic", "method", "evidence"],
    "INCIDENTS": ["incident_id", "at", "kind", "level", "status", "opened_at", "closed_at", "index", "evidence"],
    "FINDINGS": ["at", "key", "place", "message", "facts", "post_ids", "n", "limits", "incident_id"],
}


@dataclass(frozen=True)
class Story:
    """A few hours of a watch: where the burst begins and ends, how loud and how grave it is."""

    windows: int
    begins: int
    lasts: int
    rate: float
    grave: bool
    seed: int

    def posts(self) -> pd.DataFrame:
        end = START + self.windows * STEP
        first = START + self.begins * STEP
        last = min(first + self.lasts * STEP, end)
        parts = [written(START, end, rate=8, words=CALM, seed=self.seed)]
        words = GRAVE if self.grave else CALM
        parts.append(written(first, last, rate=self.rate, words=words, seed=self.seed + 1))
        rows = pd.concat(parts)
        # Feeds carry milliseconds; nothing is written at a window's very end, which belongs to the next.
        return rows.sort_values("at", kind="stable").reset_index(drop=True)


stories = st.builds(
    Story,
    windows=st.integers(4, 10),
    begins=st.integers(0, 4),
    lasts=st.integers(1, 6),
    rate=st.sampled_from([20.0, 80.0, 300.0]),
    grave=st.booleans(),
    seed=st.integers(0, 1000),
)


def watched(folder: Path, story: Story) -> tuple[Home, Watch, datetime]:
    """The monitor over a story, ticking at the end of every window."""
    now, posts = Turned(START), story.posts()
    home, watch = home_at(folder, None, more=WINDOW)
    watch = watch.model_copy(update={"sources": []})
    history(home.lake, watch, START, hours=48)
    monitor = Monitor(home, [watch], clock=now.clock(), briefs=False)
    monitor.tick()
    for number in range(story.windows):
        now.at += STEP
        window = posts[(posts["at"] >= now.at - STEP) & (posts["at"] < now.at)]
        imported(Lake(home.lake_root), watch, window, number, now.at)
        monitor.tick()
    monitor.close()
    return home, watch, now.at


def imported(
    lake: Lake, watch: Watch, posts: pd.DataFrame, number: int, now: datetime, since: datetime | None = None
) -> None:
    """The posts of one window, put into the lake by somebody else just before its end; with `since` out of a file."""
    at = now - timedelta(milliseconds=1)
    ids = [f"mastodon:{number}.{i}" for i in range(len(posts))]
    lake.append(
        "POSTS",
        pd.DataFrame(
            {
                "watch": watch.watch, "post_id": ids, "collected_at": at, "platform": "mastodon", "kind": "post",
                "account_id": [f"mastodon:u{i % 300}" for i in range(len(posts))], "created_at": posts["at"].to_numpy(),
                "text": posts["text"].to_numpy(), "source": "feed", "n_likes": np.arange(len(posts)) % 7,
            }
        ),
    )  # fmt: skip
    record = {"batch_id": f"b{number}", "at": at, "watch": watch.watch, "source": "feed", "since": since or now - STEP}
    file = None if since is None else f"{number}.csv"
    lake.append("BATCHES", pd.DataFrame([{**record, "until": now, "ok": True, "file": file}]))


def replayed(folder: Path, home: Home, watch: Watch, until: datetime) -> Home:
    """A batch run in another lake over what the monitor collected, and over nothing that it derived."""
    other = Home(folder / "lake", home.watches, folder / "reports")
    for name in ("POSTS", "ACCOUNTS", "BATCHES"):
        other.lake.append(name, home.lake.arrow(name, present=False))
    services.run(other, watch, since=START, until=until, now=until, report=False, notify=False)
    return other


def rows(home: Home, name: str) -> pd.DataFrame:
    found = home.lake.read(name, present=False)
    if name == "FINDINGS":
        found = found[found["key"].str.startswith("warn.") & ~found["key"].isin(["warn.outlook", "warn.onset"])]
    found = found[found["at"] > pd.Timestamp(START)] if name != "ALERTS" else found
    columns = DECIDED[name]
    return found[columns].drop_duplicates().sort_values(columns[:3]).reset_index(drop=True)


def compare(folder: Path, story: Story) -> int:
    """Everything equal; returns how many alerts there were."""
    home, watch, until = watched(folder / "live", story)
    other = replayed(folder / "batch", home, watch, until)
    for name in ("INCIDENTS", "ALERTS"):
        live, batch = rows(home, name), rows(other, name)
        pd.testing.assert_frame_equal(live, batch, check_exact=False, rtol=1e-9, obj=name)
    live, batch = rows(home, "FINDINGS"), rows(other, "FINDINGS")
    told = batch["at"].unique()  # a batch tells of the windows that changed something, and of the last
    pd.testing.assert_frame_equal(live[live["at"].isin(told)].reset_index(drop=True), batch, obj="FINDINGS")
    runs = [h.lake.read("RUNS", present=False).sort_values(["judged_until", "at"]) for h in (home, other)]
    assert runs[0]["level"].iloc[-1] == runs[1]["level"].iloc[-1]
    assert np.isclose(runs[0]["index"].iloc[-1], runs[1]["index"].iloc[-1], equal_nan=True)
    return len(rows(home, "ALERTS"))


@pytest.mark.long
def test_a_storm_and_its_end(tmp_path: Path) -> None:
    assert compare(tmp_path, Story(5, 1, 2, 300.0, True, 1)) >= 1


@pytest.mark.long
def test_a_calm_morning(tmp_path: Path) -> None:
    assert compare(tmp_path, Story(3, 0, 1, 20.0, False, 2)) == 0


@pytest.mark.slow
@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(stories)
def test_any_story(story: Story) -> None:
    with tempfile.TemporaryDirectory() as folder:
        compare(Path(folder), story)


@pytest.mark.long
@pytest.mark.parametrize("overlap", [False, True], ids=["after the hole", "around the hole"])
def test_a_hole_that_a_later_file_shows_is_one_for_both(tmp_path: Path, overlap: bool) -> None:
    """A file says that its whole span was collected; a silence in it that is too long is a hole, for a monitor too."""
    now, windows, begin = Turned(START), 20, START - timedelta(hours=96)
    home, watch = home_at(tmp_path / "live", None, more=WINDOW)
    watch = watch.model_copy(update={"sources": []})
    imported(home.lake, watch, written(begin, START, rate=8, words=CALM, seed=7), 0, START, since=begin)
    monitor = Monitor(home, [watch], clock=now.clock(), briefs=False)
    for _ in range(windows // LOOKS):
        monitor.tick()
        now.at += LOOKS * STEP
    parts = [(now.at - 2 * STEP, now.at)] + ([(START - STEP, START)] if overlap else [])
    posts = pd.concat([written(lo, hi, rate=20, words=CALM, seed=3 + i) for i, (lo, hi) in enumerate(parts)])
    imported(Lake(home.lake_root), watch, posts, 1, now.at, since=START - STEP)
    monitor.tick()
    live = monitor.states[watch.watch].history
    monitor.close()
    other_home = replayed(tmp_path / "batch", home, watch, now.at)
    batch = other_home.lake.read("SIGNALS")
    named = services.run(other_home, watch, since=begin, until=now.at, now=now.at, report=False, notify=False).health
    assert any("Nothing was collected from" in line and "(9 hours)" in line for line in named), named
    columns = ["at", "value", "complete"]
    both = [f[(f["signal"] == "volume") & (f["at"] >= START) & (f["at"] < now.at)][columns] for f in (live, batch)]
    one, other = (frame.sort_values("at").reset_index(drop=True) for frame in both)
    pd.testing.assert_frame_equal(one, other, check_dtype=False)
    assert len(one) == windows and one["value"].notna().sum() == 2
