"""Drivers of the engine: batch runs, the demonstration, the monitor, the scheduler, the dashboards' server."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crisislib.services.batch import run
    from crisislib.services.dashboards_server import voila_command, voila_environment
    from crisislib.services.demonstration import demo
    from crisislib.services.jobs import scheduled
    from crisislib.services.publish import report

__all__ = ["demo", "report", "run", "scheduled", "voila_command", "voila_environment"]

_PLACE = {
    "demo": "demonstration", "report": "publish", "run": "batch", "scheduled": "jobs",
    "voila_command": "dashboards_server",
    "voila_environment": "dashboards_server",
}  # fmt: skip


def __getattr__(name: str) -> object:
    """What is named, imported when it is asked for: the processes that ask sources need little of this room."""
    if name not in _PLACE:
        raise AttributeError(name)
    return getattr(import_module(f"crisislib.services.{_PLACE[name]}"), name)
