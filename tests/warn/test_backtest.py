from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crisislib.core.errors import NotEnoughData
from crisislib.signals import expect
from crisislib.simulation.series import SHAPES, SIGNALS, simulate
from crisislib.warn import Event, point_in_time, run_backtest
from crisislib.warn.backtest.alarms import alarms, matched, outcome, summary
from crisislib.warn.backtest.replay import statistics
from crisislib.warn.backtest.vendor_rules import RULES, trailing
from crisislib.warn.series_panel import simulated_panel


def tiny(values) -> np.ndarray:
    return np.array([values], dtype=float)


def test_an_alarm_is_quiet_for_its_refractory_time_and_then_rings_again():
    fired = alarms(tiny([0, 5, 5, 5, 5, 5, 0, 5]), 1.0, refractory=2)
    assert fired[0].tolist() == [False, True, False, False, True, False, False, True]


def test_outcome_by_hand():
    held = tiny([9, 0, 0, 0, 3, 9, 0, 0, 9, np.nan, 0, 0])
    event = Event(0, opens=3, peak=6, closes=7)
    found = outcome(held, [event], threshold=2.0, refractory=1, step_s=3600, evaluated=np.ones((1, 12), dtype=bool))
    assert found.leads.tolist() == [2.0]
    assert (found.false, found.hits, found.recall) == (2, 1, 1.0)
    assert found.weeks == pytest.approx(7 / 168)
    missed = outcome(held, [event], threshold=20.0, refractory=1, step_s=3600, evaluated=np.ones((1, 12), dtype=bool))
    assert missed.recall == 0 and np.isnan(missed.leads[0]) and summary("x", missed)["lead_hours"] == 0


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.floats(0.1, 20))
def test_a_matched_threshold_keeps_its_budget(seed, budget):
    held = np.random.default_rng(seed).exponential(1, (3, 400))
    evaluated = np.ones(held.shape, dtype=bool)
    threshold = matched(held, [], budget=budget, refractory=6, step_s=3600, evaluated=evaluated)
    found = outcome(held, [], threshold=threshold, refractory=6, step_s=3600, evaluated=evaluated)
    assert found.false_per_week <= budget


def test_the_first_version_after_the_end_is_what_was_seen():
    at = pd.Timestamp("2024-01-01T00:00Z")
    made = [at + pd.Timedelta(minutes=m) for m in (30, 65, 600)]
    rows = pd.DataFrame(
        {"watch": "w", "signal": "volume", "at": at, "step_s": 3600, "made_at": made, "value": [1, 5, 9]}
    )
    assert point_in_time(rows)["value"].tolist() == [5]


@pytest.mark.parametrize("name", list(RULES))
def test_no_rule_peeks_and_every_rule_can_fire_and_be_silent(name):
    rng = np.random.default_rng(1)
    posts = rng.poisson(10, (2, 400)).astype(float)
    negative = np.round(posts * 0.2)
    later, later_negative = posts.copy(), negative.copy()
    later[0, 300:324] *= 8
    later_negative[0, 300:324] = later[0, 300:324] * 0.8
    rule = RULES[name]
    calm, loud = rule.fn(posts, negative, 1), rule.fn(later, later_negative, 1)
    assert np.array_equal(calm[:, :300], loud[:, :300], equal_nan=True)
    assert np.array_equal(calm[1], loud[1], equal_nan=True)
    assert np.nanmax(loud[0, 300:324]) > rule.thresholds[0]
    assert np.nanmean(calm[0, 200:300] > rule.thresholds[-1]) < 0.2


def test_trailing_sums_are_those_of_a_loop():
    x = np.array([[1.0, np.nan, 3, 4, 5]])
    total, n = trailing(x, 2, skip=1)
    assert total[0].tolist() == [0, 1, 1, 3, 7] and n[0].tolist() == [0, 1, 1, 1, 2]


@pytest.fixture(scope="module")
def panel():
    made = simulate(13, seed=5)
    return made, simulated_panel(made, expect)


def test_the_simulator_is_the_same_for_the_same_seed_and_holds_its_truth(panel):
    made, _ = panel
    again = simulate(13, seed=5)
    assert all(np.array_equal(made.value[s], again.value[s], equal_nan=True) for s in SIGNALS)
    assert set(made.truth["kind"]) == set(SHAPES)
    crises = made.truth[made.truth["crisis"]]
    assert (crises["onset"] <= crises["peak"]).all() and (crises["onset"] >= 21 * 24).all()
    assert np.isnan(made.value["volume"]).any()


def test_the_index_is_higher_in_crises_than_in_calm(panel):
    made, found = panel
    at_peak = found.index[np.arange(13), np.maximum(made.truth["peak"], 0)]
    assert np.nanmedian(at_peak[made.truth["crisis"]]) > 50
    before = found.index[:, 14 * 24 : 21 * 24]
    assert np.nanmean(before >= 40) < 0.01


def rows_of(made, found, i: int) -> pd.DataFrame:
    parts = [
        pd.DataFrame({
            "watch": f"w{i}", "signal": s, "at": found.at, "step_s": 3600, "value": found.value[s][i],
            "expected": found.expected[s][i], "surprise": found.surprise[s][i], "n_posts": found.n[s][i],
        })
        for s in SIGNALS
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


@pytest.mark.long
def test_backtest_tells_leads_false_alarms_costs_and_a_threshold(panel):
    made, found = panel
    frames = [rows_of(made, found, i) for i in range(13)]
    truth = made.truth[made.truth["crisis"]]
    events = pd.DataFrame({
        "watch": [f"w{i}" for i in truth.index],
        **{c: found.at[np.minimum(truth[f] + extra, len(found.at) - 1)]
           for c, f, extra in (("opens", "onset", 0), ("peak", "peak", 0), ("closes", "peak", 48))},
    })  # fmt: skip
    result = run_backtest(frames, events, budget=0.5)
    assert set(result.table["rule"]) == {"index", "return_period", "level", *RULES}
    ours = result.table[(result.table["rule"] == "index") & (result.table["setting"] == "budget")].iloc[0]
    assert ours["recall"] > 0.6 and ours["lead_hours"] > 0
    assert len(result.per_event) == len(truth) * (len(RULES) + 3)
    assert {f.key for f in result.findings} == {"warn.backtest", "warn.threshold"}
    assert result.findings[0].render("zh") != result.findings[0].render("en")
    none = run_backtest(frames, events[:0], budget=0.5)
    assert "No incident" in none.findings[0].render("en")


def test_backtest_of_a_week_says_what_it_needs(panel):
    made, found = panel
    short = rows_of(made, found, 0)
    short = short[short["at"] < found.at[100]]
    with pytest.raises(NotEnoughData, match="336"):
        run_backtest([short], [])


def test_statistics_of_a_panel_name_every_rule(panel):
    assert set(statistics(panel[1])) == {"level", "index", "return_period", *RULES}
