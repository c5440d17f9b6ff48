"""Zone words that tools write behind a clock, as offsets from UTC."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

_HOURS: dict[str, float] = {
    "z": 0, "utc": 0, "gmt": 0, "wet": 0, "west": 1, "bst": 1, "cet": 1, "cest": 2, "mez": 1, "mesz": 2, "eet": 2,
    "eest": 3, "msk": 3, "trt": 3, "sast": 2, "cat": 2, "eat": 3, "wat": 1, "ast": -4, "adt": -3, "est": -5, "edt": -4,
    "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7, "akst": -9, "akdt": -8, "hst": -10, "nst": -3.5,
    "ndt": -2.5, "brt": -3, "brst": -2, "art": -3, "clt": -4, "clst": -3, "cot": -5, "pet": -5, "vet": -4, "uyt": -3,
    "amt": -4, "ect": -5, "bot": -4, "gst": 4, "irst": 3.5, "pkt": 5, "ist": 5.5, "npt": 5.75, "ict": 7, "wib": 7,
    "wita": 8, "wit": 9, "sgt": 8, "myt": 8, "hkt": 8, "pht": 8, "awst": 8, "jst": 9, "kst": 9, "acst": 9.5,
    "acdt": 10.5, "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13,
}  # fmt: skip
"""Hours from UTC of common abbreviations; where one has several meanings, the most written one in English exports.

A zone that itself uses the abbreviation goes before this table: `CST` in a watch of Asia/Shanghai is China's.
"""
MOST_HOURS = 12
"""Hours west of Greenwich up to which there are fixed zones by name."""
_REGIONS = {
    "et": "America/New_York", "ct": "America/Chicago", "mt": "America/Denver", "pt": "America/Los_Angeles",
    "北京时间": "Asia/Shanghai", "中国标准时间": "Asia/Shanghai", "beijing time": "Asia/Shanghai",
    "eastern": "America/New_York", "central": "America/Chicago", "pacific": "America/Los_Angeles",
}  # fmt: skip
"""Words for a region's clock, summer time included."""
_LONG = {
    "pacific": "America/Los_Angeles", "mountain": "America/Denver", "central": "America/Chicago",
    "eastern": "America/New_York", "atlantic": "America/Halifax", "brasilia": "America/Sao_Paulo",
    "greenwich mean": "UTC", "coordinated universal": "UTC", "british": "Europe/London",
    "central european": "Europe/Berlin", "western european": "Europe/Lisbon", "eastern european": "Europe/Athens",
    "moscow": "Europe/Moscow", "india": "Asia/Kolkata", "indian": "Asia/Kolkata", "china": "Asia/Shanghai",
    "hong kong": "Asia/Hong_Kong", "taipei": "Asia/Taipei", "singapore": "Asia/Singapore", "japan": "Asia/Tokyo",
    "tokyo": "Asia/Tokyo", "korea": "Asia/Seoul", "korean": "Asia/Seoul", "australian eastern": "Australia/Sydney",
}  # fmt: skip
_REGIONS |= {f"{n}{half} time": z for n, z in _LONG.items() for half in ("", " standard", " daylight", " summer")}
ZONE_NAMES = "|".join(sorted((n for n in _REGIONS if " " in n or n > "z"), key=len, reverse=True))
"""Names of several words, for regular expressions; the longest first."""


def word_zone(word: str, near: datetime, home: ZoneInfo) -> tzinfo | None:
    """The zone that a word names.

    Parameters
    ----------
    word : str
        Abbreviation, region or IANA name, lower case.
    near : datetime
        The time beside it, without a zone: tells summer from winter.
    home : ZoneInfo
        The zone of the watch, which goes first where it uses the abbreviation itself.

    Returns
    -------
    tzinfo or None
        None where the word names no zone that is known.
    """
    if (near.replace(tzinfo=home).tzname() or "").casefold() == word or _twin(home, near) == word:
        return home
    if word in _HOURS:
        return timezone(timedelta(hours=_HOURS[word]))
    if name := _REGIONS.get(word) or _names().get(word):
        return ZoneInfo(name)
    return None


def zone_in_name(name: str) -> str | None:
    """The zone that a column name states, such as `Date (EST)` or `Published (GMT-04:00) New York`.

    Parameters
    ----------
    name : str
        Column name.

    Returns
    -------
    str or None
        IANA name; zones that are no whole hours from UTC and stand as an offset have none.
    """
    offset = re.search(r"\b(?:GMT|UTC)\s?([+-])(\d{1,2})(?::?00)?\b", name)
    if offset:
        return f"Etc/GMT{'-' if offset[1] == '+' else '+'}{int(offset[2])}" if int(offset[2]) <= MOST_HOURS else None
    word = re.search(r"\(([A-Za-z]{1,5})\)|\b(UTC|GMT)$|[ _](utc|gmt)$", name)
    if word is None:
        return None
    zone = next(part for part in word.groups() if part).casefold()
    if zone in _REGIONS:
        return _REGIONS[zone]
    hours = _HOURS.get(zone)
    return f"Etc/GMT{-hours:+g}" if hours is not None and float(hours).is_integer() else None


def is_zone_word(word: str) -> bool:
    """Whether a word names a zone, whatever the time.

    Parameters
    ----------
    word : str
        Lower case.
    """
    return word in _HOURS or word in _REGIONS or word in _names()


def offset_zone(sign: str, hours: int, minutes: int) -> tzinfo | None:
    """A fixed offset; None for one that no place on earth has.

    Parameters
    ----------
    sign : {'+', '-'}
        East or west.
    hours, minutes : int
        As written.
    """
    if hours > 14 or minutes > 59:
        return None
    size = timedelta(hours=hours, minutes=minutes)
    return timezone(-size if sign in "-−" else size)


def _twin(home: ZoneInfo, near: datetime) -> str:
    """The abbreviation of the same zone in the other half of the year."""
    other = near.replace(month=(near.month + 5) % 12 + 1, day=1)
    return (other.replace(tzinfo=home).tzname() or "").casefold()


@cache
def _names() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones() if "/" in name}
