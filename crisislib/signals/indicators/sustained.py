"""Sustained volume and sustained negativity: what single hours are too noisy to show."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from crisislib.core.i18n import N_
from crisislib.signals.frames import Cut
from crisislib.signals.indicators.indicator import Indicator
from crisislib.signals.indicators.negative import negative_posts
from crisislib.signals.indicators.velocity import per_window

Floats = npt.NDArray[np.float64]
VOLUME_SPAN, NEGATIVE_SPAN = 6, 24
"""Windows that are pooled: a slow rise is plain in their sum long before any one of them stands out."""
NEEDED = 0.75
"""Share of the span that must have been collected."""


def pooled(x: Floats, span: int) -> Floats:
    """Mean of the known windows of a trailing span, times the span; NaN where too few are known.

    Parameters
    ----------
    x : numpy.ndarray
        Shape (windows,); NaN where not known.
    span : int
        Windows, the newest included.

    Returns
    -------
    numpy.ndarray
        Same shape, in the unit of `x` summed over the span.
    """
    known = np.isfinite(x)
    total, n = (np.concatenate([[0.0], np.cumsum(part)]) for part in (np.where(known, x, 0.0), known.astype(float)))
    first = np.maximum(np.arange(len(x)) + 1 - span, 0)
    count = n[1:] - n[first]
    mean = (total[1:] - total[first]) / np.maximum(count, 1.0)
    sums: Floats = np.where(count >= NEEDED * span, mean * span, np.nan)
    return sums


def _rows(cut: Cut, value: Floats, n_posts: Floats) -> pd.DataFrame:
    frame = pd.DataFrame({"w": np.arange(cut.grid.n), "value": value, "n_posts": np.nan_to_num(n_posts)})
    return frame.dropna(subset=["value"])


def sustained_volume(cut: Cut) -> pd.DataFrame:
    """Posts of the last six windows together.

    Parameters
    ----------
    cut : Cut
        The run's tables.

    Returns
    -------
    pandas.DataFrame
        `w`, `value` (posts), `n_posts`.
    """
    each = per_window(cut)["value"].to_numpy(dtype=float)
    total = pooled(each, VOLUME_SPAN)
    return _rows(cut, total, total)


def sustained_negative(cut: Cut) -> pd.DataFrame:
    """Negative posts of the last twenty-four windows together; silent hours in between count as none.

    Parameters
    ----------
    cut : Cut
        The run's tables.

    Returns
    -------
    pandas.DataFrame
        `w`, `value` (posts, not whole), `n_posts`.
    """
    reduced = negative_posts(cut)
    reduced = reduced[reduced["part"] == ""].drop(columns="part")
    if reduced.empty:
        return reduced
    each = reduced.set_index("w")["value"].reindex(range(cut.grid.n)).to_numpy(dtype=float)
    quiet = (cut.per_window == 0) & (cut.complete > 0.9)
    total = pooled(np.where(quiet, 0.0, each), NEGATIVE_SPAN)
    return _rows(cut, total, total)


SUSTAINED_VOLUME = Indicator(
    "sustained_volume", N_("posts in six windows"), N_("Sustained volume"), 1, "amount", sustained_volume
)
SUSTAINED_NEGATIVE = Indicator(
    "sustained_negative", N_("posts in 24 windows"), N_("Sustained negative posts"), 1, "amount", sustained_negative
)
