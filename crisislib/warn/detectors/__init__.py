"""Detectors over one series: pure functions of the past, one a file."""

from crisislib.warn.detectors.tail import Burst, Bursts, bursts, reach, return_period

__all__ = ["Burst", "Bursts", "bursts", "reach", "return_period"]
