"""Many series side by side as arrays: what the outlook learns from and the backtest replays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from crisislib.core import window_times
from crisislib.simulation.series import SIGNALS, Simulated
from crisislib.warn.crisis_index import STANDS_FOR, combine, dimensions, score
from crisislib.warn.index_weights import DIMENSIONS, SHIPPED

Floats = npt.NDArray[np.float64]


class Expected(Protocol):
    """What a baseline answers: see the baselines of the signals room."""

    @property
    def expected(self) -> Floats: ...  # noqa: D102
    @property
    def surprise(self) -> Floats: ...  # noqa: D102


class Expect(Protocol):
    """The door to the baselines, given by who may open it (rooms do not import each other)."""

    def __call__(  # noqa: D102
        self,
        kind: str,
        value: Floats,
        n: Floats,
        k: Floats,
        slots: npt.NDArray[np.int64],
        *,
        step_s: int,
        first: int,
    ) -> Expected: ...


@dataclass(frozen=True)
class Panel:
    """Signals of several series as arrays of shape (series, windows) each.

    Attributes
    ----------
    at : pandas.DatetimeIndex
        Starts of the windows.
    step_s : int
        Their length, seconds.
    value, expected, surprise, n : dict of str to numpy.ndarray
        Per signal.
    scores : numpy.ndarray
        Shape (series, windows, dimensions).
    index : numpy.ndarray
        Shape (series, windows), 0-100.
    """

    at: pd.DatetimeIndex
    step_s: int
    value: dict[str, Floats]
    expected: dict[str, Floats]
    surprise: dict[str, Floats]
    n: dict[str, Floats]
    scores: Floats
    index: Floats

    def of(self, signal: str) -> Floats:
        """Values of a signal, NaN where the panel does not hold it.

        Parameters
        ----------
        signal : str
            Name.

        Returns
        -------
        numpy.ndarray
            Shape (series, windows), in the unit of the signal.
        """
        return self.value.get(signal, np.full(self.index.shape, np.nan))


def build_panel(
    at: pd.DatetimeIndex,
    step_s: int,
    tables: tuple[dict[str, Floats], dict[str, Floats], dict[str, Floats], dict[str, Floats]],
) -> Panel:
    """A panel from arrays of value, expected, surprise and posts per signal, each (series, windows).

    Parameters
    ----------
    at : pandas.DatetimeIndex
        Starts of the windows, UTC.
    step_s : int
        Length of a window, seconds.
    tables : tuple of dict of str to numpy.ndarray
        Value, expected value, surprise (decades) and posts by signal.

    Returns
    -------
    Panel
        With the scores of the dimensions and the index.
    """
    value, expected, surprise, n = tables
    named = [s for names in DIMENSIONS.values() for s in names if s in surprise]
    each = np.stack([score(surprise[s], np.nan_to_num(n[s]) * STANDS_FOR.get(s, 1.0)) for s in named], axis=-1)
    scores, _ = dimensions(each, named)
    return Panel(at, step_s, value, expected, surprise, n, scores, combine(scores, SHIPPED))


def simulated_panel(made: Simulated, expect: Expect) -> Panel:
    """Lay simulated series against their baselines, as they would be live.

    Parameters
    ----------
    made : Simulated
        Series of hourly windows.
    expect : callable
        Gives the baseline of a signal.

    Returns
    -------
    Panel
        With the index that the product would have shown.
    """
    expected, surprise = {}, {}
    for name, kind in SIGNALS.items():
        baseline = expect(
            kind, made.value[name], made.n[name], made.k[name], made.slots, step_s=3600, first=len(made.at)
        )
        expected[name], surprise[name] = baseline.expected, baseline.surprise
    return build_panel(made.at, 3600, (made.value, expected, surprise, made.n))


def signals_panel(frames: Sequence[pd.DataFrame], zone: str = "UTC") -> Panel:
    """Lay SIGNALS rows of some watches (one step, one grid) side by side.

    Parameters
    ----------
    frames : sequence of pandas.DataFrame
        SIGNALS rows, one frame a watch.
    zone : str
        IANA name of the time zone in which windows of a day begin at midnight.

    Returns
    -------
    Panel
        One series a frame; NaN where a frame has no row.
    """
    rows = pd.concat([frame.assign(series=i) for i, frame in enumerate(frames)], ignore_index=True)
    step = int(rows["step_s"].iloc[0])
    at, _ = window_times.continuous(rows["at"], step, zone)
    present = set(rows["signal"].unique())
    named = [s for names in DIMENSIONS.values() for s in names if s in present]
    rows = rows[rows["signal"].isin(named)]
    place = at.get_indexer(pd.DatetimeIndex(rows["at"]))
    series = rows["series"].to_numpy()
    mine = {s: np.flatnonzero(rows["signal"] == s) for s in named}
    tables: list[dict[str, Floats]] = []
    for column in ("value", "expected", "surprise", "n_posts"):
        on_grid = {s: np.full((len(frames), len(at)), np.nan) for s in named}
        numbers = rows[column].to_numpy(dtype=float, na_value=np.nan)
        for s in named:
            on_grid[s][series[mine[s]], place[mine[s]]] = numbers[mine[s]]
        tables.append(on_grid)
    return build_panel(at, step, (tables[0], tables[1], tables[2], tables[3]))
