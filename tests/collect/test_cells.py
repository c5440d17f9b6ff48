"""How cells are read: every form of number, time and id against its known value."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crisislib.collect.importing import cells
from crisislib.collect.importing.count_columns import read_count, read_counts
from crisislib.collect.importing.hidden_marks import HIDDEN
from crisislib.collect.importing.moments import read_moment
from crisislib.collect.importing.prose import read_prose
from crisislib.collect.importing.tabular_reader import Raw
from crisislib.collect.importing.time_columns import day_order, read_times
from crisislib.collect.importing.validate_rows import validate
from crisislib.collect.source_registry import LAYOUTS
from crisislib.core.ids import mask_name, normal_name

from .helpers import NOW, watch

SHANGHAI, NEW_YORK, LONDON = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York"), ZoneInfo("Europe/London")
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
        ("12%", None), ("很多", None), ("-3", None), ("1e400", None),
        ("转发", 0), ("赞", 0), ("12 likes", 12), ("1.2E+06", 1200000), (None, None),
        ("1.2.3", None), ("👍 (4),pepe2 (1)", 5), ("12 (3)", None), ("3 (4%)", None),
    ],
)  # fmt: skip
def test_counts(written: str | None, meant: int | None) -> None:
    assert (read_count(written) if written is not None else None) == meant


@settings(max_examples=20)
@given(st.integers(min_value=0, max_value=10**15))
def test_counts_with_separators_are_what_they_say(n: int) -> None:
    dots = f"{n:,}".replace(",", ".")
    assert read_count(f"{n:,}") == n == read_count(str(n)) == read_count(dots, dots=True)


@pytest.mark.parametrize(
    ("column", "values", "doubt"),
    [
        (["407.137", "12.345", "1.234.567"], [407137, 12345, 1234567], ""),
        (["1.234", "12", "3"], [1234, 12, 3], "1.234"),
        (["7.0", "12.0", None], [7, 12, None], ""),
        (["1,2K", "3,4K", "-"], [1200, 3400, None], ""),
        (["1.234", "0.5"], [1, 0], ""),
        (["12,34,567", "1’234"], [1234567, 1234], ""),
    ],
)
def test_what_a_dot_means_is_decided_for_a_column(
    column: list[str | None], values: list[int | None], doubt: str
) -> None:
    counts = read_counts(pa.chunked_array([pa.array(column, pa.string())]))
    assert counts.values.to_pylist() == values and counts.doubt == doubt and not counts.unread.any()


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
    moment = read_moment(written, SHANGHAI)
    assert (moment.at, moment.precision) == (meant, precision)


@pytest.mark.parametrize(
    "written",
    ["2026-02-30", "2026-02-30 12:00", "31/31/2026", "yesterday", "5分钟前", "刚刚", "12", "nan", "0",
     "infinity", "epoch",
     "2026-13-01T00:00:00Z", "99999999999999999999", "今天 12:30", "1e9",
     "x" * 200_000, "2026-08-01 25:00", "20261301"],
)  # fmt: skip
def test_what_is_no_time_is_null(written: str) -> None:
    assert read_moment(written, SHANGHAI).at is None


def test_day_first_is_read_as_asked() -> None:
    assert read_moment("03/04/2026 10:00:00", LONDON, "dmy").at == datetime(2026, 4, 3, 9, tzinfo=UTC)
    assert read_moment("03/04/2026 10:00:00", LONDON, "mdy").at == datetime(2026, 3, 4, 10, tzinfo=UTC)


def test_summer_time_is_the_zones_own() -> None:
    assert read_moment("2026-01-10 12:00:00", NEW_YORK).at == datetime(2026, 1, 10, 17, tzinfo=UTC)
    assert read_moment("2026-07-10 12:00:00", NEW_YORK).at == datetime(2026, 7, 10, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-08-01 12:30:05 PM", datetime(2026, 8, 1, 4, 30, 5, tzinfo=UTC)),
        ("2026-08-01 12:30:05 AM", datetime(2026, 7, 31, 16, 30, 5, tzinfo=UTC)),
        ("2026年8月1日 下午12:30", NOON),
        ("2026/8/1 凌晨 4:30", datetime(2026, 7, 31, 20, 30, tzinfo=UTC)),
        ("8/1/26, 12:30\u202fPM", NOON),
        ("01/08/26 12:30:00", datetime(2026, 1, 8, 4, 30, tzinfo=UTC)),
        ("2026-08-01 00:30:00 EDT", NOON),
        ("2026-08-01 01:30:00 BRT", NOON),
        ("2026-08-01 05:30 CET", datetime(2026, 8, 1, 4, 30, tzinfo=UTC)),
        ("2026-08-01 12:30 CST", NOON),  # China's: the watch's own zone goes first
        ("Aug 1, 2026 at 12:30 PM", NOON),
        ("12:30 PM · Aug 1, 2026", NOON),
        ("1 de agosto de 2026 12:30", NOON),
        ("1. August 2026, 12:30 Uhr", NOON),
        ("Sat Aug 01 2026 12:30:00 GMT+0800 (China Standard Time)", NOON),
        ("2026-08-01 00:30 America/New_York", NOON),
        ("46235.520833333336", NOON),
        ("2026-08-01 10:00 XYZ", None),
        ("2026-08-01 99:00", None),
        ("room 12, 2026-08-01", None),
    ],
)
def test_halves_zones_and_short_years_are_never_dropped(written: str, meant: datetime | None) -> None:
    assert read_moment(written, SHANGHAI).at == meant


@pytest.mark.parametrize(
    ("written", "meant", "precision"),
    [
        ("5分钟前", NOON - timedelta(minutes=5), 60),
        ("2 hours ago", NOON - timedelta(hours=2), 3600),
        ("3d", NOON - timedelta(days=3), 86400),
        ("刚刚", NOON, 60),
        ("今天 08:05", NOON.replace(hour=0, minute=5), 60),
        ("昨天 12:30", NOON - timedelta(days=1), 60),
        ("07-30 12:30", NOON - timedelta(days=2), 60),
        ("12月31日 12:30", datetime(2025, 12, 31, 4, 30, tzinfo=UTC), 60),
    ],
)
def test_relative_times_need_the_time_of_collection(written: str, meant: datetime, precision: int) -> None:
    alone = read_moment(written, SHANGHAI)
    assert alone.at is None and alone.relative
    moment = read_moment(written, SHANGHAI, reference=NOON)
    assert (moment.at, moment.precision) == (meant, precision)


@settings(max_examples=20)
@given(st.lists(st.datetimes(datetime(1995, 1, 1), datetime(2090, 1, 1)), min_size=1, max_size=5), st.booleans())
def test_a_whole_column_of_offsets_is_read_as_each_cell_is(times: list[datetime], short: bool) -> None:
    written = [t.isoformat(timespec="milliseconds") + ("+0800" if short else "+08:00") for t in times]
    column = pa.chunked_array([pa.array(written)])
    whole = read_times(column, "UTC", order=None, now=NOW)
    assert whole.at.to_pylist() == [read_moment(w, LONDON).at for w in written] and not whole.naive


@pytest.mark.parametrize(
    ("column", "order", "doubt"),
    [
        (["03/04/2026", "25/04/2026"], "dmy", ""),
        (["03/04/2026", "04/25/2026"], "mdy", ""),
        (["01/08/26 10:00", "02/08/26 11:00", "03/08/26 12:00"], "dmy", "01/08/26 10:00"),
        (["08/01/26", "08/02/26", "08/03/26"], "mdy", "08/01/26"),
        (["05.11.2026"], "mdy", ""),  # day first lies in the future
        (["03.04.2026"], "dmy", ""),
        (["99/01/02"], "ymd", ""),
        (["03/04/2026"], "mdy", "03/04/2026"),
    ],
)
def test_the_order_of_day_and_month_is_decided_for_a_column(column: list[str], order: str, doubt: str) -> None:
    assert day_order(column, None, SHANGHAI, NOW) == (order, doubt)


@settings(max_examples=20)
@given(st.datetimes(min_value=datetime(1991, 1, 1), max_value=datetime(2100, 1, 1)))
def test_every_second_survives_its_iso_form(moment: datetime) -> None:
    whole = moment.replace(microsecond=0)
    meant = whole.replace(tzinfo=UTC)
    assert read_moment(whole.isoformat(sep=" "), ZoneInfo("UTC")).at == meant
    assert read_moment(meant.isoformat(), SHANGHAI).at == meant
    assert read_moment(str(int(meant.timestamp() * 1000)), SHANGHAI).at == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [('"123"', "123"), ("'123", "123"), ("123.0", "123"), ("4.9E+18", None), ("4.9e+18", None), ("abc", "abc"),
     ("v1.0", "v1.0"), ("=123", "123")],
)  # fmt: skip
def test_ids(written: str, meant: str | None) -> None:
    assert said(cells.ident("v"), written) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [("'@bob hi", "@bob hi"), ("'=1+1", "=1+1"), ("'tis", "'tis"), ("a &amp; b", "a & b"),
     ("&amp;lt;", "&lt;"), ("plain", "plain"), ("3<5 & 4>2", "3<5 & 4>2"), ("if a<b and c>d", "if a<b and c>d"),
     ("<p>one</p><p>two <a href='x'>#<span>tag</span></a></p>", "one\ntwo #tag"),
     ('<img alt="[泪]" src="x">难喝<br/>3<5', "[泪]难喝\n3<5"), ("<script>x</script>after<br>", "after")],
)  # fmt: skip
def test_text_is_taken_back_from_markup_and_guards(written: str, meant: str) -> None:
    assert read_prose(pa.chunked_array([pa.array([written, "other"])])).to_pylist() == [meant, "other"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [("Negative", "negative"), ("正", "positive"), ("中性", "neutral"), ("敏感", "negative"),
     ("-5", "negative"), ("0", "neutral"),
     ("3", "positive"), ("mixed", None)],
)  # fmt: skip
def test_sentiment_given(written: str, meant: str | None) -> None:
    assert said(cells.sentiment("v"), written) == meant


named = st.text(
    st.characters(categories=["L", "N", "Zs", "Cc"], include_characters="@._-!"), min_size=1, max_size=12
).filter(lambda name: any(c.isalnum() for c in name))
"""Names as people have them. Brackets are left out: a column in which every name begins with one is read as a list."""


@settings(max_examples=6)
@given(st.lists(named, min_size=1, max_size=30))
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
    done = validate(
        LAYOUTS["generic"], Raw("t", ["date", "text", "author"], table), watch(), batch="b", now=NOW, db=DB.cursor()
    )
    keys = [
        normal_name(name) for name in pc.replace_substring_regex(pa.array(names, pa.string()), HIDDEN, "").to_pylist()
    ]
    assert done.posts["account_id"].to_pylist() == [f"web:@{k}" if k else None for k in keys]
    for account in done.accounts.to_pylist():
        assert account["name_masked"] == mask_name(account["name"])
