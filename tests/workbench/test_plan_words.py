"""A plan on a page is read in the reader's language, whatever the watch's; rows of before are shown as they stand."""

from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from crisislib.respond import load_playbooks, plan
from crisislib.workbench import Workbench
from tests.support.filled import NOW, fill, write_watch


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plan")
    write_watch(folder / "watches", language="zh")
    fill(folder / "lake", n=300)
    return folder


def opened(place: Path, language: str) -> Workbench:
    return Workbench.open("example", lake=place / "lake", watches=place / "watches", now=NOW, language=language)


def test_old_rows_stand_as_they_are(place: Path) -> None:
    assert "核实事实" in opened(place, "en").plan("example-1").html


def test_a_plan_is_read_in_the_readers_language(place: Path) -> None:
    bench = opened(place, "en")
    books, watch = load_playbooks(), bench.context.watch
    row = {"incident_id": "example-1", "kind": "labour", "level": "red", "opened_at": NOW - timedelta(hours=1)}
    made = plan(row, watch, books.for_kind("labour"), books.words, now=NOW).to_pandas()
    out = made["step"].eq("press")
    rows = pd.concat([made[~out], made[out].assign(status="na", by="Wu", note="no press")])
    bench.context.lake.append("ACTIONS", rows)
    english, chinese = (opened(place, language) for language in ("en", "zh"))
    shown, theirs = (one.plan("example-1", most=40).html for one in (english, chinese))
    assert "Establish the facts" in shown and "general counsel" in shown and "not applicable" in shown
    assert "分“已确认/未确认/否定”三栏" in theirs and "法务负责人" in theirs and "不适用" in theirs
    drawn = str(english.charts.plan("example-1").to_dict())
    assert "duty manager" in drawn and "Press briefing" not in drawn, "what does not apply is not against the clock"
