"""A line of one row's height: paths for a small drawing in a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import pandas as pd

WIDTH, HEIGHT, EDGE = 180.0, 40.0, 3.0
"""The box of the drawing, and what is left free above and below, so that a line is not cut."""


@dataclass(frozen=True)
class Spark:
    """A drawing in a box of :data:`WIDTH` by :data:`HEIGHT`.

    Attributes
    ----------
    lines : sequence of str
        Paths, one an unbroken run of windows.
    band : str
        Path around what is usual; empty where it is not known.
    gaps : sequence of (float, float)
        Begin and width of what was not collected.
    """

    lines: Sequence[str]
    band: str
    gaps: Sequence[tuple[float, float]]


def spark(rows: pd.DataFrame) -> Spark:
    """Windows of one signal as a small line with its usual band; what was not collected is grey and never zero.

    Parameters
    ----------
    rows : pandas.DataFrame
        SIGNALS rows of one signal by time: `value`, `lo`, `hi`, `complete`.

    Returns
    -------
    Spark
    """
    n = len(rows)
    if n < 2:
        return Spark((), "", ())
    value = rows["value"].where(rows["complete"].fillna(1.0) >= 0.5).to_numpy(dtype=float)
    low, high = (rows[c].to_numpy(dtype=float) for c in ("lo", "hi"))
    known = pd.Series([*value, *high]).dropna()
    top = float(known.max()) if len(known) and known.max() > 0 else 1.0
    step = WIDTH / (n - 1)

    def point(i: int, v: float) -> str:
        return f"{i * step:.1f} {HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * min(max(v / top, 0.0), 1.0):.1f}"

    lines, gaps = [], []
    for missing, run in groupby(range(n), key=lambda i: bool(pd.isna(value[i]))):
        part = list(run)
        if missing:
            gaps.append((round(max(0.0, (part[0] - 0.5) * step), 1), round(len(part) * step, 1)))
        elif len(part) > 1:
            lines.append("M" + "L".join(point(i, value[i]) for i in part))
    ends = [i for i in range(n) if pd.notna(low[i]) and pd.notna(high[i])]
    band = ""
    if len(ends) > 1:
        band = f"M{'L'.join(point(i, high[i]) for i in ends)}L{'L'.join(point(i, low[i]) for i in reversed(ends))}Z"
    return Spark(tuple(lines), band, tuple(gaps))
