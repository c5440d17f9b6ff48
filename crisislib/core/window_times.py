"""Windows of a watch in time: of one fixed length, but for those of several hours, which stand on the local clock.

A local day begins at local midnight on both sides of a change of the clock, so that two days of a year have 23 and 25
hours; so do the parts of a day (two to twelve hours), of which one is an hour shorter or longer. Windows of any other
length are counted from one fixed instant and keep their length: those of an hour and less do not shift by it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from crisislib.core.watch import Watch

DAY_S = 86_400
"""Seconds of a day."""
HOUR_S = 3600
"""What clocks are changed by, and the longest window that such a change does not shift, seconds."""


def on_clock(step_s: int) -> bool:
    """Whether windows of a length begin at fixed times of the local day.

    Parameters
    ----------
    step_s : int
        Length of a window, seconds.

    Returns
    -------
    bool
        True for whole hours, more than one, that divide a day.
    """
    return step_s > HOUR_S and step_s % HOUR_S == 0 and DAY_S % step_s == 0


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
    step_s = int(step.total_seconds())
    if on_clock(step_s):
        start: datetime = local_starts(pd.DatetimeIndex([at]), step_s, watch.timezone)[0].to_pydatetime()
        return start.astimezone(UTC)
    zero = origin(watch)
    return zero + ((at - zero) // step) * step


def window_end(watch: Watch, at: datetime) -> datetime:
    """End of the window of a watch that an instant lies in, which is the start of the next.

    Parameters and result as for :func:`window_start`.
    """
    step = timedelta(minutes=watch.window.step_minutes)
    start = pd.DatetimeIndex([window_start(watch, at)])
    end: datetime = shifted(start, int(step.total_seconds()), watch.timezone)[0].to_pydatetime()
    return end.astimezone(UTC)


def local_starts(at: pd.DatetimeIndex, step_s: int, zone: str, by: int | npt.NDArray[np.int64] = 0) -> pd.DatetimeIndex:
    """Starts of windows that stand on the local clock.

    Parameters
    ----------
    at : pandas.DatetimeIndex
        Instants, shape (n,) or (1,).
    step_s : int
        Length of a window, seconds, see :func:`on_clock`.
    zone : str
        IANA name.
    by : int or numpy.ndarray, shape (n,)
        How many windows after that of the instant.

    Returns
    -------
    pandas.DatetimeIndex
        UTC. Where the clock skips a start the window begins with the first time that there is; where a start comes
        twice, with the first.
    """
    length = pd.to_timedelta(step_s, unit="s")
    wall = _each(at, by).tz_convert(zone).tz_localize(None).floor(length) + pd.to_timedelta(
        np.asarray(by) * step_s, unit="s"
    )
    first = np.ones(len(wall), dtype=bool)
    return wall.tz_localize(zone, ambiguous=first, nonexistent="shift_forward").tz_convert("UTC").as_unit("us")


def steps_between(first: pd.Timestamp, at: pd.DatetimeIndex, step_s: int, zone: str) -> npt.NDArray[np.int64]:
    """How many windows lie between the starts of windows.

    Parameters
    ----------
    first : pandas.Timestamp
        Start of a window.
    at : pandas.DatetimeIndex
        Starts of windows, shape (n,).
    step_s : int
        Length of a window, seconds.
    zone : str
        IANA name.

    Returns
    -------
    numpy.ndarray of int, shape (n,)
        Negative for starts before the first.
    """
    begin = pd.DatetimeIndex([first])
    if on_clock(step_s) and bool((local_starts(begin, step_s, zone) == begin).all()):
        number = [one.tz_convert(zone).tz_localize(None).as_unit("s").asi8 // step_s for one in (at, begin)]
        steps: npt.NDArray[np.int64] = number[0] - number[1][0]
        return steps
    rounded: npt.NDArray[np.int64] = np.asarray(
        ((at - first) / pd.Timedelta(seconds=step_s)).to_numpy().round(), dtype=np.int64
    )
    return rounded


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
        UTC. Windows that stand on the local clock are followed by such windows; any other by their length.
    """
    if on_clock(step_s) and len(at) and bool((local_starts(at, step_s, zone) == at).all()):
        return local_starts(at, step_s, zone, by)
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
    place = steps_between(first, pd.DatetimeIndex(at), step_s, zone)
    return shifted(pd.DatetimeIndex([first]), step_s, zone, np.arange(int(place.max()) + 1)), place
