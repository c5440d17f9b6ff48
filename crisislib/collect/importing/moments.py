"""One written time as an instant with its precision, in whatever form the field's tools write it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from crisislib.collect.importing.written_days import MONTHS, Day, Order, take_day
from crisislib.collect.importing.zone_words import is_zone_word, offset_zone, word_zone

DAY, HOUR, MINUTE, SECOND = 86_400, 3_600, 60, 1
"""Precision of a time in seconds, by what is written of it."""
FIRST_YEAR, LAST_YEAR = 1990, 2200
"""Years outside are slips: no social platform is older, and no export speaks of a later one."""
LONGEST = 80
"""Characters; the longest forms, with the zone's full name in parentheses, have 60."""
_SERIAL = (32_874, 73_050)
"""Days since 1899-12-30 as spreadsheets count them, for 1990 to 2099."""


@dataclass(frozen=True)
class Moment:
    """What a cell says of a time.

    Attributes
    ----------
    at : datetime or None
        The instant in UTC; None where there is none.
    precision : int
        Seconds that the cell leaves open: 86400 a date, 3600 an hour, 60 a minute, 1 else.
    zoned : bool
        Whether the cell states its zone.
    relative : bool
        Whether it can only be read against the time at which it was collected.
    """

    at: datetime | None
    precision: int = SECOND
    zoned: bool = False
    relative: bool = False


NOT_A_TIME = Moment(None)
_RELATIVE = Moment(None, relative=True)
_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s?(Z|[+-]\d\d(?::?\d\d)?)?", re.ASCII
)
_EPOCH = re.compile(r"\d{9,19}(\.\d+)?", re.ASCII)
_COMPACT = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)(?:[T ]?(\d\d)(\d\d)(\d\d)?(Z)?)?", re.ASCII)
_PM, _AM = (
    ("下午", "晚上", "傍晚", "中午", "午后", "晚", "오후"),
    ("上午", "凌晨", "早上", "清晨", "午前", "早", "오전"),
)
_HALF = "|".join((*_PM, *_AM))
_CLOCK = re.compile(
    rf"(?P<pre>{_HALF}|[ap]\.?m\.?)?\s*(?<![\d.:])(?P<h>\d{{1,2}})"
    rf"(?:\s*(?:[:时点시]|h(?=\d))\s*(?P<m>\d{{1,2}})(?:\s*[:分분]\s*(?P<s>\d{{1,2}})(?:[.,]\d+)?)?\s*[分秒분초]?(?![\d:])"
    rf"|\s*[时点시]|(?=\s*[ap]\.?m))\s*(?P<post>[ap]\.?\s?m\b\.?)?"
)
_MIDNIGHT_FIRST = re.compile(r"\b00:00(?::00)?(?:\.0+)?\s+(?=\D{0,3}\d{1,2}[:时])")
"""The clock of a date that has none, before the clock of the column beside it."""
_OFFSET = re.compile(
    r"(?:\b(?:utc|gmt)\s*)?(?<![\d\w])([+\-−])(\d{2}):?(\d{2})\b|\b(?:utc|gmt)\s*([+\-−])(\d{1,2})(?::?(\d{2}))?\b"
)
_WORDS = re.compile(r"[a-z]+(?:/[a-z_]+)+|[a-z]{1,5}\b|beijing time|eastern|central|pacific|北京时间|中国标准时间")
_WEEKDAY = re.compile(
    r"\b(?:mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun)(?:day|nesday|rsday|sday|urday)?\b\.?|(?:星期|周|礼拜)[一二三四五六日天]"
)
_LEFT = re.compile(r"\b(?:at|on|um|a las|a|uhr|le|el|del|às)\b|[\s,;|·•\-–—()\[\]]|发布于|编辑于|创建于|发布|发表|来自")
_UNITS = {
    "秒|s|secs?|seconds?|segundos?|secondes?|sekunden?|second[oi]|초": 1,
    "分钟|分|m|mins?|minutes?|minutos?|minuten?|minut[oi]|분": MINUTE,
    "小时|个小时|时间|h|hrs?|hours?|horas?|heures?|stunden?|or[ae]|시간": HOUR,
    "天|日|d|days?|dias?|jours?|tage?n?|giorn[oi]|일": DAY,
    "周|个星期|星期|w|wks?|weeks?|semanas?|semaines?|wochen?|settiman[ae]|주": 7 * DAY,
    "个月|月|mo|months?|mes(?:es)?|mois|monate?n?|mes[ei]|개월|달": 30 * DAY,
    "年|y|yrs?|years?|anos?|ans?|annees?|jahre?n?|ann[oi]|년": 365 * DAY,
}
"""Unit of a relative time -> seconds; months and years as their usual length, which is also their precision."""
_AGO = [
    (re.compile(form.format(u)), n)
    for u, n in _UNITS.items()
    for form in (
        r"(?:about |约)?(\d+|an?|one|半)\s*(?:{})\s*(?:ago|之?前|以前|atras|fa|전)(?:发布)?",
        r"(?:il y a|vor|hace|ha)\s+(?:environ |etwa |cerca de )?(\d+|un[ae]?|um|uma|uno|eine[rmn]?)\s*(?:{})",
    )
]
_SHORT = [
    (re.compile(rf"(\d+)\s?({u})"), n) for u, n in (("s", 1), ("m|min", 60), ("h|hr", 3600), ("d", DAY), ("w", 7 * DAY))
]
_NOW = re.compile(
    r"(刚刚|刚才|just now|now|moments? ago|a few seconds ago|방금|gerade eben|ahora|a l'instant|agora)(发布)?"
)
_BEFORE = re.compile(r"^(?:发布于|编辑于|创建于|修改于|发表于|edited|posted|published|发布|编辑)\s*")
_PLACES = (
    "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|"
    "云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门|中国香港|中国澳门|中国台湾|美国|日本|韩国|英国|法国|"
    "德国|加拿大|澳大利亚|新加坡|马来西亚|泰国|新西兰|意大利|西班牙|荷兰|俄罗斯|越南|未知"
)
_FROM = re.compile(rf"[\s・·•]+(?:ip\s*属地\s*:?|来自)?\s*(?:{_PLACES})$")
"""The place of the writer, which pages of Xiaohongshu, Zhihu and Douyin write behind the time."""
_DOTTED = re.compile(r"(?<=\d)([ ,]\s*)(\d{1,2})\.(\d{2})(?:\.(\d{2}))?(?=$|\s)")
_SERVER = re.compile(r"(?<=\d{4}):(?=\d{2}:\d{2}:\d{2})")
"""Web servers write `05/Jul/2026:15:10:00 +0200`."""
_SIMPLE = str.maketrans("時點剛鐘週個後發佈於編輯號禮間來創內", "时点刚钟周个后发布于编辑号礼间来创内")
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
    Numbers are distinguished by magnitude: seconds below 1e11, milliseconds below 1e14, microseconds below 1e17, else
    nanoseconds since 1970; 8, 12 and 14 digits that begin with 19 or 20 are dates, five digits are a spreadsheet's day.
    Every part of the cell must be understood: a word that is no zone makes it no time rather than being dropped.
    """
    if len(text) > LONGEST:
        return NOT_A_TIME
    if found := _ISO.fullmatch(text):
        return _iso(found, zone)
    if found := _COMPACT.fullmatch(text):
        return _compact(found, zone)
    if _EPOCH.fullmatch(text):
        return _epoch(text)
    plain = _plain(text)
    if re.fullmatch(r"\d{5}(\.\d+)?", plain):
        return _serial(plain, zone)
    if (ago := _ago(plain, reference)) is not None:
        return ago
    return _pieces(plain, zone, order, reference)


def _plain(text: str) -> str:
    """Lower case, full-width and accents folded, direction marks off, what stands in parentheses off."""
    folded = unicodedata.normalize("NFKD", text.replace("T", " ") if re.search(r"\dT\d", text) else text)
    kept = "".join(c for c in folded if not unicodedata.combining(c) and unicodedata.category(c) != "Cf")
    kept = unicodedata.normalize("NFC", kept).translate(_SIMPLE)
    plain = " ".join(re.sub(r"\([^)]*\)\s*$", "", kept).casefold().split())
    plain = _FROM.sub("", _SERVER.sub(" ", _BEFORE.sub("", plain)))
    if (dotted := _DOTTED.search(plain)) and ":" not in plain:
        plain = plain[: dotted.start()] + " " + ":".join(g for g in dotted.groups()[1:] if g) + plain[dotted.end() :]
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
    return _made((int(year), int(month), int(day)), clock, where, precision, offset is not None, micro)


def _compact(match: re.Match[str], zone: ZoneInfo) -> Moment:
    year, month, day, hour, minute, second, utc = match.groups()
    clock = (int(hour or 0), int(minute or 0), int(second or 0))
    precision = SECOND if second else MINUTE if minute else DAY
    return _made((int(year), int(month), int(day)), clock, UTC if utc else zone, precision, bool(utc))


def _epoch(text: str) -> Moment:
    number = float(text)
    for limit, size in ((1e11, 1.0), (1e14, 1e3), (1e17, 1e6), (1e20, 1e9)):
        if number < limit:
            at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=round(number / size * 1e6))
            return Moment(at, SECOND, True) if FIRST_YEAR <= at.year <= LAST_YEAR else NOT_A_TIME
    return NOT_A_TIME


def _serial(text: str, zone: ZoneInfo) -> Moment:
    days = float(text)
    if not _SERIAL[0] <= days <= _SERIAL[1]:
        return NOT_A_TIME
    at = datetime(1899, 12, 30) + timedelta(seconds=round(days * DAY))
    precision = DAY if days.is_integer() else SECOND
    return Moment(at.replace(tzinfo=zone).astimezone(UTC), precision)


def _ago(text: str, reference: datetime | None) -> Moment | None:
    """`3 minutes ago` and `刚刚`; None for other forms."""
    size, count = 0, 0.0
    if _NOW.fullmatch(text):
        size, count = MINUTE, 0
    for pattern, unit in (*_AGO, *_SHORT):
        if found := pattern.fullmatch(text):
            size, count = unit, 0.5 if found[1] == "半" else float(found[1]) if found[1].isdigit() else 1.0
            break
    if not size:
        return None
    if reference is None or count * size > 100 * 365 * DAY:
        return _RELATIVE if reference is None else NOT_A_TIME
    return Moment(reference - timedelta(seconds=count * size), max(SECOND, size), True)


def _pieces(text: str, zone: ZoneInfo, order: Order, reference: datetime | None) -> Moment:
    """Clock, zone, weekday and date taken out one after another; nothing else may be left."""
    rest, clock, precision = _take_clock(text)
    if clock is None:
        return NOT_A_TIME
    rest, offset = _take_offset(rest)
    rest, word = _take_word(rest)
    rest = _WEEKDAY.sub(" ", rest)
    rest, day, relative = take_day(rest, order, zone, reference)
    if _LEFT.sub(" ", rest).strip(" .:t年"):
        return NOT_A_TIME
    if day is None:
        return _RELATIVE if relative else NOT_A_TIME
    try:
        where = offset or (word_zone(word, datetime(*day), zone) if word else zone)
    except ValueError:
        return NOT_A_TIME
    return _made(day, clock, where, precision, where is not zone) if where is not None else NOT_A_TIME


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
    hour, minute, second = int(found["h"]), int(found["m"] or 0), int(found["s"] or 0)
    half = (found["pre"] or found["post"] or "").replace(".", "").replace(" ", "")
    if half in _PM or half == "pm":
        late = hour < 12 and not (half == "中午" and hour == 11)
        hour += 12 if late else 0
    elif half in _AM or half == "am":
        hour = 0 if hour == 12 else hour
    if hour > 23 or minute > 59 or second > 60:
        return text, None, DAY
    precision = SECOND if found["s"] else MINUTE if found["m"] else HOUR
    return text[: found.start()] + " " + text[found.end() :], (hour, minute, min(second, 59)), precision


def _take_offset(text: str) -> tuple[str, tzinfo | None]:
    found = _OFFSET.search(text)
    if found is None:
        return text, None
    sign, hours, minutes = (found[1], found[2], found[3]) if found[1] else (found[4], found[5], found[6] or "0")
    zone = offset_zone(sign, int(hours), int(minutes))
    return (text, None) if zone is None else (text[: found.start()] + " " + text[found.end() :], zone)


def _made(day: Day, clock: tuple[int, int, int], zone: tzinfo, precision: int, zoned: bool, micro: int = 0) -> Moment:
    try:
        at = datetime(*day, *clock, micro, tzinfo=zone)
    except ValueError:
        return NOT_A_TIME
    if not FIRST_YEAR - 100 <= at.year <= LAST_YEAR:  # far from the ends of what a date can be
        return NOT_A_TIME
    return Moment(at.astimezone(UTC), precision, zoned)
