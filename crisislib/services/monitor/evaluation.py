"""The full look at one watch: labels, signals of the touched windows, and a decision at every window's end and now.

A look computes; :func:`store` puts what several looks found into the lake, one commit a table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import narwhals as nw
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crisislib import signals, warn
from crisislib.core.tables import TIME, conform, empty
from crisislib.engine import enrich as derive
from crisislib.engine.enrich import Span
from crisislib.engine.home import Home
from crisislib.lake import Lake
from crisislib.services.monitor import reading
from crisislib.services.monitor.shared import Shared
from crisislib.services.monitor.watch_state import POST_COLUMNS, Desk

STORE_EVERY = timedelta(minutes=5)
"""How often signals of a running window go into the lake; ended windows and those behind an alert go at once."""
SOON = timedelta(seconds=1)
DAY = timedelta(days=1)
MOOD, SURE = ("sentiment", "target_sentiment"), 0.8
GRACE = timedelta(minutes=2)
"""How long the rows of an ended window are held: its last posts come after its end."""


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
    labels : pyarrow.Table
        LABELS that the lake does not hold yet.
    """

    last: warn.Decision
    alerts: pa.Table
    incidents: pa.Table
    missed: tuple[datetime, ...]
    labels: pa.Table


def look(
    home: Home, desk: Desk, shared: Shared, incidents: pd.DataFrame, alerts: pd.DataFrame, *, now: datetime
) -> Looked:
    """Label, measure and decide for one watch; the desk then knows its new signals and level.

    Parameters
    ----------
    shared : Shared
        Accounts and groups.
    incidents, alerts : pandas.DataFrame
        INCIDENTS and ALERTS rows of the watch, as the lake holds them now: people may have changed them.

    Raises
    ------
    LakeError
        Nothing is lost: the posts still wait, and the same look is made again.
    """
    labels = _label(home, desk, now)
    begin = desk.window(min(desk.dirty or now, desk.decided, now))
    found, labels = _measure(home, desk, shared, labels, begin, now)
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
        labels,
    )


def store(lake: Lake, looks: list[tuple[Desk, Looked]], known: set[str], *, now: datetime) -> list[pa.Table]:
    """Put what was decided into the lake: labels, signals, the incidents, then their alerts.

    A kill between any two leaves nothing half: the next start decides again, with the same identities.

    Parameters
    ----------
    known : set of str
        Alerts that were raised before; none is raised twice, whatever the clock says.

    Returns
    -------
    list of pyarrow.Table
        ALERTS that are new, of each look.
    """
    lake.append("LABELS", pa.concat_tables([empty("LABELS"), *(found.labels for _, found in looks)]))
    for desk, _ in looks:
        desk.done()
    alerts = []
    for _, found in looks:
        fresh = pa.array([a not in known for a in found.alerts["alert_id"].to_pylist()], pa.bool_())
        alerts.append(found.alerts.filter(fresh))
    due = [d for (d, f), rows in zip(looks, alerts, strict=True) if _due(d, f, rows, now)]
    lake.append("SIGNALS", pa.concat_tables([empty("SIGNALS"), *map(_newest, due)]))
    for desk in due:
        desk.unstored, desk.stored = [], now
    lake.append("INCIDENTS", pa.concat_tables([empty("INCIDENTS"), *(found.incidents for _, found in looks)]))
    lake.append("ALERTS", pa.concat_tables([empty("ALERTS"), *alerts]))
    return alerts


def _due(desk: Desk, looked: Looked, alerts: pa.Table, now: datetime) -> bool:
    """Whether the signals of a desk go into the lake now."""
    ended = desk.stored is not None and desk.window(desk.stored) != desk.window(now)
    late = desk.stored is None or ended or not timedelta(0) <= now - desk.stored < STORE_EVERY
    return bool(late or looked.incidents.num_rows or alerts.num_rows)


def _newest(desk: Desk) -> pa.Table:
    """The newest value of each signal and window that the lake lacks."""
    if not desk.unstored:
        return empty("SIGNALS")
    rows = pa.concat_tables(desk.unstored).to_pandas().drop_duplicates(["signal", "at"], keep="last")
    return conform(rows, "SIGNALS")


def _label(home: Home, desk: Desk, now: datetime) -> pa.Table:
    """Labels of what waits; after a crash or a flood, of what the lake holds without labels, and put there."""
    if desk.overflow:
        desk.held.forget()
        span = Span(min(desk.dirty or now, now), now + SOON, now, now)
        posts = derive.unlabelled(home, desk.watch, span, derive.bundle_of(home, desk.watch))
        labels = derive.labels_of(home, desk.watch, posts, now=now) if posts.num_rows else empty("LABELS")
        home.lake.append("LABELS", labels)
        desk.pending, desk.read, desk.overflow = [], [], False
    else:
        posts = desk.waiting()
        labels = reading.finish(home, desk.watch, posts, desk.read, now=now) if posts.num_rows else empty("LABELS")
        desk.held.add_posts(posts)
        desk.held.add_labels(labels)
    if labels.num_rows:
        desk.remember(_grave(labels), posts.select(POST_COLUMNS).to_pandas(), now)
        # A narrative that was joined to another tells its older posts again: their windows are not as they were.
        desk.kept.forget(desk.window(pc.min(labels["created_at"]).as_py()))
    return empty("LABELS") if not desk.pending else labels


def _grave(labels: pa.Table) -> pd.DataFrame:
    """Labels that decisions and evidence read, as :func:`crisislib.engine.decide.labels_read` chooses them."""
    named = labels["label"]
    mood = pc.and_(pc.is_in(named, pa.array(MOOD)), pc.greater_equal(pc.fill_null(labels["score"], 0.0), SURE))
    said = pc.or_(pc.starts_with(named, "sensitive."), pc.equal(named, "crisis_type"))
    chosen = labels.select(["post_id", "label", "value", "p", "score", "created_at"]).filter(pc.or_(mood, said))
    frame: pd.DataFrame = chosen.to_pandas()
    return frame


def _measure(
    home: Home, desk: Desk, shared: Shared, labels: pa.Table, begin: datetime, now: datetime
) -> tuple[pa.Table, pa.Table]:
    """Signals of the windows from `begin` on, and the labels that are still to be put into the lake.

    Earlier windows are remembered, not read again; the rows of the touched ones come from memory where it reaches.
    """
    before, until = desk.history[desk.history["at"] < pd.Timestamp(begin)], now + SOON
    start = signals.grid(desk.watch, begin - signals.CONTEXT * desk.step, until).start
    fresh = desk.kept.known_until(start, begin, desk.watch.window.step_minutes * 60)
    if len(before) and not desk.held.reaches(fresh):
        desk.held.fill(home.lake, fresh, until)
        desk.held.add_labels(labels)
    here = len(before) > 0 and desk.held.reaches(fresh) and desk.held.fill_batches(home.lake, start - DAY).num_rows > 0
    if here:
        frames = _frames_held(desk, shared, until)
    else:
        home.lake.append("LABELS", labels)
        labels = empty("LABELS")
        reach = begin - timedelta(days=desk.watch.window.baseline_days) if before.empty else fresh
        frames = _frames_stored(home.lake, desk.watch.watch, reach, min(reach, start), until)
    found: pa.Table = signals.compute(
        frames, desk.watch, since=begin, until=until, now=now,
        history=None if before.empty else before, kept=None if before.empty else desk.kept,
    )  # fmt: skip
    desk.held.trim(desk.window(now - GRACE))
    return found, labels


def _frames_held(desk: Desk, shared: Shared, until: datetime) -> signals.Frames:
    """What the indicators read, from memory; posts that are dated ahead wait for their time, as in the lake."""
    held = desk.held
    assert held.batches is not None
    posts, labels = (t.filter(pc.less(t["created_at"], pa.scalar(until, TIME))) for t in (held.posts, held.labels))
    people = shared.accounts(posts["account_id"])
    tables = (posts, labels, shared.groups(desk.watch.watch), people, held.batches)
    lazy = (nw.from_native(t, eager_only=True).lazy() for t in tables)
    return signals.Frames(**dict(zip(("posts", "labels", "groups", "accounts", "batches"), lazy, strict=True)))


def _frames_stored(lake: Lake, name: str, since: datetime, records: datetime, until: datetime) -> signals.Frames:
    """What the indicators read, from the lake."""
    return signals.Frames(
        posts=lake.scan("POSTS", watch=name, since=since, until=until),
        labels=lake.scan("LABELS", watch=name, since=since, until=until),
        groups=lake.scan("GROUPS", watch=name),
        accounts=lake.scan("ACCOUNTS"),
        batches=lake.scan("BATCHES", watch=name, since=records - DAY, until=until),
    )


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
