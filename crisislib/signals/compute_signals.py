"""From frames to SIGNALS: reduce per window, lay over the grid, expect, and be surprised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from crisislib.core.tables import conform, empty
from crisislib.core.watch import Watch
from crisislib.core.window_times import origin, steps_between, window_start
from crisislib.signals.baseline.calendar_effects import slots
from crisislib.signals.baseline.counts import MIN_HISTORY, Expectation
from crisislib.signals.baseline.expectation import expect
from crisislib.signals.baseline.resumable_passes import Passes
from crisislib.signals.baseline.signal_history import Past, past_of
from crisislib.signals.coverage import coverage, end_of_files, holes
from crisislib.signals.frames import Cut, Frames, cut
from crisislib.signals.indicators.indicator import Indicator
from crisislib.signals.indicators.indicator_registry import INDICATORS
from crisislib.signals.window_grid import Grid, grid
from crisislib.signals.window_history import ReductionCache

Floats = npt.NDArray[np.float64]
HALF = 0.5
"""A window of which less than this share of what has passed was collected has no value."""
CONTEXT = 24
"""Windows before an increment that differences and trailing spans reach back to."""
EARLIEST = 0.1
"""A running window is judged from this share of its length on; what it holds is counted at once."""
UNEXPECTED = {"bound": "interval90@1", "tally": "tally@1"}
"""Kinds of series that no expectation is made for, with the method that their rows name."""
BOUNDS = ("lo", "hi")
"""Parts that are the interval of their own indicator and have no expectation."""


@dataclass(frozen=True)
class Series:
    """One signal over the whole grid."""

    name: str
    kind: str
    value: Floats
    n_posts: npt.NDArray[np.int64]
    k: Floats


def compute(
    frames: Frames,
    watch: Watch,
    *,
    since: datetime,
    until: datetime,
    now: datetime,
    history: pd.DataFrame | None = None,
    only: Sequence[str] | None = None,
    cache: ReductionCache | None = None,
) -> pa.Table:
    """Every indicator of a watch over the windows that touch [since, until).

    Parameters
    ----------
    frames : Frames
        Lazy tables of the watch, reaching `window.baseline_days` before `since` where they can.
    watch : Watch
        Gives the step, the time zone and the baseline's length.
    since, until : datetime
        Windows to report, UTC; nothing after `now` is reported.
    now : datetime
        The clock; becomes `made_at`.
    history : pandas.DataFrame, optional
        SIGNALS rows of earlier windows. With them only [since, until) is reduced anew, and the
        baseline learns from the held values: what a monitor needs.
    only : sequence of str, optional
        Names of indicators to compute; all when left out.
    cache : ReductionCache, optional
        What the last computation of this watch left; brought up to date. Only with `history`, and always with
        the same `only`. The caller vouches for the windows before `since`, see there.

    Returns
    -------
    pyarrow.Table
        SIGNALS. `value` is null where nothing (or under half of the window) was collected, and for
        shares without posts; `expected`, `lo`, `hi` (90 % predictive) and `surprise` are null until
        24 windows were learned from, and `method` then says `insufficient`.
    """
    until = min(until, now)
    if until <= since:
        return empty("SIGNALS")
    back = timedelta(0) if history is not None else timedelta(days=watch.window.baseline_days)
    # Differences and trailing spans of a few indicators reach up to a day of windows back.
    reach_back = timedelta(minutes=CONTEXT * watch.window.step_minutes) if history is not None else back
    if history is not None:
        oldest = pd.Timestamp(window_start(watch, since)) - pd.Timedelta(days=watch.window.baseline_days)
        history = history[(history["at"] >= oldest) & (history["step_s"] == watch.window.step_minutes * 60)]
    windows = grid(watch, since - reach_back, until)
    complete = coverage(frames, windows, pd.Timestamp(now))
    if frames.taught is not None:
        cache = None  # an analyst's labels correct each window by all of them
    fresh = cache.known_until(windows.start, window_start(watch, since), windows.step_s) if cache else windows.start
    skip = windows.first_from(fresh)
    narrow = cut(frames, watch, windows, complete, history, cache, skip)
    end = end_of_files(frames)
    elapsed = _elapsed(windows, min(now, end) if end else now)
    if end:
        complete = np.where(_holes(narrow, complete, watch), 0.0, complete)
        narrow = replace(narrow, complete=complete)
    series = [
        one
        for name, indicator in INDICATORS.items()
        if only is None or name in only
        for one in _series(indicator, narrow, elapsed)
    ]
    if cache is not None:
        cache.take(windows.start, windows.end, windows.step_s, narrow.reductions.made)
    first = windows.first_from(window_start(watch, since))
    passes = cache.passes if cache is not None else None
    past = past_of(history, windows, 0 if history is None else first)
    rows = _expect(series, windows, complete, watch, past, first, passes)
    early = rows["at"].isin(windows.at()[elapsed < EARLIEST])
    rows.loc[early, "surprise"] = np.nan
    rows = rows.assign(watch=watch.watch, step_s=windows.step_s, made_at=pd.Timestamp(now))
    return conform(rows, "SIGNALS")


def _holes(narrow: Cut, complete: Floats, watch: Watch) -> npt.NDArray[np.bool_]:
    """Windows of the grid within a silence that is too long to be one."""
    earlier = narrow.history_of("volume")
    before = earlier["value"].where(earlier["complete"] > HALF) if "complete" in earlier else earlier["value"]
    counts = np.concatenate(
        [before.to_numpy(dtype=float, na_value=np.nan), np.where(complete > HALF, narrow.per_window, np.nan)]
    )
    at = pd.DatetimeIndex([*earlier["at"], *narrow.grid.at()])
    hours = at.tz_convert(watch.timezone).hour.to_numpy(dtype=np.int64) if len(at) else np.zeros(0, dtype=np.int64)
    silent = holes(counts, hours, narrow.grid.step_s)[len(earlier) :]
    return silent if narrow.topics.sum() == 0 else np.zeros(narrow.grid.n, dtype=bool)


def _elapsed(windows: Grid, now: datetime) -> Floats:
    """Share of each window that lies before `now`."""
    share: Floats = np.clip((now.timestamp() - windows.edges[:-1]) / np.diff(windows.edges), 0.0, 1.0)
    return share


def _series(indicator: Indicator, narrow: Cut, elapsed: Floats) -> list[Series]:
    """One indicator laid over the grid: zeros where counts were collected, NaN where there is no answer."""
    reduced = indicator.fn(narrow)
    parts = reduced["part"].to_numpy(dtype=object) if "part" in reduced else np.full(len(reduced), "", dtype=object)
    w = reduced["w"].to_numpy(dtype=np.int64)
    column = {c: reduced[c].to_numpy(dtype=float, na_value=np.nan) for c in ("value", "k", "n_posts") if c in reduced}
    held = (elapsed >= EARLIEST) | (narrow.per_window + narrow.topics > 0)
    collected = (narrow.complete > 0) & (narrow.complete >= HALF * elapsed) & held
    out = []
    for part in dict.fromkeys(["", *parts]):
        mine = parts == part
        on_grid = {c: np.full(narrow.grid.n, np.nan) for c in ("value", "k", "n_posts")}
        for c, values in column.items():
            on_grid[c][w[mine]] = values[mine]
        value, k = on_grid["value"], on_grid["k"]
        value = np.where(_true_zero(indicator, narrow, value), 0.0, value)
        n = np.nan_to_num(on_grid["n_posts"]).astype(np.int64)
        name = f"{indicator.name}.{part}" if part else indicator.name
        kind = indicator.kind if part not in BOUNDS else "bound"
        out.append(Series(name, kind, np.where(collected, value, np.nan), n, np.where(collected, k, np.nan)))
    return out


def _true_zero(indicator: Indicator, narrow: Cut, value: Floats) -> npt.NDArray[np.bool_]:
    """Windows without a value in which there was nothing to count, so that none is the answer."""
    blank = np.isnan(value)
    posts, topics = int(narrow.per_window.sum()), int(narrow.topics.sum())
    if indicator.zero == "topics":
        off_list: npt.NDArray[np.bool_] = blank & (narrow.topics == 0) & (topics > 0)
        return off_list
    if indicator.zero == "posts" and (posts > 0 or topics == 0):
        # With posts but no value anywhere the indicator was not measured: that is no zero.
        quiet: npt.NDArray[np.bool_] = blank & (narrow.per_window == 0) & (posts == 0 or not blank.all())
        return quiet
    return np.zeros(narrow.grid.n, dtype=bool)


def _expect(
    series: list[Series],
    windows: Grid,
    complete: Floats,
    watch: Watch,
    past: Past,
    first: int,
    passes: Passes | None,
) -> pd.DataFrame:
    """Rows of all series with their expectations.

    Before the windows that are computed anew the baseline sees what was measured then: differences and trailing spans
    are not whole at the begin of a short grid.
    """
    fresh = first if len(past.at) else 0
    at = pd.DatetimeIndex([*past.at, *windows.at()[fresh:]])
    week, skip = slots(at, watch.timezone), len(past.at) - fresh
    part = np.concatenate([past.complete, complete[fresh:]])
    zero = pd.Timestamp(origin(watch))
    phase = int(steps_between(zero, at[:1], windows.step_s, windows.zone)[0]) if len(at) else 0
    rows = []
    for kind in ("count", "share", "amount", "change", "bound", "tally"):
        mine = [one for one in series if one.kind == kind]
        if not mine:
            continue
        value = np.stack([np.concatenate([past.value(one.name), one.value[fresh:]]) for one in mine])
        n = np.stack([np.concatenate([past.n(one.name), one.n_posts[fresh:].astype(float)]) for one in mine])
        k, new = value * n, np.stack([one.k[fresh:] for one in mine])
        k[:, len(past.at) :] = np.where(np.isfinite(new), new, k[:, len(past.at) :])
        fitted = expect(
            kind,
            value,
            n,
            k,
            week,
            step_s=windows.step_s,
            complete=part,
            first=skip + first,
            passes=passes,
            phase=phase,
        )
        rows.append(_rows(mine, fitted, windows, complete, skip, first))
    return pd.concat(rows, ignore_index=True)


def _rows(
    series: list[Series], fitted: Expectation, windows: Grid, complete: Floats, skip: int, first: int
) -> pd.DataFrame:
    """Rows of some series of one kind from window `first` on, one series after the other."""
    kind, n = series[0].kind, windows.n - first
    thin = f"{kind}@1; insufficient: history under {MIN_HISTORY} windows"
    method = np.where(fitted.learned[:, skip + first :] >= MIN_HISTORY, f"{kind}@1", thin).ravel()
    if kind in UNEXPECTED:
        method = np.full(len(method), UNEXPECTED[kind])
    fields = {c: getattr(fitted, c)[:, skip + first :].ravel() for c in ("expected", "lo", "hi", "surprise")}
    return pd.DataFrame(
        {
            "signal": np.repeat(np.array([one.name for one in series], dtype=object), n),
            "at": np.tile(windows.at()[first:], len(series)),
            "value": np.concatenate([one.value[first:] for one in series]),
            **fields,
            "n_posts": np.concatenate([one.n_posts[first:] for one in series]),
            "complete": np.tile(complete[first:], len(series)),
            "method": method,
        }
    )
