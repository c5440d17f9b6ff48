"""The windows of one computation as whole numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

import narwhals as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from crisislib.core.watch import Watch
from crisislib.core.window_times import shifted, steps_between, window_end, window_start


@dataclass(frozen=True)
class Grid:
    """Windows one after the other: number `w` covers [start + w·step, start + (w+1)·step), or as the clock has it.

    Attributes
    ----------
    start : datetime
        Start of window 0.
    step_s : int
        Length of a window, seconds; of one in which the clock changes, what it has on other days.
    n : int
        How many windows.
    zone : str
        Whose clock.
    """

    start: datetime
    step_s: int
    n: int
    zone: str = "UTC"

    @cached_property
    def _starts(self) -> pd.DatetimeIndex:
        return shifted(pd.DatetimeIndex([self.start]), self.step_s, self.zone, np.arange(self.n + 1))

    @cached_property
    def edges(self) -> npt.NDArray[np.float64]:
        """Starts of all windows and the end of the last, unix seconds, shape (n + 1,)."""
        seconds: npt.NDArray[np.float64] = self._starts.as_unit("us").asi8 / 1e6
        return seconds

    @cached_property
    def _changes(self) -> list[tuple[datetime, float]]:
        """Where windows are longer or shorter than a step: from which instant on, and by how many seconds."""
        more = np.diff(self.edges) - self.step_s
        # An hour more still belongs to its window; of a window that is shorter the hour that is missing is its last.
        return [
            (datetime.fromtimestamp(self.edges[w + 1] - max(more[w], 0.0), UTC), float(more[w]))
            for w in np.flatnonzero(more)
        ]

    def at(self) -> pd.DatetimeIndex:
        """Start of every window, UTC."""
        return self._starts[:-1]

    def number(self, column: str) -> nw.Expr:
        """The window that an instant lies in, as an expression over a time column.

        Parameters
        ----------
        column : str
            Name of a column of instants, UTC.

        Returns
        -------
        narwhals.Expr
            Whole numbers from 0; negative before the grid.
        """
        seconds = (nw.col(column) - nw.lit(self.start)).dt.total_seconds()
        for instant, more in self._changes:
            seconds = seconds - (nw.col(column) >= nw.lit(instant)).cast(nw.Int64) * int(more)
        return seconds // self.step_s

    def numbers(self, at: pd.Series) -> npt.NDArray[np.int64]:
        """The windows that instants lie in.

        Parameters
        ----------
        at : pandas.Series
            Instants, UTC, shape (n,).

        Returns
        -------
        numpy.ndarray of int, shape (n,)
            Before the first window and after the last they are counted on by the step.
        """
        seconds = (at - pd.Timestamp(self.start)).dt.total_seconds().to_numpy(dtype=float)
        for instant, more in self._changes:
            seconds = seconds - (at >= pd.Timestamp(instant)).to_numpy() * more
        return (seconds // self.step_s).astype(np.int64)

    def first_from(self, at: datetime) -> int:
        """Number of the window that starts at an instant.

        Parameters
        ----------
        at : datetime
            Start of a window, UTC.

        Returns
        -------
        int
            Negative before the grid.
        """
        return int(steps_between(pd.Timestamp(self.start), pd.DatetimeIndex([at]), self.step_s, self.zone)[0])

    @property
    def end(self) -> datetime:
        """End of the last window."""
        end: datetime = self._starts[-1].to_pydatetime()
        return end.astimezone(UTC)


def grid(watch: Watch, since: datetime, until: datetime) -> Grid:
    """All windows of a watch that touch [since, until).

    Parameters
    ----------
    watch : Watch
        Its step and time zone.
    since, until : datetime
        Instants with a time zone.

    Returns
    -------
    Grid
        Without windows where `until` is not after `since`.
    """
    start, step = window_start(watch, since), watch.window.step_minutes * 60
    last = window_start(watch, until)
    end = last if last == until else window_end(watch, until)
    n = int(steps_between(pd.Timestamp(start), pd.DatetimeIndex([end]), step, watch.timezone)[0])
    return Grid(start, step, max(0, n), watch.timezone)
