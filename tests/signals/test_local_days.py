"""Windows of a day are local days, on both sides of a change of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisislib.core.window_times import continuous, window_end, window_start
from crisislib.signals import compute, grid
from tests.signals.world import batch, frames, posts, watch

ZONES = ["America/New_York", "Europe/Berlin", "Asia/Shanghai", "America/Santiago", "Africa/Cairo"]
YEAR = st.integers(0, 3 * 366 * 86_400).map(lambda s: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=s))


def daily(zone: str = "America/New_York", minutes: int = 1440):
    return watch(timezone=zone, window={"step_minutes": minutes, "baseline_days": 60})


@given(YEAR, st.sampled_from(ZONES), st.sampled_from([45, 60, 120, 360, 420, 720, 1440]))
def test_windows_follow_each_other_and_every_instant_lies_in_its_own(at, zone, minutes):
    one = daily(zone, minutes)
    start, end = window_start(one, at), window_end(one, at)
    assert start <= at < end == window_start(one, end)
    assert window_start(one, end - timedelta(seconds=1)) == start
    if minutes in (120, 360, 720, 1440):
        local = start.astimezone(ZoneInfo(zone))
        skipped = (start - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).utcoffset() != local.utcoffset()
        assert skipped or (local.hour * 60 + local.minute) % minutes == 0
    if minutes == 1440:
        before = (start - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).date()
        assert start.astimezone(ZoneInfo(zone)).date() == before + timedelta(days=1)


@pytest.mark.parametrize("minutes", [120, 180, 720])
@pytest.mark.parametrize("zone", ZONES)
def test_windows_of_several_hours_stand_on_the_local_clock(zone, minutes):
    windows = grid(daily(zone, minutes), datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    at = pd.Series(pd.date_range(windows.start, windows.end, freq="13min", inclusive="left")).dt.as_unit("us")
    wall = at.dt.tz_convert(zone).dt.tz_localize(None)
    assert (windows.numbers(at) == np.searchsorted(windows.edges, at.astype("int64") / 1e6, side="right") - 1).all()
    assert (wall.dt.floor(f"{minutes}min").groupby(windows.numbers(at)).nunique() == 1).all()
    starts, place = continuous(pd.Series(windows.at()), minutes * 60, zone)
    assert (starts == windows.at()).all() and (place == np.arange(windows.n)).all()
    assert [windows.first_from(one) for one in windows.at()[::50]] == list(range(0, windows.n, 50))


@pytest.mark.parametrize("zone", ZONES)
def test_instants_of_a_year_are_counted_into_the_day_that_they_lie_in(zone):
    windows = grid(daily(zone), datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    at = pd.Series(pd.date_range(windows.start, windows.end, freq="13min", inclusive="left")).dt.as_unit("us")
    number = windows.numbers(at)
    dates = at.dt.tz_convert(zone).dt.date
    assert (dates == windows.at().tz_convert(zone).date[number]).all()
    starts, place = continuous(pd.Series(windows.at()), 86_400, zone)
    assert (starts == windows.at()).all() and (place == np.arange(windows.n)).all()


@pytest.mark.parametrize("change", [datetime(2026, 3, 8, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)])
def test_daily_signals_begin_at_local_midnight_on_both_sides_of_a_change(change):
    zone, one = ZoneInfo("America/New_York"), daily()
    since, until = change - timedelta(days=40), change + timedelta(days=10)
    local = pd.date_range(since.date(), until.date(), freq="D", inclusive="left")
    times = [d + pd.Timedelta(t) for d in local for t in ("00:30:00", "12:00:00", "23:30:00")]
    at = pd.DatetimeIndex(times).tz_localize(zone).tz_convert("UTC")
    given_ = frames(posts=posts(at), batches=[batch(since, until + timedelta(days=1))])
    rows = compute(given_, one, since=since, until=until, now=until, only=["volume"]).to_pandas()
    starts = pd.DatetimeIndex(rows["at"]).tz_convert(zone)
    assert (starts == starts.normalize()).all() and rows["at"].is_unique
    inside = rows[(rows["at"] >= at[0] - pd.Timedelta(hours=1)) & (rows["at"] < at[-1] - pd.Timedelta(days=1))]
    assert len(inside) >= 45 and (inside["value"] == 3).all() and (inside["complete"] == 1).all()
    # A monitor that takes up stored windows before the change finds the same as a run over all.
    held = rows[rows["at"] < pd.Timestamp(change)]
    part = compute(given_, one, since=change, until=until, now=until, only=["volume"], history=held).to_pandas()
    both = part.merge(rows, on="at", suffixes=("", "_all"))
    assert len(both) == len(part) and np.allclose(both["value"], both["value_all"], equal_nan=True)
    assert np.allclose(both["expected"], both["expected_all"], equal_nan=True)
