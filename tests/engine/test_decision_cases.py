"""Weeks that every brand has, through the engine: what is a crisis, what is not, and what is said of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from crisislib.core.levels import rank
from crisislib.core.tables import conform
from crisislib.engine import Home
from crisislib.engine.context import RunContext, RunWindow
from crisislib.engine.decide import Decisions
from crisislib.engine.steps import Stopwatch, evaluate_window
from crisislib.simulation import BrandWeek, brand_week

pytestmark = pytest.mark.slow
POSTS = 700


def evaluated(folder: Path, week: BrandWeek) -> tuple[Home, Decisions]:
    """The decisions over the last sixteen days of some weeks."""
    home = Home(folder / "lake", folder / "watches", folder / "reports")
    home.lake.append("POSTS", week.posts)
    home.lake.append("ACCOUNTS", week.accounts)
    record = {"batch_id": "b", "at": week.end, "watch": week.watch.watch, "source": "s", "since": week.begin}
    home.lake.append("BATCHES", pd.DataFrame([{**record, "until": week.end, "ok": True}]))
    since = max(week.begin, week.end - timedelta(days=16))
    ctx = RunContext(home, week.watch, RunWindow(since, week.end, week.end, week.end), "run")
    return home, evaluate_window(ctx, Stopwatch())


def complaints(language: str, daily: int, seed: int) -> BrandWeek:
    """Weeks of a brand of a few posts a day; within hours of its last days, the complaints of a bad first day."""
    quiet = brand_week("quiet", seed=seed, language=language, posts=POSTS)  # type: ignore[arg-type]
    bad = brand_week("first_day", seed=seed + 1, language=language, posts=POSTS)  # type: ignore[arg-type]
    rng, rows = np.random.default_rng(seed), bad.posts.to_pandas()
    rows = rows[rows["post_id"].str.contains(":e")].head(40).reset_index(drop=True)
    hours = rng.exponential(4.0, len(rows)).clip(0, 20)
    at = pd.Timestamp(quiet.end) - pd.Timedelta(hours=30) + pd.to_timedelta(np.round(hours * 3600), unit="s")
    event = conform(rows.assign(created_at=at, collected_at=at + pd.Timedelta(minutes=2)), "POSTS")
    ordinary = quiet.posts.filter(pa.array(rng.random(quiet.posts.num_rows) < daily * 28 / POSTS))
    return replace(quiet, posts=pa.concat_tables([ordinary, event]), crisis=True)


@pytest.mark.parametrize("kind", ["own_draw", "wire_story", "sales_day", "donation", "war_news", "regulator_usual"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_harms_nobody_is_never_above_blue(tmp_path: Path, kind: str, language: str) -> None:
    home, _ = evaluated(tmp_path, brand_week(kind, seed=3, language=language, posts=POSTS))  # type: ignore[arg-type]
    rows = home.lake.read("INCIDENTS", present=False)
    assert all(rank(level) <= rank("blue") for level in rows["level"])
    if kind == "own_draw":
        assert "own" in set(rows["about"]) and set(rows["subject"]) == {"other"}


@pytest.mark.parametrize(("language", "posts", "seed"), [("zh", 1_500, 31), ("en", 2_500, 33)])
def test_thanks_for_a_donation_are_praise_and_open_no_incident(
    tmp_path: Path, language: str, posts: int, seed: int
) -> None:
    week = brand_week("donation", seed=seed, language=language, posts=posts)  # type: ignore[arg-type]
    home, decisions = evaluated(tmp_path, week)
    rows = home.lake.read("INCIDENTS", present=False)
    assert not len(rows[rows["opened_at"] >= pd.Timestamp(week.onset)])
    levels = decisions.last.history.set_index("at")["level"]
    assert all(rank(level) <= rank("blue") for level in levels[levels.index >= pd.Timestamp(week.onset)])


@pytest.mark.parametrize(("language", "daily", "seed"), [("zh", 6, 41), ("en", 6, 42), ("zh", 15, 43), ("en", 20, 44)])
def test_a_burst_of_complaints_is_yellow_for_a_brand_of_a_few_posts_a_day(
    tmp_path: Path, language: str, daily: int, seed: int
) -> None:
    home, _ = evaluated(tmp_path, complaints(language, daily, seed))
    rows = home.lake.read("INCIDENTS", present=False)
    assert (rows["level"].map(rank) >= rank("yellow")).any() and "harm" in set(rows["about"])


def test_a_copy_storm_is_harm(tmp_path: Path) -> None:
    week = brand_week("copy_storm", seed=4, language="en", posts=POSTS)
    home, _ = evaluated(tmp_path, week)
    rows = home.lake.read("INCIDENTS", present=False)
    assert (rows["level"].map(rank) >= rank("yellow")).any() and "harm" in set(rows["about"])
    signals = home.lake.read("SIGNALS")
    event = signals[(signals["at"] >= pd.Timestamp(week.onset)) & (signals["signal"] == "negative_share")]
    assert event["value"].max() > 0.6


def test_counters_that_rise_raise_a_level_when_they_rise(tmp_path: Path) -> None:
    week = brand_week("viral_counter", seed=5, language="en", posts=POSTS)
    home, _ = evaluated(tmp_path, week)
    rows = home.lake.read("INCIDENTS", present=False).sort_values("at")
    raised = rows[rows["by"] == "counters@1"]
    assert len(raised) and raised["at"].iloc[0] >= pd.Timestamp(week.onset + timedelta(hours=4))
    assert raised["at"].iloc[0] <= pd.Timestamp(week.onset + timedelta(hours=12))
    # The post that people pass on is named first, and what it says decides what it is about.
    posts = home.lake.read("POSTS")
    acts = posts.set_index("post_id")[["n_likes", "n_reposts", "n_replies"]].sum(axis=1)
    assert json.loads(raised["evidence"].iloc[0])["posts"][0] == acts.idxmax()
    assert raised["about"].iloc[0] == "harm" and rank(raised["level"].iloc[0]) >= rank("yellow")


def test_a_bad_first_day_has_no_level_but_words_and_weight(tmp_path: Path) -> None:
    _, decisions = evaluated(tmp_path, brand_week("first_day", seed=6, language="en", posts=POSTS))
    assert decisions.last.level == "unknown"
    found = {one.key: one for one in decisions.last.findings}
    assert "%" in found["warn.first_day"].render("en") and found["warn.first_day"].weight > 90


def test_a_slow_burn_is_blue_because_of_the_mood_and_stays(tmp_path: Path) -> None:
    home, decisions = evaluated(tmp_path, brand_week("slow_burn", seed=7, language="en", posts=4 * POSTS))
    assert rank(decisions.last.level) >= rank("blue")
    assert "warn.mood" in {one.key for one in decisions.last.findings}
    assert "drift@1" in set(home.lake.read("INCIDENTS", present=False)["by"])
