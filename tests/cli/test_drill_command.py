"""A drill from the command line: marked everywhere, played on its own clock, scored by what is on record."""

from __future__ import annotations

import math
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from crisislib.cli.app import app
from crisislib.engine import Home
from crisislib.engine.drill_score import score_drill
from tests.cli.test_team import OPENED, home

__all__ = ["home"]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "crisis.toml").write_text("", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str) -> str:
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == 0, result.output + repr(result.exception)
    return result.output


def test_it_teaches_and_lists_what_can_be_played(place: Path) -> None:
    assert len(run("drill", "--help")) > 1000
    (place / "scenarios").mkdir()
    from crisislib.simulation import scenario

    (place / "scenarios" / "ours.yml").write_text(scenario("labour").model_dump_json(), encoding="utf-8")
    listed = run("drill", "--list", "--language", "zh")
    assert "rumour" in listed and "ours" in listed and "会员数据泄露" in listed


@pytest.mark.long
def test_what_cannot_be_played_is_refused(place: Path) -> None:
    for words, fault in ((["nothing"], "no scenario"), (["rumour", "--team", "lions", "--posts", "700"], "no team")):
        result = CliRunner().invoke(app, ["drill", *words])
        assert fault in str(result.exception)


@pytest.mark.slow
def test_a_drill_in_which_nobody_asked_is_scored_too(place: Path) -> None:
    """Short and quiet: no alert, no call from the press."""
    said = run("drill", "rumour", "--speed", "0", "--hours", "0.5", "--team", "none", "--posts", "700", "--to",
               str(place / "short"))  # fmt: skip
    assert "of 100 points" in said and "0 of 0 enquiries" in said


@pytest.mark.slow
def test_a_drill_is_played_marked_and_scored(place: Path) -> None:
    inbox = place / "inbox"
    inbox.mkdir()
    said = run("drill", "rumour", "--speed", "0", "--hours", "5", "--team", "good", "--posts", "2000",
               "--owner", "duty_manager=Ms Wu", "--to", str(place / "d"))  # fmt: skip
    assert "Phone call: " in said and "of 100 points" in said and "detection" in said
    assert all(f"hour {n} of 5: " in said for n in range(1, 6)), "that it goes on is seen between two events"
    home = Home.at(place / "d")
    ticks = home.lake.read("RUNS", watch="drill", present=False)
    assert (ticks["job"] == "monitor").sum() <= 5 * 4 + 1, (
        "where nobody waits the monitor looks every quarter of an hour"
    )
    assert home.moment is not None and home.watch("drill").drill
    alerts = home.lake.read("ALERTS", watch="drill")
    assert len(alerts), "the real monitor has found it"
    board = run("--home", str(place / "d"), "task", "list", "--watch", "drill", "--all")
    assert "[DRILL]" in board and "(good)" in board and "Ms Wu" in board
    assert "[DRILL: an exercise" in run("--home", str(place / "d"), "statement", "holding", "--watch", "drill")
    assert "replied" in run("--home", str(place / "d"), "log", "list", "--watch", "drill", "--kind", "enquiry")
    stored = home.lake.read("FINDINGS", watch="drill")
    assert (stored["key"] == "drill.score").sum() == 1


def test_what_had_not_fallen_due_counts_neither_way(home: Home) -> None:
    """A drill may end before anything was due: that is no score of zero, and none of a hundred either."""
    watch = home.watch("acme")
    ask = partial(score_drill, home, watch, "Tea", onset=OPENED, team="people")
    early = ask(now=OPENED + timedelta(minutes=5))
    assert math.isnan(early.points) and early.parts["points"].isna().all()
    assert "not scored" in early.finding.render("en") and "未评分" in early.finding.render("zh")
    later = ask(now=OPENED + timedelta(minutes=50))
    said = later.finding.render("en")
    assert (
        not math.isnan(later.points) and "of 100 points" in said and "First alert from yellow on: not due yet" in said
    )
    assert any("rests on" in line for line in later.finding.caveats("en"))
    assert "尚未到期" in later.finding.render("zh")
    late = ask(now=OPENED + timedelta(hours=30)).finding.render("en")
    assert "First alert from yellow on: never" in late and "not due yet" not in late
