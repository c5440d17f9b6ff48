"""A weekday in a written time: passed over beside a date, and the day itself where there is no other."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from crisislib.collect.importing.written_days import Day, folded

_NAMES = {
    folded(name): number
    for number, names in enumerate(
        (
            "monday mon lunes lundi montag lunedi segunda-feira segunda понедельник maandag poniedzialek "
            "pazartesi senin",
            "tuesday tue tues martes mardi dienstag martedi terca-feira terca вторник dinsdag wtorek sali selasa",
            "wednesday wed miercoles mercredi mittwoch mercoledi quarta-feira quarta среда woensdag sroda "
            "carsamba rabu",
            "thursday thu thur thurs jueves jeudi donnerstag giovedi quinta-feira quinta четверг donderdag czwartek "
            "persembe kamis",
            "friday fri viernes vendredi freitag venerdi sexta-feira sexta пятница vrijdag piatek cuma jumat",
            "saturday sat sabado samedi samstag sonnabend sabato суббота zaterdag sobota cumartesi sabtu",
            "sunday sun domingo dimanche sonntag domenica воскресенье zondag niedziela pazar minggu ahad",
        )
    )
    for name in names.split()
}
"""Weekdays of the languages whose exports were met, without accents, from Monday."""
_SHORT = (
    "lun|mar|mer|jeu|ven|sam|dim|mie|jue|vie|sab|dom|seg|ter|qua|qui|sex|gio|mo|di|mi|do|fr|sa|so|пн|вт|ср|чт|пт|сб|вс"
)
"""Shortened ones, which are only known by the dot or comma behind them at the beginning of a cell."""
_EAST = {c: n for row in ("一二三四五六日", "月火水木金土日", "월화수목금토일") for n, c in enumerate(row)} | {"天": 6}
"""Weekdays as one character, from Monday; China calls Sunday by two."""
_WEEKDAY = re.compile(
    r"(?P<which>上上个?|上个?|本|这个?|last |this |letzte[nrms]? |先周の?|今周の?|지난주 ?|이번 ?주 ?)?"
    r"(?:(?:星期|周|礼拜)(?P<zh>[一二三四五六日天])|(?P<ja>[月火水木金土日])曜日?|(?P<ko>[월화수목금토일])요일"
    r"|\((?P<bare>[一二三四五六日月火水木金土월화수목금토일])\)"
    rf"|(?<!\w)(?P<name>{'|'.join(sorted(_NAMES, key=len, reverse=True))})(?!\w)\.?|^(?P<short>{_SHORT})[.,]+)"
    r"(?: (?:pasado|dernier|scorso|passad[ao]))?"
)
_WEEKS_BACK = {"上上": 2, "上上个": 2, "上": 1, "上个": 1, "先周": 1, "先周の": 1, "지난주": 1}
_THIS = {"本", "这", "这个", "this", "今周", "今周の", "이번주", "이번 주"}


def take_weekday(text: str, here: datetime | None) -> tuple[str, Day | None, bool]:
    """The text without its weekday, the day that it means, and whether there is one.

    Parameters
    ----------
    text : str
        A written time, folded.
    here : datetime or None
        When it was collected, where it was written.

    Returns
    -------
    tuple of str, Day or None, bool
        The last such day before the collection: pages write "today" on the day itself. `上周五` is the Friday of the
        week before, `本周三` the Wednesday of this one.
    """
    found = _WEEKDAY.search(text)
    if found is None:
        return text, None, False
    rest = text[: found.start()] + " " + text[found.end() :]
    sign = found["zh"] or found["ja"] or found["ko"]
    number = _EAST[sign] if sign else _NAMES.get(found["name"] or "")
    if number is None:
        return rest, None, False
    if here is None:
        return rest, None, True
    which = (found["which"] or "").strip()
    monday = here - timedelta(days=here.weekday())
    if which in _WEEKS_BACK:
        day = monday - timedelta(days=7 * _WEEKS_BACK[which] - number)
    elif which in _THIS:
        day = monday + timedelta(days=number)
    else:
        day = here - timedelta(days=(here.weekday() - number) % 7 or 7)
    return rest, (day.year, day.month, day.day), True
