"""A burst that is rare for its series is blue, whatever the index says; the budget of false alarms is its knob."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crisislib.warn import change, decide, reach, series_evidence
from tests.signals.world import watch

START = pd.Timestamp("2024-03-04T00:00Z")
HOUR = pd.Timedelta(hours=1)
DAYS = 40
ON = 35 * 24
"""Hour at which the burst begins."""


def rows_of(values: np.ndarray) -> pd.DataFrame:
    """Hourly SIGNALS of a series that surprises no index: its surprise is held low, so that the burst alone decides."""
    at = pd.date_range(START, periods=len(values), freq="h").as_unit("us")
    return pd.DataFrame(
        {
            "watch": "w", "signal": "volume", "at": at, "step_s": 3600, "value": values, "expected": 10.0, "lo": 4.0,
            "hi": 17.0, "surprise": np.where(np.isnan(values), np.nan, 0.3), "n_posts": np.nan_to_num(values),
            "complete": np.where(np.isnan(values), 0.0, 1.0),
        }
    )  # fmt: skip


def volume(times: float = 8.0, hours: int = 6, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    values = rng.poisson(10 * (1 + 0.6 * np.sin(2 * np.pi * np.arange(DAYS * 24) / 24))).astype(float)
    values[ON : ON + hours] = np.round(10 * times)
    return values


def replay(signals: pd.DataFrame, hours: range, *, lived: bool = True, w=None, extra=()):
    """Decide at the end of every window; `lived`: with what a monitor holds, no more."""
    w = w or watch()
    incidents, alerts, decisions = [*extra], [], []
    for hour in hours:
        now = START + HOUR * (hour + 1)
        seen = signals[(signals["at"] < now) & (signals["at"] >= now - reach(w))] if lived else signals
        once = None if lived else series_evidence(signals, w)
        one = decide(
            seen, w, now=now.to_pydatetime(), series=once,
            incidents=pd.concat(incidents) if incidents else None, alerts=pd.concat(alerts) if alerts else None,
        )  # fmt: skip
        decisions.append(one)
        for rows, table in ((incidents, one.incidents), (alerts, one.alerts)):
            if table.num_rows:
                rows.append(table.to_pandas())
    empty = pd.DataFrame()
    return decisions, pd.concat(incidents) if incidents else empty, pd.concat(alerts) if alerts else empty


def test_a_rare_burst_is_blue_with_its_sentence_and_on_record():
    decisions, incidents, alerts = replay(rows_of(volume()), range(ON - 2, ON + 3))
    assert [d.level for d in decisions] == ["none", "none", "blue", "blue", "blue"]
    assert len(alerts) == 1 and alerts["method"].iloc[0] == "return_period@1;opened"
    assert alerts["signal"].iloc[0] == "volume"
    assert alerts["statistic"].iloc[0] >= alerts["threshold"].iloc[0] == 14
    assert incidents["by"].tolist() == ["return_period@1"] and incidents["title"].isna().all()
    for packed in (alerts["evidence"].iloc[0], incidents["evidence"].iloc[0]):
        burst = json.loads(packed)["burst"]
        assert burst["count"] == 80 and burst["span_s"] == 3600 and burst["usual"] == pytest.approx(10, abs=3)
    found = {f.key: f for f in decisions[2].findings}
    assert "80 posts within 1 hour" in found["warn.burst"].render("en") and "14 days" in found["warn.burst"].render(
        "en"
    )
    assert "rare burst" in found["warn.level"].render("en") and "warn.down" not in found


def test_the_budget_decides():
    """Over the whole course at its end, and hour by hour around the burst, which is the same."""
    signals, hours = rows_of(volume(times=4.0)), range(ON - 3, ON + 6)
    raised = {}
    for budget in (0.01, 0.5, 1000):
        w = watch(levels={"alarms_per_week": budget})
        end = (START + HOUR * (ON + 6)).to_pydatetime()
        course = decide(signals, w, now=end).history["level"]
        decisions, *_ = replay(signals, hours, lived=False, w=w)
        assert [d.level for d in decisions] == course.tolist()[-len(hours) :]
        raised[budget] = int((course == "blue").sum())
    assert raised[0.01] < raised[0.5] < raised[1000]


def test_a_series_in_its_ordinary_weeks_keeps_to_the_budget():
    episodes = 0
    for seed in range(8):
        values = np.random.default_rng(seed).negative_binomial(2, 2 / 12, DAYS * 24).astype(float)
        signals = rows_of(values)
        level = decide(signals, watch(), now=(START + HOUR * DAYS * 24).to_pydatetime()).history["level"] == "blue"
        rows = np.flatnonzero(level)
        episodes += int(len(rows) > 0) + int((np.diff(rows) > 24).sum())
    assert episodes / (8 * DAYS / 7) <= 1.5 * 0.5


@pytest.mark.long
@settings(max_examples=8)
@given(st.integers(0, 50), st.sampled_from([2.0, 4.0, 12.0]), st.integers(0, 30), st.sampled_from([0.2, 0.5, 5.0]))
def test_a_replay_and_a_monitor_agree(seed, times, gap, budget):
    values = volume(times, seed=seed)
    values[ON - 10 : ON - 10 + gap] = np.nan
    w = watch(levels={"alarms_per_week": budget}, window={"baseline_days": 14})
    signals, hours = rows_of(values), range(ON - 12, ON + 40, 2)
    (one, *live), (other, *batch) = (replay(signals, hours, lived=lived, w=w) for lived in (True, False))
    assert [d.level for d in one] == [d.level for d in other]
    for a, b in zip(live, batch, strict=True):
        pd.testing.assert_frame_equal(a, b)


@pytest.mark.long
def test_told_again_only_when_ten_times_rarer_and_one_incident_until_a_day_of_calm():
    values = volume(times=3.0, hours=2)
    values[ON + 8 : ON + 10] = 32  # nearly the same within a day: the same incident
    values[ON + 14 : ON + 16] = 400  # far rarer: told again
    decisions, incidents, alerts = replay(rows_of(values), range(ON - 1, ON + 60))
    assert [m.split(";")[1] for m in alerts["method"]] == ["opened", "rarer"]
    assert alerts["alert_id"].is_unique and incidents["incident_id"].nunique() == 1
    assert alerts["statistic"].iloc[1] >= 10 * alerts["statistic"].iloc[0]
    closed = incidents[incidents["status"] == "closed"]
    assert len(closed) == 1 and closed["at"].iloc[0] >= START + HOUR * (ON + 16 + 24)
    assert decisions[-1].level == "none" and decisions[-1].incident_id == ""


@pytest.mark.long
def test_what_a_person_closed_does_not_come_back_with_the_next_burst_of_the_day():
    values = volume(times=5.0, hours=2)
    values[ON + 10 : ON + 12] = 50
    signals = rows_of(values)
    _, incidents, _ = replay(signals, range(ON, ON + 1))
    shut = change(incidents, incidents["incident_id"].iloc[0], status="closed", by="Li", now=START + HOUR * (ON + 3))
    _, later, alerts = replay(signals, range(ON + 4, ON + 14), extra=(incidents, shut))
    assert len(later) == 2 and alerts.empty


def test_a_running_window_may_be_a_burst_already_and_a_gap_never_is():
    signals = rows_of(volume())
    now = START + HOUR * ON + HOUR / 2
    running = signals[signals["at"] < now].copy()
    running.loc[running["at"] == START + HOUR * ON, "complete"] = 0.5
    assert decide(running, watch(), now=now.to_pydatetime()).level == "blue"
    values = volume()
    values[ON : ON + 6] = np.nan
    lost = decide(rows_of(values), watch(), now=(START + HOUR * (ON + 3)).to_pydatetime())
    assert lost.level == "unknown" and lost.incidents.num_rows == 0


def test_an_index_that_is_high_where_such_bursts_are_common_is_no_alert_and_says_so():
    """A burst every other day: none is rare, whatever the index of one window is."""
    counts = np.full(24 * 28, 20.0)
    counts[11::24] = 60.0 + np.random.default_rng(3).normal(0, 12, 28)
    counts[-1] = counts[11::24].mean()
    rows = rows_of(counts)
    last = rows["at"].max()
    loud = pd.concat([rows.assign(signal=name) for name in ("volume", "authors", "velocity", "acceleration", "reach")])
    loud["surprise"] = loud["surprise"].astype(float).where(loud["at"] < last, 8.0)
    decision = decide(loud, watch(), now=(last + pd.Timedelta(hours=1)).to_pydatetime())
    said = next(one for one in decision.findings if one.key == "warn.level").render("en")
    assert decision.index >= watch().levels.blue and decision.level == "none" and "common here" in said
