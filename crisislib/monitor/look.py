"""The full look at one watch: labels, signals of the touched windows, and a decision at every window's end and now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd
import pyarrow as pa

from crisislib import signals, warn
from crisislib.core.tables import conform
from crisislib.lake import Lake
from crisislib.monitor.desk import Desk
from crisislib.pipeline import derive
from crisislib.pipeline.derive import Span
from crisislib.pipeline.home import Home

STORE_EVERY = timedelta(minutes=5)
"""How often signals of a running window go into the lake; ended windows and those behind an alert go at once."""
SOON = timedelta(seconds=1)
CLEARLY_NEGATIVE = 0.8


@dataclass(frozen=True)
class Looked:
    """What a full look found.

    Attributes
    ----------
    last : Decision
        The decision as at now.
    alerts, incidents : pyarrow.Table
        Rows that are new.
    missed : tuple of datetime
        Ends of windows before the last one that were decided on late.
    """

    last: warn.Decision
    alerts: pa.Table
    incidents: pa.Table
    missed: tuple[datetime, ...]


def look(home: Home, desk: Desk, incidents: pd.DataFrame, alerts: pd.DataFrame, *, now: datetime) -> Looked:
    """Label, measure and decide for one watch; the desk then knows its new signals and level.

    Parameters
    ----------
    incidents, alerts : pandas.DataFrame
        INCIDENTS and ALERTS rows of the watch, as the lake holds them now: people may have changed them.

    Raises
    ------
    LakeError
        Nothing is lost: the posts still wait, and the same look is made again.
    """
    _label(home, desk, now)
    begin = desk.window(min(desk.dirty or now, desk.decided, now))
    found = _measure(home, desk, begin, now)
    desk.unstored.append(found)
    desk.learn(found.to_pandas(), begin, now)
    moments = list(_ends(desk, now))
    decisions = []
    for at in [*moments, now]:
        one = warn.decide(
            desk.history, desk.watch, now=at, incidents=incidents, alerts=alerts, labels=desk.labels, posts=desk.posts
        )
        decisions.append(one)
        incidents, alerts = _with(incidents, one.incidents), _with(alerts, one.alerts)
    last = decisions[-1]
    desk.dirty, desk.looked, desk.level, desk.incident = None, now, last.level, last.incident_id
    window = desk.window(now)
    desk.counts.rest(window, desk.history, (now - window) / desk.step)
    return Looked(
        last,
        pa.concat_tables([d.alerts for d in decisions]),
        pa.concat_tables([d.incidents for d in decisions]),
        tuple(moments[:-1]),
    )


def store(lake: Lake, desk: Desk, looked: Looked, known: set[str], *, now: datetime) -> pa.Table:
    """Put what was decided into the lake: signals, the incident, then its alerts.

    A kill between any two leaves nothing half: the next start decides again, with the same identities.

    Parameters
    ----------
    known : set of str
        Alerts that were raised before; none is raised twice, whatever the clock says.

    Returns
    -------
    pyarrow.Table
        ALERTS that are new.
    """
    fresh = pa.array([a not in known for a in looked.alerts["alert_id"].to_pylist()], pa.bool_())
    alerts = looked.alerts.filter(fresh)
    ended = desk.stored is not None and desk.window(desk.stored) != desk.window(now)
    due = desk.stored is None or ended or not timedelta(0) <= now - desk.stored < STORE_EVERY
    if due or looked.incidents.num_rows or alerts.num_rows:
        _store_signals(lake, desk)
        desk.stored = now
    lake.append("INCIDENTS", looked.incidents)
    lake.append("ALERTS", alerts)
    return alerts


def _store_signals(lake: Lake, desk: Desk) -> None:
    """The newest value of each signal and window that the lake lacks."""
    if desk.unstored:
        rows = pa.concat_tables(desk.unstored).to_pandas().drop_duplicates(["signal", "at"], keep="last")
        lake.append("SIGNALS", conform(rows, "SIGNALS"))
        desk.unstored = []


def _label(home: Home, desk: Desk, now: datetime) -> None:
    """Label what waits; after a crash or a flood, what the lake holds without labels."""
    posts = desk.waiting()
    if desk.overflow:
        since = min(desk.dirty or now, now)
        span = Span(since, now + SOON, now, now)
        posts = derive.unlabelled(home, desk.watch, span, derive.bundle_of(home, desk.watch))
    if posts.num_rows:
        labels = derive.labels_of(home, desk.watch, posts, now=now)
        home.lake.append("LABELS", labels)
        desk.remember(_grave(labels), posts.to_pandas(), now)
    desk.pending, desk.overflow = [], False


def _grave(labels: pa.Table) -> pd.DataFrame:
    """Labels that decisions and evidence read, as :func:`crisislib.pipeline.judge.labels_read` chooses them."""
    frame: pd.DataFrame = labels.select(["post_id", "label", "value", "p", "score", "created_at"]).to_pandas()
    mood = frame["label"].isin(["sentiment", "target_sentiment"]) & (frame["score"] >= CLEARLY_NEGATIVE)
    return frame[mood | frame["label"].str.startswith("sensitive.") | (frame["label"] == "crisis_type")]


def _measure(home: Home, desk: Desk, begin: datetime, now: datetime) -> pa.Table:
    """Signals of the windows from `begin` on; the earlier ones are remembered, not read again."""
    lake, name = home.lake, desk.watch.watch
    before = desk.history[desk.history["at"] < pd.Timestamp(begin)]
    first = before.empty
    reach = timedelta(days=desk.watch.window.baseline_days) if first else 25 * desk.step
    back, until = begin - reach, now + SOON
    frames = signals.Frames(
        posts=lake.scan("POSTS", watch=name, since=back, until=until),
        labels=lake.scan("LABELS", watch=name, since=back, until=until),
        groups=lake.scan("GROUPS", watch=name),
        accounts=lake.scan("ACCOUNTS"),
        batches=lake.scan("BATCHES", watch=name, since=back - timedelta(days=1), until=until),
    )
    found: pa.Table = signals.compute(
        frames, desk.watch, since=begin, until=until, now=now, history=None if first else before
    )
    return found


def _ends(desk: Desk, now: datetime) -> Iterator[datetime]:
    """Ends of the windows since the last decision, in order."""
    end = desk.window(desk.decided) + desk.step
    while end <= now:
        yield end
        end += desk.step


def _with(frame: pd.DataFrame, rows: pa.Table) -> pd.DataFrame:
    if rows.num_rows == 0:
        return frame
    new: pd.DataFrame = rows.to_pandas()
    return new if frame.empty else pd.concat([frame, new], ignore_index=True)
