"""What one computation leaves for the next: reductions of windows that nothing has touched since."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import pandas as pd

from crisislib.core.window_times import steps_between
from crisislib.signals.baseline.resumable_passes import Passes


@dataclass
class ReductionCache:
    """Small frames of one watch over the windows of its last grid, one row or a few a window.

    Given again, they spare the next computation to read and reduce earlier windows. The caller vouches that
    nothing was collected or labelled before the `since` that it asks for; where that fails it says
    :meth:`forget`. Memory: a few numbers an indicator and window.

    Attributes
    ----------
    start, end : datetime or None
        The windows that are known, [start, end).
    frames : dict of str to pandas.DataFrame
        Reduction -> rows with `w` counted from `start`.
    """

    start: datetime | None = None
    end: datetime | None = None
    step_s: int = 0
    frames: dict[str, pd.DataFrame] = field(default_factory=dict)
    passes: Passes = field(default_factory=Passes)
    """Baselines as they stood before the newest windows."""

    def forget(self, since: datetime | None = None) -> None:
        """What lies in windows from an instant on (all where None) has changed and is to be read again.

        Parameters
        ----------
        since : datetime, optional
            First instant of what has changed.
        """
        if since is None or self.start is None or self.end is None or since <= self.start:
            self.start = self.end = None
            self.frames = {}
        else:
            self.end = min(self.end, since)

    def known_until(self, start: datetime, since: datetime, step_s: int) -> datetime:
        """From where on a grid that begins at `start` must be read, when [since, …) is asked for.

        Parameters
        ----------
        start : datetime
            Start of the new grid.
        since : datetime
            From where on windows are asked for, whatever is known.
        step_s : int
            Length of a window, seconds.

        Returns
        -------
        datetime
            Start of the first window to read, not before `start`.
        """
        if self.start is None or self.end is None or self.step_s != step_s:
            return start
        return max(start, min(since, self.end)) if self.start <= start else start

    def take(self, start: datetime, end: datetime, step_s: int, frames: dict[str, pd.DataFrame]) -> None:
        """Keep the reductions of the grid that was just computed, in the place of the former.

        Parameters
        ----------
        start, end : datetime
            The windows of the grid, [start, end).
        step_s : int
            Length of a window, seconds.
        frames : dict of str to pandas.DataFrame
            Reduction -> rows with `w` counted from `start`.
        """
        self.start, self.end, self.step_s = start, end, step_s
        self.frames = {name: _apart(frame) for name, frame in frames.items()}


def _apart(frame: pd.DataFrame) -> pd.DataFrame:
    """The same rows in memory and with an index of columns of their own.

    Pandas lists with each of both all the views that were ever made of it, dead ones too, up to hundreds. A frame of
    which little is new hands them on from look to look, and the lists with them: some hundred objects a frame.
    """
    return pd.DataFrame({name: column.array.copy() for name, column in frame.items()})


@dataclass
class Reductions:
    """Each reduction of one computation, made once however many indicators ask for it.

    Attributes
    ----------
    start : datetime
        Start of the grid.
    fresh : int
        First window that was read; earlier ones come from `cache`.
    zone : str
        Of the watch.
    """

    start: datetime
    step_s: int
    fresh: int = 0
    cache: ReductionCache | None = None
    zone: str = "UTC"
    made: dict[str, pd.DataFrame] = field(default_factory=dict)

    def get(self, name: str, make: Callable[[], pd.DataFrame]) -> pd.DataFrame:
        """The rows of a reduction over all windows of the grid, in order of windows; not to be changed.

        Parameters
        ----------
        name : str
            Of the reduction.
        make : callable
            Gives its rows from window `fresh` on; called once a name.

        Returns
        -------
        pandas.DataFrame
            Rows with `w`.
        """
        if name not in self.made:
            new, old = make(), self._known(name)
            self.made[name] = new if old.empty else old if new.empty else pd.concat([old, new], ignore_index=True)
        return self.made[name]

    def _known(self, name: str) -> pd.DataFrame:
        stored = self.cache.frames.get(name) if self.cache is not None and self.fresh else None
        if stored is None or self.cache is None or self.cache.start is None or stored.empty:
            return pd.DataFrame()
        begin = pd.DatetimeIndex([self.start])
        shift = int(steps_between(pd.Timestamp(self.cache.start), begin, self.step_s, self.zone)[0])
        w = stored["w"] - shift
        return stored.assign(w=w)[(w >= 0) & (w < self.fresh)]
