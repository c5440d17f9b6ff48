"""Everything that one decision looks at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from crisislib.core.levels import Level, rank
from crisislib.core.watch import Watch
from crisislib.warn.alerts import BY_BURST
from crisislib.warn.crisis_index import Index
from crisislib.warn.detectors import Burst
from crisislib.warn.hysteresis import episode, level_of
from crisislib.warn.judgeability import Health
from crisislib.warn.triggers import Fired


def every_days(watch: Watch) -> float:
    """Return period, in days, from which a burst is told: the inverse of the budget of false alarms."""
    return 7.0 / watch.levels.alarms_per_week


@dataclass(frozen=True)
class Seen:
    """Everything that one decision looks at.

    Attributes
    ----------
    at : pandas.Timestamp
        The clock.
    made : Index
        The index of every window.
    days : numpy.ndarray
        Return period of the volume of every window, days; see :class:`~crisislib.warn.detectors.Bursts`.
    burst : Burst or None
        What made the newest window a burst; None where it is none.
    levels : list of str
        The level in force in every window, without hard triggers.
    """

    watch: Watch
    at: pd.Timestamp
    made: Index
    days: npt.NDArray[np.float64]
    burst: Burst | None
    levels: list[Level]
    health: Health
    fired: list[Fired]
    contributions: pd.DataFrame
    labels: pd.DataFrame | None
    posts: pd.DataFrame | None

    @property
    def level(self) -> Level:
        """The level in force, hard triggers included."""
        if self.fired:
            return "red"
        return self.levels[-1] if self.levels else "none"

    @property
    def onset(self) -> pd.Timestamp:
        """Start of the present episode: its first window, or the first post that pulled a trigger."""
        first = episode(self.levels)
        if first is not None:
            return pd.Timestamp(self.made.at[first])
        return min((f.first_at for f in self.fired), default=self.at).floor("h")

    @property
    def rare(self) -> Burst | None:
        """The burst of the newest window where it is rarer than the budget of false alarms."""
        return self.burst if self.burst is not None and self.burst.days >= every_days(self.watch) else None

    @property
    def rule(self) -> str:
        """The rule that speaks for the level: hard trigger, index, or the burst where it alone does."""
        if self.fired:
            return "trigger@1"
        alone = self.rare is not None and rank(self.level) == rank("blue") > rank(
            level_of(self.value, self.watch.levels)
        )
        return BY_BURST if alone else "index@1"

    @property
    def value(self) -> float:
        """Index of the newest window."""
        return float(self.made.value[-1]) if len(self.made.value) else float("nan")
