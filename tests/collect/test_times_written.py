"""An instant written in any form that tools use, in any zone, is read back as that instant."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Literal
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from babel.dates import format_datetime as babel_datetime
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crisislib.collect.importing.moment import Moment
from crisislib.collect.importing.moments import read_moment
from crisislib.collect.importing.time_columns import read_times

ZONES = ["Asia/Shanghai", "America/New_York", "Europe/London", "Asia/Kolkata", "Australia/Lord_Howe", "UTC",
         "Pacific/Apia", "America/Sao_Paulo", "Asia/Kathmandu"]  # fmt: skip
instants = st.datetimes(datetime(1995, 1, 1), datetime(2090, 1, 1)).map(lambda t: t.replace(microsecond=0, tzinfo=UTC))
zones = st.sampled_from(ZONES).map(ZoneInfo)
offsets = st.integers(-48, 56).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


AGO = [("分钟前", 60), ("小时前", 3600), (" minutes ago", 60), ("h", 3600), ("天前", 86_400), (" days ago", 86_400),
       ("秒前", 1)]  # fmt: skip


def half(t: datetime) -> tuple[int, str]:
    """Hour and half of a twelve-hour clock."""
    return t.hour % 12 or 12, "AM" if t.hour < 12 else "PM"


def chinese(t: datetime) -> str:
    """As people say it: 凌晨 to five, 上午 to eleven, 中午 twelve, 下午 to five, 晚上 after."""
    words = [(5, "凌晨", 0), (12, "上午", 0), (13, "中午", 0), (18, "下午", 12), (24, "晚上", 12)]
    word, less = next((w, n) for end, w, n in words if t.hour < end)
    return f"{t.year}年{t.month}月{t.day}日 {word}{t.hour - less}:{t.minute:02d}"


NAIVE: dict[str, tuple[int, Callable[[datetime], str]]] = {
    "sql": (1, lambda t: f"{t:%Y-%m-%d %H:%M:%S}"),
    "slashes": (60, lambda t: f"{t.year}/{t.month}/{t.day} {t.hour}:{t.minute:02d}"),
    "dotted year first": (1, lambda t: f"{t:%Y.%m.%d %H:%M:%S}"),
    "iso without zone": (1, lambda t: t.replace(tzinfo=None).isoformat()),
    "chinese 24": (60, lambda t: f"{t.year}年{t.month:02d}月{t.day:02d}日 {t.hour:02d}时{t.minute:02d}分"),
    "chinese halves": (60, chinese),
    "american": (60, lambda t: f"{t.month}/{t.day}/{t.year} {half(t)[0]}:{t.minute:02d} {half(t)[1]}"),
    "american seconds": (1, lambda t: f"{t:%m/%d/%Y} {half(t)[0]}:{t:%M:%S} {half(t)[1].lower()}"),
    "month name": (60, lambda t: f"{MONTHS[t.month - 1]} {t.day}, {t.year} {half(t)[0]}:{t.minute:02d} {half(t)[1]}"),
    "tweet": (60, lambda t: f"{half(t)[0]}:{t.minute:02d} {half(t)[1]} · {MONTHS[t.month - 1]} {t.day}, {t.year}"),
    "oracle": (1, lambda t: f"{t.day:02d}-{MONTHS[t.month - 1]}-{t.year} {t:%H:%M:%S}"),
    "compact": (1, lambda t: f"{t:%Y%m%d%H%M%S}"),
    "excel ISO": (1, lambda t: f"{t:%Y-%m-%d} 00:00:00 {t:%H:%M:%S}" if t.hour else f"{t:%Y-%m-%d %H:%M:%S}"),
}
"""Forms that name no zone -> their precision in seconds, and how they are written."""
FIXED: dict[str, tuple[int, Callable[[datetime], str]]] = {
    "rfc 2822": (1, format_datetime),
    "iso": (1, lambda t: t.isoformat()),
    "iso basic offset": (1, lambda t: f"{t:%Y-%m-%dT%H:%M:%S%z}"),
    "twitter": (1, lambda t: f"{t:%a} {MONTHS[t.month - 1]} {t:%d %H:%M:%S %z %Y}"),
    "javascript": (1, lambda t: f"{t:%a} {MONTHS[t.month - 1]} {t:%d %Y %H:%M:%S} GMT{t:%z} (Somewhere Time)"),
    "sql offset": (60, lambda t: f"{t:%Y-%m-%d %H:%M} {t.isoformat()[-6:]}"),
    "seconds": (1, lambda t: str(int(t.timestamp()))),
    "milliseconds": (1, lambda t: str(int(t.timestamp()) * 1000)),
    "microseconds": (1, lambda t: str(int(t.timestamp()) * 10**6)),
}
"""Forms that say their offset, or need none."""


def unfolded(moment: datetime, zone: ZoneInfo) -> datetime | None:
    """The local time, where it names one instant only."""
    local = moment.astimezone(zone)
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return None if twice else local


def said(moment: datetime, precision: int) -> Moment:
    whole = moment - timedelta(seconds=moment.timestamp() % precision) if precision > 1 else moment
    return Moment(whole, precision)


@pytest.mark.parametrize("form", NAIVE)
@settings(max_examples=100)
@given(moment=instants, zone=zones)
@example(moment=datetime(2026, 3, 1, 16, 5, 9, tzinfo=UTC), zone=ZoneInfo("Asia/Shanghai"))
@example(moment=datetime(2026, 3, 1, 4, 5, 9, tzinfo=UTC), zone=ZoneInfo("Asia/Shanghai"))
def test_a_local_time_is_read_in_the_zone_of_the_watch(form: str, moment: datetime, zone: ZoneInfo) -> None:
    precision, write = NAIVE[form]
    local = unfolded(moment, zone)
    if local is None or local.utcoffset().total_seconds() % 60:  # type: ignore[union-attr]
        return  # the hour that comes twice, and offsets of before time zones, name no instant
    cell = write(local)
    read = read_moment(cell, zone)
    wanted = local.replace(second=0 if precision == 60 else local.second).astimezone(UTC)
    assert (read.at, read.precision, read.zoned) == (wanted, precision, False), cell


@pytest.mark.parametrize("form", FIXED)
@settings(max_examples=60)
@given(moment=instants, offset=offsets, elsewhere=zones)
def test_a_time_that_states_its_offset_means_the_same_everywhere(
    form: str, moment: datetime, offset: timezone, elsewhere: ZoneInfo
) -> None:
    if moment.timestamp() < 1e9 and form in ("seconds", "milliseconds", "microseconds"):
        moment += timedelta(days=3000)  # nine digits of seconds are told apart from ten by nothing
    precision, write = FIXED[form]
    cell = write(moment.astimezone(offset))
    wanted = said(moment.astimezone(offset).replace(second=0 if precision == 60 else moment.second), 1).at
    read = read_moment(cell, elsewhere)
    assert wanted is not None and (read.at, read.precision, read.zoned) == (wanted.astimezone(UTC), precision, True), (
        cell
    )


@pytest.mark.parametrize("locale", ["en_US", "en_GB", "de_DE", "fr_FR", "es_ES", "it_IT", "pt_BR", "zh_CN"])
@pytest.mark.parametrize("length", ["medium", "long"])
@settings(max_examples=30)
@given(moment=instants)
def test_dates_as_the_languages_of_exports_write_them(locale: str, length: str, moment: datetime) -> None:
    """Babel writes what a tool in that language shows; a day before a month is told by the locale."""
    cell = babel_datetime(moment, {"medium": "medium", "long": "d MMMM y HH:mm:ss"}[length], locale=locale)
    if locale == "zh_CN" and length == "long":
        return  # not a form of Chinese
    order: Literal["mdy", "dmy"] = "mdy" if locale in ("en_US", "zh_CN") else "dmy"
    assert read_moment(cell, ZoneInfo("UTC"), order).at == moment, cell


@settings(max_examples=60)
@given(st.lists(st.tuples(instants, st.sampled_from([*NAIVE])), min_size=1, max_size=12), zones)
def test_a_column_is_read_as_its_cells_are(drawn: list[tuple[datetime, str]], zone: ZoneInfo) -> None:
    cells = [NAIVE[form][1](moment.astimezone(zone)) for moment, form in drawn]
    column = pa.chunked_array([pa.array(cells)])
    whole = read_times(column, zone.key, order="mdy", now=datetime(2095, 1, 1, tzinfo=UTC))
    alone = [read_moment(cell, zone, "mdy") for cell in cells]
    assert whole.at.to_pylist() == [one.at for one in alone], cells


@settings(max_examples=60)
@given(st.text(alphabet="0123456789-/:. TZ+年月日时分上下午AMPmayJun周()", max_size=24), zones)
def test_any_cell_is_a_time_within_bounds_or_none(cell: str, zone: ZoneInfo) -> None:
    read = read_moment(cell, zone, reference=datetime(2026, 3, 1, tzinfo=UTC))
    assert read.at is None or read.at.utcoffset() == timedelta(0)
    assert read.precision in (1, 60, 3600, 86_400) or read.relative or read.at is not None
    again = read_moment(cell, zone, reference=datetime(2026, 3, 1, tzinfo=UTC))
    assert again == read


@settings(max_examples=60)
@given(st.integers(1, 59), st.sampled_from(AGO), instants)
def test_what_is_so_long_ago_is_so_long_before_it_was_collected(
    count: int, unit: tuple[str, int], at: datetime
) -> None:
    read = read_moment(f"{count}{unit[0]}", ZoneInfo("Asia/Shanghai"), reference=at)
    assert read.at == at - timedelta(seconds=count * unit[1]) and read.precision == unit[1]
