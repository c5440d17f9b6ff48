"""Which notice goes to which channel now: once each, with retries, decided from what was tried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import pandas as pd
import pyarrow as pa

from crisislib.core.levels import rank
from crisislib.core.watch import Watch
from crisislib.core.watch_sections import Channel
from crisislib.notify.message import Notice

FIRST_WAIT = timedelta(minutes=1)
"""A dropped connection is mostly back within a minute, and an alert should not wait for longer."""
LONGEST_WAIT = timedelta(minutes=30)
"""A server that is down for hours is asked twice an hour: no flood, and no alert that is much later than its return."""
ATTEMPTS = 12
"""About four hours of trying; what then has not arrived stays listed by :func:`undelivered`."""


@dataclass(frozen=True)
class Attempt:
    """One sending to make.

    Attributes
    ----------
    notice : Notice
        What to send.
    channel : Channel
        Where to.
    number : int
        Which try it is, from 1.
    """

    notice: Notice
    channel: Channel
    number: int


def wait_after(attempts: int) -> timedelta:
    """Time from a failed attempt to the next: doubles from one minute to half an hour.

    Parameters
    ----------
    attempts : int
        Attempts that have failed so far; 0 and 1 both wait :data:`FIRST_WAIT`.

    Returns
    -------
    timedelta
        :data:`FIRST_WAIT` × 2^(attempts − 1), at most :data:`LONGEST_WAIT`.
    """
    doubled: timedelta = FIRST_WAIT * 2 ** max(0, attempts - 1)
    return min(LONGEST_WAIT, doubled)


def is_quiet(watch: Watch, now: datetime) -> bool:
    """Whether the watch's quiet hours hold; they may run over midnight.

    Parameters
    ----------
    watch : Watch
        With `levels.quiet_from` and `levels.quiet_to`, HH:MM in its time zone; without them nothing is quiet.
    now : datetime
        The wall clock, with a time zone.

    Returns
    -------
    bool
        True from the first minute of the quiet hours until before their last.
    """
    if watch.levels.quiet_from is None or watch.levels.quiet_to is None:
        return False
    begin, end = (time.fromisoformat(t) for t in (watch.levels.quiet_from, watch.levels.quiet_to))
    here = now.astimezone(watch.zone).time()
    return begin <= here < end if begin <= end else here >= begin or here < end


def due(
    items: Sequence[Notice],
    channels: Sequence[Channel],
    history: pa.Table | pd.DataFrame,
    *,
    watch: Watch,
    now: datetime,
    attempts: int = ATTEMPTS,
) -> list[Attempt]:
    """The sendings to make now; a pure decision.

    Parameters
    ----------
    items : sequence of Notice
        Notices to send; one that was sent is not sent again.
    channels : sequence of Channel
        Each takes what reaches its `from_level`; a notice of level `unknown` goes to every channel,
        because silence is not calm, and one of level `none` only where it says so itself (`every_level`).
    history : DELIVERIES
        Every attempt so far.
    watch : Watch
        In its quiet hours only red goes out; the rest waits.
    now : datetime
        UTC.
    attempts : int
        Attempts per item and channel before it is left to :func:`undelivered`.

    Returns
    -------
    list of Attempt
        Most urgent first, then oldest.
    """
    tried = history.to_pandas() if isinstance(history, pa.Table) else history
    history = {key: rows for key, rows in tried.groupby(["item_id", "channel"])} if len(tried) else {}
    quiet = is_quiet(watch, now)
    once = {item.item_id: item for item in items}
    result = []
    for item in once.values():
        for channel in channels:
            if not _wants(channel, item) or (quiet and item.level != "red"):
                continue
            rows = history.get((item.item_id, channel.name))
            number = 1
            if rows is not None:
                if rows["ok"].fillna(False).any():
                    continue
                number = int(rows["attempt"].max()) + 1
                if number > attempts or now < rows["sent_at"].max() + wait_after(number - 1):
                    continue
            result.append(Attempt(item, channel, number))
    return sorted(result, key=lambda a: (-rank(a.notice.level), a.notice.at, a.notice.item_id, a.channel.name))


def _wants(channel: Channel, item: Notice) -> bool:
    return item.level == "unknown" or item.every_level or rank(item.level) >= rank(channel.from_level)


def undelivered(history: pa.Table | pd.DataFrame, *, attempts: int = ATTEMPTS) -> pd.DataFrame:
    """Items that a channel has not taken: item_id, channel, attempts, last (when), detail, given_up.

    An error is never lost: this is shown with data health until it is delivered or seen by a person.

    Parameters
    ----------
    history : pyarrow.Table or pandas.DataFrame
        DELIVERIES rows, every attempt.
    attempts : int, default ATTEMPTS
        Tries after which a notice is given up.

    Returns
    -------
    pandas.DataFrame
        `item_id`, `channel`, `attempts`, `last`, `detail`, `given_up`; one row an item and channel.
    """
    tried = history.to_pandas() if isinstance(history, pa.Table) else history
    columns = ["item_id", "channel", "attempts", "last", "detail", "given_up"]
    if tried.empty:
        return pd.DataFrame(columns=columns)
    groups = tried.sort_values(["sent_at", "attempt"]).groupby(["item_id", "channel"])
    last = groups.agg(ok=("ok", "max"), attempts=("attempt", "max"), last=("sent_at", "max"), detail=("detail", "last"))
    missing = last[~last["ok"].fillna(False).astype(bool)].reset_index()
    return missing.assign(given_up=missing["attempts"] >= attempts)[columns]
