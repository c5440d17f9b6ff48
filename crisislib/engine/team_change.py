"""What every change of a team's records has: where, whose, who makes it and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from crisislib.core.watch import Watch
from crisislib.engine.home import Home


@dataclass(frozen=True)
class TeamChange:
    """A change of incidents, tasks, statements or the logbook, before what it changes is known.

    Attributes
    ----------
    home : Home
        The workbench.
    watch : Watch
        The watch.
    by : str
        Who makes it.
    now : datetime
        When it is written down: wall clock.
    """

    home: Home
    watch: Watch
    by: str
    now: datetime
