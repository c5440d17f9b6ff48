"""The whole walk on a small simulated incident: raw exports in, a cited report out, the truth held against it."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from crisislib import engine, services
from crisislib.core.levels import rank
from crisislib.core.watch import Watch
from crisislib.engine import Home
from crisislib.respond.drill import simulate

NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> tuple[engine.Walked, list[str], Home]:
    folder = tmp_path_factory.mktemp("demo")
    found, checks = services.demo(folder, posts=4000, reports=folder / "reports", now=NOW)
    return found, checks, Home.at(folder)


def test_the_planted_crisis_is_found(walked: tuple[engine.Walked, list[str], Home]) -> None:
    found, checks, _ = walked
    assert rank(found.peak) >= rank("orange") and found.peak_at is not None
    assert any(re.search(r"first alert -?\d+ minutes", line) for line in checks)
    assert "0 alerts" in " ".join(checks), "the ordinary weeks before it stay quiet"


def test_three_findings_lead_back_to_posts_that_are_held(walked: tuple[engine.Walked, list[str], Home]) -> None:
    found, _, home = walked
    held = set(home.lake.read("POSTS", watch="demo")["post_id"])
    leading = found.leading(3)
    assert len(leading) == 3
    for finding in leading:
        assert finding.say("en") and finding.say("zh") != finding.say("en")
        assert set(finding.post_ids) <= held
    assert any(f.post_ids for f in leading)


def test_every_table_of_the_walk_is_filled(walked: tuple[engine.Walked, list[str], Home]) -> None:
    _, _, home = walked
    filled = home.lake.versions()
    wanted = {"POSTS", "ACCOUNTS", "LABELS", "TOPICS", "EDGES", "CASCADES", "GROUPS", "SIGNALS", "ALERTS", "INCIDENTS"}
    assert wanted | {"RISKS", "ACTIONS", "RESPONSES", "BATCHES"} <= set(filled)


def test_the_report_is_one_offline_page_with_a_manifest(walked: tuple[engine.Walked, list[str], Home]) -> None:
    found, _, _ = walked
    assert found.report is not None
    page = found.report.read_text(encoding="utf-8")
    assert not re.search(r"""<(?:script|link|img)[^>]+(?:src|href)=["']https?:""", page)
    manifest = json.loads((found.report.parent / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["ok"] and manifest["data"]["POSTS"] >= 0


@pytest.mark.slow
def test_walking_again_changes_nothing(walked: tuple[engine.Walked, list[str], Home]) -> None:
    found, _, home = walked
    watch = home.watch("demo")
    before = {t: len(home.lake.read(t, watch="demo", present=False)) for t in ("ALERTS", "INCIDENTS", "LABELS")}
    again = services.run(home, watch, until=found.at, now=NOW + timedelta(minutes=5), report=False, notify=False)
    after = {t: len(home.lake.read(t, watch="demo", present=False)) for t in ("ALERTS", "INCIDENTS")}
    assert (again.level, again.peak, again.peak_at) == (found.level, found.peak, found.peak_at)
    assert after == {t: before[t] for t in after}


@pytest.mark.slow
def test_the_calm_twin_raises_no_alert(tmp_path: Path) -> None:
    drill = simulate(0, 4000, crisis=False, watch="calm")
    home = Home.here(lake=tmp_path / "lake", watches=tmp_path, reports=tmp_path / "reports")
    home.lake.append("POSTS", drill.posts)
    home.lake.append("ACCOUNTS", drill.accounts)
    found = services.run(home, drill.watch, now=NOW, report=False, notify=False)
    alerts = home.lake.read("ALERTS", watch="calm")
    assert rank(found.peak) < rank("yellow") and not (alerts["level"].map(rank) >= rank("yellow")).any()


def test_no_data_is_said_and_is_not_calm(tmp_path: Path) -> None:
    watch = Watch.model_validate({"watch": "empty", "title": {"en": "Empty"}, "brand": {"names": ["Empty"]}})
    (tmp_path / "empty.yml").write_text("watch: empty\ntitle: {en: Empty}\nbrand: {names: [Empty]}\n", encoding="utf-8")
    home = Home.here(lake=tmp_path / "lake", watches=tmp_path, reports=tmp_path / "reports")
    found = services.run(home, watch, now=NOW)
    assert found.level == "unknown" and "not calm" in " ".join(found.health)
    assert found.report is not None and "No posts" in found.report.read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_quiet_end_is_unknown_not_none(walked: tuple[engine.Walked, list[str], Home]) -> None:
    """Asked about days after the last post, the level is unknown: nobody collected them."""
    _, _, home = walked
    last = home.lake.read("POSTS", watch="demo")["created_at"].max()
    until = (last + pd.Timedelta(days=3)).to_pydatetime()
    found = services.run(
        home, home.watch("demo"), since=until - timedelta(days=10), until=until, now=NOW, report=False, notify=False
    )
    assert found.level == "unknown"
