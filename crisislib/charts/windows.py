"""Series of windows on a full grid: what was not collected is a gap, never a zero."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from crisislib.charts.theme import clock, when
from crisislib.core.window_times import continuous, shifted

SERIES_COLUMNS = ["at", "value", "expected", "lo", "hi", "surprise", "n_posts", "complete", "step_s"]
DRAWN_COLUMNS = ["value", "expected", "lo", "hi", "n_posts", "surprise"]
TIPS = ["when:N", *(f"{name}:Q" for name in ("value", "expected", "lo", "hi", "n_posts", "surprise"))]
"""What the pointer shows of a window; `when` is made of `t` by the browser, see :func:`with_times`."""
DIGITS = 4
"""Digits of a number that a picture or its tooltip shows; whole units are always kept."""


def grid(signals: pd.DataFrame, *, zone: str) -> pd.DataFrame:
    """One signal on its full grid of windows.

    Parameters
    ----------
    signals : pandas.DataFrame
        SIGNALS rows of one signal and one step.
    zone : str
        Time zone of the watch.

    Returns
    -------
    pandas.DataFrame
        Columns of `SERIES_COLUMNS` and `t` (wall clock of the window's start), `end`, `when`,
        `gap` (bool: no value, or less than half of the window collected), `piece` (number of the
        unbroken run, by which lines are drawn so that none crosses a gap).
    """
    frame = signals.reindex(columns=SERIES_COLUMNS).sort_values("at").drop_duplicates("at", keep="last")
    step_s = int(frame["step_s"].dropna().iloc[0])
    full, _ = continuous(frame["at"], step_s, zone)
    frame = frame.set_index("at").reindex(full.union(pd.DatetimeIndex(frame["at"]))).rename_axis("at").reset_index()
    frame = frame.astype({c: "float64" for c in SERIES_COLUMNS[1:]})
    frame["gap"] = frame["value"].isna() | (frame["complete"].fillna(1.0) < 0.5)
    frame["piece"] = frame["gap"].cumsum().astype(int)
    frame["t"], frame["end"] = (
        clock(frame["at"], zone),
        clock(pd.Series(shifted(pd.DatetimeIndex(frame["at"]), step_s, zone)), zone),
    )
    frame["when"] = when(frame["at"], zone)
    return frame


def measured(frame: pd.DataFrame) -> pd.DataFrame:
    """The collected windows of a grid as they are written into a chart: only what is drawn, in few letters.

    Parameters
    ----------
    frame : pandas.DataFrame
        From :func:`grid`.

    Returns
    -------
    pandas.DataFrame
        `t` (ISO 8601 text, wall clock), `piece` and `DRAWN_COLUMNS`, to :data:`DIGITS` digits or whole units.
    """
    held = frame[~frame["gap"]]
    values = held[DRAWN_COLUMNS].to_numpy(dtype=float)
    size = np.floor(np.log10(np.abs(np.where((values == 0) | np.isnan(values), 1.0, values))))
    step = 10.0 ** np.clip(DIGITS - 1 - size, 0, None)
    shown = pd.DataFrame(np.round(values * step) / step, columns=DRAWN_COLUMNS)
    clocks = held["t"].dt.strftime("%Y-%m-%dT%H:%MZ").to_numpy()
    return shown.assign(t=clocks, piece=held["piece"].to_numpy())


def with_times(chart: alt.Chart) -> alt.Chart:
    """Give each window of :func:`measured` the words of its time, for tooltips.

    Parameters
    ----------
    chart : altair.Chart
        Over the rows of :func:`measured`.

    Returns
    -------
    altair.Chart
        With `when`.
    """
    return chart.transform_calculate(when="utcFormat(toDate(datum.t), '%Y-%m-%d %H:%M')")


def gap_spans(frame: pd.DataFrame) -> pd.DataFrame:
    """Runs of gap windows as spans `t`, `end`, `windows`.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a window in time order: `t`, `end`, `gap` (bool).

    Returns
    -------
    pandas.DataFrame
        One row for each unbroken run of gaps; `windows` counts them.
    """
    gaps = frame[frame["gap"]]
    if gaps.empty:
        return pd.DataFrame({"t": [], "end": [], "windows": []})
    run = (~frame["gap"]).cumsum()[frame["gap"]]
    return gaps.groupby(run).agg(t=("t", "min"), end=("end", "max"), windows=("t", "size")).reset_index(drop=True)
