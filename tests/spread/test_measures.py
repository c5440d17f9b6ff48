"""Measures: what they say on made-up cascades, also where times are missing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crisislib.spread.cascades.forest import grow
from crisislib.spread.cascades.growth import ratio_interval, reproduction_table
from crisislib.spread.cascades.measures import measure
from crisislib.spread.post_arrays import NEVER

S = 1_000_000


@given(st.integers(1, 40).flatmap(lambda n: st.tuples(
    st.tuples(*(st.integers(-1, i - 1) for i in range(n))),
    st.lists(st.none() | st.integers(0, 10**6), min_size=n, max_size=n))))  # fmt: skip
@settings(max_examples=80)
def test_measures_are_those_of_a_plain_count(drawn):
    parent, seconds = np.array(drawn[0]), drawn[1]
    at = np.array([NEVER if s is None else s * S for s in seconds])
    forest = grow(parent)
    got = measure(forest, at, until=10**6 * S, generation_us=600 * S)
    for number in range(len(forest.roots)):
        times = sorted(s for s, c in zip(seconds, forest.cascade, strict=True) if c == number and s is not None)
        assert got.n[number] == (forest.cascade == number).sum()
        assert got.start[number] == (times[0] * S if times else NEVER)
        assert got.last[number] == (times[-1] * S if times else NEVER)
        half = times[(len(times) + 1) // 2 - 1] - times[0] if len(times) > 1 else np.nan
        np.testing.assert_equal(got.half_s[number], half)


def test_a_story_that_sleeps_breaks_out_when_it_wakes():
    calm = np.arange(20) * 3600 * S
    burst = calm[-1] + np.arange(1, 181) * 10 * S
    at = np.r_[calm, burst]
    parent = np.r_[-1, np.zeros(199, dtype=int)]
    when = {"until": int(at.max()), "generation_us": 600 * S}
    got = measure(grow(parent), at, **when)
    assert got.breakout_s[0] == pytest.approx(calm[-1] / S, rel=0.1)
    steady = measure(grow(parent), np.arange(200) * 60 * S, **when)
    assert np.isnan(steady.breakout_s[0])
    assert steady.half_s[0] == 99 * 60
    assert steady.speed_h[0] == pytest.approx(100 / (99 / 60))


def test_growth_is_the_ratio_of_generations():
    at = np.r_[0, 100 + np.arange(5), 250 + np.arange(20), 350 + np.arange(10)] * S
    parent = np.r_[-1, np.zeros(35, dtype=int)]
    got = measure(grow(parent), at, until=400 * S, generation_us=100 * S)
    assert got.r_number[0] == pytest.approx(10 / 20)
    later = measure(grow(parent), at, until=4000 * S, generation_us=100 * S)
    assert np.isnan(later.r_number[0])  # silence is not zero


def test_reproduction_counts_every_child_once():
    rng = np.random.default_rng(1)
    n = 400
    parent = np.r_[-1, [rng.integers(0, i) for i in range(1, n)]]
    at = np.arange(n) * 60 * S
    forest = grow(parent)
    table = reproduction_table(forest, at, 0, generation_us=3600 * S, until=int(at.max()))
    assert table["n"].sum() == n
    assert (table["n"] * table["r_case"]).sum() == pytest.approx(n - 1)
    assert table["r_growth"].iloc[1:-1].tolist() == [1.0] * (len(table) - 2)
    assert not table["complete"].iloc[-1]


def test_the_interval_of_a_ratio_covers():
    rng = np.random.default_rng(0)
    before, now = rng.poisson(20, 4000), rng.poisson(30, 4000)
    low, high = ratio_interval(now, before)
    assert 0.78 < ((low <= 1.5) & (high >= 1.5)).mean() < 0.9
