"""When a source that answers is silent: it has had nothing new for far longer than it usually takes.

A quiet hour of a source that is well is calm. A source that answers and has had nothing new for days is broken, moved
or blocked, and what it does not bring says nothing: its time counts as not collected from then on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median

import pandas as pd

FACTOR = 3.0
"""Times its usual longest wait. Where n posts a day come at random, one wait in some n² days is that long."""
DAYS_KEPT = 28
"""Days that a source's habits are learned from: four of each weekday."""
LONGEST_PAUSE = timedelta(days=31)
"""The longest pause that a provider's quota gives; one further off comes from a clock that was set back."""
DAYS_NEEDED = 7
"""Days with something new before a source has habits."""


@dataclass(frozen=True)
class Silence:
    """What is known of the waits of one source.

    Attributes
    ----------
    fresh_at : datetime or None
        When it was asked and had something new the last time; None before its first answer.
    longest_s : Mapping[str, float]
        Day (ISO) -> seconds of the longest wait for something new that ended on it.
    """

    fresh_at: datetime | None = None
    longest_s: Mapping[str, float] = field(default_factory=dict)

    def limit(self, minutes: int = 0) -> timedelta | None:
        """How long it may have nothing new.

        Parameters
        ----------
        minutes : int
            `silent_after_minutes` of the watch file; 0 learns from the source's own history.

        Returns
        -------
        datetime.timedelta or None
            None while too little is known.

        Notes
        -----
        Learned: three times the median, over the last 28 days on which something new came, of the longest wait that
        ended on the day. The longest wait of a day holds the night; the median passes over an outage.
        """
        if minutes:
            return timedelta(minutes=minutes)
        if len(self.longest_s) < DAYS_NEEDED:
            return None
        return timedelta(seconds=FACTOR * median(self.longest_s.values()))

    def since(self, now: datetime, minutes: int = 0) -> datetime | None:
        """Since when it is silent, as at `now`; None where it is not.

        Parameters
        ----------
        now : datetime
            The wall clock, with a time zone.
        minutes : int, default 0
            Limit that the watch file sets (`silent_after_minutes`); 0 learns it from the source's own history.

        Returns
        -------
        datetime or None
            The instant at which the limit was over.
        """
        limit = self.limit(minutes)
        if limit is None or self.fresh_at is None or now - self.fresh_at <= limit:
            return None
        return self.fresh_at + limit

    def after(self, now: datetime, *, new: bool) -> Silence:
        """What is known after an answer at `now` that had something new, or had not.

        Parameters
        ----------
        now : datetime
            When the source answered, with a time zone.
        new : bool
            Whether the answer had something that was not stored yet.

        Returns
        -------
        Silence
            The former one itself where nothing was new; its longest waits, one a day, for the newest
            :data:`DAYS_KEPT` days.
        """
        if self.fresh_at is None:  # the clock starts with the first answer
            return Silence(now, self.longest_s)
        if not new:
            return self
        day, waited = now.date().isoformat(), max(0.0, (now - self.fresh_at).total_seconds())
        longest = {**self.longest_s, day: max(waited, self.longest_s.get(day, 0.0))}
        newest = sorted(longest)[-DAYS_KEPT:]
        return Silence(now, {d: longest[d] for d in newest})

    def to_json(self) -> dict[str, object]:
        """As a source's state file stores it."""
        return {"fresh_at": self.fresh_at and self.fresh_at.isoformat(), "longest_s": dict(self.longest_s)}


NOTHING_KNOWN = Silence()


def silent_records(batches: pd.DataFrame) -> pd.Series[bool]:
    """Which BATCHES rows say that a source answered and was silent: nothing new, and a gap up to the answer.

    Parameters
    ----------
    batches : pandas.DataFrame
        BATCHES rows: `ok`, `gaps`, `n_read` and `n_duplicate`.

    Returns
    -------
    pandas.Series of bool
        One value a row, with the index of `batches`.
    """
    gap = ~batches["gaps"].fillna("").isin(["", "[]"])
    return batches["ok"].fillna(False).astype(bool) & gap & (batches["n_read"] <= batches["n_duplicate"]).fillna(False)


def from_json(stored: object) -> Silence:
    """What :meth:`Silence.to_json` gave; nothing known from anything else.

    Parameters
    ----------
    stored : object
        The JSON value out of a position file.

    Returns
    -------
    Silence
        :data:`NOTHING_KNOWN` where it is no mapping.
    """
    if not isinstance(stored, dict):
        return NOTHING_KNOWN
    at, longest = stored.get("fresh_at"), stored.get("longest_s")
    days = {str(d): float(s) for d, s in longest.items()} if isinstance(longest, dict) else {}
    return Silence(datetime.fromisoformat(at) if isinstance(at, str) else None, days)


def pause_end(until: datetime | None, now: datetime) -> datetime | None:
    """Until when a source is to be left alone, as its server asked; None where it may be asked.

    Parameters
    ----------
    until : datetime or None
        The end of the pause that it asked for the last time.
    now : datetime
        Wall clock.
    """
    return until if until is not None and now < until <= now + LONGEST_PAUSE else None
