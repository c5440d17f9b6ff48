"""Whether what is said turns against the brand: shares of negative posts against the series' own past.

Much is said on a sales day, and little of it is harm; a series may be four fifths negative on any quiet day. So it is
compared with a reference of its own: over hours for a crisis that breaks out, over days and a week for one that creeps.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crisislib.core.watch import Watch
from crisislib.core.window_times import continuous

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
DAY_S = 86_400
"""Seconds of a day."""
SPANS_S = (3600, 6 * 3600, DAY_S)
"""Over which a crisis that breaks out is judged: an hour, a quarter of a day, a day."""
DRIFT_S = (DAY_S, 3 * DAY_S, 7 * DAY_S)
"""Over which a creeping change is judged: a day, three, a week, so that few posts add up to enough."""
TURN = 0.15
"""Rise of the negative share that matters to people: fifteen posts of a hundred that were not negative before."""
DRIFT_TURN = 0.10
"""The same for a creeping change, which lasts: a mean of probabilities moves by about two thirds of the true share."""
SIGMAS, DAY_SIGMAS, DRIFT_SIGMAS = 3.0, 4.0, 3.5
"""Distance from the reference in standard deviations, of chance and of day to day: over hours, over a day that speaks
alone, and of a creeping change: some ten looks a week, of which chance gives one in four hundred weeks."""
LEAST_DISPERSION, DISPERSION_DAYS = 0.5, 7.0
"""A mean of probabilities varies less than a share of yes and no: as the days of the reference show, drawn towards that
of yes and no by as much as a week of days weighs."""
WITH_BURST = 2.0
"""The same for the mood of a burst that is rarer than the budget: one look a fortnight and not one an hour, so that
what chance gives once in forty looks is evidence; a brand with ten posts a day has no more."""
TWICE = 2.0
"""Times the turn that makes a mood blue from which one that lasts, and in which most is negative, is yellow."""
MAJORITY = 0.6
"""Share from which most is negative, whatever is usual, with room for the classifier's errors."""
FEW, MANY = 5.0, 8.0
"""Negative posts beyond the usual, and in all, below which there is no harm to speak of."""
DAY_SD = 0.03
"""Least spread of the negative share from day to day: no stream is steadier."""
NEEDED = 30.0
"""Posts that a reference rests on."""
PRIOR_POSTS, PRIOR_SHARE = 4.0, 0.3
"""The reference is drawn towards the share of a general stream by as much as these posts weigh."""
QUARTER_S = DAY_S // 4
"""A turn of a day of which its last quarter does not show half is over."""
ENOUGH = 5.0
"""Posts that tell a change that is over from one that lasts."""
DRIFT_DAYS = 5
"""Days that must lie more than a week back before a creeping change can be spoken of."""


@dataclass(frozen=True)
class Mood:
    """Negativity of every window against its reference.

    Attributes
    ----------
    at : pandas.DatetimeIndex
        Starts of the windows, without holes.
    n, negative : numpy.ndarray
        Posts of the public and negative ones among them per window.
    usual : numpy.ndarray
        Usual negative share, 0-1; NaN where too little is known.
    share : numpy.ndarray
        Negative share over the span that speaks most for harm, 0-1.
    span : numpy.ndarray of int
        That span, windows.
    harm : numpy.ndarray of bool
        Whether what is said is harm: the mood has turned, or most of it is negative.
    turned : numpy.ndarray of bool
        Whether the mood of a whole day has turned.
    drift : numpy.ndarray of bool
        Whether days differ from the weeks before.
    drift_share, drift_usual : numpy.ndarray
        Negative share of these days and of the weeks before.
    severe : numpy.ndarray of bool
        Whether the mood of a day, or of the days that differ, has turned twice as far, to mostly negative.
    praise : numpy.ndarray of bool
        Whether it is less negative than usual by as much.
    leans : dict of int to numpy.ndarray of bool
        Span in windows -> whether the mood over it has turned as far as it takes in a rare burst.
    """

    at: pd.DatetimeIndex
    n: Floats
    negative: Floats
    usual: Floats
    share: Floats
    span: NDArray[np.int64]
    harm: Mask
    turned: Mask
    drift: Mask
    drift_share: Floats
    drift_usual: Floats
    severe: Mask
    praise: Mask
    leans: dict[int, Mask] = field(default_factory=dict)

    def row(self, at: pd.Timestamp) -> int:
        """Position of a window; -1 where it is not stored.

        Parameters
        ----------
        at : pandas.Timestamp
            Start of the window.

        Returns
        -------
        int
            From 0.
        """
        return int(self.at.get_indexer(pd.DatetimeIndex([at]))[0]) if len(self.at) else -1

    def of(self, values: NDArray[np.generic], at: pd.DatetimeIndex) -> Mask:
        """A mask for some windows; False where a window is not stored.

        Parameters
        ----------
        values : numpy.ndarray
            One value a window of this mood, truth values or what counts as such.
        at : pandas.DatetimeIndex
            Starts of the windows asked for, shape (n,).

        Returns
        -------
        numpy.ndarray of bool
            Shape (n,).
        """
        if not len(self.at):
            return np.zeros(len(at), dtype=bool)
        place = self.at.get_indexer(at)
        return np.asarray(np.where(place >= 0, values[place], False), dtype=bool)


def mood(signals: pd.DataFrame, watch: Watch) -> Mood:
    """Negativity of a watch's windows.

    Parameters
    ----------
    signals : pandas.DataFrame
        SIGNALS rows of the watch, in any order.
    watch : Watch
        Its step and the length of its baseline.

    Returns
    -------
    Mood
        Each window's answer rests on itself and the windows before it, no further back than the baseline is long.

    Notes
    -----
    z = (k/n − p₀)/√(p₀(1 − p₀)/n + τ²), p₀ the pooled share of the reference, τ² what the daily shares of the reference
    vary beyond chance (moments, DerSimonian and Laird 1986, doi:10.1016/0197-2456(86)90046-2).
    """
    step_s = watch.window.step_minutes * 60
    at, n, k = _on_grid(signals, step_s, watch.timezone)
    if not len(at):
        none, no = np.zeros(0), np.zeros(0, dtype=bool)
        return Mood(at, none, none, none, none, none.astype(np.int64), no, no, no, none, none, no, no)
    memory, day = watch.window.baseline_days * DAY_S // step_s, max(1, DAY_S // step_s)
    total_n, total_k = (np.concatenate([[0.0], np.cumsum(x)]) for x in (n, k))
    usual, spread, _ = _reference(total_n, total_k, day, memory, recent=day)
    share, span = np.full(len(n), np.nan), np.ones(len(n), dtype=np.int64)
    harm, turned, praise, best = (np.zeros(len(n)) for _ in range(4))
    severe, leans = np.zeros(len(n), dtype=bool), {}
    for seconds in SPANS_S:
        wide = max(1, seconds // step_s)
        mine_n, mine_k = _trailing(total_n, wide), _trailing(total_k, wide)
        part, z = _distance(mine_n, mine_k, usual, spread)
        further = (part - usual >= TURN) & (mine_k - usual * mine_n >= FEW)
        turn, leans[wide] = (z >= SIGMAS) & further, (z >= WITH_BURST) & further & (mine_k >= MANY)
        most = (part >= MAJORITY) & (mine_k >= MANY) & ~(part < usual - DAY_SD)
        better = (turn | most) & (np.nan_to_num(part) * mine_n > best)
        share, span = np.where(better, part, share), np.where(better, wide, span)
        best = np.where(better, np.nan_to_num(part) * mine_n, best)
        harm = harm + (turn | most)
        if seconds == DAY_S:
            lasts = _lasts(total_n, total_k, usual, QUARTER_S // step_s, (part - usual) / 2)
            leans[wide] &= lasts
            turned = turned + (turn & (z >= DAY_SIGMAS) & lasts)
            severe = (turned > 0) & most & (part - usual >= TWICE * TURN)
        praise = praise + ((z <= -SIGMAS) & (usual - part >= TURN))
    drift, drift_share, drift_usual = _drift(total_n, total_k, step_s, memory)
    far = drift_share - drift_usual >= TWICE * DRIFT_TURN
    far &= _lasts(total_n, total_k, drift_usual, QUARTER_S // step_s, (drift_share - drift_usual) / 2)
    severe = severe | (drift & (drift_share >= MAJORITY) & far)
    praised = (praise > 0) & ~(harm > 0)
    return Mood(
        at, n, k, usual, share, span, harm > 0, turned > 0, drift, drift_share, drift_usual, severe, praised, leans
    )


def _on_grid(signals: pd.DataFrame, step_s: int, zone: str) -> tuple[pd.DatetimeIndex, Floats, Floats]:
    """Windows without holes, posts of the public and negative ones in each; nothing counts as none of either."""
    rows = signals[(signals["signal"] == "negative_posts") & (signals["step_s"] == step_s) & signals["value"].notna()]
    rows = rows.drop_duplicates("at", keep="last")
    if rows.empty:
        return pd.DatetimeIndex([], tz="UTC"), np.zeros(0), np.zeros(0)
    mine = signals["step_s"] == step_s
    ends = pd.Series([rows["at"].min(), max(rows["at"].max(), signals.loc[mine, "at"].max())])
    at, _ = continuous(ends, step_s, zone)
    _, place = continuous(rows["at"], step_s, zone)
    size = len(at)
    n, k = np.zeros(size), np.zeros(size)
    n[place] = rows["n_posts"].to_numpy(dtype=float, na_value=0.0)
    k[place] = rows["value"].to_numpy(dtype=float)
    return at, n, k


def _trailing(total: Floats, wide: int) -> Floats:
    """Sums over the last `wide` windows, from cumulated sums."""
    rows = np.arange(1, len(total))
    sums: Floats = total[rows] - total[np.maximum(rows - wide, 0)]
    return sums


def _between(total: Floats, first: NDArray[np.int64], end: NDArray[np.int64]) -> Floats:
    last = len(total) - 1
    lo, hi = np.clip(first, 0, last), np.clip(end, 0, last)
    sums: Floats = total[np.maximum(hi, lo)] - total[lo]
    return sums


def _distance(n: Floats, k: Floats, usual: Floats, spread: Floats) -> tuple[Floats, Floats]:
    """Share, and its distance from the usual one in standard deviations; NaN without posts or reference."""
    with np.errstate(invalid="ignore", divide="ignore"):
        part = np.where(n > 0, k / n, np.nan)
        return part, (part - usual) / np.sqrt(usual * (1.0 - usual) / n + spread**2)


def _reference(
    total_n: Floats, total_k: Floats, day: int, memory: int, *, recent: int, oldest: int | None = None
) -> tuple[Floats, Floats, Floats]:
    """Usual share of every window, its spread from day to day and its dispersion, over [row − memory, row − recent).

    The most recent windows are left out so that a crisis does not teach what is usual; `oldest` limits the reference
    to so many windows from its begin.
    """
    rows = np.arange(len(total_n) - 1)
    first, end = rows - memory, rows - recent + 1
    if oldest is not None:
        # With a short history the reference begins where the history does.
        end = np.minimum(end, np.maximum(first, 0) + oldest)
    n, k = _between(total_n, first, end), _between(total_k, first, end)
    usual = (k + PRIOR_POSTS * PRIOR_SHARE) / (n + PRIOR_POSTS)
    extra, weight, chi, days = (np.zeros(len(rows)) for _ in range(4))
    for back in range(0, memory, day):
        edge = end - back
        day_n = _between(total_n, np.maximum(edge - day, first), edge)
        day_k = _between(total_k, np.maximum(edge - day, first), edge)
        known = day_n > 0
        part = np.where(known, day_k / np.maximum(day_n, 1e-9), 0.0)
        chance = usual * (1.0 - usual) / np.maximum(day_n, 1e-9)
        extra += np.where(known, day_n * ((part - usual) ** 2 - chance), 0.0)
        chi += np.where(known, (part - usual) ** 2 / chance, 0.0)
        days += known
        weight += np.where(known, day_n, 0.0)
    spread = np.sqrt(np.maximum(extra / np.maximum(weight, 1e-9), DAY_SD**2))
    dispersion = np.clip((chi + DISPERSION_DAYS) / (days + DISPERSION_DAYS), LEAST_DISPERSION, 1.0)
    return np.where(n >= NEEDED, usual, np.nan), spread, dispersion


def _drift(total_n: Floats, total_k: Floats, step_s: int, memory: int) -> tuple[Mask, Floats, Floats]:
    """Whether days differ from the weeks before, their share, and that of the weeks: a fixed, older reference."""
    day, week = max(1, DAY_S // step_s), max(1, 7 * DAY_S // step_s)
    usual, spread, less = _reference(
        total_n, total_k, day, memory, recent=week, oldest=max(DRIFT_DAYS * day, memory // 2)
    )
    rows = np.arange(len(total_n) - 1)
    usual = np.where(np.minimum(rows + 1, memory) - week >= DRIFT_DAYS * day, usual, np.nan)
    drift, share = np.zeros(len(rows), dtype=bool), np.full(len(rows), np.nan)
    for seconds in DRIFT_S:
        wide = max(1, seconds // step_s)
        n, k = _trailing(total_n, wide), _trailing(total_k, wide)
        # Days vary by themselves, so that a week varies less; no less than a steady stream does.
        part, z = _distance(n / less, k / less, usual, np.maximum(spread / np.sqrt(max(1.0, wide / day)), DAY_SD))
        far = (z >= DRIFT_SIGMAS) & (part - usual >= DRIFT_TURN) & (k - usual * n >= FEW)
        share, drift = np.where(far & ~drift, part, share), drift | far
    # What was found within a day holds while the last day, and its last quarter, still show it.
    recent = pd.Series(drift.astype(float)).rolling(day, min_periods=1).max().to_numpy() > 0
    week_n, week_k = _trailing(total_n, week), _trailing(total_k, week)
    share = np.where(np.isfinite(share), share, week_k / np.maximum(week_n, 1.0))
    quarter, least = max(1, day // 4), DRIFT_TURN / 2
    lasts = _lasts(total_n, total_k, usual, day, least) & _lasts(total_n, total_k, usual, quarter, least)
    return recent & lasts & np.isfinite(usual), share, usual


def _lasts(total_n: Floats, total_k: Floats, usual: Floats, wide: int, least: Floats | float) -> Mask:
    """Whether the newest windows still show at least so much of a turn; too few posts say nothing against it."""
    n, k = _trailing(total_n, max(1, wide)), _trailing(total_k, max(1, wide))
    with np.errstate(invalid="ignore"):
        shown: Mask = (n < ENOUGH) | (k - usual * n >= least * n)
    return shown
