"""The model for a watch without history: learnt from simulated cascades only, so that it holds nobody's data."""

from __future__ import annotations

from functools import cache

import numpy as np

from crisislib.spread.forecast.events import Events, Floats
from crisislib.spread.forecast.hawkes import varied
from crisislib.spread.forecast.model import Settings, SizeModel, fit

AGES = (600.0, 1800.0, 3600.0, 10800.0, 21600.0, 43200.0, 86400.0, 172800.0, 345600.0)
"""Seconds since the root that models are learnt for; a cascade is read by the nearest in log time."""

_CASCADES = 1500
_SEED = 20_150_810


def nearest(age: Floats) -> Floats:
    """The age of :data:`AGES` nearest to each age in log time."""
    grid = np.array(AGES)
    distance = np.abs(np.log(np.maximum(age, 1.0))[:, None] - np.log(grid)[None])
    return np.asarray(grid[np.argmin(distance, axis=1)])


@cache
def _simulated() -> Events:
    return varied(_CASCADES, seed=_SEED)


@cache
def shipped(age: float) -> SizeModel:
    """The simulation-trained model of one age; learnt on first use (about a second) and kept.

    Notes
    -----
    Analogues are weighed by growth only (`size_share` 0): the simulation knows nothing about how large
    stories get on a platform. See the model card, `forecast/CARD.md`, for its measured error.
    """
    return fit(_simulated(), age, settings=Settings(trees=100, boosters=0, size_share=0.0, seed=0))
