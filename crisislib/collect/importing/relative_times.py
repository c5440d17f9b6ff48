"""Times that count back from the time of collection: `3 minutes ago`, `刚刚`, `last week`."""

from __future__ import annotations

import re

from crisislib.collect.importing.moment import DAY, HOUR, MINUTE

_WEEK_S, _MONTH_S, _YEAR_S = 7 * DAY, 30 * DAY, 365 * DAY  # usual lengths
_UNITS = {
    "秒|s|secs?|seconds?|segundos?|secondes?|sekunden?|second[oi]|초|секунды?|секунд|saniye|detik|giay": 1,
    "分钟|分|m|mins?|minutes?|minutos?|minuten?|minut[oi]|minut[ay]?|minuty|minutter": MINUTE,
    "분|минуты?|минут|мин|dakika|menit|phut": MINUTE,
    "小时|个小时|时间|h|hrs?|hours?|horas?|heures?|stunden?|or[ae]|uur|timer|godzin[ay]?": HOUR,
    "시간|часа?|часов|ч|saat|jam|gio": HOUR,
    "天|日|d|days?|dias?|jours?|tage?n?|giorn[oi]|dagen|dager?|dni": DAY,
    "일|дня|дней|день|gun|hari|ngay": DAY,
    "周|个星期|星期|w|wks?|weeks?|semanas?|semaines?|wochen?|settiman[ae]|weken|uker": _WEEK_S,
    "주|недели?|недель|hafta|minggu|tuan": _WEEK_S,
    "个月|月|mo|mos|months?|mes(?:es)?|mois|monate?n?|mes[ei]|maanden|maneder": _MONTH_S,
    "개월|달|месяца?|месяцев|ay|bulan|thang": _MONTH_S,
    "年|y|yrs?|years?|anos?|ans?|annees?|jahre?n?|ann[oi]|jaar": _YEAR_S,
    "년|года?|лет|yil|tahun|nam": _YEAR_S,
}
"""Unit of a relative time -> seconds; months and years as their usual length, which is also their precision."""
_FEW = {"半": 0.5, "half an": 0.5, "几": 3.0, "数": 3.0, "a few": 3.0, "a couple of": 2.0, "两": 2.0}
"""Words for numbers; a few are taken for three."""
_AGO = [
    (re.compile(form.format(u)), n)
    for u, n in _UNITS.items()
    for form in (
        r"(?:about |约)?(\d+|half an|a few|a couple of|an?|one|半|几|数|两)\s*(?:个)?(?:{})\s*"
        r"(?:ago|之?前|以前|atras|fa|전|назад|once|geleden|siden|sedan|temu|yang lalu|lalu|truoc)(?:发布)?",
        r"(?:il y a|vor|hace|ha)\s+(?:environ |etwa |cerca de )?(\d+|un[ae]?|um|uma|uno|eine[rmn]?)\s*(?:{})",
    )
]
_SHORT = [
    (re.compile(rf"(\d+)\s?(?:{unit})"), seconds)
    for unit, seconds in {
        "s|secs?": 1, "m|mins?": MINUTE, "h|hrs?|小时": HOUR, "d|days?|天": DAY, "w|wks?|周": _WEEK_S,
        "mo|mos": _MONTH_S, "y|yrs?": _YEAR_S,
    }.items()
]  # fmt: skip
_NOW = re.compile(
    r"(刚刚|刚才|just now|now|moments? ago|a few seconds ago|방금|gerade eben|ahora|a l'instant|agora"
    r"|только что|az once)(发布)?"
)
_LAST = {
    **dict.fromkeys(("last week", "上周", "上星期", "先周", "지난주", "la semana pasada", "letzte woche"), _WEEK_S),
    **dict.fromkeys(("last month", "上个月", "上月", "先月", "지난달", "el mes pasado", "letzten monat"), _MONTH_S),
    **dict.fromkeys(("last year", "去年", "昨年", "작년", "letztes jahr"), _YEAR_S),
}
"""A stretch before the present one -> seconds back, which is also how much it leaves open."""


def seconds_back(text: str) -> tuple[float, int] | None:
    """How long before the collection a time lies, and what it leaves open; None for other forms.

    Parameters
    ----------
    text : str
        A written time, lower case, without accents.

    Returns
    -------
    tuple of float, int, or None
        Both in seconds.
    """
    if _NOW.fullmatch(text):
        return 0.0, MINUTE
    if text in _LAST:
        return float(_LAST[text]), _LAST[text]
    for pattern, unit in (*_AGO, *_SHORT):
        if found := pattern.fullmatch(text):
            count = float(found[1]) if found[1].isdigit() else _FEW.get(found[1], 1.0)
            return count * unit, unit
    return None
