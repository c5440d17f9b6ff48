"""Windows of a watch in time: of one fixed length, but for windows of a day, which are local days.

A local day begins at local midnight on both sides of a change of the clock, so that two days of a year have 23 and 25
hours. Windows of any other length are counted from one fixed instant and keep their length.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from crisislib.core.watch import Watch

DAY_S = 86_400
"""Step of the windows that are local days, seconds."""


def origin(watch: Watch) -> datetime:
    """Where the windows of a watch are counted from: one fixed local midnight.

    Parameters
    ----------
    watch : Watch
        Its time zone counts.

    Returns
    -------
    datetime
        UTC.
    """
    return datetime(2024, 1, 1, tzinfo=watch.zone).astimezone(UTC)


def window_start(watch: Watch, at: datetime) -> datetime:
    """Start of the window of a watch that an instant lies in.

    Parameters
    ----------
    watch : Watch
        Its step and time zone.
    at : datetime
        The instant, with a zone.

    Returns
    -------
    datetime
        UTC.
    """
    step = timedelta(minutes=watch.window.step_minutes)
    if step == timedelta(seconds=DAY_S):
        day: datetime = local_days(pd.DatetimeIndex([at]), watch.timezone)[0].to_pydatetime()
        return day.astimezone(UTC)
    zero = origin(watch)
    return zero + ((at - zero) // step) * step


def window_end(watch: Watch, at: datetime) -> datetime:
    """End of the window of a watch that an instant lies in, which is the start of the next.

    Parameters
    ----------
    watch : Watch
        Its step and time zone.
    at : datetime
        The instant, with a zone.

    Returns
    -------
    datetime
        UTC.
    """
    step = timedelta(minutes=watch.window.step_minutes)
    start = pd.DatetimeIndex([window_start(watch, at)])
    end: datetime = shifted(start, int(step.total_seconds()), watch.timezone)[0].to_pydatetime()
    return end.astimezone(UTC)


def local_days(at: pd.DatetimeIndex, zone: str, days: int | npt.NDArray[np.int64] = 0) -> pd.DatetimeIndex:
    """Starts of local days.

    Parameters
    ----------
    at : pandas.DatetimeIndex
        Instants, shape (n,) or (1,).
    zone : str
        IANA name.
    days : int or numpy.ndarray, shape (n,)
        How many days after that of the instant.

    Returns
    -------
    pandas.DatetimeIndex
        UTC. Where the clock skips midnight the day begins with the first time that there is; where midnight comes
        twice, with the first.
    """
    wall = _each(at, days).tz_convert(zone).tz_localize(None).normalize() + pd.to_timedelta(days, unit="D")
    first = np.ones(len(wall), dtype=bool)
    return wall.tz_localize(zone, ambiguous=first, nonexistent="shift_forward").tz_convert("UTC").as_unit("us")


def shifted(at: pd.DatetimeIndex, step_s: int, zone: str, by: int | npt.NDArray[np.int64] = 1) -> pd.DatetimeIndex:
    """Starts of the windows some steps after others.

    Parameters
    ----------
    at : pandas.DatetimeIndex
        Starts of windows, shape (n,) or (1,).
    step_s : int
        Length of a window, seconds.
    zone : str
        IANA name.
    by : int or numpy.ndarray, shape (n,)
        How many windows.

    Returns
    -------
    pandas.DatetimeIndex
        UTC. Days that begin at local midnight are followed by such days; any other windows by their length.
    """
    if step_s == DAY_S and len(at) and bool((local_days(at, zone) == at).all()):
        return local_days(at, zone, by)
    return (_each(at, by) + pd.to_timedelta(np.asarray(by) * step_s, unit="s")).tz_convert("UTC").as_unit("us")


def _each(at: pd.DatetimeIndex, by: int | npt.NDArray[np.int64]) -> pd.DatetimeIndex:
    """One instant for every distance."""
    return at if isinstance(by, int) or len(at) == len(by) else at.repeat(len(by))


def continuous(at: pd.Series, step_s: int, zone: str) -> tuple[pd.DatetimeIndex, npt.NDArray[np.int64]]:
    """Windows without holes from the first to the last of some, and where each of these lies among them.

    Parameters
    ----------
    at : pandas.Series
        Starts of windows, in any order, not empty.
    step_s : int
        Length of a window, seconds.
    zone : str
        IANA name.

    Returns
    -------
    starts : pandas.DatetimeIndex
        UTC.
    place : numpy.ndarray of int, shape (n,)
        Position of each start.
    """
    first = at.min()
    # A day of 23 or 25 hours is nearer to one step than to none or two.
    place = ((at - first) / pd.Timedelta(seconds=step_s)).round().to_numpy(dtype=np.int64)
    return shifted(pd.DatetimeIndex([first]), step_s, zone, np.arange(int(place.max()) + 1)), place
