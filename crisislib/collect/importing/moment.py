"""An instant with its precision: what a written time comes to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

DAY, HOUR, MINUTE, SECOND = 86_400, 3_600, 60, 1
"""Precision of a time in seconds, by what is written of it."""
FIRST_YEAR, LAST_YEAR = 1990, 2200
"""Years outside are slips: no social platform is older, and no export speaks of a later one."""


@dataclass(frozen=True)
class Moment:
    """What a cell says of a time.

    Attributes
    ----------
    at : datetime or None
        The instant in UTC; None where there is none.
    precision : int
        Seconds that the cell leaves open: 86400 a date, 3600 an hour, 60 a minute, 1 else.
    zoned : bool
        Whether the cell states its zone.
    relative : bool
        Whether it can only be read against the time at which it was collected.
    """

    at: datetime | None
    precision: int = SECOND
    zoned: bool = False
    relative: bool = False


NOT_A_TIME = Moment(None)
RELATIVE = Moment(None, relative=True)


def made(
    day: tuple[int, int, int], clock: tuple[int, int, int], zone: tzinfo, precision: int, zoned: bool, micro: int = 0
) -> Moment:
    """The moment of a day and a clock; none where there is no such day or clock.

    Parameters
    ----------
    day : tuple of int
        Year, month, day.
    clock : tuple of int
        Hour, minute, second; 24:00 is the end of the day.
    zone : tzinfo
        In which they are meant.
    precision : int
        Seconds that are left open.
    zoned : bool
        Whether the cell states the zone.
    micro : int
        Microseconds.
    """
    late = clock == (24, 0, 0)
    try:
        at = datetime(*day, *((0, 0, 0) if late else clock), micro, tzinfo=zone)
    except ValueError:
        return NOT_A_TIME
    if not FIRST_YEAR - 100 <= at.year <= LAST_YEAR:  # far from the ends of what a date can be
        return NOT_A_TIME
    return Moment((at + timedelta(days=late)).astimezone(UTC), precision, zoned)
