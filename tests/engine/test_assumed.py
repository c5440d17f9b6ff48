"""What was assumed when files were read stands wherever data health is shown, not at the import alone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from crisislib.collect import read_export
from crisislib.core.watch import Watch
from crisislib.engine.data_health import data_health
from crisislib.lake import Lake

NOW = datetime(2026, 9, 1, tzinfo=UTC)
TABLE = "id;author;text;created;likes;reposts;device\n1;ann;the cup broke;03.04.2026 10:00;3;900;phone\n"


def test_zone_rounding_and_counters_are_among_the_lines_of_data_health(tmp_path: Path) -> None:
    names = {"en": "Aurora Tea", "zh": "星河奶茶"}
    watch = Watch.model_validate(
        {"watch": "tea", "title": names, "brand": {"names": ["Aurora"]}, "timezone": "Europe/Berlin"}
    )
    (tmp_path / "a.csv").write_text(TABLE, encoding="utf-8")
    batch = read_export(tmp_path / "a.csv", watch, now=NOW)
    lake = Lake(tmp_path / "lake")
    lake.append("POSTS", batch.posts)
    lake.append("BATCHES", batch.record)
    tables = (lake.sql("POSTS", watch="tea"), lake.sql("BATCHES", watch="tea"), lake.sql("SIGNALS", watch="tea"))
    found = data_health(*tables, watch, since=None, until=NOW, now=NOW)
    lines = "\n".join(found.lines("en"))
    assert "(generic): the export does not state its time zone; times were read as Europe/Berlin" in lines
    assert "device" in lines and "The counters say 900 reposts, 0 are collected" in lines
    assert "读取文件时（generic）" in "\n".join(found.lines("zh"))
