"""A time zone is called by its city and its distance from UTC, in the language of the reader."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crisislib.core.zone_names import zone_name

WINTER = datetime(2026, 1, 15, tzinfo=UTC)
SUMMER = datetime(2026, 7, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("key", "at", "zh", "en"),
    [
        ("Asia/Shanghai", WINTER, "北京时间（UTC+8）", "Shanghai time (UTC+8)"),
        ("America/New_York", WINTER, "纽约时间（UTC-5）", "New York time (UTC-5)"),
        ("America/New_York", SUMMER, "纽约时间（UTC-4）", "New York time (UTC-4)"),
        ("Asia/Kolkata", WINTER, "印度时间（UTC+5:30）", "Kolkata time (UTC+5:30)"),
        ("Asia/Shanghai", None, "北京时间", "Shanghai time"),
        ("UTC", WINTER, "UTC", "UTC"),
    ],
)
def test_a_zone_is_named_for_its_reader(key: str, at: datetime | None, zh: str, en: str) -> None:
    assert (zone_name(key, "zh", at), zone_name(key, "en", at)) == (zh, en)
