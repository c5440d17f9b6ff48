"""Engagement observed again while a post still moves."""

from __future__ import annotations

import math
from collections.abc import Mapping

COUNTERS = ("likes", "reposts", "replies", "views")
MOVED = 0.05
"""A post whose counters have risen by a twentieth is observed again: less is not seen in the curve of a post, and a
page of posts that nobody touches any more adds nothing to the lake."""


def engagement(item: Mapping[str, object]) -> int | None:
    """All counters of an item together; None where it has none.

    Parameters
    ----------
    item : Mapping
        With some of :data:`COUNTERS`.
    """
    found = [n for n in (item.get(name) for name in COUNTERS) if isinstance(n, int | float) and math.isfinite(n)]
    return int(sum(found)) if found else None


def has_moved(before: int | None, total: int | None) -> bool:
    """Whether an item's counters have risen so far that it is observed again.

    Parameters
    ----------
    before, total : int or None
        Its counters together at the last observation and now.
    """
    return before is not None and total is not None and total - before >= max(1, MOVED * before)
