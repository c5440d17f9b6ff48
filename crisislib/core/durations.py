"""Lengths of time and expected counts in words: one way to say them on pages, in reports, mail and the terminal."""

from __future__ import annotations

import math
from datetime import timedelta

from crisislib.core.i18n import N_
from crisislib.core.phrase import Phrase

SECOND, MINUTE, HOUR, DAY, MONTH, YEAR = 1.0, 60.0, 3600.0, 86400.0, 86400 * 365 / 12, 86400 * 365.0
"""Units, seconds."""
_WORDS = (
    (2 * MINUTE, SECOND, N_("{n} {n:second|seconds}"), N_("{n} s")),
    (2 * HOUR, MINUTE, N_("{n} {n:minute|minutes}"), N_("{n} min")),
    (2 * DAY, HOUR, N_("{n} {n:hour|hours}"), N_("{n} h")),
    (60 * DAY, DAY, N_("{n} {n:day|days}"), N_("{n} {n:day|days}")),
    (YEAR, MONTH, N_("{n} {n:month|months}"), N_("{n} {n:month|months}")),
)
"""Below how many seconds, in which unit, in which words, and in which short ones: at least two of a unit, so that
rounding to whole ones loses little."""
ONE_MOMENT = timedelta(milliseconds=1)
"""What is written within it is of one moment: on a clock that stands still, as in a demonstration, a thousand
corrections lie a microsecond after each other, and whoever reads as at that moment must read them."""
BOTH = N_("{h} h {m} min")
SPLIT = 10 * HOUR
"""Below it, hours of a short length of time are split: "+116 min" and "+3 h" in one column are hard to compare."""
LONG = N_("more than a year")
"""Nothing that is stored tells two years from ten."""
WHOLE = 10
"""Expected posts from which none is split: "17.8 posts" says no more than "18"."""


def duration(seconds: float, *, short: bool = False) -> Phrase:
    """A length of time in whole units that fit it.

    Parameters
    ----------
    seconds : float
        How long; what is below zero counts as none.
    short : bool
        With the signs of units (`7 h 20 min`), for tiles and tables.

    Returns
    -------
    Phrase
        To be rendered in the reader's language; `5 hours` for 292 minutes, `1 hour` for exactly 60.
    """
    long = max(0.0, seconds)
    hours, minutes = divmod(round(long / MINUTE), 60)
    if short and HOUR <= MINUTE * round(long / MINUTE) < SPLIT:
        return Phrase(BOTH, {"h": hours, "m": minutes}) if minutes else Phrase("{n} h", {"n": hours})
    for below, unit, words, signs in _WORDS:
        if long < below and long not in (MINUTE, HOUR):
            n = round(long / unit)
            return Phrase(signs if short else words, {"n": n if unit == SECOND else max(1, n)})
        if long == unit:
            return Phrase(signs if short else words, {"n": 1})
    return Phrase(LONG)


def expected_count(value: float) -> str:
    """How many posts are usual or expected, which need be no whole number.

    Parameters
    ----------
    value : float
        The expected count; what is not finite is a dash.

    Returns
    -------
    str
        `18` for 17.8, `1,562` for 1562.3, `7.9` for 7.89, `0.5`, `0`.
    """
    if not math.isfinite(value):
        return "–"
    if abs(value) >= WHOLE:
        return f"{value:,.0f}"
    return f"{value:.1f}".removesuffix(".0")
