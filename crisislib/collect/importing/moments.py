"""One written time as an instant with its precision, in whatever form the field's tools write it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from crisislib.collect.importing.moment import DAY, HOUR, MINUTE, NOT_A_TIME, RELATIVE, SECOND, Moment, made
from crisislib.collect.importing.numeric_times import read_number, with_plain_day
from crisislib.collect.importing.relative_times import seconds_back
from crisislib.collect.importing.weekdays import take_weekday
from crisislib.collect.importing.written_days import MONTHS, Order, folded, take_day
from crisislib.collect.importing.zone_words import ZONE_NAMES, is_zone_word, offset_zone, word_zone

LONGEST = 80
"""Characters; the longest forms, with the zone's full name in parentheses, have 60."""
_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s?(Z|[+-]\d\d(?::?\d\d)?)?", re.ASCII
)
_PM, _AM = (
    ("下午", "晚上", "傍晚", "中午", "午后", "晚", "오후", "م", "μμ", "pm"),
    ("上午", "凌晨", "早上", "清晨", "午前", "早", "오전", "ص", "πμ", "am"),
)
_HALF = "|".join(word for word in (*_PM, *_AM) if word[0] >= "\u2e80")
_CLOCK = re.compile(
    rf"(?P<pre>{_HALF}|[ap]\.?m\.?)?\s*(?<![\d.:])(?P<h>\d{{1,2}})"
    rf"(?:\s*(?:[:时点시]|h(?=\d))\s*(?P<m>\d{{1,2}})(?:\s*[:分분]\s*(?P<s>\d{{1,2}})(?:[.,]\d+)?)?\s*[分秒분초]?(?![\d:])"
    rf"|\s*[时点시](?P<half>半)?|\s*h(?!\w)|(?=\s*(?:[ap]\.?m|uhr)))\s*(?P<post>[ap]\.?\s?m\b\.?|[مص](?!\w)|[μπ]\.?\s?μ\.?)?"
)
_PARTS_OF_DAY = [
    (re.compile(r"(?<=\d)\s*(?:da|de la|del|di) (?:manha|manana|madrugada|mattina|mattino)\b"), " am"),
    (re.compile(r"(?<=\d)\s*(?:da|de la|del|di|du) (?:tarde|noite|noche|pomeriggio|sera)\b"), " pm"),
    (re.compile(r"今(早|晨|晚)"), r"今天\1"), (re.compile(r"昨(早|晨|晚)"), r"昨天\1"),
    (re.compile(r"(今天|昨天|\d日?\s*)晨"), r"\1早"),
]  # fmt: skip
"""Other words for the halves of a day, and words that say the day and its half in one -> those that are read."""
_MIDNIGHT_FIRST = re.compile(r"\b00:00(?::00)?(?:\.0+)?\s+(?=\D{0,3}\d{1,2}[:时])")
"""The clock of a date that has none, before the clock of the column beside it."""
_OFFSET = re.compile(
    r"(?:\b(?:utc|gmt)\s*)?(?<![\d\w])([+\-−])(\d{2}):?(\d{2})\b|\b(?:utc|gmt)\s*([+\-−])(\d{1,2})(?::?(\d{2}))?\b"
)
_WORDS = re.compile(rf"[a-z]+(?:/[a-z_]+)+|(?:{ZONE_NAMES})|[a-z]{{1,5}}\b|eastern|central|pacific")
_BEHIND = re.compile(r"(?:\(([^)]*)\)|\[[a-z/_]+\])\s*$")
"""What stands in brackets behind a time: its zone once more, or that it was edited."""
_LEFT = re.compile(
    r"\b(?:at|on|um|a las|a|uhr|le|el|del|as|alle|om|в|г|o|kl|pukul|klo|luc)\b|[\s,;|·•\-–—()\[\]]"
    r"|发布于|编辑于|创建于|发布|发表|来自"
)
_BEFORE = re.compile(r"^(?:发布于|编辑于|创建于|修改于|发表于|edited|posted|published|发布|编辑)\s*")
_PLACES = (
    "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|"
    "云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门|中国香港|中国澳门|中国台湾|美国|日本|韩国|英国|法国|"
    "德国|加拿大|澳大利亚|新加坡|马来西亚|泰国|新西兰|意大利|西班牙|荷兰|俄罗斯|越南|未知"
)
_FROM = re.compile(rf"[\s・·•]+(?:(?:ip\s*属地\s*:?)?\s*(?:{_PLACES})|来自\s*.*)$")
"""The place of the writer, which pages of Xiaohongshu, Zhihu and Douyin write behind the time."""
_DOTTED = re.compile(r"(?<=\d)([ ,]\s*)(\d{1,2})\.(\d{2})(?:\.(\d{2})(?:\.\d+)?)?(?=$|\s)")
_SERVER = re.compile(r"(?<=\d{4}):(?=\d{2}:\d{2}:\d{2})")
"""Web servers write `05/Jul/2026:15:10:00 +0200`."""
_SIMPLE = str.maketrans("時點剛鐘週個後發佈於編輯號禮間來創內這國", "时点刚钟周个后发布于编辑号礼间来创内这国")
"""Characters of written times in the script of Taiwan and Hong Kong, and of Japan."""


def read_moment(text: str, zone: ZoneInfo, order: Order = "mdy", reference: datetime | None = None) -> Moment:
    """Read one cell.

    Parameters
    ----------
    text : str
        The cell.
    zone : ZoneInfo
        In which a time without a zone is meant.
    order : {'mdy', 'dmy', 'ymd'}
        How `03/04/26` is read, unless only one reading is possible.
    reference : datetime, optional
        When the cell was collected; `5 minutes ago` and dates without a year are read against it.

    Returns
    -------
    Moment
        Without an instant where the cell is no time, is an impossible date, or is relative and there is no reference.

    Notes
    -----
    Numbers are read by :func:`read_number`; weeks of ISO 8601 and days of the year become plain dates first.
    Every part of the cell must be understood: a word that is no zone makes it no time rather than being dropped.
    """
    if len(text) > LONGEST:
        return NOT_A_TIME
    if found := _ISO.fullmatch(text):
        return _iso(found, zone)
    plain_day, coarse = with_plain_day(text)
    if plain_day != text:
        moment = read_moment(plain_day, zone, order, reference)
        return replace(moment, precision=max(moment.precision, coarse))
    if (number := read_number(text, zone)) is not None:
        return number
    plain = _plain(text)
    if (number := read_number(plain, zone)) is not None:
        return number
    if (ago := _ago(plain, reference)) is not None:
        return ago
    return _pieces(plain, zone, order, reference)


def _plain(text: str) -> str:
    """Folded, what stands in brackets at the end off."""
    kept = folded(re.sub(r"(?<=\d)T(?=\d)", " ", text)).translate(_SIMPLE)
    plain = " ".join(kept.split())
    if behind := _BEHIND.search(plain):
        before, zone = plain[: behind.start()], behind[1] or ""
        stated = is_zone_word(zone) or _OFFSET.fullmatch(zone) is not None
        plain = f"{before} {zone}" if stated and not _OFFSET.search(before) else before.rstrip()
    plain = _FROM.sub("", _SERVER.sub(" ", _BEFORE.sub("", plain)))
    if (dotted := _DOTTED.search(plain)) and ":" not in plain:
        plain = plain[: dotted.start()] + " " + ":".join(g for g in dotted.groups()[1:] if g) + plain[dotted.end() :]
    for words, usual in _PARTS_OF_DAY:
        plain = words.sub(usual, plain)
    return _MIDNIGHT_FIRST.sub("", plain)


def _iso(match: re.Match[str], zone: ZoneInfo) -> Moment:
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    clock, micro = (int(hour), int(minute), int(second or 0)), int((fraction or "0")[:6].ljust(6, "0"))
    if offset is None:
        where: tzinfo | None = zone
    else:
        digits = offset.replace(":", "")
        where = UTC if offset == "Z" else offset_zone(digits[0], int(digits[1:3]), int(digits[3:] or 0))
    if where is None:
        return NOT_A_TIME
    precision = SECOND if second else MINUTE
    return made((int(year), int(month), int(day)), clock, where, precision, offset is not None, micro)


def _ago(text: str, reference: datetime | None) -> Moment | None:
    """`3 minutes ago` and `刚刚`; None for other forms."""
    found = seconds_back(text) if ":" not in text else None
    if found is None:
        return None
    back, precision = found
    if reference is None or back > 100 * 365 * DAY:
        return RELATIVE if reference is None else NOT_A_TIME
    return Moment(reference - timedelta(seconds=back), max(SECOND, precision), True)


def _pieces(text: str, zone: ZoneInfo, order: Order, reference: datetime | None) -> Moment:
    """Clock, zone, weekday and date taken out one after another; nothing else may be left."""
    rest, clock, precision = _take_clock(text)
    if clock is None:
        return NOT_A_TIME
    rest, offset = _take_offset(rest)
    rest, word = _take_word(rest)
    here = reference.astimezone(zone) if reference is not None else None
    rest, of_week, weekday = take_weekday(rest, here)
    rest, day, relative = take_day(rest, order, zone, reference)
    if _LEFT.sub(" ", rest).strip(" .:t年"):
        return NOT_A_TIME
    if day is None and weekday and not relative:
        day, relative = of_week, True
    if day is None:
        return RELATIVE if relative else NOT_A_TIME
    try:
        where = offset or (word_zone(word, datetime(*day), zone) if word else zone)
    except ValueError:
        return NOT_A_TIME
    return made(day, clock, where, precision, where is not zone) if where is not None else NOT_A_TIME


def _take_word(text: str) -> tuple[str, str]:
    """The text without its zone word, and that word."""
    for found in _WORDS.finditer(text):
        if found[0] not in MONTHS and is_zone_word(found[0]):
            return text[: found.start()] + " " + text[found.end() :], found[0]
    return text, ""


def _take_clock(text: str) -> tuple[str, tuple[int, int, int] | None, int]:
    """The text without its clock, the clock (midnight where there is none; None where impossible), its precision."""
    found = _CLOCK.search(text)
    if found is None:
        return text, (0, 0, 0), DAY
    hour, minute, second = int(found["h"]), int(found["m"] or (30 if found["half"] else 0)), int(found["s"] or 0)
    half = (found["pre"] or found["post"] or "").replace(".", "").replace(" ", "")
    if half in _PM:
        late = hour < 12 and not (half == "中午" and hour == 11)
        hour += 12 if late else 0
    elif half in _AM:
        hour = 0 if hour == 12 else hour
    if (hour > 23 and (hour, minute, second) != (24, 0, 0)) or minute > 59 or second > 60:
        return text, None, DAY
    precision = SECOND if found["s"] else MINUTE if found["m"] or found["half"] else HOUR
    return text[: found.start()] + " " + text[found.end() :], (hour, minute, min(second, 59)), precision


def _take_offset(text: str) -> tuple[str, tzinfo | None]:
    found = _OFFSET.search(text)
    if found is None:
        return text, None
    sign, hours, minutes = (found[1], found[2], found[3]) if found[1] else (found[4], found[5], found[6] or "0")
    zone = offset_zone(sign, int(hours), int(minutes))
    return (text, None) if zone is None else (text[: found.start()] + " " + text[found.end() :], zone)
