"""What a watch's series show, computed once for all windows: rare bursts, mood, counters, and tallies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crisislib.core.i18n import N_
from crisislib.core.levels import rank
from crisislib.core.watch import Watch
from crisislib.warn.alerts import RARER
from crisislib.warn.detectors import Burst, Bursts, bursts
from crisislib.warn.mood import DAY_S, MANY, Mood, mood

Ranks = NDArray[np.int64]
FAMILIES = ("harm.", "kind.", "stance.", "voice.", "statement.", "gain.", "tone.")
"""Tallies that decisions sum up."""
LEAST_GAIN = 100.0
"""Reposts, comments and likes of one post below which it is no story, however quiet the brand."""
STORY_S = DAY_S // 2
"""How long a story whose counters rose stands when they are not read again: exports and crawls come twice a day at
least."""
WEEK = 7
"""Days of collection, or all of a shorter memory, before a rise can be said to be beyond anything in them."""
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
    "unclear": N_("nothing that is clearly good or bad"),
}
"""What a burst is about, in words."""


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
        rare = pd.Series((np.nan_to_num(self.volume.of(self.mood.at)) >= every_days(self.watch)).astype(float))
        both = np.zeros(len(rare), dtype=bool)
        for wide, leans in self.mood.leans.items():
            both |= leans & (rare.rolling(wide, min_periods=1).max().to_numpy() > 0)
        return self.mood.of(both, at)

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
            :data:`STORY_S`: that nobody looked at the counters since is no calm.
        """
        return self._lately(self._rises(), STORY_S, at)

    def story(self, at: pd.Timestamp) -> tuple[pd.Timestamp, Burst] | None:
        """The newest rise of the counters of a post of bad news that a window still stands under.

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
        rows = np.flatnonzero(near & self._rises())
        burst = self.gain.one(self.gain.at[rows[-1]]) if len(rows) else None
        return (self.gain.at[rows[-1]], burst) if burst is not None else None

    def _rises(self) -> NDArray[np.bool_]:
        """Whether the counters of a post of bad news rise so rarely, of every window of the gains."""
        if "gain.negative" not in self.tallies:
            return np.zeros(len(self.gain.at), dtype=bool)
        bad = self.tallies["gain.negative"].reindex(self.gain.at).fillna(0.0).to_numpy()
        rare = np.nan_to_num(self.gain.days) >= every_days(self.watch)
        return np.asarray(rare & (bad >= HALF * np.nan_to_num(self.gain.values)) & (bad >= LEAST_GAIN), dtype=bool)

    def _lately(self, marked: NDArray[np.bool_], seconds: int, at: pd.DatetimeIndex) -> NDArray[np.bool_]:
        """Windows of the gains that are marked, or that follow a marked one within so many seconds."""
        wide = max(1, seconds // (self.watch.window.step_minutes * 60))
        recent = pd.Series(marked.astype(float)).rolling(wide, min_periods=1).max().to_numpy() > 0
        place = self.gain.at.get_indexer(at)
        return np.asarray(np.where(place >= 0, np.append(recent, False)[place], False), dtype=bool)

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
        worse = worse | (story & self._severe_story(at)) | self.mood.of(self.mood.severe, at)
        floor = np.where(worse, rank("yellow"), np.where(raised, rank("blue"), rank("none")))
        least = every / RARER * max(1.0, HOUR_M / self.watch.window.step_minutes)
        stirred = raised | (np.maximum(loud, np.nan_to_num(self.gain.of(at))) >= min(every, least))
        most = np.where(harm, rank("red"), np.where(stirred, rank("blue"), rank("none")))
        return floor.astype(np.int64), most.astype(np.int64)

    def _severe_story(self, at: pd.DatetimeIndex) -> NDArray[np.bool_]:
        """Windows at which the counters of a post of bad news have risen far beyond anything, within a day.

        Ten times as rarely as is reported, or by ten times as much as any post in the weeks before the last day: the
        first rise of a story teaches what is usual before the next; it goes on all the same.
        """
        step_s = self.watch.window.step_minutes * 60
        day, memory = max(1, DAY_S // step_s), self.watch.window.baseline_days * DAY_S // step_s
        least = min(memory, WEEK * day)
        most = pd.Series(self.gain.values).shift(day).rolling(memory, min_periods=least).max().to_numpy()
        bad = self.tallies.get("gain.negative", pd.Series(dtype=float)).reindex(self.gain.at).fillna(0.0).to_numpy()
        beyond = bad >= RARER * np.maximum(most, LEAST_GAIN)  # never where too little is held: NaN
        rare = np.nan_to_num(self.gain.days) >= RARER * every_days(self.watch)
        return self._lately(self._rises() & (rare | beyond), DAY_S, at)

    def _many(self, at: pd.DatetimeIndex) -> NDArray[np.bool_]:
        """Windows with enough negative posts over the span that speaks for harm."""
        total = np.concatenate([[0.0], np.cumsum(self.mood.negative)])
        rows = np.arange(len(self.mood.at))
        sums = total[rows + 1] - total[np.maximum(rows + 1 - self.mood.span, 0)]
        return self.mood.of(sums >= MANY, at)

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
        kinder = bool(self.mood.of(self.mood.praise, one)[0])
        return "praise" if kinder or self._more_praise(mine, at, windows) else "unclear"

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
