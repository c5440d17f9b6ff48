"""Names of dimensions and signals as readers see them in warnings, and lengths of time in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crisislib.core.durations import expected_count
from crisislib.core.i18n import N_
from crisislib.core.phrase import whole_percents

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
SHARES = frozenset({"negative_share", "call_to_action", "coordination"})
"""Those that are a part of the posts."""
SMALLEST = 0.1
"""Below which one decimal would show nothing."""


def shown_number(value: float) -> str:
    """A count or a point of an index as people read it: whole.

    Parameters
    ----------
    value : float
        Anything; what is not finite is a dash.

    Returns
    -------
    str
        `1,234` or `–`.
    """
    return f"{value:,.0f}" if np.isfinite(value) else "–"


def signal_value(signal: str, value: float) -> str:
    """A value of a signal as people read it: a share in percent, anything else as a count that need not be whole.

    Parameters
    ----------
    signal : str
        Its key.
    value : float
        Anything; what is not finite is a dash.

    Returns
    -------
    str
        `53%`, `1,234`, `0.5` or `–`.
    """
    if signal in SHARES and np.isfinite(value):
        return whole_percents(value)
    return f"{value:.2g}" if 0 < abs(value) < SMALLEST else expected_count(value)
