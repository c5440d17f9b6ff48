"""Axes of a drawing that is written without a drawing library: round values, full hours and days."""

from __future__ import annotations

from bisect import bisect_right
from math import ceil, floor, log10

import pandas as pd

_STEPS = ((50**0.5, 10), (10**0.5, 5), (2**0.5, 2))
"""Geometric means between 1, 2, 5 and 10: where the nearest of them changes (as in d3-array's `ticks`)."""
_HOURS = (1, 3, 6, 12, 24, 48, 24 * 7, 24 * 30, 24 * 90, 24 * 365)
"""Hours between two marks of a time axis: those that readers count in."""
_ZH, _EN = ((1e8, "亿"), (1e4, "万")), ((1e6, "M"), (1e4, "k"))
"""From which value in which unit, as each language counts; smaller ones fit the axis as they are."""


def round_step(top: float, marks: int) -> float:
    """The round number by which so many marks reach a value.

    Parameters
    ----------
    top : float
        The largest value, above zero.
    marks : int
        About how many are wanted.

    Returns
    -------
    float
        1, 2 or 5 times a power of ten; at least 1, for what is counted is whole.
    """
    raw = top / marks
    power = floor(log10(raw))
    times = next((factor for limit, factor in _STEPS if raw / 10**power >= limit), 1)
    return max(1.0, times * 10.0**power)


def value_marks(top: float, marks: int = 4) -> list[float]:
    """Values of an axis that begins at zero; the last is not below the largest value.

    Parameters
    ----------
    top : float
        The largest value.
    marks : int
        About how many are wanted.

    Returns
    -------
    list of float
    """
    step = round_step(top, marks) if top > 0 else 1.0
    return [step * i for i in range(max(1, ceil(top / step - 1e-9)) + 1)]


def value_label(value: float, language: str) -> str:
    """A value of an axis, short and as the language counts.

    Parameters
    ----------
    value : float
        The value.
    language : {"zh", "en"}
        Of the reader.

    Returns
    -------
    str
        Such as `800`, `2,000`, `15k` or `1.5万`.
    """
    for size, unit in _ZH if language == "zh" else _EN:
        if value >= size:
            return f"{value / (1e3 if unit == 'k' else size):,.10g}{unit}"
    return f"{value:,.0f}"


def time_marks(first: pd.Timestamp, last: pd.Timestamp, marks: int) -> list[pd.Timestamp]:
    """Round times of an axis.

    Parameters
    ----------
    first, last : pandas.Timestamp
        Wall-clock ends of the axis.
    marks : int
        About how many are wanted.

    Returns
    -------
    list of pandas.Timestamp
        Full hours, midnights, or the first days of weeks, months and years.
    """
    wanted = max((last - first).total_seconds() / 3600 / marks, 1e-9)
    above = min(bisect_right(_HOURS, wanted), len(_HOURS) - 1)
    below = max(above - 1, 0)
    hours = _HOURS[below] if wanted / _HOURS[below] < _HOURS[above] / wanted else _HOURS[above]
    if hours >= 24 * 30:
        every = pd.date_range(first.normalize(), last, freq={720: "MS", 2160: "QS", 8760: "YS"}[hours])
    elif hours == 24 * 7:
        every = pd.date_range(first.normalize(), last, freq="W-SUN")
    else:
        every = pd.date_range(first.floor("D"), last, freq=f"{hours}h")
    return [at for at in every if first <= at <= last]


def time_label(at: pd.Timestamp) -> str:
    """A mark of a time axis: the day at midnight, else the time of day; readable in both languages.

    Parameters
    ----------
    at : pandas.Timestamp
        Wall clock.

    Returns
    -------
    str
    """
    return str(at.strftime("%m-%d" if at == at.normalize() else "%H:%M"))
