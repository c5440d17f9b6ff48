"""Detectors over one series: pure functions of the past, one a file."""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.warn.detectors.burst_tail import return_period
    from crisislib.warn.detectors.return_periods import Burst, Bursts, bursts, reach

__all__ = ["Burst", "Bursts", "bursts", "reach", "return_period"]

resolve_lazily(__name__)
