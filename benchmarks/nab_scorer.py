"""The Numenta Anomaly Benchmark's scoring, written to its published rules.

Notes
-----
The first 15 % of a file (at most 750 rows) are probation. A detection is a row whose score reaches
the threshold. Of the detections within a window only the first counts, with
A_TP · σ(y) / σ(−1), where σ(y) = 2 / (1 + exp(5y)) − 1 and y runs from −1 at the window's left edge to 0
at its right edge. A detection outside costs A_FP · σ(y), y being its distance behind the last window in
units of that window's length (σ is −1 beyond y = 3, and before any window). A window without a detection
costs A_FN. Normalised: 100 · (raw + A_FN · W) / (W · (1 + A_FN)). Lavin and Ahmad 2015,
doi:10.1109/ICMLA.2015.141.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

PROFILES = {
    "standard": (1.0, 0.11, 1.0),
    "reward_low_FP_rate": (1.0, 0.22, 1.0),
    "reward_low_FN_rate": (1.0, 0.11, 2.0),
}
"""Name -> weights of a true positive, a false positive, a missed window."""


@dataclass(frozen=True)
class Scored:
    """Raw score of one series under one profile, and what it is made of."""

    raw: float
    windows: int
    hit: int
    false: int
    delays: tuple[float, ...]
    """Of each window hit: rows from its left edge to the first detection."""


def probation(rows: int) -> int:
    """Rows at the start of a file that are not scored."""
    return int(min(0.15 * rows, 0.15 * 5000))


def sigma(y: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """NAB's scaled sigmoid; −1 beyond three window lengths."""
    place = np.asarray(y, dtype=float)
    return np.where(place > 3.0, -1.0, 2.0 / (1.0 + np.exp(5.0 * np.minimum(place, 3.0))) - 1.0)


def score(detected: NDArray[np.bool_], windows: Sequence[tuple[int, int]], profile: str) -> Scored:
    """Score one series.

    Parameters
    ----------
    detected : array of bool, shape (n,)
        Rows at which the detector alarms.
    windows : sequence of (int, int)
        First and last row of every labelled window, in order, both included.
    profile : str
        One of :data:`PROFILES`.

    Returns
    -------
    Scored
        Raw score and its parts; windows that lie in the probation are left out.
    """
    gain, fp, fn = PROFILES[profile]
    start = probation(len(detected))
    rows = np.flatnonzero(detected)
    rows = rows[rows >= start]
    counted = [(a, b) for a, b in windows if b >= start]
    raw, hit, delays = 0.0, 0, []
    inside = np.zeros(len(rows), dtype=bool)
    for a, b in counted:
        within = (rows >= a) & (rows <= b)
        inside |= within
        if within.any():
            width = b - a + 1
            y = -(b - rows[within][0] + 1) / width
            raw += gain * float(sigma(y) / sigma(-1.0))
            delays.append(float(rows[within][0] - a))
            hit += 1
        else:
            raw -= fn
    outside = rows[~inside]
    if len(outside):
        ends = np.array([b for _, b in windows])
        widths = np.array([b - a + 1 for a, b in windows], dtype=float)
        last = np.searchsorted(ends, outside, side="left") - 1 if len(ends) else np.full(len(outside), -1)
        behind = last >= 0
        penalty = np.full(len(outside), -1.0)
        at = outside[behind]
        penalty[behind] = sigma((at - ends[last[behind]]) / np.maximum(widths[last[behind]] - 1, 1))
        raw += fp * float(penalty.sum())
    return Scored(raw, len(counted), hit, len(outside), tuple(delays))


def normalised(parts: Sequence[Scored], profile: str) -> float:
    """Score of several series on NAB's scale: 0 for no alarms at all, 100 for perfect ones."""
    fn = PROFILES[profile][2]
    total = sum(p.windows for p in parts)
    return 100.0 * (sum(p.raw for p in parts) + fn * total) / (total * (1.0 + fn)) if total else float("nan")
