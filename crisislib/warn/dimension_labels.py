"""Names of dimensions and signals as readers see them in warnings, and lengths of time in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crisislib.core.i18n import N_
from crisislib.core.phrase import Phrase

if TYPE_CHECKING:
    pass

TITLES = {
    "heat": N_("Heat"),
    "growth": N_("Growth"),
    "tendency": N_("Negative tendency"),
    "sensitivity": N_("Sensitivity"),
    "spread": N_("Spread"),
    "coordination": N_("Coordination"),
}
"""Dimensions of the index."""

SIGNALS = {
    "volume": N_("number of posts"),
    "sustained_volume": N_("posts in six windows"),
    "authors": N_("accounts that post"),
    "reach": N_("estimated impressions"),
    "engagement": N_("engagement index"),
    "heat": N_("heat of listed topics"),
    "velocity": N_("change of posts per hour"),
    "acceleration": N_("acceleration"),
    "negative_share": N_("share of negative posts"),
    "negative_index": N_("negative-sentiment index"),
    "sensitive_posts": N_("posts on sensitive subjects"),
    "sensitive_attention": N_("sensitive-topic attention"),
    "call_to_action": N_("share of calls to action"),
    "complaint": N_("complaints"),
    "platforms": N_("effective platforms"),
    "news": N_("number of news items"),
    "influencers": N_("widely followed accounts"),
    "coordination": N_("share of coordinated posts"),
}
"""Signals that speak for the dimensions."""

DURATIONS = (
    (1.5 / 24, 1 / 1440, N_("{n} {n:minute|minutes}")),
    (1.5, 1 / 24, N_("{n} {n:hour|hours}")),
    (60.0, 1.0, N_("{n} {n:day|days}")),
    (365.0, 365 / 12, N_("{n} {n:month|months}")),
)
"""Below how many days, in which unit, in which words."""
LONG = N_("more than a year")
"""Nothing that a baseline holds tells two years from ten."""


def duration(days: float) -> Phrase:
    """A length of time in words, in whole units that fit it.

    Parameters
    ----------
    days : float
        Length of time, days.

    Returns
    -------
    Phrase
        To be rendered in the reader's language.
    """
    for below, unit, words in DURATIONS:
        if days < below:
            return Phrase(words, {"n": max(1, round(days / unit))})
    return Phrase(LONG)


def shown_number(value: float) -> str:
    """A number as people read it: whole when large, three digits when small.

    Parameters
    ----------
    value : float
        Anything; what is not finite is a dash.

    Returns
    -------
    str
        `1,234`, `0.123` or `–`.
    """
    if not np.isfinite(value):
        return "–"
    return f"{value:,.0f}" if abs(value) >= 20 else f"{value:.3g}"
