"""SIGNALS of earlier windows, as arrays: what the baselines have learned from so far."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from crisislib.core.window_times import shifted, steps_between
from crisislib.signals.window_grid import Grid

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Past:
    """SIGNALS before the windows that are computed anew, laid over their own windows."""

    at: pd.DatetimeIndex
    complete: Floats
    values: dict[str, Floats]
    counts: dict[str, Floats]

    def value(self, signal: str) -> Floats:
        """Values of one signal, NaN where it was not known.

        A part that nobody had met yet (a subject, a kind of complaint) counted none where the whole was counted.

        Parameters
        ----------
        signal : str
            Name, `<indicator>` or `<indicator>.<part>`.

        Returns
        -------
        numpy.ndarray
            Shape (windows,), in the unit of the signal.
        """
        none = np.full(len(self.at), np.nan)
        known, (stem, _, part) = self.values.get(signal, none), signal.partition(".")
        if not part:
            return known
        return np.where(np.isnan(known) & np.isfinite(self.values.get(stem, none)), 0.0, known)

    def n(self, signal: str) -> Floats:
        """Posts behind one signal, zero where it was not collected.

        Parameters
        ----------
        signal : str
            Name, `<indicator>` or `<indicator>.<part>`.

        Returns
        -------
        numpy.ndarray
            Shape (windows,), posts.
        """
        return np.nan_to_num(self.counts.get(signal, np.zeros(len(self.at))))


def past_of(history: pd.DataFrame | None, windows: Grid, first: int) -> Past:
    """Lay SIGNALS rows over the windows before number `first` of a grid; of several rows the last value counts.

    Parameters
    ----------
    history : pandas.DataFrame or None
        SIGNALS rows of one watch; None where nothing was computed before.
    windows : Grid
        The grid that is being computed.
    first : int
        Number of the first window that is computed anew.

    Returns
    -------
    Past
        Without windows where the history has none before that.
    """
    start = pd.Timestamp(windows.edges[first], unit="s", tz="UTC")
    mine = None if history is None else history[history["at"] < start]
    if mine is None or not len(mine):
        return Past(pd.DatetimeIndex([], tz="UTC"), np.zeros(0), {}, {})
    back = -int(steps_between(start, pd.DatetimeIndex([mine["at"].min()]), windows.step_s, windows.zone)[0])
    at = shifted(pd.DatetimeIndex([start]), windows.step_s, windows.zone, np.arange(-back, 0))
    column = at.get_indexer(pd.DatetimeIndex(mine["at"]).as_unit("us"))
    row, names = pd.factorize(mine["signal"])
    on_grid = column >= 0

    def by_signal(name: str) -> dict[str, Floats]:
        values = mine[name].to_numpy(dtype=float, na_value=np.nan)
        table = np.full((len(names), len(at)), np.nan)
        known = on_grid & np.isfinite(values)
        table[row[known], column[known]] = values[known]
        return dict(zip(map(str, names), table, strict=True))

    share = mine["complete"].to_numpy(dtype=float, na_value=np.nan)
    whole, measured = np.full(len(at), np.inf), on_grid & np.isfinite(share)
    np.minimum.at(whole, column[measured], share[measured])
    return Past(at, np.where(np.isfinite(whole), whole, 0.0), by_signal("value"), by_signal("n_posts"))
