"""The day in a written time: numbers in any order, names of months in several languages, today and yesterday."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Order = Literal["mdy", "dmy", "ymd"]
CENTURY_TURN = 70
"""Two-digit years below this are of this century, as POSIX has it (69 there, since its epoch is 1970)."""


def folded(text: str) -> str:
    """Lower case, full-width characters and accents folded, direction marks off.

    Parameters
    ----------
    text : str
        As written.
    """
    apart = unicodedata.normalize("NFKD", text)
    kept = "".join(c for c in apart if not unicodedata.combining(c) and unicodedata.category(c) != "Cf")
    return unicodedata.normalize("NFC", kept).casefold()


MONTHS = {
    folded(name): number
    for number, names in enumerate(
        (
            "jan january janv janvier ene enero januar janeiro gen gennaio januari янв января январь sty stycznia "
            "oca ocak "
            "ledna січня ιαν ιανουαριου يناير ม.ค. มกราคม",
            "feb february fev fevr fevrier febrero februar fevereiro febbraio februari фев февр февраля февраль "
            "lut lutego "
            "sub subat unora лютого φεβ φεβρουαριου فبراير ก.พ. กุมภาพันธ์",
            "mar march mars marzo marz maerz mrz marco maart mrt maret мар марта март marca mart brezna березня "
            "μαρ μαρτιου "
            "مارس มี.ค. มีนาคม",
            "apr april avr avril abr abril aprile апр апреля апрель kwi kwietnia nis nisan dubna квітня απρ "
            "απριλιου أبريل "
            "เม.ย. เมษายน",
            "may mai mayo maio mag maggio mei maj май мая maja mayis kvetna травня μαι μαιου مايو พ.ค. พฤษภาคม",
            "jun june juin junio juni junho giu giugno июн июня июнь cze czerwca haz haziran cervna червня ιουν "
            "ιουνιου "
            "يونيو มิ.ย. มิถุนายน",
            "jul july juil juillet julio juli julho lug luglio июл июля июль lip lipca tem temmuz cervence липня "
            "ιουλ ιουλιου "
            "يوليو ก.ค. กรกฎาคม",
            "aug august aout ago agosto augustus augusti agustus agt авг августа август sie sierpnia agu agustos srpna "
            "серпня αυγ αυγουστου أغسطس ส.ค. สิงหาคม",
            "sep sept september septembre septiembre set setembro settembre сен сент сентября сентябрь wrz "
            "wrzesnia eyl "
            "eylul zari вересня σεπ σεπτεμβριου سبتمبر ก.ย. กันยายน",
            "oct october octobre octubre okt oktober out outubro ott ottobre окт октября октябрь paz pazdziernika "
            "eki ekim "
            "rijna жовтня οκτ οκτωβριου أكتوبر ต.ค. ตุลาคม",
            "nov november novembre noviembre novembro ноя нояб ноября ноябрь lis listopada kas kasim listopadu "
            "листопада "
            "νοε νοεμβριου نوفمبر พ.ย. พฤศจิกายน",
            "dec december decembre dic diciembre dez dezember dezembro dicembre desember des дек декабря декабрь gru "
            "grudnia ara aralik prosince грудня δεκ δεκεμβριου ديسمبر ธ.ค. ธันวาคม",
        ),
        1,
    )
    for name in names.split()
}
"""Month names of the languages whose exports were met, without accents."""
_MONTH = "(" + "|".join(map(re.escape, sorted(MONTHS, key=len, reverse=True))) + r")(?!\w)\.?"
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})\s*[-/.年년]\s*(\d{1,2})\s*[-/.月월]\s*(\d{1,2})(?!\d)\s*[.日号일]?")
_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})(?!\d)")
_DAY_NAME = re.compile(
    rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th|\.)?[\s\-/]*(?:de |of )?{_MONTH}[\s\-/,]*(?:del? |of "
    rf")?(\d{{4}}|'?\d{{2}})?(?!\d)(?! ?:)"
)
_NAME_DAY = re.compile(rf"(?<!\w){_MONTH}\s*(\d{{1,2}})(?:st|nd|rd|th)?(?!\d)[\s,]*(\d{{4}}|'\d{{2}})?(?!\d)")
_VIETNAMESE = re.compile(r"(?<!\d)(\d{1,2})\s*thang\s*(\d{1,2})(?:,|\s*nam)?\s*(\d{4})")
_ERA = re.compile(r"(令和|平成|民国)\s?(元|\d{1,3})\s*年")
_ERAS = {"令和": 2018, "平成": 1988, "民国": 1911}
"""Year before the first one of an era of Japan, and of Taiwan."""
BUDDHIST, SINCE = 2400, 543
"""A year after this one is counted as in Thailand, from the death of the Buddha."""
_NO_YEAR = re.compile(r"(?<!\d)(\d{1,2})\s*[-/.月월]\s*(\d{1,2})\s*[日号일]?(?!\d)")
_DAYS = {
    0: "今天 今日 today 오늘 heute hoy aujourd'hui oggi hoje сегодня vandaag dzisiaj bugün idag bugun اليوم",
    1: "yesterday 昨天 昨日 어제 gestern ayer hier ieri ontem вчера gisteren wczoraj dün igår kemarin أمس",
    2: "前天 前日 그제 vorgestern anteayer avant-hier позавчера eergisteren przedwczoraj",
}  # fmt: skip
"""Days back -> words for them."""
_BACK = {folded(word): back for back, some in _DAYS.items() for word in some.split()}
_DAY_WORD = re.compile(
    "|".join(
        rf"(?<!\w){re.escape(word)}(?!\w)" if word < "\u2e80" else re.escape(word)
        for word in sorted(_BACK, key=len, reverse=True)
    )
)
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
    if word := _DAY_WORD.search(text):
        past = here - timedelta(days=_BACK[word[0]]) if here else None
        rest = text[: word.start()] + " " + text[word.end() :]
        return rest, (past.year, past.month, past.day) if past else None, True
    text = _ERA.sub(lambda m: f"{_ERAS[m[1]] + (1 if m[2] == '元' else int(m[2]))}年", text)
    readers: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], tuple[int | None, int, int]]], ...] = (
        (_YEAR_FIRST, lambda m: (int(m[1]), int(m[2]), int(m[3]))),
        (_NUMERIC, lambda m: numeric_day(int(m[1]), int(m[3]), m[4], order)),
        (_VIETNAMESE, lambda m: (int(m[3]), int(m[2]), int(m[1]))),
        (_DAY_NAME, lambda m: (_year(m[3]), MONTHS[m[2]], int(m[1]))),
        (_NAME_DAY, lambda m: (_year(m[3]), MONTHS[m[1]], int(m[2]))),
        (_NO_YEAR, lambda m: (None, *_month_day(int(m[1]), int(m[2]), order, "月" in m[0] or "월" in m[0]))),
    )
    for pattern, read in readers:
        if found := pattern.search(text):
            rest = text[: found.start()] + " " + text[found.end() :]
            year, month, day_no = read(found)
            if year is not None:
                return rest, (year - (SINCE if year > BUDDHIST else 0), month, day_no), False
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
