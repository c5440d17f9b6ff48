"""The windows of a watch with their index and levels, so that a history is computed once and read at any moment of it.

No window's index or level rests on a later one: what was known at a moment is the beginning of what is known now.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd
import pyarrow as pa

from crisislib.core.levels import Level
from crisislib.core.watch import Watch
from crisislib.warn.crisis_index import Index, index
from crisislib.warn.hysteresis import levels_in_force
from crisislib.warn.index_weights import SHIPPED, Weights
from crisislib.warn.watch_series import SeriesEvidence, series_evidence


@dataclass(frozen=True)
class IndexedWindows:
    """Windows of one watch, in order of time.

    Attributes
    ----------
    rows : pandas.DataFrame
        SIGNALS rows of the watch and its step, in order of `at`.
    made : Index
        The index of every window.
    series : SeriesEvidence
        What the series show, of these windows and perhaps of others.
    levels : list of str
        The level in force in every window, without hard triggers.
    """

    rows: pd.DataFrame
    made: Index
    series: SeriesEvidence
    levels: list[Level]

    def before(self, moment: pd.Timestamp) -> IndexedWindows:
        """The windows that begin before a moment.

        Parameters
        ----------
        moment : pandas.Timestamp
            The clock.

        Returns
        -------
        IndexedWindows
            Views of these.
        """
        made = self.made
        if not len(made.at):
            return self
        n = int(made.at.searchsorted(moment))
        part = replace(
            made, at=made.at[:n], value=made.value[:n], scores=made.scores[:n], leaders=made.leaders[:n],
            complete=made.complete[:n],
        )  # fmt: skip
        held = int(self.rows["at"].searchsorted(moment))
        return replace(self, rows=self.rows.iloc[:held], made=part, levels=self.levels[:n])


def index_windows(
    signals: pa.Table | pd.DataFrame, watch: Watch, *, weights: Weights = SHIPPED, series: SeriesEvidence | None = None
) -> IndexedWindows:
    """Index and level of every window of a watch.

    Parameters
    ----------
    signals : pyarrow.Table or pandas.DataFrame
        SIGNALS rows (present state), in any order.
    watch : Watch
        Its step and thresholds.
    weights : Weights
        Frozen weights of the index.
    series : SeriesEvidence, optional
        Over the same signals or longer ones; made of these when left out.

    Returns
    -------
    IndexedWindows
    """
    rows = signals.to_pandas() if isinstance(signals, pa.Table) else signals
    rows = rows[(rows["watch"] == watch.watch) & (rows["step_s"] == watch.window.step_minutes * 60)]
    rows = rows.sort_values("at", kind="stable")
    series = series_evidence(rows, watch) if series is None else series
    made = index(rows, weights=weights)
    return IndexedWindows(rows, made, series, levels_in_force(made.value, made.at, series))
