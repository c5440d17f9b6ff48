"""Measures: what they say on made-up cascades, and that arriving posts give the same as all at once."""

from __future__ import annotations

from dataclasses import fields
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crisislib.spread.forest import grow
from crisislib.spread.growth import ratio_interval, reproduction, reproduction_table
from crisislib.spread.measures import measure
from crisislib.spread.state import CascadeState

S = 1_000_000


def same(one, two):
    for field in fields(one):
        np.testing.assert_allclose(getattr(one, field.name), getattr(two, field.name), err_msg=field.name)


@st.composite
def streams(draw):
    """Parents (earlier index or -1), times (nearly in order), and how the posts come in batches."""
    n = draw(st.integers(2, 60))
    parent = np.array([draw(st.integers(max(-1, i - 12), i - 1)) for i in range(n)])
    at = np.cumsum([draw(st.integers(0, 500)) for _ in range(n)]) + draw(
        st.lists(st.integers(-200, 200), min_size=n, max_size=n).map(np.array)
    )
    cuts = sorted({0, n, *draw(st.lists(st.integers(1, n), max_size=4))})
    return parent, at * S, cuts


@given(streams())
@settings(max_examples=80, deadline=None)
def test_posts_that_arrive_give_the_same_as_all_at_once(stream):
    parent, at, cuts = stream
    first = max(cuts[1], 1)
    state = CascadeState(parent[:first], at[:first])
    for begin, end in pairwise(cuts[1:]):
        changed = state.add(parent[begin:end], at[begin:end])
        assert len(changed)
    when = {"until": int(at.max()), "generation_us": 300 * S}
    same(state.measures(**when), measure(grow(parent), at, **when))


def test_many_small_batches_are_settled_in_between():
    rng = np.random.default_rng(5)
    n = 6000
    parent = np.array([-1] + [int(rng.integers(max(0, i - 50), i)) if rng.random() > 0.02 else -1 for i in range(1, n)])
    at = np.sort(rng.integers(0, 10**6, n)) * S
    state = CascadeState(parent[:1000], at[:1000])
    for begin in range(1000, n, 500):
        state.add(parent[begin : begin + 500], at[begin : begin + 500])
    when = {"until": int(at.max()), "generation_us": 3000 * S}
    same(state.measures(**when), measure(grow(parent), at, **when))
    some = np.array([3, 0, 7])
    np.testing.assert_array_equal(state.measures(some, **when).n, state.measures(**when).n[some])


def test_a_parent_that_comes_later_is_refused():
    state = CascadeState(np.array([-1]), np.array([0]))
    with pytest.raises(ValueError, match="parent"):
        state.add(np.array([2, 0]), np.array([1, 2]))


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
    large, born, children = reproduction(forest, at, np.array([0]), generation_us=3600 * S)
    assert large.tolist() == [0]
    assert born[0, : len(table)].tolist() == table["n"].tolist()
    assert children.sum() == n - 1


def test_the_interval_of_a_ratio_covers():
    rng = np.random.default_rng(0)
    before, now = rng.poisson(20, 4000), rng.poisson(30, 4000)
    low, high = ratio_interval(now, before)
    assert 0.78 < ((low <= 1.5) & (high >= 1.5)).mean() < 0.9
