"""Two clocks side by side: the wall's, which people set, and the machine's, which only runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

NOTICED = timedelta(seconds=30)
"""Difference between the two clocks from which the wall's was set, not merely corrected."""


@dataclass(frozen=True)
class Jump:
    """The wall clock was set."""

    at: datetime
    by: timedelta
    """Forward where positive, back where negative."""


class Clock:
    """Reads the time and notices when somebody set it.

    Parameters
    ----------
    wall : callable
        Time of day, UTC.
    steady : callable
        Seconds that only ever grow. A simulated wall clock brings its own, or every step looks like a jump.
    """

    def __init__(
        self,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wall, self._steady = wall, steady
        self._last: tuple[datetime, float] | None = None

    def read(self) -> tuple[datetime, Jump | None]:
        """Now, and whether the clock was set since the last reading."""
        now, ran = self._wall(), self._steady()
        last, self._last = self._last, (now, ran)
        if last is None:
            return now, None
        by = (now - last[0]) - timedelta(seconds=ran - last[1])
        return now, Jump(now, by) if abs(by) > NOTICED else None
