"""Posts of bad news whose counters rise: harm that few write about and thousands act on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crisislib.core.watch import Watch
from crisislib.warn.alerts import RARER
from crisislib.warn.detectors import Burst, Bursts
from crisislib.warn.mood import DAY_S

LEAST_GAIN = 100.0
"""Reposts, comments and likes of one post below which it is no story, however quiet the brand."""
STORY_S = DAY_S // 2
"""How long a story whose counters rose stands when they are not read again: exports and crawls come twice a day at
least."""
WEEK = 7
"""Days of collection, or all of a shorter memory, before a rise can be said to be beyond anything in them."""
HALF = 0.5
"""Share of a rise from which it is that of bad news."""


def every_days(watch: Watch) -> float:
    """Return period from which a burst is reported.

    Parameters
    ----------
    watch : Watch
        Its budget of false alarms a week.

    Returns
    -------
    float
        Days: the inverse of the budget.
    """
    return 7.0 / watch.levels.alarms_per_week


@dataclass(frozen=True)
class BadStories:
    """Rises of the counters of single posts, and which of them were of bad news; computed once for all windows.

    Attributes
    ----------
    watch : Watch
        Whose.
    gain : Bursts
        Of what the counters of a single post rose by.
    bad : numpy.ndarray
        What those of the most moved negative post rose by, of every window of the gains.
    """

    watch: Watch
    gain: Bursts
    bad: NDArray[np.float64]

    def of(self, marked: NDArray[np.bool_], at: pd.DatetimeIndex) -> NDArray[np.bool_]:
        """A mask over the windows of the gains, for some windows.

        Parameters
        ----------
        marked : numpy.ndarray of bool
            One value a window of the gains.
        at : pandas.DatetimeIndex
            Starts of the windows asked for, shape (n,).

        Returns
        -------
        numpy.ndarray of bool, shape (n,)
            False for those that are not stored.
        """
        place = self.gain.at.get_indexer(at)
        return np.asarray(np.where(place >= 0, np.append(marked, False)[place], False), dtype=bool)

    @cached_property
    def rises(self) -> NDArray[np.bool_]:
        """Whether the counters of a post of bad news rise so rarely that it is reported."""
        rare = np.nan_to_num(self.gain.days) >= every_days(self.watch)
        whole = HALF * np.nan_to_num(self.gain.values)
        return np.asarray(rare & (self.bad >= whole) & (self.bad >= LEAST_GAIN), dtype=bool)

    @cached_property
    def lately(self) -> NDArray[np.bool_]:
        """Whether they do, or did within :data:`STORY_S`."""
        return self._within(self.rises, STORY_S)

    @cached_property
    def severe(self) -> NDArray[np.bool_]:
        """Whether they have risen far beyond anything, within a day.

        Ten times as rarely as is reported, or by ten times as much as any post in the weeks before the last day: the
        first rise of a story teaches what is usual before the next; it goes on all the same.
        """
        step_s = self.watch.window.step_minutes * 60
        day, memory = max(1, DAY_S // step_s), self.watch.window.baseline_days * DAY_S // step_s
        least = min(memory, WEEK * day)
        most = pd.Series(self.gain.values).shift(day).rolling(memory, min_periods=least).max().to_numpy()
        beyond = self.bad >= RARER * np.maximum(most, LEAST_GAIN)  # never where too little is held: NaN
        rare = np.nan_to_num(self.gain.days) >= RARER * every_days(self.watch)
        return self._within(self.rises & (rare | beyond), DAY_S)

    def newest(self, at: pd.Timestamp) -> tuple[pd.Timestamp, Burst] | None:
        """The newest rise that a window still stands under.

        Parameters
        ----------
        at : pandas.Timestamp
            Start of the window.

        Returns
        -------
        (pandas.Timestamp, Burst) or None
            Start of the window in which they rose, and by how much; None where none did within :data:`STORY_S`.
        """
        near = (self.gain.at <= at) & (self.gain.at > at - pd.Timedelta(seconds=STORY_S))
        rows = np.flatnonzero(near & self.rises)
        burst = self.gain.one(self.gain.at[rows[-1]]) if len(rows) else None
        return (self.gain.at[rows[-1]], burst) if burst is not None else None

    def _within(self, marked: NDArray[np.bool_], seconds: int) -> NDArray[np.bool_]:
        """Windows of the gains that are marked, or that follow a marked one within so many seconds."""
        wide = max(1, seconds // (self.watch.window.step_minutes * 60))
        return np.asarray(pd.Series(marked.astype(float)).rolling(wide, min_periods=1).max().to_numpy() > 0)
