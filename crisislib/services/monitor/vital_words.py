"""What the monitor says of itself: messages, and how names and times stand in them."""

from __future__ import annotations

from datetime import datetime, tzinfo

from crisislib.core.i18n import N_

LATE_TICKS = 12
"""Intervals without a tick after which the monitor is not well."""
STARTING = N_("no tick has finished yet")
LATE = N_("the last tick was {seconds} s ago; it should be every {every} s")
STORE = N_("the lake cannot be written; everything waits and is tried again: {why}")
DEAD = N_("{n} of {all} {all:source|sources} {n:does|do} not answer: {names}")
THROTTLED = N_("{n} of {all} {all:source|sources} asked us to pause: {names}")
EMPTY = N_("{n} of {all} {all:source|sources} {n:answers|answer} with empty pages: {names}")
SILENT = N_(
    "{n} of {all} {all:source|sources} {n:answers, but has|answer, but have} had nothing new for unusually "
    "long: {names}"
)
UNSENT = N_("{n} {n:message|messages} could not be delivered and {n:was|were} given up: {names}")
BRIEFS = N_("{n} {n:emergency brief|emergency briefs} could not be written: {names}")
FAULTS = N_("{n} {n:watch|watches} could not be evaluated at the last tick: {names}")
BEHIND = N_("the longest wait for an evaluation is {seconds} s: more posts than this machine can evaluate")
JUMPED = N_("the clock was set by {seconds} s at {at}")
MISSED = N_("nothing ran from {since} to {until}; {n} {n:window was|windows were} decided on late")
TICK = N_("the last {n} {n:tick|ticks} failed, since {since}: {why}")
TASKS = N_("{n} {n:background task fails|background tasks fail}: {names}")
LOG = N_("the log cannot be written, so its silence means nothing: {why}")
FILES = N_("{n} {n:watch file|watch files} cannot be read; what {n:it watches|they watch} is not monitored: {names}")
SINCE = N_("{name} since {since} ({why})")
ONLY_SINCE = N_("{name} since {since}")
SHOWN = 5
"""Names that one reason lists before it counts the rest, so that it stays one line."""


def clock_time(when: datetime, zone: tzinfo) -> str:
    """A minute in a time zone, with its name: one monitor speaks for watches of several.

    Parameters
    ----------
    when : datetime
        With a time zone.
    zone : tzinfo
        Of the reader.

    Returns
    -------
    str
        `2026-03-01 08:00 Asia/Shanghai`.
    """
    return f"{when.astimezone(zone):%Y-%m-%d %H:%M} {zone}"


def few_names(names: list[str]) -> str:
    """Some names in one line: the first :data:`SHOWN`, and dots for more.

    Parameters
    ----------
    names : list of str
        All.

    Returns
    -------
    str
        With commas.
    """
    return ", ".join(names[:SHOWN]) + (" …" if len(names) > SHOWN else "")
