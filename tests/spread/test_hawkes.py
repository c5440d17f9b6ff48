"""The point process against closed forms and its own simulator."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate

from benchmarks.cascade_sets import join
from crisislib.spread.forecast.events import AWAKE, build_events
from crisislib.spread.forecast.expected_course import course
from crisislib.spread.forecast.seismic import Kernel, final_size, state
from tools.training.hawkes import Stories, delays, simulate


def test_kernel_is_the_published_one():
    # c = 0.0006265725 1/s for theta = 0.2314843 and 300 s, as Zhao et al. print it.
    assert Kernel().height == pytest.approx(0.0006265725, rel=1e-6)


@given(st.floats(1, 1e6), st.floats(30, 3000), st.floats(0.1, 0.9))
def test_kernel_integrals_agree_with_quadrature(s, flat, theta):
    law = Kernel(flat, theta)

    def density(x):
        return law.height if x <= flat else law.height * (x / flat) ** -(1 + theta)

    points = [flat] if flat < s else None
    by_quadrature = integrate.quad(density, 0, s, points=points, limit=400)[0]
    assert float(law.mass(np.array(s))) == pytest.approx(by_quadrature, rel=1e-5, abs=1e-9)
    twice = integrate.quad(lambda x: float(law.mass(np.array(x))), 0, s, points=points, limit=400)[0]
    assert float(law.mass_integral(np.array(s))) == pytest.approx(twice, rel=1e-5)


@given(st.floats(0, 0.999), st.floats(30, 3000), st.floats(0.1, 0.9))
def test_delays_invert_the_kernel(u, flat, theta):
    lag = delays(np.array(u), np.array(flat), np.array(theta))
    assert float(Kernel(flat, theta).mass(lag)) == pytest.approx(u, abs=1e-6)


def test_exposure_and_waiting_by_hand():
    # One repost at 100 s, looked at 200 s: the window is 300 s, everything lies on the flat part.
    events = build_events(["a"], [0], [100.0])
    now = state(events, 200.0)
    c, w = Kernel().height, 300.0
    hits = 1 - 100 / w
    exposed = sum(c * lag - c * lag**2 / 2 / w for lag in (100.0, 200.0))
    assert now.p[0] == pytest.approx(hits / exposed)
    assert now.waiting[0] == pytest.approx(2 - c * 100 - c * 200)
    assert final_size(now, mean_audience=0.0)[0] == pytest.approx(1 + now.p[0] * now.waiting[0])
    assert np.isinf(final_size(now, mean_audience=10.0)[0])  # supercritical is said to be infinite


def test_infectiousness_of_simulated_cascades_is_recovered():
    b = 0.6
    grown = simulate(400, Stories(direct=300, branching=b, theta=0.9), seed=4, horizon_s=1e9)
    # Mean total of a cluster process: direct / (1 - b).
    assert grown.size.mean() == pytest.approx(300 / (1 - b), rel=0.03)
    one = simulate(300, Stories(direct=500, branching=b), seed=5, horizon_s=1e7)
    # With the root weighing as much as its direct reposts, p estimates b.
    heavy = build_events(one.ids, one.owner, one.t, audience=np.ones(len(one.t)), root_audience=np.full(300, 500 / b))
    assert np.median(state(heavy, 3600.0).p) == pytest.approx(b, rel=0.05)


def test_forecast_of_the_process_is_right_on_its_own_cascades():
    b = 0.5
    one = simulate(300, Stories(direct=400, branching=b), seed=6, horizon_s=1e12)
    events = build_events(one.ids, one.owner, one.t, audience=np.ones(len(one.t)), root_audience=np.full(300, 400 / b))
    said = final_size(state(events, 7200.0), mean_audience=1.0)
    assert np.median(said / events.size) == pytest.approx(1.0, abs=0.05)


def test_day_rhythm_empties_the_night():
    events = simulate(300, Stories(direct=200, branching=0.3, theta=0.3, rhythm=1.0), seed=7)
    late = events.t > 12 * 3600
    hour = ((events.clock[events.owner] + events.t)[late] // 3600 % 24).astype(int)
    counts = np.bincount(hour, minlength=24)
    assert counts[20:23].mean() > 2 * counts[2:5].mean()
    assert np.corrcoef(counts, AWAKE)[0, 1] > 0.9


def test_take_until_join_keep_rows_together():
    events = simulate(20, Stories(direct=20, branching=0.4), seed=8)
    back = events.take(np.arange(20)[::-1]).take(np.arange(20)[::-1])
    assert np.array_equal(back.t, events.t)
    seen = events.until(3600.0)
    assert np.array_equal(seen.size, events.count(3600.0))
    both = join([events, seen])
    assert len(both) == 40 and both.size[:20].tolist() == events.size.tolist()
    assert both.size[20:].tolist() == seen.size.tolist()


def test_course_sums_to_one_and_a_weaker_process_is_shorter():
    events = simulate(30, Stories(direct=100, branching=0.7), seed=9).until(7200.0)
    way = course(events, np.full(30, 7200.0), 48)
    assert np.allclose(way.share.sum(axis=1), 1)
    # Without second generations each hour brings less than the one before.
    assert (way.share[:, 0] >= way.share[:, -1]).all()
    none, half, all_of_it = (way.saved(e) for e in (0.0, 0.5, 1.0))
    assert np.allclose(none, 0) and np.allclose(all_of_it, 1)
    assert ((half > 0.5 - 1e-9) & (half < 1)).all()  # at least the direct half, and what it would have brought
