"""POSTS, LABELS, GROUPS and ACCOUNTS to SIGNALS: one indicator per file, one baseline for all.

A signal is a series of windows; each window has a value, what was to be expected, an interval, a
surprise, the posts behind it, and how much of it was collected. Silence is never calm: what was
not collected or not labelled is null and says so.
"""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.signals.baseline import MIN_HISTORY, Expectation, Pace, counts
    from crisislib.signals.compute import CONTEXT, compute
    from crisislib.signals.coverage import gap_spans
    from crisislib.signals.expect import expect
    from crisislib.signals.frames import LABELS_READ, POSTS_READ, Frames, Grid, floor, grid, named, origin
    from crisislib.signals.indicator import Indicator
    from crisislib.signals.kept import Kept
    from crisislib.signals.ranks import calibrate
    from crisislib.signals.ratios import shares
    from crisislib.signals.registry import INDICATORS
    from crisislib.signals.sums import amounts

__all__ = [
    "CONTEXT",
    "INDICATORS",
    "LABELS_READ",
    "MIN_HISTORY",
    "POSTS_READ",
    "Expectation",
    "Frames",
    "Grid",
    "Indicator",
    "Kept",
    "Pace",
    "amounts",
    "calibrate",
    "compute",
    "counts",
    "expect",
    "floor",
    "gap_spans",
    "grid",
    "named",
    "origin",
    "shares",
]

resolve_lazily(__name__)
