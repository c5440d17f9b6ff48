"""Where a window stands in the week of the watch: hour of week, with public holidays as Sundays."""

from __future__ import annotations

from functools import cache

import holidays
import numpy as np
import numpy.typing as npt
import pandas as pd
import pytz

Ints = npt.NDArray[np.int64]


@cache
def country(timezone: str) -> str | None:
    """ISO country whose holidays hold in a time zone, or None (UTC and zones without a country).

    Parameters
    ----------
    timezone : str
        IANA name.

    Returns
    -------
    str or None
        ISO 3166-1 alpha-2 code.
    """
    for code, zones in pytz.country_timezones.items():
        if timezone in zones:
            return str(code) if code in holidays.list_supported_countries(include_aliases=False) else None
    return None


def slots(at: pd.DatetimeIndex, timezone: str) -> Ints:
    """Hour of the week of each window start, 0 (Monday 00:00) to 167, in local time.

    A public holiday counts as a Sunday, and a weekend day that is worked in exchange (as in
    China) as a Monday, since people post by whether they work and not by the calendar.

    Parameters
    ----------
    at : pandas.DatetimeIndex
        Starts of windows, UTC.
    timezone : str
        IANA name.

    Returns
    -------
    numpy.ndarray of int
        Shape (windows,), 0 to 167.
    """
    local = at.tz_convert(timezone)
    day: Ints = local.day_of_week.to_numpy().astype(np.int64)
    code = country(timezone)
    if code is not None and len(local):
        calendar = holidays.country_holidays(code, years=range(local[0].year, local[-1].year + 1))
        dates = local.normalize()
        for date in dates.unique():
            here = np.asarray(dates == date)
            if date.date() in calendar:
                day[here] = 6
            elif date.day_of_week >= 5 and calendar.is_working_day(date.date()):
                day[here] = 0
    hours: Ints = day * 24 + local.hour.to_numpy()
    return hours
