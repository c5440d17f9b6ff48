"""POSTS, LABELS, GROUPS and ACCOUNTS to SIGNALS: one indicator per file, one baseline for all.

A signal is a series of windows; each window has a value, what was to be expected, an interval, a
surprise, the posts behind it, and how much of it was collected. Silence is never calm: what was
not collected or not labelled is null and says so.
"""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.signals.baseline.amounts import amounts
    from crisislib.signals.baseline.calibration_ranks import calibrate
    from crisislib.signals.baseline.counts import MIN_HISTORY, Expectation, Pace, counts
    from crisislib.signals.baseline.expectation import expect
    from crisislib.signals.baseline.ratios import shares
    from crisislib.signals.compute_signals import CONTEXT, compute
    from crisislib.signals.coverage import gap_spans
    from crisislib.signals.frame_reading import FAMILIES_READ, LABELS_READ, POSTS_READ, named
    from crisislib.signals.frames import ACTS, Frames
    from crisislib.signals.indicators.engagement import names_harm
    from crisislib.signals.indicators.indicator import Indicator
    from crisislib.signals.indicators.indicator_registry import INDICATORS
    from crisislib.signals.indicators.post_subjects import LISTED, subjects
    from crisislib.signals.window_grid import Grid, grid
    from crisislib.signals.window_history import ReductionCache

__all__ = [
    "ACTS",
    "CONTEXT",
    "FAMILIES_READ",
    "INDICATORS",
    "LABELS_READ",
    "LISTED",
    "MIN_HISTORY",
    "POSTS_READ",
    "Expectation",
    "Frames",
    "Grid",
    "Indicator",
    "Pace",
    "ReductionCache",
    "amounts",
    "calibrate",
    "compute",
    "counts",
    "expect",
    "gap_spans",
    "grid",
    "named",
    "names_harm",
    "shares",
    "subjects",
]

resolve_lazily(__name__)
