from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from crisislib.signals import amounts, calibrate, counts, shares
from crisislib.signals.baseline.calendar_effects import country, slots
from crisislib.signals.baseline.negative_binomial import nb_interval, nb_surprise
from crisislib.signals.baseline.ratios import share_surprise

HOURS = np.arange(28 * 24)
WEEK = (HOURS % 168).astype(np.int64)


@settings(max_examples=100)
@given(st.integers(0, 400), st.floats(0.05, 150), st.floats(0.01, 3))
def test_surprise_is_the_tail_of_scipys_negative_binomial(y, mean, phi):
    ours = nb_surprise(np.array([float(y)]), np.array([mean]), np.array([phi]))[0]
    exact = stats.nbinom.sf(y - 1, 1 / phi, 1 / (1 + phi * mean))
    if exact > 1e-250:
        assert ours == pytest.approx(-np.log10(exact), rel=1e-5, abs=1e-7)


def test_the_far_tail_goes_on_where_floats_end():
    far = nb_surprise(np.array([3000.0, 4000.0, 6000.0]), np.full(3, 2.0), np.full(3, 0.05))
    exact = [-stats.nbinom.logsf(y - 1, 20, 1 / 1.1) / np.log(10) for y in (3000.0,)]
    assert np.all(np.diff(far) > 0)
    if np.isfinite(exact[0]):
        assert far[0] == pytest.approx(exact[0], rel=0.02)


def test_interval_is_scipys():
    lo, hi = nb_interval(np.array([[8.0]]), np.array([[0.2]]))
    dist = stats.nbinom(5, 1 / 2.6)
    assert (lo[0, 0], hi[0, 0]) == (dist.ppf(0.05), dist.ppf(0.95))


@pytest.mark.parametrize(("n", "within"), [(3, 0.45), (8, 0.25), (40, 0.15), (300, 0.1)])
def test_share_tail_is_near_the_exact_beta_binomial(n, within):
    mean, rho = 0.2, 0.03
    k = np.arange(1, n + 1, dtype=float)
    strength = 1 / rho - 1
    exact = -np.log10(stats.betabinom.sf(k - 1, n, mean * strength, (1 - mean) * strength))
    ours = share_surprise(k, np.full(n, float(n)), np.full(n, mean), np.full(n, rho))
    small = exact < 4
    assert np.abs(ours - exact)[small].max() < within


def test_expectation_covers_as_said_and_knows_the_day():
    rng = np.random.default_rng(0)
    rate = 12 * (1 + 0.7 * np.sin(2 * np.pi * HOURS / 24))
    y = rng.poisson(rate, (40, len(HOURS))).astype(float)
    found = counts(y, WEEK, step_s=3600)
    late = HOURS >= 14 * 24
    inside = (y >= found.lo) & (y <= found.hi)
    assert 0.86 < inside[:, late].mean() < 0.99
    assert np.corrcoef(found.expected[:, late].mean(axis=0), rate[late])[0, 1] > 0.95


def test_surprise_means_the_same_number_of_alarms_on_every_series():
    rng = np.random.default_rng(1)
    calm = rng.poisson(5, (20, len(HOURS))).astype(float)
    wild = rng.negative_binomial(1.2, 1.2 / (1.2 + 5), (20, len(HOURS))).astype(float)
    late = HOURS >= 14 * 24
    rates = [(counts(y, WEEK, step_s=3600).surprise[:, late] > 2).mean() for y in (calm, wild)]
    assert all(0.002 < rate < 0.03 for rate in rates), rates


def test_nothing_is_expected_before_the_minimum_of_history():
    y = np.full((1, 60), 4.0)
    for found in (
        counts(y, WEEK[:60], step_s=3600),
        amounts(y, WEEK[:60], step_s=3600),
        shares(y / 4, y, WEEK[:60], step_s=3600),
    ):
        assert np.isnan(found.expected[0, :24]).all()
        assert np.isfinite(found.expected[0, 24:]).all()


def test_a_burst_does_not_teach_itself():
    rng = np.random.default_rng(2)
    y = rng.poisson(10, (1, len(HOURS))).astype(float)
    burst = y.copy()
    burst[0, 500:512] = 400
    plain, moved = counts(y, WEEK, step_s=3600).expected, counts(burst, WEEK, step_s=3600).expected
    assert moved[0, 513] < 3 * plain[0, 513]


@settings(max_examples=25)
@given(st.integers(30, 600), st.integers(1, 40))
def test_the_future_changes_nothing(cut, height):
    y = np.random.default_rng(3).poisson(6, (1, len(HOURS))).astype(float)
    other = y.copy()
    other[0, cut:] = height
    one, two = counts(y, WEEK, step_s=3600), counts(other, WEEK, step_s=3600)
    for name in ("expected", "lo", "hi"):
        assert np.array_equal(getattr(one, name)[0, :cut], getattr(two, name)[0, :cut], equal_nan=True)
    assert np.array_equal(one.surprise[0, :cut], two.surprise[0, :cut], equal_nan=True)


def test_gaps_teach_nothing():
    y = np.random.default_rng(4).poisson(6, (1, len(HOURS))).astype(float)
    gone = y.copy()
    gone[0, 300:340] = np.nan
    found = counts(gone, WEEK, step_s=3600)
    assert np.isnan(found.surprise[0, 300:340]).all()
    assert np.isfinite(found.expected[0, 300:340]).all()
    assert abs(found.expected[0, 341:360].mean() - 6) < 2.5


def test_calibration_keeps_the_order_within_a_refresh():
    raw = np.random.default_rng(5).exponential(0.43, (1, 480))
    said = calibrate(raw)[0, 456:480]
    assert (np.diff(said[np.argsort(raw[0, 456:480])]) >= -1e-12).all()


def test_slots_know_the_zone_holidays_and_worked_weekends():
    at = pd.DatetimeIndex(["2024-01-01 00:00", "2024-02-12 04:00", "2024-02-04 04:00"], tz="UTC")
    assert slots(at[:1], "UTC")[0] == 0
    # Spring festival Monday counts as a Sunday; the Sunday worked in exchange as a Monday.
    assert slots(at[1:2], "Asia/Shanghai")[0] // 24 == 6
    assert slots(at[2:3], "Asia/Shanghai")[0] // 24 == 0
    assert country("Asia/Shanghai") == "CN"
    assert country("UTC") is None
