"""Streams in which nothing happens, of brands of every size, against the alarms a week that a watch allows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from crisislib.core.levels import rank
from crisislib.core.watch import Watch
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


@pytest.mark.parametrize("daily", [3, 6, 60, 600, 20_000])
@pytest.mark.parametrize(("share", "spread"), [(0.2, 0.0), (0.2, 0.4), (0.7, 0.3)])
def test_no_more_alarms_than_allowed_where_nothing_happens(daily: float, share: float, spread: float) -> None:
    rng = np.random.default_rng([daily, round(100 * share), round(100 * spread)])
    alarms, weeks, streams = 0, (DAYS - KNOWN) / 7, 4
    for _ in range(streams):
        series = series_evidence(eventless(daily, share, spread, rng), WATCH)
        floor, _cap = series.limits(series.volume.at)
        raised = np.flatnonzero(floor[KNOWN * 24 :] >= rank("blue"))
        alarms += int((np.diff(raised) > 24).sum()) + 1 if len(raised) else 0
    assert alarms / (streams * weeks) <= WATCH.levels.alarms_per_week


def test_a_handful_of_posts_is_a_burst_of_a_small_brand_and_three_are_not() -> None:
    rng = np.random.default_rng(3)
    rows = eventless(6, 0.2, 0.0, rng)
    hour = rows["at"].max() - pd.Timedelta(hours=12)
    for posts, told in ((3.0, False), (12.0, True)):
        mine = rows.copy()
        mine.loc[(mine["signal"] == "volume") & (mine["at"] == hour), "value"] = posts
        volume = series_evidence(mine, WATCH).volume
        assert bool(volume.of(pd.DatetimeIndex([hour]))[0] >= 14.0) == told
