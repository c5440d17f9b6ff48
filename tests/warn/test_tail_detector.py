"""The return-period detector: the budget means what it says, no peeking, old bursts fade, gaps are no calm."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crisislib.warn import bursts, reach, return_period
from tests.signals.world import watch

STEP, DAY = 300, 288
HOUR, WEEK = 3600, 168


def ordinary(seed: int, days: int = 42, *, step: int = STEP) -> np.ndarray:
    rng = np.random.default_rng(seed)
    rows = days * 86_400 // step
    rhythm = np.exp(0.6 * np.sin(2 * np.pi * np.arange(rows) * step / 86_400))
    return rng.poisson(8 * step / STEP * rhythm * rng.gamma(0.5, 2.0, rows)).astype(float)


def alarms(days: np.ndarray, every: float, rest: int) -> np.ndarray:
    """Rows that begin an alarm, where one alarm lasts at least `rest` rows."""
    begun, free = np.zeros(len(days), dtype=bool), 0
    for row in np.flatnonzero(np.nan_to_num(days) >= every):
        begun[row], free = row >= free, row + rest
    return begun


@pytest.mark.parametrize(("step", "n"), [(STEP, 12), (HOUR, 40), (86_400, 40)])
@pytest.mark.parametrize("every", [7, 14])
def test_the_budget_is_kept_where_nothing_happens(step: int, n: int, every: float) -> None:
    span = 42 if step < 86_400 else 500
    days = [return_period(ordinary(s, span, step=step), step)[0] for s in range(n)]
    found = sum(int(alarms(d, every, max(24, 86_400 // step)).sum()) for d in days)
    assert found / (n * span) <= 1.5 / every, "at most half more than the budget"


def test_a_lower_budget_alarms_less() -> None:
    days = return_period(ordinary(3, 84, step=HOUR), HOUR)[0]
    numbers = [int((days >= every).sum()) for every in (0.01, 1, 7, 28, 700)]
    assert numbers == sorted(numbers, reverse=True) and numbers[0] > numbers[-1]


@pytest.mark.parametrize("size", [20, 60])
def test_a_planted_burst_is_seen_within_the_hour_and_its_calm_twin_is_not(size: int) -> None:
    calm = ordinary(3)
    onset = 30 * DAY
    crisis = calm.copy()
    crisis[onset : onset + DAY] += np.random.default_rng(1).poisson(size * 8 * np.exp(-np.arange(DAY) / 100))
    assert (return_period(crisis, STEP)[0][onset : onset + 12] >= 14).any()
    assert not (return_period(calm, STEP)[0][onset : onset + 12] >= 14).any()


def test_an_old_burst_does_not_blind_it_for_ever() -> None:
    calm = ordinary(4, 84, step=HOUR)
    later = calm.copy()
    later[10 * 24 : 12 * 24] *= 60
    second = slice(70 * 24, 70 * 24 + 6)
    later[second] *= 12
    calm[second] *= 12
    alone, after = (return_period(v, HOUR)[0][second].max() for v in (calm, later))
    assert alone >= 14 and after == pytest.approx(alone)
    soon = ordinary(4, 84, step=HOUR)
    soon[10 * 24 : 12 * 24] *= 60
    soon[20 * 24 : 20 * 24 + 6] *= 12
    assert return_period(soon, HOUR)[0][20 * 24 : 20 * 24 + 6].max() < alone


@settings(max_examples=15)
@given(st.integers(0, 1000), st.integers(0, 200), st.integers(0, 40))
def test_what_a_row_says_hangs_on_neither_what_comes_nor_what_lies_before_its_reach(seed, cut, gap) -> None:
    values = ordinary(seed, 45, step=HOUR)
    values[500 : 500 + gap] = np.nan
    whole = return_period(values, HOUR)
    end, begin = len(values) - cut, 10 * 24 - cut
    begun = return_period(values[begin:end], HOUR, first_s=begin * HOUR)
    rows = (reach(watch()) // pd.Timedelta(hours=1)) + begin
    for one, other in zip(whole, begun, strict=True):
        assert np.array_equal(one[rows:end], other[rows - begin :], equal_nan=True)
    assert np.array_equal(whole[0][:end], return_period(values[:end], HOUR)[0], equal_nan=True)


def test_a_gap_is_unknown_and_teaches_no_calm() -> None:
    values = ordinary(7)
    values[10 * DAY : 11 * DAY] = np.nan
    days, _ = return_period(values, STEP)
    assert np.isnan(days[10 * DAY : 11 * DAY]).all() and not np.isnan(days[11 * DAY :]).any()
    # Three silent weeks that were collected make an ordinary day a burst; three that were not do not.
    silent, lost = ordinary(8, 35, step=HOUR), ordinary(8, 35, step=HOUR)
    silent[7 * 24 : 28 * 24], lost[7 * 24 : 28 * 24] = 0.0, np.nan
    assert (return_period(silent, HOUR)[0][28 * 24 :] >= 7).any()
    assert not (return_period(lost, HOUR)[0][28 * 24 :] >= 7).any()


def test_nothing_is_said_before_a_day_and_24_windows_are_held() -> None:
    values = np.r_[np.full(20, 3.0), np.full(4, 500.0), np.full(10, 3.0)]
    for step in (HOUR, 86_400):
        assert not return_period(values[:24], step)[0].any()


@settings(max_examples=25)
@given(st.lists(st.integers(0, 10**6), max_size=700), st.sampled_from([300, 3600, 86_400]))
def test_any_counts_give_finite_periods(counts: list[int], step: int) -> None:
    days, span = return_period(np.array(counts, dtype=float), step)
    assert len(days) == len(span) == len(counts) and (days >= 0).all() and np.isfinite(days).all()


def test_a_burst_says_its_count_its_span_and_what_is_usual() -> None:
    at = pd.date_range("2024-01-01", periods=6 * WEEK, freq="h", tz="UTC").as_unit("us")
    values = np.full(len(at), 10.0) + np.arange(len(at)) % 3
    values[-6:] = 100.0
    rows = pd.DataFrame({"signal": "volume", "at": at, "step_s": 3600, "value": values})
    found = bursts(rows.sample(frac=1.0, random_state=0), watch())
    one = found.one(at[-1])
    assert one is not None and one.span_s == 6 * HOUR and one.count == 600
    assert one.usual == pytest.approx(66.0) and one.days > 100 and one.known_days == 28
    assert found.one(at[100]) is None
    heat = bursts(rows.assign(signal="heat"), watch())
    # Heat is no count of posts: as rare where it bursts, with no least number.
    assert heat.signal == "heat" and heat.days[-1] == found.days[-1] and (heat.days >= found.days).all()
    assert bursts(rows.assign(value=np.nan), watch()).of(at).tolist() == [0.0] * len(at)
