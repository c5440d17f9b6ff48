"""The narrow rows of one watch's newest windows, so that an evaluation need not read the lake.

They are what a present-state read of POSTS and LABELS would give. Where they do not reach, where somebody else has
written, or where they would be too many, the lake is read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import narwhals as nw
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.core.table_definitions import TIME
from crisislib.core.tables import table
from crisislib.core.watch import Watch
from crisislib.engine.cache.decision_inputs import LABEL_COLUMNS
from crisislib.lake import Lake
from crisislib.signals import FAMILIES_READ, LABELS_READ, POSTS_READ, named

MOST = 400_000
"""Rows of posts and labels a watch: some 100 MB for the largest; beyond them the lake is read at each evaluation."""
BATCH_COLUMNS = ["source", "file", "at", "since", "until", "gaps", "ok"]
TOPIC_COLUMNS = ["post_id", "kind", "collected_at", "n_views"]


@dataclass
class WindowCache:
    """Rows of one watch from an instant on.

    Attributes
    ----------
    since : datetime or None
        All that was collected and labelled from here on is cached; None where the cache is empty.
    """

    watch: Watch
    since: datetime | None = None
    batches: pa.Table | None = None
    """Records of what was collected, of the grid's windows and a day before; None where they are to be read."""
    posts: pa.Table = field(default_factory=lambda: _none("POSTS"))
    labels: pa.Table = field(default_factory=lambda: _none("LABELS"))
    observations: pa.Table = field(default_factory=lambda: _no_topics())
    """Every observation of hot-list topics collected from `since` on: their counts are a history."""

    def forget(self) -> None:
        """Know nothing: somebody else wrote, or a row may have been missed."""
        self.since, self.posts, self.labels = None, _none("POSTS"), _none("LABELS")
        self.observations = _no_topics()

    def reaches(self, since: datetime) -> bool:
        """Whether the cache has all rows from an instant on.

        Parameters
        ----------
        since : datetime
            Event time.

        Returns
        -------
        bool
            False where the cache is empty.
        """
        return self.since is not None and self.since <= since

    def fill(self, lake: Lake, since: datetime, until: datetime) -> None:
        """Read the rows of [since, until) from the lake; nothing is cached where they are too many.

        Parameters
        ----------
        lake : Lake
            The lake.
        since : datetime
            Event time from which.
        until : datetime
            Event time up to which, exclusive.
        """
        where: dict[str, Any] = {"watch": self.watch.watch, "since": since, "until": until}
        quoted = ", ".join(f"'{label}'" for label in LABELS_READ)
        families = "".join(f" OR starts_with(label, '{family}')" for family in FAMILIES_READ)
        labels = lake.sql("LABELS", **where).filter(f"label IN ({quoted}){families}")
        self.forget()
        self.since = since
        self.add_posts(lake.sql("POSTS", **where).select(*POSTS_READ, "text").to_arrow_table())
        observed = lake.sql("POSTS", watch=self.watch.watch, present=False).filter("kind = 'topic'")
        self.observations = observed.select(*TOPIC_COLUMNS).to_arrow_table().cast(_no_topics().schema)
        self.observations = self.observations.filter(pc.greater_equal(self.observations["collected_at"], _time(since)))
        self.add_labels(labels.select(*LABEL_COLUMNS).to_arrow_table())

    def batches_from(self, lake: Lake, since: datetime) -> pa.Table:
        """The records of collection from an instant on; read from the lake the first time, older ones are dropped.

        Parameters
        ----------
        lake : Lake
            The lake.
        since : datetime
            Time of the record.

        Returns
        -------
        pyarrow.Table
            BATCHES rows, :data:`BATCH_COLUMNS`.
        """
        if self.batches is None:
            self.batches = lake.sql("BATCHES", watch=self.watch.watch, since=since).to_arrow_table()
            self.batches = self.batches.select(BATCH_COLUMNS)
        self.batches = self.batches.filter(pc.greater_equal(self.batches["at"], _time(since)))
        return self.batches

    def add_batches(self, records: pa.Table) -> None:
        """Records of what was collected at this tick, of any watch.

        Parameters
        ----------
        records : pyarrow.Table
            BATCHES rows; those of other watches are passed over.
        """
        if self.batches is not None:
            mine = records.filter(pc.equal(records["watch"], self.watch.watch)).select(BATCH_COLUMNS)
            self.batches = pa.concat_tables([self.batches, mine.cast(self.batches.schema)]).combine_chunks()

    def add_posts(self, posts: pa.Table) -> None:
        """New observations, in the place of older ones of the same posts.

        Parameters
        ----------
        posts : pyarrow.Table
            POSTS rows, with `text` and at least :data:`POSTS_READ`; those before the cache's begin are dropped.
        """
        if self.since is None or not posts.num_rows:
            return
        if "collected_at" in posts.column_names:
            listed = posts.filter(pc.equal(posts["kind"], "topic")).select(TOPIC_COLUMNS).cast(_no_topics().schema)
            self.observations = pa.concat_tables([self.observations, listed])
        new = _narrow(posts.select([*POSTS_READ, "text"]), "POSTS")
        new = new.filter(pc.greater_equal(new["created_at"], _time(self.since)))
        frame = named(nw.from_native(new, eager_only=True).lazy(), self.watch)
        new = frame.drop("text").collect("pyarrow").to_native()
        self.posts = _last(pa.concat_tables([self.posts, new.select(self.posts.column_names)]), ["post_id"])
        self._bound()

    def add_labels(self, labels: pa.Table) -> None:
        """New labels, in the place of older ones of the same posts and names.

        Parameters
        ----------
        labels : pyarrow.Table
            LABELS rows; labels that no signal reads are passed over.
        """
        if self.since is None or not labels.num_rows:
            return
        read = pc.is_in(labels["label"], pa.array(LABELS_READ))
        for family in FAMILIES_READ:
            read = pc.or_(read, pc.starts_with(labels["label"], family))
        new = _narrow(labels.select(LABEL_COLUMNS).filter(read), "LABELS")
        new = new.filter(pc.greater_equal(new["created_at"], _time(self.since)))
        self.labels = _last(pa.concat_tables([self.labels, new]), ["post_id", "label"])
        self._bound()

    def trim(self, before: datetime) -> None:
        """Drop rows from before an instant.

        Parameters
        ----------
        before : datetime
            Event time; nothing happens where the cache begins later.
        """
        if self.since is None or before <= self.since:
            return
        self.since = before
        self.observations = self.observations.filter(pc.greater_equal(self.observations["collected_at"], _time(before)))
        self.posts, self.labels = (
            t.filter(pc.greater_equal(t["created_at"], _time(before))).combine_chunks()
            for t in (self.posts, self.labels)
        )

    def _bound(self) -> None:
        if self.posts.num_rows + self.labels.num_rows > MOST:
            self.forget()


def _time(at: datetime) -> pa.Scalar:
    return pa.scalar(at, TIME)


def _no_topics() -> pa.Table:
    schema = table("POSTS").schema
    return pa.schema([schema.field(c).with_nullable(True) for c in TOPIC_COLUMNS]).empty_table()


def _none(name: str) -> pa.Table:
    schema = table(name).schema
    if name == "LABELS":
        return pa.schema([schema.field(c).with_nullable(True) for c in LABEL_COLUMNS]).empty_table()
    fields = [schema.field(c).with_nullable(True) for c in POSTS_READ]
    return pa.schema([*fields, *(pa.field(f"names_{n}", pa.bool_()) for n in ("own", "rival"))]).empty_table()


def _narrow(rows: pa.Table, name: str) -> pa.Table:
    """Columns in the types of the table; nothing is required of them."""
    schema = table(name).schema
    return rows.cast(pa.schema([schema.field(c).with_nullable(True) for c in rows.column_names]))


def _last(rows: pa.Table, key: list[str]) -> pa.Table:
    """Of several rows with one key the one that came last."""
    if rows.num_rows < 2 or rows.group_by(key).aggregate([]).num_rows == rows.num_rows:
        return rows
    numbered = rows.append_column("row", pa.array(np.arange(rows.num_rows)))
    last = numbered.group_by(key).aggregate([("row", "max")])["row_max"]
    return rows.take(pa.array(np.sort(last.to_numpy())))
