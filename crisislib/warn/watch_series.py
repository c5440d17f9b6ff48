"""What a watch's series show, computed once for all windows: rare bursts, mood, counters, and tallies."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crisislib.core.i18n import N_
from crisislib.core.levels import rank
from crisislib.core.watch import Watch
from crisislib.warn.alerts import RARER
from crisislib.warn.bad_stories import LEAST_GAIN, BadStories, every_days
from crisislib.warn.detectors import Burst, Bursts, bursts
from crisislib.warn.mood import MANY, Mood, mood

Ranks = NDArray[np.int64]
FAMILIES = ("harm.", "kind.", "stance.", "voice.", "statement.", "gain.", "tone.")
"""Tallies that decisions sum up."""
HOUR_M = 60
"""Minutes of the windows that the index and its levels were set for."""
HALF = 0.5
"""Share of a burst from which it is somebody's: the brand's own, or the press's."""
PRAISE, OUTWEIGHS, LEAST_PRAISE = 1 / 3, 2.0, 3.0
"""A burst is praise where a third of its posts praise in words that a model is sure of (about half of the grateful ones
do), twice as many as blame, and at least most of the five posts that make a burst."""

ABOUT: dict[str, str] = {
    "harm": N_("complaints or harm"),
    "own": N_("the brand's own posts, passed on"),
    "news": N_("news reports"),
    "praise": N_("praise"),
    "harmless": N_("nothing that blames the brand"),
    "unclear": N_("nothing that is clearly good or bad"),
}
"""What a burst is about, in words."""
ASKS_NOTHING = ("praise", "harmless")
"""Bursts that are shown with their level, and ask nothing of anybody."""


@dataclass(frozen=True)
class SeriesEvidence:
    """What the series of one watch show in every window.

    Attributes
    ----------
    watch : Watch
        Whose.
    volume : Bursts
        Of posts, or of the heat of listed topics.
    negative : Bursts
        Of negative posts.
    gain : Bursts
        Of what the counters of a single post rose by.
    mood : Mood
        Negative shares against their reference.
    tallies : pandas.DataFrame
        Sums of posts, one row a window (its start is the index), one column a tally; `volume` is one of them.
    """

    watch: Watch
    volume: Bursts
    negative: Bursts
    gain: Bursts
    mood: Mood
    tallies: pd.DataFrame

    def harm(self, at: pd.DatetimeIndex) -> NDArray[np.bool_]:
        """Windows in which what is said is harm.

        Parameters
        ----------
        at : pandas.DatetimeIndex
            Starts of the windows, shape (n,).

        Returns
        -------
        numpy.ndarray of bool, shape (n,)
        """
        return self.mood.of(self.mood.harm | self.mood.drift, at) | self.bad_burst(at) | self.bad_story(at)

    @cached_property
    def public(self) -> NDArray[np.float64]:
        """Posts of others than the brand, of every row of the tallies."""
        return self._tally("volume") - self._tally("voice.own")

    def harms(self, subjects: tuple[str, ...]) -> NDArray[np.float64]:
        """Posts that speak of some grave subjects, of every row of the tallies.

        Parameters
        ----------
        subjects : tuple of str
            As triggers name them.

        Returns
        -------
        numpy.ndarray of float, shape (n,)
            Summed once for a replay, which asks at every window.
        """
        if subjects not in self._harms:
            self._harms[subjects] = sum((self._tally(f"harm.{s}") for s in subjects), np.zeros(len(self.tallies)))
        return self._harms[subjects]

    @cached_property
    def _harms(self) -> dict[tuple[str, ...], NDArray[np.float64]]:
        return {}

    def _tally(self, name: str) -> NDArray[np.float64]:
        """One column of the tallies, zero where there is none."""
        return self.tallies[name].to_numpy(dtype=float) if name in self.tallies else np.zeros(len(self.tallies))

    def bad_burst(self, at: pd.DatetimeIndex) -> NDArray[np.bool_]:
        """Windows in which a rare burst of posts and a mood that has turned come together.

        Parameters
        ----------
        at : pandas.DatetimeIndex
            Starts of the windows, shape (n,).

        Returns
        -------
        numpy.ndarray of bool, shape (n,)
            The burst is one of all posts, so that it says nothing of the mood: two pieces of evidence, each of which
            comes by chance, and seldom both. It lies within the span over which the mood has turned.
        """
        return self.mood.of(self._bad_bursts, at)

    @cached_property
    def _bad_bursts(self) -> NDArray[np.bool_]:
        """Of every window of the mood."""
        rare = pd.Series((np.nan_to_num(self.volume.of(self.mood.at)) >= every_days(self.watch)).astype(float))
        both = np.zeros(len(rare), dtype=bool)
        for wide, leans in self.mood.leans.items():
            both |= leans & (rare.rolling(wide, min_periods=1).max().to_numpy() > 0)
        return both

    def bad_story(self, at: pd.DatetimeIndex) -> NDArray[np.bool_]:
        """Windows in which the counters of a post of bad news rise as rarely as is reported, or did lately.

        Parameters
        ----------
        at : pandas.DatetimeIndex
            Starts of the windows, shape (n,).

        Returns
        -------
        numpy.ndarray of bool, shape (n,)
            The acts of thousands on one accusation are harm, however little else is written. They stay so for
            :data:`~crisislib.warn.bad_stories.STORY_S`: that nobody looked at the counters since is no calm.
        """
        return self._stories.of(self._stories.lately, at)

    def story(self, at: pd.Timestamp) -> tuple[pd.Timestamp, Burst] | None:
        """The newest rise of the counters of a post of bad news that a window still stands under.

        Parameters
        ----------
        at : pandas.Timestamp
            Start of the window.

        Returns
        -------
        (pandas.Timestamp, Burst) or None
            See :meth:`crisislib.warn.bad_stories.BadStories.newest`.
        """
        return self._stories.newest(at)

    @cached_property
    def _stories(self) -> BadStories:
        bad = self.tallies.get("gain.negative", pd.Series(dtype=float)).reindex(self.gain.at).fillna(0.0).to_numpy()
        return BadStories(self.watch, self.gain, np.asarray(bad, dtype=float))

    def limits(self, at: pd.DatetimeIndex) -> tuple[Ranks, Ranks]:
        """Least and highest level of windows, as ranks, whatever the index says.

        Parameters
        ----------
        at : pandas.DatetimeIndex
            Starts of the windows, shape (n,).

        Returns
        -------
        floor, cap : numpy.ndarray of int, shape (n,)
            A burst rarer than the budget, a mood that has turned or drifts is blue at least. Such a burst whose mood
            has turned is yellow at least, and so is harm of any kind in a burst that is ten times rarer, a mood that
            lasts and has turned twice as far, or a negative post whose counters rise ten times as rarely. Without harm
            nothing is above blue; and the index alone makes nothing blue there: it takes a burst within an order of
            magnitude of the budget, and of windows shorter than an hour, in which the index is high by chance as many
            times as often, one as many times rarer.
        """
        every, harm = every_days(self.watch), self.harm(at)
        loud = np.nan_to_num(np.maximum(self.volume.of(at), np.where(harm, self.negative.of(at), 0.0)))
        story = self.bad_story(at)
        raised = (loud >= every) | (np.nan_to_num(self.gain.of(at)) >= every) | story
        raised = raised | self.mood.of(self.mood.turned | self.mood.drift, at)
        worse = (harm & (loud >= RARER * every) & self._many(at)) | self.bad_burst(at)
        worse = worse | (story & self._stories.of(self._stories.severe, at)) | self.mood.of(self.mood.severe, at)
        floor = np.where(worse, rank("yellow"), np.where(raised, rank("blue"), rank("none")))
        least = every / RARER * max(1.0, HOUR_M / self.watch.window.step_minutes)
        stirred = raised | (np.maximum(loud, np.nan_to_num(self.gain.of(at))) >= min(every, least))
        most = np.where(harm, rank("red"), np.where(stirred, rank("blue"), rank("none")))
        return floor.astype(np.int64), most.astype(np.int64)

    def _many(self, at: pd.DatetimeIndex) -> NDArray[np.bool_]:
        """Windows with enough negative posts over the span that speaks for harm."""
        return self.mood.of(self._enough, at)

    @cached_property
    def _enough(self) -> NDArray[np.bool_]:
        """Of every window of the mood."""
        total = np.concatenate([[0.0], np.cumsum(self.mood.negative)])
        rows = np.arange(len(self.mood.at))
        sums = total[rows + 1] - total[np.maximum(rows + 1 - self.mood.span, 0)]
        return np.asarray(sums >= MANY, dtype=bool)

    def about(self, at: pd.Timestamp, windows: int) -> str:
        """What a window and those before it are about.

        Parameters
        ----------
        at : pandas.Timestamp
            Start of the window.
        windows : int
            How many windows back, it included.

        Returns
        -------
        str
            Key of :data:`ABOUT`.
        """
        step = pd.Timedelta(minutes=self.watch.window.step_minutes)
        mine = self.tallies.loc[at - (windows - 0.5) * step : at].sum()  # half a step: not every day has 24 hours
        total = max(float(mine.get("volume", 0.0)), 1.0)
        one = pd.DatetimeIndex([at])
        if float(mine.get("voice.own", 0.0)) / total >= HALF:
            return "own"
        if bool(self.harm(one)[0]):
            return "harm"
        if float(mine.get("voice.outlet", 0.0)) / total >= HALF:
            return "news"
        if self._more_praise(mine, at, windows):
            return "praise"
        # Grief or news that nobody blames the brand for is less negative about it than usual, and is no praise.
        return "harmless" if bool(self.mood.of(self.mood.praise, one)[0]) else "unclear"

    def _more_praise(self, mine: pd.Series, at: pd.Timestamp, windows: int) -> bool:
        """Whether what is written beyond the usual praises; a brand that nobody blames has no lower share."""
        step = pd.Timedelta(minutes=self.watch.window.step_minutes)
        end = at - (windows - 0.5) * step
        past = self.tallies.loc[end - pd.Timedelta(days=self.watch.window.baseline_days) : end]
        more = mine - past.mean() * windows if len(past) else mine
        least = max(PRAISE * more.get("volume", 0.0), OUTWEIGHS * more.get("negative_posts", 0.0), LEAST_PRAISE)
        return bool(more.get("tone.positive", 0.0) >= least)


def series_evidence(signals: pd.DataFrame, watch: Watch) -> SeriesEvidence:
    """What the series of a watch show.

    Parameters
    ----------
    signals : pandas.DataFrame
        SIGNALS rows of the watch, in any order; no window's answer rests on a later one.
    watch : Watch
        Its step, budget and length of memory.

    Returns
    -------
    SeriesEvidence
    """
    step_s = watch.window.step_minutes * 60
    mine = signals[signals["step_s"] == step_s]
    tallied = mine["signal"].isin(_tallied(mine)) & mine["value"].notna()
    rows = mine[tallied].drop_duplicates(["signal", "at"], keep="last")
    tallies = rows.pivot(index="at", columns="signal", values="value").sort_index().fillna(0.0)
    return SeriesEvidence(
        watch,
        bursts(mine, watch),
        bursts(mine, watch, among=("negative_posts",)),
        bursts(_moved(mine), watch, among=("top_gain",)),
        mood(mine, watch),
        tallies,
    )


def _moved(signals: pd.DataFrame) -> pd.DataFrame:
    """Largest gains per window; one that fewer than :data:`LEAST_GAIN` people acted in counts as none."""
    rows = signals[signals["signal"] == "top_gain"]
    return rows.assign(value=rows["value"].where(rows["value"].isna() | (rows["value"] >= LEAST_GAIN), 0.0))


def _tallied(signals: pd.DataFrame) -> list[str]:
    names = signals["signal"].unique()
    return [name for name in names if name in ("volume", "negative_posts") or str(name).startswith(FAMILIES)]
