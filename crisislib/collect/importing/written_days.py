"""The day in a written time: numbers in any order, names of months in several languages, today and yesterday."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Order = Literal["mdy", "dmy", "ymd"]
CENTURY_TURN = 70
"""Two-digit years below this are of this century, as POSIX has it (69 there, since its epoch is 1970)."""
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january janv janvier ene enero januar janeiro gen gennaio",
            "feb february fev fevr fevrier febrero februar fevereiro febbraio",
            "mar march mars marzo marz maerz mrz marco",
            "apr april avr avril abr abril aprile",
            "may mai mayo maio mag maggio",
            "jun june juin junio juni junho giu giugno",
            "jul july juil juillet julio juli julho lug luglio",
            "aug august aout ago agosto",
            "sep sept september septembre septiembre set setembro settembre",
            "oct october octobre octubre okt oktober out outubro ott ottobre",
            "nov november novembre noviembre novembro",
            "dec december decembre dic diciembre dez dezember dezembro dicembre",
        ),
        1,
    )
    for name in names.split()
}
"""Month names of the languages whose exports were met, without accents."""
_MONTH = "(" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\b\.?"
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})\s*[-/.年년]\s*(\d{1,2})\s*[-/.月월]\s*(\d{1,2})(?!\d)\s*[.日号일]?")
_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})(?!\d)")
_DAY_NAME = re.compile(
    rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th|\.)?[\s\-/]*(?:de |of )?{_MONTH}[\s\-/,]*(?:de |of )?(\d{{4}}|'?\d{{2}})?(?!\d)"
)
_NAME_DAY = re.compile(rf"\b{_MONTH}\s*(\d{{1,2}})(?:st|nd|rd|th)?(?!\d)[\s,]*(\d{{4}})?(?!\d)")
_NO_YEAR = re.compile(r"(?<!\d)(\d{1,2})\s*[-/.月월]\s*(\d{1,2})\s*[日号일]?(?!\d)")
_DAYS = {
    "今天": 0, "今日": 0, "today": 0, "오늘": 0, "heute": 0, "hoy": 0, "aujourd'hui": 0, "oggi": 0, "hoje": 0,
    "yesterday": 1, "昨天": 1, "昨日": 1, "어제": 1, "gestern": 1, "ayer": 1, "hier": 1, "ieri": 1, "ontem": 1,
    "前天": 2, "前日": 2, "그제": 2, "vorgestern": 2, "anteayer": 2, "avant-hier": 2,
}  # fmt: skip
Day = tuple[int, int, int]


def take_day(text: str, order: Order, zone: ZoneInfo, reference: datetime | None) -> tuple[str, Day | None, bool]:
    """The text without its date, the date, and whether it is one that needs the time of collection.

    Parameters
    ----------
    text : str
        A written time.
    order : str
        Of day and month where both could be meant.
    zone : ZoneInfo
        Of the writer.
    reference : datetime or None
        When it was collected.

    Returns
    -------
    tuple of str, Day or None, bool
        No day where none is written, or the time of collection is missing.
    """
    here = reference.astimezone(zone) if reference is not None else None
    for word, back in sorted(_DAYS.items(), key=lambda d: -len(d[0])):
        if word in text:
            day = here - timedelta(days=back) if here else None
            return text.replace(word, " ", 1), (day.year, day.month, day.day) if day else None, True
    readers: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], tuple[int | None, int, int]]], ...] = (
        (_YEAR_FIRST, lambda m: (int(m[1]), int(m[2]), int(m[3]))),
        (_NUMERIC, lambda m: numeric_day(int(m[1]), int(m[3]), m[4], order)),
        (_DAY_NAME, lambda m: (_year(m[3]), MONTHS[m[2]], int(m[1]))),
        (_NAME_DAY, lambda m: (_year(m[3]), MONTHS[m[1]], int(m[2]))),
        (_NO_YEAR, lambda m: (None, *_month_day(int(m[1]), int(m[2]), order, "月" in m[0] or "월" in m[0]))),
    )
    for pattern, read in readers:
        if found := pattern.search(text):
            rest = text[: found.start()] + " " + text[found.end() :]
            year, month, day_no = read(found)
            if year is not None:
                return rest, (year, month, day_no), False
            if here is None:
                return rest, None, True
            ahead = (month, day_no) > (here.month, here.day)
            return rest, (here.year - ahead, month, day_no), True
    return text, None, False


def _month_day(a: int, b: int, order: Order, chinese: bool) -> tuple[int, int]:
    return (b, a) if order == "dmy" and not chinese else (a, b)


def _year(written: str | None) -> int | None:
    if not written:
        return None
    number = int(written.lstrip("'"))
    return number if number > 99 else number + (2000 if number < CENTURY_TURN else 1900)


def numeric_day(a: int, b: int, c: str, order: Order) -> tuple[int | None, int, int]:
    """Year, month and day of three numbers.

    Parameters
    ----------
    a, b : int
        The first two numbers.
    c : str
        The third as written: four digits are a year.
    order : {'mdy', 'dmy', 'ymd'}
        The order where several are possible.
    """
    if len(c) == 2 and (a > 31 or order == "ymd"):
        return _year(f"{a:02d}"), b, int(c)
    if a > 12 or (order == "dmy" and b <= 12):
        return _year(c), b, a
    return _year(c), a, b
