"""The return-period detector: the budget means what it says, no peeking, gaps are no calm."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crisislib.warn.detectors import alarms, return_period

STEP, DAY = 300, 288


def ordinary(seed: int, days: int = 42) -> np.ndarray:
    rng = np.random.default_rng(seed)
    rhythm = np.exp(0.6 * np.sin(2 * np.pi * np.arange(days * DAY) / DAY))
    return rng.poisson(8 * rhythm * rng.gamma(0.5, 2.0, days * DAY)).astype(float)


def test_the_budget_is_kept_where_nothing_happens() -> None:
    fired = sum(int(alarms(return_period(ordinary(s), STEP), STEP, every_days=14).sum()) for s in range(12))
    assert fired / (12 * 42) <= 1.5 / 14, "at most half more than one a fortnight"


@pytest.mark.parametrize("size", [20, 60])
def test_a_planted_burst_is_seen_within_the_hour_and_its_calm_twin_is_not(size: int) -> None:
    calm = ordinary(3)
    onset = 30 * DAY
    crisis = calm.copy()
    crisis[onset : onset + DAY] += np.random.default_rng(1).poisson(size * 8 * np.exp(-np.arange(DAY) / 100))
    fired = alarms(return_period(crisis, STEP), STEP, every_days=14)
    assert fired[onset : onset + 12].any()
    assert not alarms(return_period(calm, STEP), STEP, every_days=14)[onset : onset + 12].any()


def test_the_past_does_not_know_the_future() -> None:
    values = ordinary(5)
    assert np.array_equal(return_period(values, STEP)[: 20 * DAY], return_period(values[: 20 * DAY], STEP))


def test_a_gap_is_unknown_not_zero() -> None:
    values = ordinary(7)
    values[10 * DAY : 11 * DAY] = np.nan
    periods = return_period(values, STEP)
    assert np.isnan(periods[10 * DAY : 11 * DAY]).all() and not np.isnan(periods[11 * DAY :]).any()
    assert not alarms(periods, STEP, every_days=7)[10 * DAY : 11 * DAY].any()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 10**6), max_size=700), st.sampled_from([300, 3600, 86_400]))
def test_any_counts_give_finite_periods_and_rested_alarms(counts: list[int], step: int) -> None:
    periods = return_period(np.array(counts, dtype=float), step)
    assert len(periods) == len(counts) and (periods >= 0).all() and np.isfinite(periods).all()
    fired = np.flatnonzero(alarms(periods, step, every_days=1, rest_s=86_400))
    rested = np.diff(fired) > 86_400 // step
    worse = periods[fired[1:]] >= 10 * periods[fired[:-1]]
    assert (rested | worse).all()
