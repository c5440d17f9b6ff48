"""Everything that one decision looks at."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from crisislib.core.levels import Level, rank
from crisislib.core.watch import Watch
from crisislib.warn import evidence_posts
from crisislib.warn.alerts import BY_BURST, BY_DRIFT, BY_GAIN, BY_MOOD
from crisislib.warn.bad_stories import every_days
from crisislib.warn.crisis_index import Index, contributions
from crisislib.warn.detectors import Burst
from crisislib.warn.hysteresis import episode, level_of, window_level
from crisislib.warn.judgeability import Health
from crisislib.warn.track_record import TrackRecord
from crisislib.warn.triggers import Fired
from crisislib.warn.watch_series import SeriesEvidence


@dataclass(frozen=True)
class DecisionBasis:
    """Everything that one decision looks at.

    Attributes
    ----------
    watch : Watch
        Whose.
    at : pandas.Timestamp
        The clock.
    made : Index
        The index of every window.
    series : SeriesEvidence
        What the series show in every window.
    levels : list of str
        The level in force in every window, without hard triggers.
    health : Health
        Whether a level can be given.
    fired : list of Fired
        Hard triggers that hold now.
    rows : pandas.DataFrame
        SIGNALS rows of these windows.
    labels, posts : pandas.DataFrame or None
        Rows of the last fortnight, for evidence.
    record : TrackRecord or None
        How the rules did in the newest backtest of the watch.
    """

    watch: Watch
    at: pd.Timestamp
    made: Index
    series: SeriesEvidence
    levels: list[Level]
    health: Health
    fired: list[Fired]
    rows: pd.DataFrame
    labels: pd.DataFrame | None
    posts: pd.DataFrame | None
    record: TrackRecord | None = None

    @cached_property
    def contributions(self) -> pd.DataFrame:
        """What the index of the newest window is made of; asked for in few windows of a history that is replayed."""
        return contributions(self.made, self.rows) if len(self.made.at) else pd.DataFrame()

    @cached_property
    def days(self) -> npt.NDArray[np.float64]:
        """Return period of the volume of every window, days."""
        return self.series.volume.of(self.made.at)

    @cached_property
    def level(self) -> Level:
        """The level in force, hard triggers included."""
        if self.fired:
            return "red"
        return self.levels[-1] if self.levels else "none"

    @cached_property
    def onset(self) -> pd.Timestamp:
        """Start of the present episode: its first window, or the first post that pulled a trigger."""
        first = episode(self.levels)
        if first is not None:
            return pd.Timestamp(self.made.at[first])
        return min((f.first_at for f in self.fired), default=self.at).floor("h")

    @cached_property
    def newest(self) -> pd.DatetimeIndex:
        """Start of the newest window; none where nothing was measured."""
        return self.made.at[-1:]

    @cached_property
    def harm(self) -> bool:
        """Whether what is said in the newest window is harm."""
        return bool(self.series.harm(self.newest).any())

    @cached_property
    def rare(self) -> Burst | None:
        """The rarest burst of the newest window, where it is rarer than the budget of false alarms."""
        if not len(self.newest):
            return None
        every = every_days(self.watch)
        kinds = [self.series.volume, self.series.gain, *([self.series.negative] if self.harm else [])]
        candidates = [
            one for one in (kind.one(self.newest[0]) for kind in kinds) if one is not None and one.days >= every
        ]
        # Of equally rare ones the first: posts before counters before negative posts.
        return max(candidates, key=lambda one: one.days) if candidates else None

    @cached_property
    def story(self) -> tuple[pd.Timestamp, Burst] | None:
        """When the counters of a post of bad news last rose, where the newest window still stands under it."""
        return self.series.story(self.newest[0]) if len(self.newest) else None

    def evidence(self, since: pd.Timestamp) -> list[str]:
        """Posts to show, most telling first: the one whose counters rise, then those of the episode.

        Parameters
        ----------
        since : pandas.Timestamp
            Start of the episode.

        Returns
        -------
        list of str
            Ids.
        """
        story = self.story
        risen = [self.rare] if story is None else [self.rare, story[1]]
        moved = [post for burst in risen for post in evidence_posts.moved(self.posts, burst, self.at)]
        rest = evidence_posts.chosen(self.labels, self.posts, since, self.at)
        return list(dict.fromkeys([*moved, *rest]))[: evidence_posts.MOST]

    @cached_property
    def floor(self) -> int:
        """Least level of the newest window, as a rank, whatever the index says."""
        return int(self.series.limits(self.newest)[0][0]) if len(self.newest) else 0

    @cached_property
    def raised(self) -> bool:
        """Whether the newest window itself is blue or worse, and not only held there by the windows before."""
        if not len(self.newest):
            return bool(self.fired)
        floor, cap = self.series.limits(self.newest)
        now = window_level(self.value, int(floor[0]), int(cap[0]), self.watch.levels)
        return bool(self.fired) or rank(now) >= rank("blue")

    @cached_property
    def about(self) -> str:
        """What the newest window is about, a key of :data:`~crisislib.warn.watch_series.ABOUT`."""
        if not len(self.newest):
            return "unclear"
        step_s = self.watch.window.step_minutes * 60
        span = self.rare.span_s if self.rare is not None else 6 * 3600
        return self.series.about(self.newest[0], max(1, span // step_s))

    @cached_property
    def rule(self) -> str:
        """The rule that speaks for the level: hard trigger, the index, or what alone makes it so."""
        if self.fired:
            return "trigger@1"
        by_index = rank(level_of(self.value, self.watch.levels))
        if not self.harm:
            by_index = min(by_index, rank("blue"))
        if rank(self.level) < rank("blue") or by_index >= rank(self.level) or self.floor < rank(self.level):
            return "index@1"
        if self.rare is not None:
            return BY_GAIN if self.rare.signal == "top_gain" else BY_BURST
        if self.story is not None:
            return BY_GAIN
        return BY_DRIFT if bool(self.series.mood.of(self.series.mood.drift, self.newest).any()) else BY_MOOD

    @cached_property
    def value(self) -> float:
        """Index of the newest window."""
        return float(self.made.value[-1]) if len(self.made.value) else float("nan")
