"""A red incident is briefed every half hour, on what has changed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd

from crisislib.engine import Home
from crisislib.engine.runs import ledger_row
from crisislib.services.monitor import brief_queue, delta_brief, emergency_brief
from crisislib.services.monitor.delta_brief import EVERY, DeltaClock

NOW = datetime(2026, 3, 8, 12, tzinfo=UTC)


def home_with(tmp_path: Path, status: str = "open") -> Home:
    home = Home(tmp_path / "lake", tmp_path / "watches", tmp_path / "reports")
    row = {"incident_id": "inc-1", "at": NOW, "watch": "acme", "kind": "other", "level": "red", "status": status,
           "opened_at": pd.Timestamp(NOW - timedelta(hours=3)), "by": "index@1"}  # fmt: skip
    home.lake.append("INCIDENTS", pd.DataFrame([row]))
    return home


def test_red_is_briefed_every_half_hour_and_other_levels_are_not(tmp_path: Path) -> None:
    clock = DeltaClock(home_with(tmp_path))
    clock.briefed("acme", NOW)
    levels = {"acme": "red", "calm": "orange"}
    assert clock.due(levels, NOW + EVERY - timedelta(seconds=1)) == []
    (item,) = clock.due(levels, NOW + EVERY)
    assert item["watch"] == "acme" and brief_queue.needs_brief(item)
    name = str(item["alert_id"])
    assert delta_brief.incident_of(name) == "inc-1" and emergency_brief.job_of(name) == "delta"
    assert emergency_brief.job_of("alert-1") == "brief"
    assert clock.due(levels, NOW + EVERY) == [], "queued once"
    assert clock.due(levels, NOW + 2 * EVERY) and clock.due({"acme": "orange"}, NOW + 9 * EVERY) == []


def test_a_new_process_goes_on_from_the_ledger(tmp_path: Path) -> None:
    home = home_with(tmp_path)
    assert DeltaClock(home).due({"acme": "red"}, NOW) == [], "the first brief is the alert's"
    row = ledger_row(home.lake, run_id="r", at=NOW, watch="acme", job="brief", status="done",
                     decided={"judged_until": NOW, "level": "red"})  # fmt: skip
    home.lake.append("RUNS", row)
    assert DeltaClock(home).due({"acme": "red"}, NOW + timedelta(minutes=10)) == []
    assert len(DeltaClock(home).due({"acme": "red"}, NOW + EVERY)) == 1


def test_a_closed_incident_gets_none(tmp_path: Path) -> None:
    clock = DeltaClock(home_with(tmp_path, "closed"))
    clock.briefed("acme", NOW)
    assert clock.due({"acme": "red"}, NOW + EVERY) == []
