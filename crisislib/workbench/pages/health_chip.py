"""How fresh the data of a page are: posts, sources, and what waits to be read."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd

from crisislib.core.i18n import N_
from crisislib.design import Chip
from crisislib.engine.data_health import BAD, DataHealth, data_health
from crisislib.engine.runs import FRESH_WINDOWS
from crisislib.workbench.pages.post_index import Choice
from crisislib.workbench.pages.reading import Reading

SOURCES, ONE_SOURCE = N_("{n} {n:source|sources}, newest post {age} ago"), N_("1 source, newest post {age} ago")
NO_POSTS = N_("no posts collected: not calm, unknown")
SILENT = N_("{n} of {all} {all:source|sources} silent; newest post {age} ago")
UNTIL, NEVER = N_("decided until {at}, {zone}"), N_("not evaluated yet; times in {zone}")
WAITING, ONE_WAITS = N_("{n} {n:post is|posts are} not yet labelled."), N_("1 post is not yet labelled.")
FRESH_H = 24
"""Hours from which data that are not fresh count as old: a day without a post is a fault, not a quiet night."""


def health_of(reading: Reading) -> DataHealth:
    """Data health of the watch at the moment of the reading: what sources say, not how many posts there are.

    Parameters
    ----------
    reading : Reading
        The reading.

    Returns
    -------
    DataHealth
    """
    snapshot = reading.snapshot

    def read() -> DataHealth:
        posts = snapshot.lake.sql("POSTS", watch=snapshot.watch.watch, until=reading.now, present=False)
        batches = snapshot.lake.sql("BATCHES", watch=snapshot.watch.watch)
        windows = snapshot.lake.sql("SIGNALS", watch=snapshot.watch.watch).filter("signal = 'volume'")
        return data_health(posts, batches, windows, snapshot.watch, since=None, until=reading.now, now=reading.now)

    return snapshot.once("health", read)


def health_chip(reading: Reading) -> Chip:
    """Data health in a few words: green only while the data are fresh, red by age and by what is silent.

    Parameters
    ----------
    reading : Reading
        The reading.

    Returns
    -------
    Chip
    """
    rows = health_of(reading).sources
    if not len(rows) or not rows["n"].sum():
        return Chip(reading.words(NO_POSTS), "bad")
    old = pd.Timestamp(reading.now) - rows["newest"].max()
    age = reading.span(old.total_seconds())
    bad = int(rows["state"].isin(BAD).sum())
    if bad:
        return Chip(reading.words(SILENT, n=bad, all=len(rows), age=age), "bad")
    step = timedelta(minutes=reading.snapshot.watch.window.step_minutes)
    fresh = old <= step * (1 + FRESH_WINDOWS)
    state = "ok" if fresh else "stale" if old <= timedelta(hours=FRESH_H) else "bad"
    words = reading.words(ONE_SOURCE if len(rows) == 1 else SOURCES, n=len(rows), age=age)
    return Chip(words, state)


def waiting(reading: Reading) -> int:
    """Posts that came after the last decision.

    Parameters
    ----------
    reading : Reading
        The reading.

    Returns
    -------
    int
    """
    until = reading.status.judged_until
    return reading.snapshot.posts.count(Choice(since=until, until=reading.now))
