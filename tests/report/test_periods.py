"""The periodic risk report through its doors: the scheduler's, and the one typed by hand."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pandas as pd
import pytest

from crisislib.cli.app import main
from crisislib.lake import Lake
from tests.support.filled import posts

WATCH = """watch: acme
title: {en: Acme, zh: 艾克美}
language: en
timezone: UTC
brand: {names: [Acme]}
schedule: {weekly: "mon 00:00"}
"""


def monday() -> datetime:
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=today.weekday())


def incidents(*opened: datetime) -> pd.DataFrame:
    """Incidents of a day each, on one post each."""
    return pd.DataFrame(
        [
            {"incident_id": f"i{n}", "at": at, "watch": "acme", "title": "t", "kind": "product_harm", "level": "red",
             "status": "open", "opened_at": at, "by": "warn", "evidence": json.dumps([f"weibo:{n}"])}
            for n, at in enumerate(opened)
        ]
    )  # fmt: skip


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("lake", "watches", "reports"):
        monkeypatch.setenv(f"CRISIS_{name.upper()}", str(tmp_path / name))
    (tmp_path / "watches").mkdir()
    (tmp_path / "watches" / "acme.yml").write_text(WATCH, encoding="utf-8")
    start = monday()
    lake, held = Lake(tmp_path / "lake"), posts("acme", 9, 0)
    lake.append("POSTS", held.assign(created_at=start - timedelta(days=3), collected_at=start - timedelta(days=2)))
    lake.append("INCIDENTS", incidents(*(start - timedelta(days=d) for d in (12, 11, 4))))
    return tmp_path


def crisis(monkeypatch: pytest.MonkeyPatch, *words: str) -> None:
    monkeypatch.setattr("sys.argv", ["crisis", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code


@pytest.mark.long
def test_the_weekly_report_says_the_change_with_its_posts(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    crisis(monkeypatch, "schedule", "--once")
    crisis(monkeypatch, "report", "period", "--watch", "acme", "-p", "every=week")
    scheduled, typed = sorted((place / "reports" / "acme").glob("*/period.html"))
    week = [(monday() - timedelta(weeks=w)).strftime("%Y-%m-%d") for w in (1, 2)]
    for page in (scheduled, typed):
        text = unescape(page.read_text(encoding="utf-8"))
        (said,) = re.findall(rf"{week[0]} to \S+: 1 incident, worst level red; 2 in {week[1]} to \S+\.", text)
        assert "Weekly report, " in text
        behind = text.split(said)[1].split("cw-finding")[0]
        assert "posts behind this (3)" in behind and behind.count("<tr") == 4, "the heading and the three posts"
