"""How often an edge of each kind names the true parent, measured by hiding known parents.

The numbers come from `benchmarks/reconstruct.py`: fitted on the oldest 70 % of the cascades of two
public research sets (Weibo reposts of 2010-13, Twitter retweets and replies of 2014-16), checked on
the newest 30 %. They are rates of a few kinds of edges, not a model of texts or people. They speak of
the parent, not of the story: an edge to a stated root is nearly always right about the story and less
often about the person in between. `link`, `copy` and `thread` could not be measured (no set tells who
read a link where) and are set low by judgement.
"""

from __future__ import annotations

import numpy as np

CONFIDENCE = {
    "explicit": 1.0,
    "chain": 0.99,
    "chain_name": 0.5,
    "ghost": 0.9,
    "thread": 0.4,
    "link": 0.3,
    "copy": 0.4,
}
"""By method; `chain`: name and words agree, `chain_name`: no words are left to compare; `ghost`: the
person who is quoted, whose post is missing."""

STAR_CHAIN = 0.95
"""A repost without a chain where the source writes chains: straight from the root, unless it was cut."""

STAR_AGE_S = np.array([0.0, 60, 300, 1200, 2700, 9000, 43_200, 259_200, 2_000_000])
STAR_BY_AGE = np.array([0.99, 0.98, 0.90, 0.80, 0.72, 0.64, 0.58, 0.52, 0.5])
"""Share of posts that came straight from the root, by seconds since it."""
