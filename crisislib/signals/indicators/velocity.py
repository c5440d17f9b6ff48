"""Velocity: how fast the volume changes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crisislib.core.i18n import N_
from crisislib.signals.frames import Cut
from crisislib.signals.indicators.indicator import Indicator
from crisislib.signals.indicators.volume import volume


def per_window(cut: Cut) -> pd.DataFrame:
    """Volume of every window of the grid: zero where collected, null where not (less than nine tenths).

    Parameters
    ----------
    cut : Cut
        The run's tables.

    Returns
    -------
    pandas.DataFrame
        `w`, `value` (posts), `n_posts`; one row for every window of the grid.
    """
    reduced = volume(cut).set_index("w")
    n = reduced["n_posts"].reindex(range(cut.grid.n), fill_value=0)
    value = n.astype(float).where(cut.complete > 0.9, np.nan)
    return pd.DataFrame({"w": n.index, "value": value.to_numpy(), "n_posts": n.to_numpy()})


def velocity(cut: Cut) -> pd.DataFrame:
    """First difference of the volume, posts per hour per window.

    Parameters
    ----------
    cut : Cut
        The run's tables.

    Returns
    -------
    pandas.DataFrame
        `w`, `value` (posts per hour per window), `n_posts`.
    """
    each = per_window(cut)
    hours = cut.grid.step_s / 3600.0
    return each.assign(value=each["value"].diff() / hours).dropna(subset=["value"])


VELOCITY = Indicator("velocity", N_("posts per hour, change"), N_("Velocity"), 1, "change", velocity)
