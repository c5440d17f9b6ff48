"""Whom to speak to one by one: the list, its states, and that a contact made is a response."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from click.testing import Result
from typer.testing import CliRunner

from crisislib.cli import common
from crisislib.cli.app import app
from crisislib.core.tables import conform
from crisislib.engine import Home
from tests.cli.test_team import told
from tests.support.filled import NOW, fill, write_watch


def crisis(*words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--watch", "example"])


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    fill(tmp_path / "lake")
    write_watch(tmp_path / "watches", language="en")
    monkeypatch.setenv("CRISIS_LAKE", str(tmp_path / "lake"))
    monkeypatch.setenv("CRISIS_WATCHES", str(tmp_path / "watches"))
    monkeypatch.setattr(common.out, "width", 200)
    home = Home(tmp_path / "lake", tmp_path / "watches", tmp_path / "reports", moment=NOW)
    posts = home.lake.read("POSTS", watch="example")
    theirs = posts[(posts["kind"] == "post") & posts["account_id"].notna()].sort_values("created_at").tail(3)
    rows = theirs[["watch", "post_id", "created_at"]].assign(
        label="complaint", model="m", at=pd.Timestamp(NOW), value="quality", p=0.9
    )
    home.lake.append("LABELS", conform(rows, "LABELS"))
    return home


def test_from_the_list_to_a_logged_answer(place: Home) -> None:
    shown = told(crisis("people", "--most", "2"))
    assert shown.count("complains in their own words") == shown.count("came through them") == 2
    assert "4 conversations begun" in told(crisis("people", "--most", "2", "--take", "--due", "14:00", "--by", "Li"))
    assert "0 conversations begun" in told(crisis("people", "--most", "2", "--take", "--by", "Li")), "once each"
    entry = re.findall(r"contact-\w+", told(crisis("people", "--most", "2")))[0]
    told(crisis("log", "set", entry, "--status", "contacted", "--note", "called", "--by", "Wu"))
    assert "contacted" in told(crisis("people", "--most", "2"))
    assert "one_to_one" in set(place.lake.read("RESPONSES", watch="example")["kind"])
    assert "以自己的话投诉" in told(crisis("people", "--language", "zh"))


def test_a_narrow_terminal_breaks_no_word(place: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    told(crisis("people", "--most", "2", "--take", "--due", "14:00", "--by", "Li"))
    monkeypatch.setattr(common.out, "width", 60)
    shown = told(crisis("log", "list"))
    assert (
        "person to speak to" in shown and "head of customer care" in shown and "complains in their own words" in shown
    )
