"""What a time zone is called: by its city and its distance from UTC, as readers speak of it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from crisislib.core.i18n import N_, tr

CITY, DISTANCE = N_("{city} time"), N_("{name} (UTC{distance})")
COMMON_ZH = {
    "Asia/Shanghai": "北京时间", "Asia/Kolkata": "印度时间", "Asia/Ho_Chi_Minh": "胡志明市时间",
    "Asia/Kathmandu": "加德满都时间", "Asia/Yangon": "仰光时间",
}  # fmt: skip
"""Zones that Chinese readers call otherwise than by the name that CLDR has for their city, or for which it has none."""


def zone_name(key: str, language: str, at: datetime | None = None) -> str:
    """What a time zone is called.

    Parameters
    ----------
    key : str
        IANA name.
    language : {"zh", "en"}
        Of the reader.
    at : datetime, optional
        When; adds how far the zone is from UTC then.

    Returns
    -------
    str
        Such as `Shanghai time (UTC+8)` or `北京时间（UTC+8）`; `UTC` itself as it is.
    """
    if key == "UTC":
        return key
    name = COMMON_ZH.get(key, "") if language == "zh" else ""
    if not name:
        # Read where it is needed: commands that show no zone pay nothing.
        from babel.dates import get_timezone_location

        city = get_timezone_location(ZoneInfo(key), locale="zh" if language == "zh" else "en", return_city=True)
        name = tr(CITY, language, city=city)
    if at is None:
        return name
    sign, rest = at.astimezone(ZoneInfo(key)).strftime("%z")[:1], at.astimezone(ZoneInfo(key)).strftime("%z")[1:]
    minutes = "" if rest[2:] == "00" else f":{rest[2:]}"
    return tr(DISTANCE, language, name=name, distance=f"{sign}{int(rest[:2])}{minutes}")
