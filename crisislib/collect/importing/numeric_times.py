"""Times written as numbers: seconds since 1970, a spreadsheet's days, digits in a row, weeks and days of a year."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from crisislib.collect.importing.moment import DAY, FIRST_YEAR, LAST_YEAR, MINUTE, NOT_A_TIME, SECOND, Moment, made

_EPOCH = re.compile(r"\d{9,19}(\.\d+)?", re.ASCII)
_SHORTENED = re.compile(r"(\d)(?:[.,](\d+))?e\+?(\d{1,2})", re.ASCII | re.IGNORECASE)
_COMPACT = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)(?:[T ]?(\d\d):?(\d\d)(?::?(\d\d))?(Z)?)?", re.ASCII)
_WEEK = re.compile(r"(\d{4})-?W(\d\d)(?:-?([1-7]))?", re.ASCII)
_DAY_OF_YEAR = re.compile(r"(\d{4})-(\d{3})(?=$|[T ])", re.ASCII)
_SERIAL_CELL = re.compile(r"\d{5}(?:[.,]\d+)?", re.ASCII)
_SERIAL = (32_874, 73_050)
"""Days since 1899-12-30 as spreadsheets count them, for 1990 to 2099."""
_TICKS = (6.2e17, 6.95e17)
"""Tenths of microseconds since the year 1, as .NET counts them, for the years 1966 to 2203."""
_TICKS_1970 = 621_355_968_000_000_000  # those of 1970-01-01
_WEEK_S = 7 * DAY
"""What a week without its day leaves open."""


def read_number(text: str, zone: ZoneInfo) -> Moment | None:
    """A time that is a number; None for other forms.

    Parameters
    ----------
    text : str
        The cell.
    zone : ZoneInfo
        In which days and clocks are meant.

    Notes
    -----
    Numbers are distinguished by magnitude: seconds below 1e11, milliseconds below 1e14, microseconds below 1e17, ticks
    of .NET near 6.4e17, else nanoseconds since 1970; 8, 12 and 14 digits that begin with 19 or 20 are dates, five
    digits are a spreadsheet's day. What a spreadsheet has shortened to `1.78E+12` is as fine as its digits are.
    """
    if found := _COMPACT.fullmatch(text):
        return _compact(found, zone)
    if _EPOCH.fullmatch(text):
        return _epoch(float(text))
    if _SERIAL_CELL.fullmatch(text):
        return _serial(float(text.replace(",", ".")), zone)
    if found := _SHORTENED.fullmatch(text):
        return _epoch(float(text.replace(",", ".")), 10.0 ** (int(found[3]) - len(found[2] or "")))
    return None


def with_plain_day(text: str) -> tuple[str, int]:
    """A week of ISO 8601 or a day of the year as a plain date, and its precision where it is coarser than a day.

    Parameters
    ----------
    text : str
        `2026-W27-7T10:00`, `2026-W27`, `2026-186T10:00Z`.
    """
    if found := _WEEK.match(text):
        day, left = _plain_day("%G %V %u", f"{found[1]} {found[2]} {found[3] or 1}"), 0 if found[3] else _WEEK_S
    elif found := _DAY_OF_YEAR.match(text):
        day, left = _plain_day("%Y %j", f"{found[1]} {found[2]}"), 0
    else:
        return text, 0
    return (f"{day}{text[found.end() :]}", left) if day else (text, 0)


def _plain_day(form: str, written: str) -> str:
    """A date as `2026-07-05`; empty where there is no such week or day."""
    try:
        day = datetime.strptime(written, form)
    except ValueError:
        return ""
    return f"{day:%Y-%m-%d}"


def _compact(match: re.Match[str], zone: ZoneInfo) -> Moment:
    year, month, day, hour, minute, second, utc = match.groups()
    clock = (int(hour or 0), int(minute or 0), int(second or 0))
    precision = SECOND if second else MINUTE if minute else DAY
    return made((int(year), int(month), int(day)), clock, UTC if utc else zone, precision, bool(utc))


def _epoch(number: float, step: float = 0.0) -> Moment:
    """Seconds, or parts of seconds, since 1970, of which `step` is what the digits leave open."""
    if _TICKS[0] <= number <= _TICKS[1]:
        return _since_1970((number - _TICKS_1970) / 1e7, step / 1e7)
    for limit, size in ((1e11, 1.0), (1e14, 1e3), (1e17, 1e6), (1e20, 1e9)):
        if number < limit:
            return _since_1970(number / size, step / size)
    return NOT_A_TIME


def _since_1970(seconds: float, step: float) -> Moment:
    if step > DAY:  # a spreadsheet has cut off so much that not even the day is known
        return NOT_A_TIME
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=round(seconds * 1e6))
    return Moment(at, max(SECOND, round(step)), True) if FIRST_YEAR <= at.year <= LAST_YEAR else NOT_A_TIME


def _serial(days: float, zone: ZoneInfo) -> Moment:
    if not _SERIAL[0] <= days <= _SERIAL[1]:
        return NOT_A_TIME
    at = datetime(1899, 12, 30) + timedelta(seconds=round(days * DAY))
    return Moment(at.replace(tzinfo=zone).astimezone(UTC), DAY if days.is_integer() else SECOND)
