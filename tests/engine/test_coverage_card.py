"""The coverage card against posts whose gaps, shares and counters are known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisislib.core.tables import TABLES
from crisislib.engine.coverage_card import coverage_card

UTC_ZONE = ZoneInfo("UTC")
START = datetime(2026, 7, 1, tzinfo=UTC)


def post(number: int, at: datetime, **changes: Any) -> dict[str, Any]:
    """One POSTS row."""
    base = {
        "watch": "tea", "post_id": f"x:{number}", "collected_at": at + timedelta(days=30), "platform": "x",
        "kind": "post",
        "account_id": "x:1", "created_at": at, "created_precision_s": 1, "text": "the cup broke", "n_likes": 1,
        "source": "a", "batch_id": "b", "row_no": number, "extra": "{}",
    }  # fmt: skip
    return {**base, **changes}


def table(rows: list[dict[str, Any]]) -> pa.Table:
    """POSTS."""
    return pa.Table.from_pylist(rows, schema=TABLES["POSTS"].schema)


def days_of_posts(days: int, an_hour: int, without: set[datetime]) -> pa.Table:
    """So many posts in each hour from 8 to 22, but for some hours."""
    hours = [START + timedelta(days=d, hours=h) for d in range(days) for h in range(8, 22)]
    times = [h + timedelta(minutes=i) for h in hours if h not in without for i in range(an_hour)]
    return table([post(n, at) for n, at in enumerate(times)])


def test_a_gap_by_day_is_named_and_the_nights_are_not() -> None:
    hole = {START + timedelta(days=5, hours=h) for h in (12, 13, 14)}
    card = coverage_card(days_of_posts(8, 3, hole), UTC_ZONE)
    assert card.facts["gaps"] == [(min(hole), max(hole) + timedelta(hours=1), 3, 9.0)]
    assert any("2026-07-06 12:00" in line and "(3 hours)" in line and "about 9" in line for line in card.lines("en"))


def test_of_two_days_only_a_long_gap_is_named() -> None:
    short = coverage_card(days_of_posts(2, 3, set()), UTC_ZONE)
    assert short.facts["gaps"] == []


def test_shares_counters_and_platforms() -> None:
    rows = [
        post(1, START, n_reposts=900, n_replies=40),
        post(2, START + timedelta(hours=1), kind="repost", parent_id="x:1", text="", account_id=None),
        post(3, START + timedelta(hours=2), kind="repost", parent_id=None, n_likes=None),
        post(4, START + timedelta(hours=3), kind="reply", parent_id="x:1", platform="weibo",
             extra='{"device": "phone"}'),
        post(4, START + timedelta(hours=3), kind="reply", parent_id="x:1", platform="weibo",
             collected_at=START + timedelta(days=40)),
    ]  # fmt: skip
    accounts = pa.table({"account_id": ["x:1", "x:2"], "n_followers": pa.array([3, None], pa.int64())})
    records = [{"n_read": 7, "n_rejected": 1, "n_duplicate": 2}]
    card = coverage_card(table(rows), UTC_ZONE, records=records, accounts=accounts, columns=True)
    assert card.facts["posts"] == 4 and card.facts["platforms"] == {"x": 3, "weibo": 1}
    assert card.facts["without"] == {
        "author": 0.25, "text": 0.25, "counts": 0.25, "parent": 0.25, "clock": 0.0, "followers": 0.5,
    }  # fmt: skip
    lines = "\n".join(card.lines("en"))
    assert "900 reposts, 1 are collected" in lines and "40 replies, 1 are collected" in lines
    assert "7 rows read, 1 rejected, 2 twice" in lines and "device" in lines
    assert "900 次转发，已采集 1 条" in "\n".join(card.lines("zh"))


def test_nothing_is_no_card() -> None:
    assert coverage_card(table([]), UTC_ZONE).lines("en") == []
    assert coverage_card(pa.table({"created_at": pa.array([START])}), UTC_ZONE).lines("en") == []


@given(st.lists(st.integers(0, 200), min_size=1, max_size=60))
def test_gaps_hold_no_post_and_lie_inside(hours: list[int]) -> None:
    times = [START + timedelta(hours=h) for h in hours]
    gaps = coverage_card(table([post(n, at) for n, at in enumerate(times)]), UTC_ZONE).facts["gaps"]
    assert isinstance(gaps, list)
    for first, last, n, lack in gaps:
        assert min(times) < first < last <= max(times) and not any(first <= at < last for at in times)
        assert n == (last - first) / timedelta(hours=1) and lack >= pytest.approx(5.0)
