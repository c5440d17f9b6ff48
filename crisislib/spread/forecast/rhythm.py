"""The day rhythm of an audience."""

from __future__ import annotations

import numpy as np

DAY = 86400.0
"""Seconds of a day."""
_NIGHT_AND_DAY = (
    "0.8 0.55 0.4 0.3 0.3 0.4 0.65 0.9 1.05 1.15 1.2 1.2 1.2 1.2 1.15 1.1 1.1 1.1 1.15 1.25 1.35 1.4 1.3 1.05"
)
AWAKE = np.array([float(share) for share in _NIGHT_AND_DAY.split()])
"""How awake an audience is by local clock hour: few at four in the night, most at nine in the evening.
A round-number assumption, not fitted to any data set; scaled to mean 1 where it is used."""
