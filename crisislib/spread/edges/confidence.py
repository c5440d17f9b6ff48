"""How often an edge of each kind names the true parent: round figures set by judgement, checked by hiding parents.

They are priors, not fitted parameters: no shipped number may be fitted to sets that are for measuring only. How
well they hold (precision and reliability by method) is what `benchmarks/reconstruct.py` prints for any set. They
speak of the parent, not of the story: an edge to a stated root is nearly always right about the story and less
often about the person in between.
"""

from __future__ import annotations

import numpy as np

CONFIDENCE = {
    "explicit": 1.0,
    "chain": 0.95,
    "chain_name": 0.5,
    "ghost": 0.9,
    "thread": 0.4,
    "link": 0.3,
    "copy": 0.4,
}
"""By method, 0-1; `chain`: name and words agree, `chain_name`: no words are left to compare; `ghost`: the
person who is quoted, whose post is missing."""

STAR_CHAIN = 0.9
"""A repost without a chain where the source writes chains: straight from the root, unless it was cut."""

STAR_AGE_S = np.array([0.0, 60, 300, 1200, 2700, 9000, 43_200, 259_200, 2_000_000])
"""Seconds since the root at which :data:`STAR_BY_AGE` is given: a minute to three weeks, even in log time."""
STAR_BY_AGE = np.array([0.95, 0.95, 0.90, 0.80, 0.70, 0.65, 0.60, 0.50, 0.5])
"""Chance that a post came straight from the root, by seconds since it: it falls as others spread it on."""
