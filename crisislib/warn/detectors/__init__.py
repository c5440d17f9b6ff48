"""Detectors over one series: pure functions of the past, one a file."""

from crisislib.warn.detectors.tail import TailScale, alarms, return_period

__all__ = ["TailScale", "alarms", "return_period"]
