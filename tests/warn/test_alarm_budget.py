"""Streams in which nothing happens, of brands of every size, against the alarms a week that a watch allows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from crisislib.core.levels import rank
from crisislib.core.watch import Watch
from crisislib.warn import return_period
from crisislib.warn.watch_series import series_evidence

WATCH = Watch.model_validate(
    {"watch": "w", "title": {"en": "w"}, "brand": {"names": ["Acme"]}, "timezone": "UTC"},
)
DAYS, KNOWN = 84, 14


def eventless(daily: float, share: float, spread: float, rng: np.random.Generator) -> pd.DataFrame:
    """Posts by the hour with a day's course, days that differ, and an ordinary share of negative ones."""
    at = pd.date_range("2026-01-05", periods=DAYS * 24, freq="h", tz="UTC")
    course = 1.0 + 0.8 * np.sin((at.hour.to_numpy() - 8) / 24 * 2 * np.pi)
    day = rng.gamma(1 / spread**2, spread**2, DAYS) if spread else np.ones(DAYS)
    posts = rng.poisson(daily / 24 * course / course.mean() * np.repeat(day, 24))
    bad = rng.binomial(posts, np.repeat(np.clip(rng.normal(share, 0.03, DAYS), 0.02, 0.98), 24))
    rows = pd.DataFrame({"watch": "w", "at": at, "step_s": 3600, "n_posts": posts, "complete": 1.0})
    return pd.concat([
        rows.assign(signal="volume", value=posts.astype(float)),
        rows.assign(signal="negative_posts", value=bad.astype(float)),
    ], ignore_index=True)  # fmt: skip


@pytest.mark.parametrize("daily", [3, 6, 20, 60, 600, 20_000])
def test_no_more_alarms_than_allowed_where_nothing_happens(daily: float) -> None:
    told = {"blue": 0, "yellow": 0}
    weeks, streams = (DAYS - KNOWN) / 7, 4
    kinds = ((0.2, 0.0), (0.2, 0.4), (0.7, 0.3))
    for share, spread in kinds:
        rng = np.random.default_rng([round(daily), round(100 * share), round(100 * spread)])
        for _ in range(streams):
            series = series_evidence(eventless(daily, share, spread, rng), WATCH)
            floor, _cap = series.limits(series.volume.at)
            for level in told:
                told[level] += _separate(floor[KNOWN * 24 :] >= rank(level), 24)
    span = len(kinds) * streams * weeks
    # As many alarms as were allowed come by chance in a few more; one in five of them is yellow at most.
    assert told["blue"] / span <= WATCH.levels.alarms_per_week + np.sqrt(WATCH.levels.alarms_per_week / span)
    assert told["yellow"] / span <= WATCH.levels.alarms_per_week / 5


@pytest.mark.parametrize("step_s", [300, 3600])
def test_the_budget_holds_and_bursts_are_found_whatever_the_length_of_a_window(step_s: int) -> None:
    """Posts that come unevenly, and four bursts of as many posts as in a day or two, each some hours long."""
    days, day = 70, 86_400 // step_s
    known, alarms, found, weeks = 14 * day, 0, 0, 0.0
    for seed, daily in enumerate((60, 600, 6_000)):
        rng = np.random.default_rng([seed, step_s])
        course = 1.0 + 0.8 * np.sin(2 * np.pi * np.arange(days * day) / day)
        rate = daily / day * course * np.repeat(rng.gamma(6.0, 1 / 6.0, days), day)
        calm = rng.poisson(rate).astype(float)
        days_of, _ = return_period(calm, step_s, few=5.0)
        alarms += _separate(days_of[known:] >= 14.0, day)
        weeks += (days - 14) / 7
        event = np.exp(-np.arange(day) * step_s / 14_400.0)
        onsets = [known + (10 + 13 * i) * day for i in range(4)]
        for onset in onsets:
            rate[onset : onset + day] += event / event.sum() * daily * rng.uniform(1.0, 2.0)
        days_of, _ = return_period(rng.poisson(rate).astype(float), step_s, few=5.0)
        found += sum(bool((days_of[onset : onset + day // 8] >= 14.0).any()) for onset in onsets)
    assert alarms / weeks <= 0.5 and found >= 10


def _separate(marked: NDArray[np.bool_], gap: int) -> int:
    rows = np.flatnonzero(marked)
    return 1 + int((np.diff(rows) > gap).sum()) if len(rows) else 0


def test_a_handful_of_posts_is_a_burst_of_a_small_brand_and_three_are_not() -> None:
    rng = np.random.default_rng(3)
    rows = eventless(6, 0.2, 0.0, rng)
    hour = rows["at"].max() - pd.Timedelta(hours=12)
    for posts, told in ((3.0, False), (12.0, True)):
        mine = rows.copy()
        mine.loc[(mine["signal"] == "volume") & (mine["at"] == hour), "value"] = posts
        volume = series_evidence(mine, WATCH).volume
        assert bool(volume.of(pd.DatetimeIndex([hour]))[0] >= 14.0) == told
