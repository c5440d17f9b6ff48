"""What the monitor holds of one watch in memory: its history and evidence, each bounded, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pandas as pd
import pyarrow as pa

from crisislib.core.levels import Level
from crisislib.core.tables import empty
from crisislib.core.watch import Watch
from crisislib.engine.decide import LOOK_BACK, labels_read, posts_read
from crisislib.engine.enrich import Span
from crisislib.engine.home import Home
from crisislib.services.monitor.screening import Counts
from crisislib.services.monitor.window_cache import LABEL_COLUMNS, Held
from crisislib.signals import Kept, floor

LABELS_KEPT, POSTS_KEPT, PENDING_KEPT = 20_000, 2_000, 20_000
"""Rows of evidence and of unlabelled posts held in memory; more are read from the lake, or are too old to matter."""
POST_COLUMNS = ["post_id", "created_at", "n_likes", "n_reposts", "n_replies"]
NARROW = ["watch", "signal", "at", "step_s", "value", "expected", "lo", "hi", "surprise", "n_posts", "complete"]


@dataclass
class Desk:
    """One watch under way.

    Attributes
    ----------
    decided : datetime
        Everything up to here has been decided on; kept on disk.
    dirty : datetime or None
        Earliest post that the signals do not know yet.
    looked : datetime or None
        When the last full look was.
    """

    watch: Watch
    decided: datetime
    history: pd.DataFrame
    labels: pd.DataFrame
    posts: pd.DataFrame
    dirty: datetime | None = None
    looked: datetime | None = None
    tried: datetime | None = None
    """When it was last attempted."""
    level: Level = "unknown"
    incident: str = ""
    why: str = ""
    counts: Counts = field(default_factory=Counts)
    held: Held = field(init=False)
    """Rows of the newest windows."""
    kept: Kept = field(default_factory=Kept)
    """What the last look reduced earlier windows to."""
    pending: list[pa.Table] = field(default_factory=list)
    read: list[pa.Table] = field(default_factory=list)
    """LABELS of the pending posts by what all watches share."""
    overflow: bool = True
    """Whether posts without labels may lie in the lake only; so it is at the start."""
    unstored: list[pa.Table] = field(default_factory=list)
    """SIGNALS that the lake does not hold yet."""
    stored: datetime | None = None
    """When signals were last put into the lake."""

    def __post_init__(self) -> None:
        self.held = Held(self.watch)

    @property
    def step(self) -> timedelta:
        """Length of a window."""
        return timedelta(minutes=self.watch.window.step_minutes)

    def window(self, at: datetime) -> datetime:
        """Start of the window that an instant lies in."""
        return floor(self.watch, at)

    def take(self, posts: pa.Table, labels: pa.Table | None, earliest: datetime) -> None:
        """New posts that wait for the next full look, with what was read of them; None where they could not be."""
        self.dirty = earliest if self.dirty is None else min(self.dirty, earliest)
        if labels is None or sum(p.num_rows for p in self.pending) + posts.num_rows > PENDING_KEPT:
            self.pending, self.read, self.overflow = [], [], True
        elif not self.overflow:
            self.pending.append(posts)
            self.read.append(labels)

    def done(self) -> None:
        """What waited is labelled, and the lake has it."""
        self.pending, self.read = [], []

    def forget(self) -> None:
        """Somebody else has written: what is held may not be what the lake has."""
        self.held.forget()
        self.held.batches = None
        self.kept.forget()

    def waiting(self) -> pa.Table:
        """The posts that wait, in one table."""
        return pa.concat_tables([empty("POSTS"), *self.pending])

    def learn(self, signals: pd.DataFrame, since: datetime, now: datetime) -> None:
        """Put new windows in the place of old ones, and forget what lies before the baseline."""
        oldest = pd.Timestamp(now) - pd.Timedelta(days=self.watch.window.baseline_days + 1)
        kept = self.history[
            (self.history["at"] >= oldest) & (self.history["at"] < pd.Timestamp(floor(self.watch, since)))
        ]
        new = signals[NARROW]
        self.history = new.reset_index(drop=True) if kept.empty else pd.concat([kept, new], ignore_index=True)

    def remember(self, labels: pd.DataFrame, posts: pd.DataFrame, now: datetime) -> None:
        """Keep the evidence of the last fortnight, the newest labels and the most engaged posts."""
        oldest = pd.Timestamp(now - LOOK_BACK)
        self.labels = _joined(self.labels, labels[LABEL_COLUMNS], ["post_id", "label"], oldest)
        self.labels = self.labels.sort_values("created_at", kind="stable").tail(LABELS_KEPT).reset_index(drop=True)
        held = _joined(self.posts, posts[POST_COLUMNS], ["post_id"], oldest)
        weight = held[["n_likes", "n_reposts", "n_replies"]].fillna(0).astype(float).sum(axis=1)
        order = weight.sort_values(ascending=False, kind="stable").index[:POSTS_KEPT]
        self.posts = held.loc[order].reset_index(drop=True)


def _joined(old: pd.DataFrame, new: pd.DataFrame, key: list[str], oldest: pd.Timestamp) -> pd.DataFrame:
    both = new if old.empty else old if new.empty else pd.concat([old, new], ignore_index=True)
    both = both.drop_duplicates(key, keep="last")
    return both[both["created_at"] >= oldest].reset_index(drop=True)


def open_desk(home: Home, watch: Watch, *, decided: datetime | None, now: datetime) -> Desk:
    """Take up a watch where the lake and its last position say it was left.

    Without a position nothing has been decided on yet: what the lake holds becomes history, and
    decisions begin now.
    """
    back = now - timedelta(days=watch.window.baseline_days)
    history = home.lake.read("SIGNALS", watch=watch.watch, since=back, until=now)[NARROW]
    facts = home.lake.sql("POSTS", watch=watch.watch, since=back, until=now, present=False)
    first = facts.aggregate('min(created_at) AS "first"').to_arrow_table()["first"][0].as_py()
    desk = Desk(watch, decided or now, history, _none(LABEL_COLUMNS, "LABELS"), _none(POST_COLUMNS, "POSTS"))
    last = Span(now, now, now, now)
    desk.remember(labels_read(home, watch, last), posts_read(home, watch, last), now)
    if first is not None:
        # Windows without signals are computed first; a day of them again in any case, for posts that came late.
        held = [] if history.empty else [history["at"].max().to_pydatetime() - timedelta(days=1)]
        desk.dirty = max([first, *held])
    return desk


def _none(columns: list[str], name: str) -> pd.DataFrame:
    frame: pd.DataFrame = empty(name).select(columns).to_pandas()
    return frame
