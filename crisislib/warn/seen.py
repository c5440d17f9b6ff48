"""Everything that one decision looks at."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from crisislib.core.levels import Level
from crisislib.core.watch import Watch
from crisislib.warn.health import Health
from crisislib.warn.index import Index
from crisislib.warn.ladder import episode
from crisislib.warn.triggers import Fired


@dataclass(frozen=True)
class Seen:
    """Everything that one decision looks at."""

    watch: Watch
    at: pd.Timestamp
    made: Index
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
    def value(self) -> float:
        """Index of the newest window."""
        return float(self.made.value[-1]) if len(self.made.value) else float("nan")
