"""What one tick of the monitor did, and how long its posts had waited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa

NEWS_S = 3600.0
"""Posts that came later than this after their own time are history: their wait says nothing of the monitor."""


@dataclass(frozen=True)
class Tick:
    """What one tick did.

    Attributes
    ----------
    at : datetime
        The clock when it began.
    posts, evaluated, alerts : int
        Posts collected, watches evaluated, alerts raised.
    waits : numpy.ndarray
        Seconds from each new post's own time to the decision that includes it: the evaluation of its watch, or
        the screening that found nothing unusual; alerts are in the lake and on their way by then.
    """

    at: datetime
    posts: int
    evaluated: int
    alerts: int
    waits: npt.NDArray[np.float64]


def waits_of(posts: pa.Table, decided: Mapping[str, float], *, now: datetime, began: float) -> npt.NDArray[np.float64]:
    """Seconds from the posts' own time to the decision that includes them.

    Parameters
    ----------
    posts : pyarrow.Table
        POSTS of the tick.
    decided : Mapping[str, float]
        Watch -> when it was decided on, on the steady clock.
    now : datetime
        The clock when the tick began.
    began : float
        The steady clock then.
    """
    if posts.num_rows == 0:
        return np.zeros(0)
    watch = posts["watch"].combine_chunks().dictionary_encode()
    ended = np.array([decided[str(name)] for name in watch.dictionary.to_pylist()])[watch.indices.to_numpy()]
    made = posts["created_at"].cast(pa.int64()).to_numpy() / 1e6
    waits: npt.NDArray[np.float64] = now.timestamp() + ended - began - made
    return waits[waits < NEWS_S]
