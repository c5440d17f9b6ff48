"""The whole walk on a small simulated incident: raw exports in, a cited report out, the truth held against it."""

import json
import re
from datetime import timedelta
from html import unescape
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from crisislib import engine, services
from crisislib.cli.app import app
from crisislib.cli.run import print_result
from crisislib.core.levels import rank
from crisislib.core.phrase import Amount, short_amount
from crisislib.core.watch import Watch
from crisislib.engine import Home
from crisislib.simulation import simulate
from crisislib.workbench import MANIFEST_MIME, Workbench
from tests.support.filled import DEMO_NOW as NOW
from tests.support.filled import demonstrated


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> tuple[engine.RunResult, list[str], Home]:
    folder = tmp_path_factory.mktemp("demo")
    found, checks = demonstrated(folder)
    return found, checks, Home.at(folder)


def test_the_planted_crisis_is_found(walked: tuple[engine.RunResult, list[str], Home]) -> None:
    found, checks, _ = walked
    assert rank(found.peak) >= rank("orange") and found.peak_at is not None
    assert any(re.search(r"first alert -?\d[\d,.]* (minutes?|hours?|days?) after", line) for line in checks)
    assert "0 alerts" in " ".join(checks), "the ordinary weeks before it stay quiet"


def test_three_findings_lead_back_to_posts_that_are_held(walked: tuple[engine.RunResult, list[str], Home]) -> None:
    found, _, home = walked
    held = set(home.lake.read("POSTS", watch="demo")["post_id"])
    leading = found.leading(3)
    assert len(leading) == 3
    for finding in leading:
        assert finding.render("en") and finding.render("zh") != finding.render("en")
        assert set(finding.post_ids) <= held
    assert any(f.post_ids for f in leading)


def test_every_table_of_the_walk_is_filled(walked: tuple[engine.RunResult, list[str], Home]) -> None:
    _, _, home = walked
    filled = home.lake.versions()
    wanted = {"POSTS", "ACCOUNTS", "LABELS", "TOPICS", "EDGES", "CASCADES", "GROUPS", "SIGNALS", "ALERTS", "INCIDENTS"}
    assert wanted | {"RISKS", "ACTIONS", "RESPONSES", "BATCHES"} <= set(filled)


def test_the_report_is_one_offline_page_with_a_manifest(walked: tuple[engine.RunResult, list[str], Home]) -> None:
    found, _, _ = walked
    assert found.report is not None
    page = found.report.read_text(encoding="utf-8")
    assert not re.search(r"""<(?:script|link|img)[^>]+(?:src|href)=["']https?:""", page)
    manifest = json.loads((found.report.parent / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["ok"] and manifest["data"]["POSTS"] >= 0


def test_deadlines_count_from_the_alert_and_not_from_the_window(
    walked: tuple[engine.RunResult, list[str], Home], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run plans, the board lists: no step is overdue before anybody could know."""
    _, _, home = walked
    history = home.lake.read("INCIDENTS", watch="demo", present=False)
    steps = home.lake.read("ACTIONS", watch="demo", present=False).query("reason == 'step'")
    mine = history[history["incident_id"] == steps["incident_id"].iloc[0]].sort_values("at")
    alerted = mine["at"].iloc[0]
    assert alerted > mine["opened_at"].iloc[0], "the window began before the alert"
    minutes = pd.to_timedelta([json.loads(f)["minutes"] for f in steps["facts"]], unit="min")
    assert (steps["due_at"] - minutes >= alerted).all(), (
        "a clock that begins before it is overdue when it is first read"
    )
    monkeypatch.setenv("CRISIS_LAKE", str(home.lake_root))
    monkeypatch.setenv("CRISIS_WATCHES", str(home.watches))
    shown = CliRunner().invoke(app, ["task", "list", "--all", "--watch", "demo", "--language", "en"]).output
    zone = home.watch("demo").zone
    for at in (mine["opened_at"].iloc[0], alerted):
        assert f"{at.astimezone(zone):%Y-%m-%d %H:%M}" in " ".join(shown.split())


@pytest.mark.slow
def test_walking_again_changes_nothing(walked: tuple[engine.RunResult, list[str], Home]) -> None:
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


@pytest.mark.long
def test_no_data_is_said_and_is_not_calm(tmp_path: Path) -> None:
    watch = Watch.model_validate({"watch": "empty", "title": {"en": "Empty"}, "brand": {"names": ["Empty"]}})
    (tmp_path / "empty.yml").write_text("watch: empty\ntitle: {en: Empty}\nbrand: {names: [Empty]}\n", encoding="utf-8")
    home = Home.here(lake=tmp_path / "lake", watches=tmp_path, reports=tmp_path / "reports")
    found = services.run(home, watch, now=NOW)
    assert found.level == "unknown" and "not calm" in " ".join(found.health)
    assert found.report is not None and "No posts" in found.report.read_text(encoding="utf-8")


def health_on_page(page: Path) -> list[str]:
    """The sentences of data health on a report's page."""
    block = page.read_text(encoding="utf-8").split('<div class="cw-health')[1].split("<details")[0]
    return [unescape(line) for line in re.findall(r"<p>(.*?)</p>", block)]


@pytest.mark.long
def test_the_terminal_and_the_page_say_the_same_of_the_data(
    walked: tuple[engine.RunResult, list[str], Home], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One producer: what `crisis run` prints of the data is on its brief, also where a source never answered."""
    text = "watch: w\ntitle: {en: W}\nlanguage: en\nbrand: {names: [W]}\nsources: [{source: rss, name: newsroom}]\n"
    (tmp_path / "w.yml").write_text(text, encoding="utf-8")
    home = Home.here(lake=tmp_path / "lake", watches=tmp_path, reports=tmp_path / "reports")
    empty = services.run(home, home.watch("w"), since=NOW - timedelta(days=2), now=NOW)
    assert len(empty.health) == 3 and "never collected: newsroom" in empty.health[1]
    for found in (empty, walked[0]):
        print_result(found)
        printed = re.sub(r"\s+", " ", capsys.readouterr().out)
        assert found.report is not None and found.health == health_on_page(found.report)
        assert all(line in printed for line in found.health)


@pytest.mark.slow
def test_a_quiet_end_is_unknown_not_none(walked: tuple[engine.RunResult, list[str], Home]) -> None:
    """Asked about days after the last post, the level is unknown: nobody collected them."""
    _, _, home = walked
    last = home.lake.read("POSTS", watch="demo")["created_at"].max()
    until = (last + pd.Timedelta(days=3)).to_pydatetime()
    found = services.run(
        home, home.watch("demo"), since=until - timedelta(days=10), until=until, now=NOW, report=False, notify=False
    )
    assert found.level == "unknown"


@pytest.mark.long
def test_what_stands_twice_on_a_page_is_the_same(walked: tuple[engine.RunResult, list[str], Home]) -> None:
    """Level, index and loss: in the badge, the brief, the rooms, the charts, the manifest and the terminal."""
    found, _, home = walked
    bench = Workbench.open("demo", lake=home.lake_root, watches=home.watches, now=found.at, language="en")
    brief = {f.key: f for f in bench.facts("brief")}
    warn = {f.key: f for f in bench.facts("warn")}
    risk = {f.key: f for f in bench.facts("risk")}
    run = home.lake.read("RUNS", watch="demo").iloc[-1]
    assert run["level"] == found.level and f"Level: {found.level}" in bench.heading("brief").html
    manifest = bench.manifest()._repr_mimebundle_()[MANIFEST_MIME]
    assert manifest["level"] == found.level
    assert found.level in warn["warn.level"].render("en").casefold()
    assert f"Level {found.level}" in brief["brief.what"].render("en")
    assert brief["brief.what"].facts["index"] == f"{run['index']:.0f}"
    points = pd.DataFrame(bench.charts.index().to_dict()["datasets"].popitem()[1])
    assert abs(warn["warn.level"].table["points"].sum() - run["index"]) < 0.5 and len(points)
    row = home.lake.read("RISKS", watch="demo").sort_values("at").iloc[-1]
    p50 = Amount(row["loss_p50"], row["currency"]).render("en")
    assert p50 in brief["brief.risk"].render("en") and short_amount(row["loss_p50"], "en") in risk["risk.loss"].render(
        "en"
    )
    assert short_amount(row["loss_p50"], "en") in json.dumps(bench.charts.loss().to_dict())
    assert [f.render("en") for f in bench.facts("brief")] == manifest["findings"]
    for key, told in {f.key: f for f in found.findings if f.key.startswith(("brief.", "risk.loss"))}.items():
        assert told.render("en") == {**brief, **risk}[key].render("en"), "the terminal says what the page says"
