"""The walk itself: every stage in order over one watch, each timed, each through the lake."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

import pandas as pd

from crisislib import warn
from crisislib.core.finding import Finding
from crisislib.core.i18n import tr
from crisislib.core.watch import Watch
from crisislib.engine import assess as answer
from crisislib.engine import enrich as derive
from crisislib.engine.decide import judge
from crisislib.engine.enrich import Span
from crisislib.engine.home import Home
from crisislib.engine.progress import Told, silent
from crisislib.engine.result import BAD_SOURCES, HELD, NO_DATA, Walked
from crisislib.engine.training import outlook_model
from crisislib.services import publish as tell
from crisislib.warn import onset as headlines

T = TypeVar("T")


class Clocked:
    """Runs stages and remembers how long each took."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def __call__(self, stage: str, work: Callable[[], T]) -> T:
        """Do a stage's work and add its seconds."""
        start = time.perf_counter()
        try:
            return work()
        finally:
            self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - start


def run(
    home: Home,
    watch: Watch,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    now: datetime,
    told: Told = silent,
    report: bool = True,
    notify: bool | None = None,
) -> Walked:
    """Walk one watch over what the lake holds.

    Parameters
    ----------
    home : Home
        Lake, watches, reports.
    watch : Watch
        What to walk.
    since, until : datetime, optional
        Posts created in [since, until); without them everything held, up to the newest post.
    now : datetime
        When it is computed; a window in the past is judged as at its end.
    told : callable
        Progress.
    report : bool
        Whether to write the brief.
    notify : bool, optional
        Whether to send what is due; when left out, only if the window reaches into the last day:
        a walk over the past wakes nobody.

    Returns
    -------
    Walked
        Level `unknown`, and said so, where nothing is held.
    """
    clocked = Clocked()
    span = span_of(home, watch, since, until, now)
    walked = Walked(watch.watch, watch.name(), watch.language, watch.zone, span.at if span else now, "unknown")
    if span is None:
        walked.health.append(tr(NO_DATA, watch.language))
        return tell.nothing(home, watch, walked, now=now) if report else walked
    clocked("text", lambda: derive.label(home, watch, span, told))
    found = clocked("topics", lambda: derive.topics(home, watch, span, told))
    found += clocked("spread", lambda: derive.trace(home, watch, span, told))
    signals = clocked("signals", lambda: derive.measure(home, watch, span, told))
    judged = clocked("warn", lambda: judge(home, watch, span, signals, told))
    found += judged.last.findings
    ahead = clocked("warn", lambda: outlook(home, watch, span, signals))
    found += [*ahead.findings, *onset(home, watch, span)]
    chance = ahead.probability.get(86_400, math.nan)
    likely = None if math.isnan(chance) else chance
    answered = clocked("risk", lambda: answer.answer(home, watch, span, told, within_a_day=likely))
    found += answered.findings
    walked = replace(
        walked,
        level=judged.last.level,
        peak=judged.peak,
        peak_at=judged.peak_at.to_pydatetime() if judged.peak_at is not None else None,
        incident=answered.title,
        findings=found,
        health=health(home, watch, span),
        next_steps=answered.next_steps,
    )
    if report:
        walked = clocked("report", lambda: tell.report_of(home, watch, span, walked, told))
    if notify or (notify is None and now - span.at < tell.CURRENT):
        sent = clocked("notify", lambda: tell.send(home, watch, walked, now=now))
        walked = replace(walked, deliveries=tell.say_sent(sent, watch))
    return replace(walked, seconds=clocked.seconds)


def outlook(home: Home, watch: Watch, span: Span, signals: pd.DataFrame) -> warn.Outlook:
    """Chance of reaching orange, by the model trained here or the shipped one."""
    seen = signals[signals["at"] < pd.Timestamp(span.at)]
    return warn.outlook(seen, watch, model=outlook_model(home))


def onset(home: Home, watch: Watch, span: Span) -> list[Finding]:
    """Whether the newest burst of hot-list headlines reads like a crisis; nothing where no list is watched."""
    rows = home.lake.sql("POSTS", watch=watch.watch, since=span.since, until=span.until).filter("kind = 'topic'")
    posts = rows.to_arrow_table().to_pandas()
    return [headlines.onset(posts, now=span.at, model=headlines.load())] if len(posts) else []


def span_of(home: Home, watch: Watch, since: datetime | None, until: datetime | None, now: datetime) -> Span | None:
    """The window of a run: what was asked for, or all that is held; None where nothing is held."""
    rows = home.lake.sql("POSTS", watch=watch.watch, since=since, until=until, present=False)
    extent = rows.aggregate('min(created_at) AS "first", max(created_at) AS "last"').to_arrow_table().to_pylist()[0]
    if extent["first"] is None:
        return None
    step = timedelta(minutes=watch.window.step_minutes)
    newest = extent["last"]
    end = until or min(newest + timedelta(microseconds=1), now)
    at = min(end, now)
    # A past window is judged at the end of its last step, so that this step is a whole one.
    if until is None:
        start = datetime(2024, 1, 1, tzinfo=watch.zone)
        at = min(start + -(-(at - start) // step) * step, now)
    return Span(since or extent["first"], end, at, now)


def health(home: Home, watch: Watch, span: Span) -> list[str]:
    """What a reader must know of the data before any number."""
    rows = home.lake.sql("POSTS", watch=watch.watch, since=span.since, until=span.until)
    facts = rows.aggregate('count(*) AS n, min(created_at) AS "first", max(created_at) AS "last"').to_arrow_table()
    row = facts.to_pylist()[0]
    if not row["n"]:
        return [tr(NO_DATA, watch.language)]
    first, last = (f"{row[k].astimezone(watch.zone):%Y-%m-%d %H:%M}" for k in ("first", "last"))
    age = f"{(span.at - row['last']).total_seconds() / 3600:.1f}"
    lines = [tr(HELD, watch.language, n=f"{row['n']:,}", since=first, until=last, age=age)]
    batches = home.lake.read("BATCHES", watch=watch.watch, present=False)
    if len(batches):
        newest = batches.sort_values("at").groupby("source").tail(1)
        failed = newest[~newest["ok"].astype(bool)]
        if len(failed):
            lines.append(tr(BAD_SOURCES, watch.language, n=len(failed), names=", ".join(failed["source"])))
    if watch.notes:
        lines.append(watch.notes)
    return lines
