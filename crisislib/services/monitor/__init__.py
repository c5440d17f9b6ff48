"""Around the clock: collects, labels, measures, decides and tells, for many watches, whatever happens to machines."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crisislib.services.monitor.clock import Clock, Jump
    from crisislib.services.monitor.monitor import Monitor, Tick
    from crisislib.services.monitor.process import serve

__all__ = ["Clock", "Jump", "Monitor", "Tick", "serve"]

_PLACE = {"Clock": "clock", "Jump": "clock", "Monitor": "monitor", "Tick": "monitor", "serve": "process"}


def __getattr__(name: str) -> object:
    """What is named, imported when it is asked for: the processes that ask sources need little of this room."""
    if name not in _PLACE:
        raise AttributeError(name)
    return getattr(import_module(f"crisislib.services.monitor.{_PLACE[name]}"), name)
