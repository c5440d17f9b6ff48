"""Around the clock: collects, labels, measures, decides and tells, for many watches, whatever happens to machines."""

from crisislib.monitor.clock import Clock, Jump
from crisislib.monitor.monitor import Monitor, Tick
from crisislib.monitor.serve import serve

__all__ = ["Clock", "Jump", "Monitor", "Tick", "serve"]
