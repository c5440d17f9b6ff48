"""Alerts carry how the rule that fired did in the watch's own backtest."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from crisislib.engine import Home, backtest
from crisislib.services.batch import run
from crisislib.simulation import brand_week


@pytest.mark.long
def test_an_alert_names_lead_time_and_false_alarms_of_its_rule(tmp_path: Path) -> None:
    """Through the doors: a watch is run, backtested, and run on when its crisis has come."""
    week = brand_week("copy_storm", seed=4, language="en", posts=700)
    home = Home(tmp_path / "lake", tmp_path / "watches", tmp_path / "reports")
    times = week.posts["created_at"]
    later = pc.greater_equal(times, pa.scalar(week.onset, times.type))
    home.lake.append("POSTS", week.posts.filter(pc.invert(later)))
    run(home, week.watch, now=week.end, report=False, notify=False)
    table, findings = backtest(home, week.watch, now=week.end)
    mine = table[table["setting"] == "in use"].set_index("rule")
    assert {"index@1", "return_period@1", "drift@1"} <= set(mine.index) and (mine["weeks"] > 2).any()
    assert any(one.key == "warn.record" and "weeks" in one.render("en") for one in findings)
    home.lake.append("POSTS", week.posts.filter(later))
    run(home, week.watch, now=week.end, report=False, notify=False)
    alerts = home.lake.read("ALERTS", present=False).sort_values("made_at")
    last = alerts[alerts["made_at"] >= pd.Timestamp(week.onset)].iloc[-1]
    record, rule = json.loads(last["evidence"])["record"], last["method"].split(";")[0]
    assert record["false_per_week"] == pytest.approx(mine.loc[rule, "false_per_week"], abs=0.01)
    levels = home.lake.read("FINDINGS", present=False)
    said = levels[(levels["key"] == "warn.level") & levels["limits"].fillna("").str.contains("backtest of")]
    assert len(said) and set(said["watch"]) == {week.watch.watch}
