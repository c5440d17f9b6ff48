from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisislib.core.levels import LEVELS, rank
from crisislib.core.watch_sections import Levels
from crisislib.warn.alerts import Sent, due, quiet
from crisislib.warn.hysteresis import apply_hysteresis, level_of
from tests.signals.world import watch

VALUES = st.lists(st.one_of(st.floats(0, 100), st.just(float("nan"))), min_size=1, max_size=60)
NOW = pd.Timestamp("2024-04-02T03:00Z")


@given(VALUES, st.integers(1, 5))
def test_up_at_once_down_only_after_calm_and_never_from_silence(values, calm):
    levels = Levels(calm_windows=calm)
    walked = apply_hysteresis(np.array(values), levels)
    held = "none"
    for t, (value, now) in enumerate(zip(values, walked, strict=True)):
        said = level_of(value, levels)
        if said != "unknown":
            assert rank(now) >= rank(said)
        if rank(now) > rank(held):
            assert now == said
        if rank(now) < rank(held):
            recent = values[t - calm + 1 : t + 1]
            assert t + 1 >= calm and all(np.isfinite(v) for v in recent)
            assert all(rank(level_of(v, levels)) < rank(held) for v in recent)
        held = now


@given(VALUES)
def test_the_level_of_a_window_does_not_depend_on_later_ones(values):
    levels = Levels()
    whole = apply_hysteresis(np.array(values), levels)
    assert apply_hysteresis(np.array(values[: len(values) // 2 + 1]), levels) == whole[: len(values) // 2 + 1]


def test_thresholds_are_inclusive():
    levels = Levels()
    assert [level_of(v, levels) for v in (39.9, 40, 60, 75, 90)] == ["none", "blue", "yellow", "orange", "red"]
    assert level_of(float("nan"), levels) == "unknown"


def sent(highest="none", minutes=None, **more) -> Sent:
    last = None if minutes is None else NOW - pd.Timedelta(minutes=minutes)
    return Sent(highest, last, more.get("acknowledged", False), more.get("escalated", False), last)


@given(st.sampled_from(LEVELS), st.sampled_from(["none", "blue", "yellow", "orange", "red"]), st.integers(0, 300))
def test_never_the_same_or_less_again_and_never_within_the_cooldown_but_red(level, highest, minutes):
    before = sent(highest, None if highest == "none" else minutes)
    why = due(watch(), level, before, NOW, acknowledged=True)
    if why is not None:
        assert why in ("opened", "worsened") and rank(level) > rank(highest)
        assert level == "red" or highest == "none" or minutes >= 60
    elif rank(level) > rank(highest) and rank(level) > 0:
        assert highest != "none" and minutes < 60 and level != "red"


@given(st.integers(0, 23), st.integers(0, 59), st.sampled_from(["blue", "yellow", "orange", "red"]))
def test_quiet_hours_over_midnight_let_only_red_through(hour, minute, level):
    night = watch(timezone="Asia/Shanghai", levels={"quiet_from": "22:30", "quiet_to": "07:00"})
    now = pd.Timestamp(2024, 4, 2, hour, minute, tz="Asia/Shanghai").tz_convert("UTC")
    inside = (hour, minute) >= (22, 30) or hour < 7
    assert quiet(night, now) == inside
    goes = due(night, level, sent(), now, acknowledged=False)
    assert (goes is None) == (inside and level != "red")


@pytest.mark.parametrize(("minutes", "more", "goes"), [
    (31, {}, True), (10, {}, False), (31, {"acknowledged": True}, False), (31, {"escalated": True}, False),
])  # fmt: skip
def test_escalation_when_nobody_acknowledges(minutes, more, goes):
    why = due(watch(), "orange", sent("orange", minutes, **more), NOW, acknowledged=False)
    assert (why == "escalated") == goes


def test_blue_is_nobodys_duty_so_it_does_not_escalate():
    assert due(watch(), "blue", sent("blue", 500), NOW, acknowledged=False) is None
