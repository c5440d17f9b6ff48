"""Ids that hold the time at which they were made: whose they are, and whether an export's zone is right."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np
import pyarrow as pa

_TID = "234567abcdefghijklmnopqrstuvwxyz"
"""Digits of Bluesky's record keys, in order (AT Protocol, TID)."""


def _tid(text: str) -> float:
    number = 0
    for sign in text:
        number = number * 32 + _TID.index(sign)
    return (number >> 10) / 1e6


CLOCKS: dict[str, tuple[re.Pattern[str], Callable[[str], float]]] = {
    "weibo": (re.compile(r"[345]\d{15}"), lambda i: (int(i) >> 22) + 515_483_463),
    "x": (re.compile(r"\d{17,19}"), lambda i: ((int(i) >> 22) + 1_288_834_974_657) / 1e3),
    "tiktok": (re.compile(r"[67]\d{18}"), lambda i: int(i) >> 32),
    "discord": (re.compile(r"\d{17,19}"), lambda i: ((int(i) >> 22) + 1_420_070_400_000) / 1e3),
    "mastodon": (re.compile(r"1\d{17}"), lambda i: (int(i) >> 16) / 1e3),
    "instagram": (re.compile(r"\d{17,19}"), lambda i: ((int(i.split("_")[0]) >> 23) + 1_314_220_021_721) / 1e3),
    "linkedin": (re.compile(r"[67]\d{18}"), lambda i: (int(i) >> 22) / 1e3),
    "xhs": (re.compile(r"[56]\w{23}"), lambda i: int(i[:8], 16)),
    "bluesky": (re.compile(rf"[{_TID}]{{13}}"), _tid),
}
"""Platform -> form of its ids, and the second since 1970 that one holds.

The numbers are the platforms' own begins of time: Twitter's snowflake (1288834974657 ms), Discord's (2015-01-01),
Weibo's (1986-05-03), Instagram's (2011-08-24).
"""
STEP_S = 900
"""Zones differ by quarters of an hour."""
WIDEST_S = 15 * 3600
"""No zone is further from another that an export could have been read in by mistake."""
NEAR_S = 90
"""Seconds between the making of an id and the time of its post; times to the minute add up to 60."""
SAMPLE = 400
"""Rows that are compared; ids of another platform agree by chance in a tenth of them at most."""
FEWEST, MOST = 3, 0.8
"""Rows that must agree, and their share: edited and scheduled posts have a later time than their id."""


class IdClock(NamedTuple):
    """What the ids of an export say."""

    platform: str
    offset_s: int
    """Seconds by which the export's times, as read, are later than those in the ids; the most frequent."""


def id_clock(
    ids: Sequence[str | None], times: Sequence[datetime | None], precision_s: int = 1, among: str | None = None
) -> IdClock | None:
    """The platform whose ids hold the times of the posts beside them.

    Parameters
    ----------
    ids : sequence of str or None
        Ids as written.
    times : sequence of datetime or None
        When the posts were written, as read.
    precision_s : int
        Seconds that the times leave open.
    among : str, optional
        The platform, where it is known.

    Returns
    -------
    IdClock or None
        None where no platform's ids agree with the times in nearly all rows, up to a difference of zones.

    Notes
    -----
    The difference of each row is rounded to quarters of an hour; what is left over must be small. An id of another
    kind leaves anything over, so that it agrees by chance in a tenth of the rows.
    """
    pairs = [(i, at.timestamp()) for i, at in zip(ids, times, strict=True) if i and at is not None][:SAMPLE]
    if len(pairs) < FEWEST or precision_s >= STEP_S:
        return None
    for platform, (form, second) in CLOCKS.items():
        if among is not None and platform != among:
            continue
        matching = [(at, second(i)) for i, at in pairs if form.fullmatch(i)]
        if len(matching) < max(FEWEST, MOST * len(pairs)):
            continue
        late = np.array([at - made for at, made in matching])
        steps = np.round(late / STEP_S) * STEP_S
        close = (np.abs(late - steps) <= NEAR_S + precision_s) & (np.abs(steps) <= WIDEST_S)
        if close.sum() >= max(FEWEST, MOST * len(pairs)):
            values, counts = np.unique(steps[close], return_counts=True)
            return IdClock(platform, int(values[counts.argmax()]))
    return None


def of_columns(
    ids: pa.ChunkedArray, times: pa.ChunkedArray, precision_s: int, among: str | None = None
) -> IdClock | None:
    """The same over columns.

    Parameters
    ----------
    ids : pyarrow.ChunkedArray
        Strings.
    times : pyarrow.ChunkedArray
        Instants.
    precision_s : int
        Seconds that the times leave open.
    among : str, optional
        The platform, where it is known.
    """
    return id_clock(ids.slice(0, SAMPLE).to_pylist(), times.slice(0, SAMPLE).to_pylist(), precision_s, among)
