"""How many posts an incident will bring in the next hours if it goes on as bursts do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from crisislib.respond.decay_forecast import Stretch, forecast

Floats = npt.NDArray[np.float64]

LEAST = 3
"""Values before now that a forecast needs."""
MOST = 72
"""Values before now that are used: what is older says nothing of the fall, and the fit costs the cube of it."""
Z80 = 1.2816
"""Standard normal quantile of an 80 % interval."""
TALLEST = 5.0
"""Times the fullest hour so far that the mean of the coming hours may reach: beyond it a fit of few hours runs away."""


@dataclass(frozen=True)
class VolumeAhead:
    """Posts to come.

    Attributes
    ----------
    lo, mid, hi : int
        Posts of all the coming hours together: 80 % interval, and the median.
    usual : int
        Posts that as many ordinary hours bring.
    """

    lo: int
    mid: int
    hi: int
    usual: int


def volume_ahead(hours: pd.DataFrame, *, step_h: float, hours_ahead: int, since: pd.Timestamp) -> VolumeAhead | None:
    """Posts of the whole incident in the coming hours, by the decays of bursts.

    Parameters
    ----------
    hours : pandas.DataFrame
        `at`, `value` (posts an hour, null where not collected), `expected` (an ordinary hour); one row a step.
    step_h : float
        Hours from one row to the next.
    hours_ahead : int
        Hours to look ahead.
    since : pandas.Timestamp
        When the incident began: the course before it is no part of the burst.

    Returns
    -------
    VolumeAhead or None
        None where fewer than :data:`LEAST` values are known since the top of the burst and before it.

    Notes
    -----
    The course since the highest value is continued by the family of decays of
    :func:`crisislib.respond.decay_forecast.forecast`; before the top, the last values stand for it.
    """
    rows = hours.dropna(subset=["value"]).sort_values("at")
    if len(rows) < LEAST:
        return None
    value, expected = rows["value"].to_numpy(float), rows["expected"].to_numpy(float)
    usual = np.where(np.isfinite(expected) & (expected > 0), expected, np.nan)
    if not np.isfinite(usual).any():
        usual = np.full(len(value), max(float(np.median(value)), 0.05))
    usual = np.maximum(np.where(np.isfinite(usual), usual, np.nanmedian(usual)), 0.05)
    inside = np.flatnonzero((rows["at"] >= since.floor("h")).to_numpy())
    begin = int(inside[0]) if len(inside) else len(value) - LEAST
    top = begin + int(np.argmax(value[begin:]))
    first = max(min(top, len(value) - LEAST), len(value) - MOST, 0)
    k = max(1, round(hours_ahead / step_h))
    ahead = _rhythm(rows["at"], usual, k, step_h)
    before = np.arange(first, len(value))
    later = (np.arange(len(value), len(value) + k) - top).astype(np.float64)
    part = Stretch(
        value[before] * step_h, np.zeros(k), (before - top).astype(np.float64), later, usual[before] * step_h,
        ahead * step_h, counts=True,
    )  # fmt: skip
    made = forecast(part)
    most = np.log(max(float(value.max()), usual.max()) * step_h * k * TALLEST)
    lo, mid, hi = (float(np.exp(min(made.mean + z * made.sd, most))) for z in (-Z80, 0.0, Z80))
    return VolumeAhead(round(lo), round(mid), round(hi), round(float(ahead.sum() * step_h)))


def _rhythm(at: pd.Series[pd.Timestamp], usual: Floats, k: int, step_h: float) -> Floats:
    """The usual values of the k steps to come: those of a week before where they are stored, else of the day before."""
    step = timedelta(hours=step_h)
    known = pd.Series(usual, index=pd.DatetimeIndex(at))
    last = at.iloc[-1]
    ahead = [last + (i + 1) * step for i in range(k)]
    result = []
    for moment in ahead:
        back = next((moment - timedelta(days=d) for d in (7, 1, 2) if moment - timedelta(days=d) in known.index), None)
        result.append(known[back] if back is not None else float(np.median(usual)))
    return np.array(result, dtype=float)
