"""The levels in use over a history, as the decider gives them: the same evidence, limits and hysteresis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from crisislib.core.levels import rank
from crisislib.core.watch import Watch
from crisislib.core.watch_sections import Levels
from crisislib.warn.hysteresis import levels_in_force
from crisislib.warn.series_panel import Panel
from crisislib.warn.watch_series import series_evidence

Floats = npt.NDArray[np.float64]


def raised(panel: Panel, levels: Levels, frames: Sequence[pd.DataFrame] = (), watch: Watch | None = None) -> Floats:
    """1 in windows whose level is blue or above as it would have been decided, else 0; without hard triggers.

    Parameters
    ----------
    panel : Panel
        Series on one grid.
    levels : Levels
        Thresholds, calm windows and the budget of alarms.
    frames : sequence of pandas.DataFrame
        SIGNALS rows of each series. Without them they are made of the panel's volume (or heat) and negative share: what
        is not in the panel speaks for no level.
    watch : Watch, optional
        Whose the frames are: its zone and length of memory count. Defaults otherwise.

    Returns
    -------
    numpy.ndarray
        Float, shape (series, windows).
    """
    step = max(1, panel.step_s // 60)
    given = watch or Watch.model_validate(
        {"watch": "history", "title": {"en": "history"}, "brand": {"names": ["history"]}, "timezone": "UTC"}
    )
    given = given.model_copy(
        update={"levels": levels, "window": given.window.model_copy(update={"step_minutes": step})}
    )
    rows = []
    for values, signals in zip(panel.index, frames or _signals(panel), strict=True):
        in_force = levels_in_force(values, panel.at, series_evidence(signals, given))
        rows.append([rank(level) >= rank("blue") for level in in_force])
    return np.asarray(rows, dtype=float)


def _signals(panel: Panel) -> Iterator[pd.DataFrame]:
    """SIGNALS rows of every series of a panel that a level's limits are read from."""
    posts, heat, share = panel.of("volume"), panel.of("heat"), panel.of("negative_share")
    for number, n in enumerate(posts):
        bad = np.where(np.isfinite(n), np.nan_to_num(share[number]) * n, np.nan)
        measured = {"volume": n, "heat": heat[number]}
        measured |= {"negative_posts": bad} if np.isfinite(share[number]).any() else {}
        parts = [
            pd.DataFrame({"signal": name, "at": panel.at, "step_s": panel.step_s, "value": value, "n_posts": n})
            for name, value in measured.items()
            if np.isfinite(value).any()
        ]  # fmt: skip
        yield pd.concat(parts, ignore_index=True)
