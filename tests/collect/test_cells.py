"""How cells are read: every form of number, time and id against its known value."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crisislib.collect.importing import cells
from crisislib.collect.importing.tabular_reader import Raw
from crisislib.collect.importing.validate_rows import judge
from crisislib.collect.source_registry import LAYOUTS
from crisislib.core.ids import mask_name, normal_name

from .helpers import NOW, watch

DB = duckdb.connect()
DB.execute("SET TimeZone='UTC'")


def said(expression: str, value: str | None) -> Any:
    return DB.execute(f"SELECT {expression} FROM (SELECT ?::VARCHAR AS v)", [value]).fetchall()[0][0]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("12", 12), ("1,234", 1234), ("1，234", 1234), ("1.2万", 12000), ("10万+", 100000),
        ("3.4k", 3400), ("2M", 2000000),
        ("1.5亿", 150000000), ("7.0", 7), ("1 234", 1234), ("5w", 50000), ("0", 0),
        ("12%", None), ("很多", None), ("-3", None), ("1e400", None), ("转发", None), (None, None),
        ("1.2.3", None),
    ],
)  # fmt: skip
def test_counts(written: str | None, meant: int | None) -> None:
    assert said(cells.count("v"), written) == meant


@settings(max_examples=20, deadline=None)
@given(st.integers(min_value=0, max_value=10**15))
def test_counts_with_commas_are_what_they_say(n: int) -> None:
    assert said(cells.count("v"), f"{n:,}") == n == said(cells.count("v"), str(n))


NOON = datetime(2026, 8, 1, 4, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "meant", "precision"),
    [
        ("2026-08-01 12:30:00", NOON, 1),
        ("2026-08-01 12:30", NOON, 60),
        ("2026/08/01 12:30", NOON, 60),
        ("2026/8/1 12:30:00", NOON, 1),
        ("2026-8-1 12:30", NOON, 60),
        ("2026-08-01T12:30:00", NOON, 1),
        ("2026-08-01T04:30:00Z", NOON, 1),
        ("2026-08-01T04:30:00.000Z", NOON, 1),
        ("2026-08-01T12:30:00+08:00", NOON, 1),
        ("2026-08-01 12:30:00 +0800", NOON, 1),
        ("2026-08-01 04:30:00 UTC", NOON, 1),
        ("2026-08-01 12:30:00.0", NOON, 1),
        ("2026年8月1日 12:30", NOON, 60),
        ("2026年08月01日 12时30分", NOON, 60),
        ("2026年08月01日12:30:00", NOON, 1),
        ("08/01/2026 12:30", NOON, 60),
        ("08/01/2026 12:30 pm", NOON, 60),
        ("08-01-2026 12:30:00", NOON, 1),
        ("01-Aug-2026 12:30PM", NOON, 60),
        ("Aug 01, 2026 12:30 PM", NOON, 60),
        ("Sat Aug 01 12:30:00 +0800 2026", NOON, 1),
        ("Sat, 01 Aug 2026 04:30:00 GMT", NOON, 1),
        ("Sat, 01 Aug 2026 12:30:00 +0800", NOON, 1),
        ("20260801T043000Z", NOON, 1),
        ("20260801123000", NOON, 1),
        ("202608011230", NOON, 60),
        ("1785558600", NOON, 1),
        ("1785558600.0", NOON, 1),
        ("1785558600000", NOON, 1),
        ("1785558600000000", NOON, 1),
        ("2026-08-01", datetime(2026, 7, 31, 16, tzinfo=UTC), 86400),
        ("20260801", datetime(2026, 7, 31, 16, tzinfo=UTC), 86400),
        ("08/01/2026", datetime(2026, 7, 31, 16, tzinfo=UTC), 86400),
    ],
)
def test_times(written: str, meant: datetime, precision: int) -> None:
    assert said(cells.moment("v", "Asia/Shanghai"), written) == meant
    assert said(cells.precision("v", None), written) == precision
    assert said(cells.precision("v", 60), written) == max(60, precision)


@pytest.mark.parametrize(
    "written",
    ["2026-02-30", "2026-02-30 12:00", "31/31/2026", "yesterday", "5分钟前", "刚刚", "12", "nan", "0",
     "infinity", "epoch",
     "2026-13-01T00:00:00Z", "99999999999999999999", "今天 12:30", "1e9", "2026-08-01 25:00", "20261301"],
)  # fmt: skip
def test_what_is_no_time_is_null(written: str) -> None:
    assert said(cells.moment("v", "Asia/Shanghai"), written) is None


def test_day_first_is_read_as_asked() -> None:
    assert said(cells.moment("v", "UTC", "dmy"), "03/04/2026 10:00:00") == datetime(2026, 4, 3, 10, tzinfo=UTC)
    assert said(cells.moment("v", "UTC", "mdy"), "03/04/2026 10:00:00") == datetime(2026, 3, 4, 10, tzinfo=UTC)


def test_summer_time_is_the_zones_own() -> None:
    assert said(cells.moment("v", "America/New_York"), "2026-01-10 12:00:00") == datetime(2026, 1, 10, 17, tzinfo=UTC)
    assert said(cells.moment("v", "America/New_York"), "2026-07-10 12:00:00") == datetime(2026, 7, 10, 16, tzinfo=UTC)


@settings(max_examples=20, deadline=None)
@given(st.datetimes(min_value=datetime(1991, 1, 1), max_value=datetime(2100, 1, 1)))
def test_every_second_survives_its_iso_form(moment: datetime) -> None:
    whole = moment.replace(microsecond=0)
    meant = whole.replace(tzinfo=UTC)
    assert said(cells.moment("v", "UTC"), whole.isoformat(sep=" ")) == meant
    assert said(cells.moment("v", "Asia/Tokyo"), meant.isoformat()) == meant
    assert said(cells.moment("v", "Asia/Tokyo"), str(int(meant.timestamp() * 1000))) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [('"123"', "123"), ("'123", "123"), ("123.0", "123"), ("4.9E+18", None), ("abc", "abc"),
     ("v1.0", "v1.0"), ("=123", "123")],
)  # fmt: skip
def test_ids(written: str, meant: str | None) -> None:
    assert said(cells.ident("v"), written) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [("'@bob hi", "@bob hi"), ("'=1+1", "=1+1"), ("'tis", "'tis"), ("a &amp; b", "a & b"),
     ("&amp;lt;", "&lt;"), ("plain", "plain")],
)  # fmt: skip
def test_text_is_taken_back_from_its_guards(written: str, meant: str) -> None:
    assert said(cells.prose("v"), written) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [("Negative", "negative"), ("正", "positive"), ("中性", "neutral"), ("敏感", "negative"),
     ("-5", "negative"), ("0", "neutral"),
     ("3", "positive"), ("mixed", None)],
)  # fmt: skip
def test_sentiment_given(written: str, meant: str | None) -> None:
    assert said(cells.sentiment("v"), written) == meant


@settings(max_examples=6, deadline=None)
@given(st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=30))
@example(["\r", "\x1c@A", " @ B "])
def test_masks_and_name_keys_are_those_of_the_core(names: list[str]) -> None:
    """The account keys that SQL makes are the ones that other rooms make from the same name."""
    n = len(names)
    columns = [
        pa.array(range(n), pa.int64()),
        pa.array(["2026-08-01"] * n),
        pa.array([f"t{i}" for i in range(n)]),
        pa.array(names),
    ]
    table = pa.table(columns, names=["row_no", "c0", "c1", "c2"])
    done = judge(
        LAYOUTS["generic"], Raw("t", ["date", "text", "author"], table), watch(), batch="b", now=NOW, db=DB.cursor()
    )
    keys = [normal_name(name) for name in names]
    assert done.posts["account_id"].to_pylist() == [f"web:@{k}" if k else None for k in keys]
    for account in done.accounts.to_pylist():
        assert account["name_masked"] == mask_name(account["name"])
