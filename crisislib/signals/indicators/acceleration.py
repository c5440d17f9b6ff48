"""Acceleration: whether the rise itself grows."""

from __future__ import annotations

import pandas as pd

from crisislib.core.i18n import N_
from crisislib.signals.frames import Cut
from crisislib.signals.indicators.indicator import Indicator
from crisislib.signals.indicators.velocity import per_window


def acceleration(cut: Cut) -> pd.DataFrame:
    """Second difference of the volume, posts per hour per window squared.

    Parameters
    ----------
    cut : Cut
        The run's tables.

    Returns
    -------
    pandas.DataFrame
        `w`, `value` (posts per hour per window²), `n_posts`.
    """
    each = per_window(cut)
    hours = cut.grid.step_s / 3600.0
    return each.assign(value=each["value"].diff().diff() / hours).dropna(subset=["value"])


ACCELERATION = Indicator(
    "acceleration", N_("posts per hour, change of change"), N_("Acceleration"), 1, "change", acceleration
)
