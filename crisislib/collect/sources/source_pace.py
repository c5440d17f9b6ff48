"""How often a provider may be asked: calls in a span of time, counted in the source's own state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from crisislib.core.errors import ThrottledError
from crisislib.core.i18n import N_


@dataclass(frozen=True)
class Pace:
    """A provider's limit.

    Attributes
    ----------
    calls : int
        Allowed in any span of so many seconds.
    seconds : float
        Length of the span.
    """

    calls: int
    seconds: float

    def __str__(self) -> str:
        unit = {1.0: "s", 60.0: "min", 600.0: "10 min", 3600.0: "h", 86400.0: "day"}
        return f"{self.calls}/{unit.get(self.seconds, f'{self.seconds:g} s')}"


@dataclass
class Budget:
    """The calls that are left of a pace; those made are stored with the source's state, so that a restart knows them.

    Parameters
    ----------
    pace : Pace
        The provider's limit.
    state : Mapping
        The source's state; `calls` has the times of earlier calls, seconds since 1970.
    now : datetime
        UTC; all calls of one fetch count as made now.
    """

    pace: Pace
    state: Mapping[str, Any]
    now: datetime
    made: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        begin = (self.now - timedelta(seconds=self.pace.seconds)).timestamp()
        end = self.now.timestamp() + 1  # a clock that was set back must not lock a source out
        self.made = [at for at in self.state.get("calls", []) if begin < at <= end]

    @property
    def left(self) -> int:
        """Calls that may be made now."""
        return max(0, self.pace.calls - len(self.made))

    def spend(self, where: str) -> None:
        """Count one call.

        Parameters
        ----------
        where : str
            Address, safe to show.

        Raises
        ------
        ThrottledError
            None is left.
        """
        if not self.left:
            wait = self.made[0] + self.pace.seconds - self.now.timestamp() if self.made else self.pace.seconds
            raise ThrottledError(
                N_("the limit of {pace} calls is used up"),
                where=where,
                do=N_("wait, read it less often, or raise the limit with the provider"),
                wait_s=max(0.0, wait),
                facts={"pace": self.pace},
            )
        self.made.append(self.now.timestamp())

    def stored(self) -> dict[str, list[float]]:
        """What goes into the source's state."""
        return {"calls": self.made[-self.pace.calls :]}
