"""Posts labelled once, when they come: what the quick look counts is what the full look will judge by.

What depends on a watch's own names is read by the full look; all else in one call for all watches that share an
industry and a model. Narratives need the memory of the watch and are read by the full look, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crisislib import text
from crisislib.core.errors import CrisisError
from crisislib.core.tables import TIME, conform, empty
from crisislib.core.watch import Watch
from crisislib.engine import enrich as derive
from crisislib.engine.home import Home

OWN = ("target_sentiment", "entity")
"""Labellers that read by the names of the watch."""
SHARED = tuple(name for name in text.LABELLERS if name not in OWN)


def read(home: Home, watches: Mapping[str, Watch], posts: pa.Table, *, now: datetime) -> tuple[pa.Table, set[str]]:
    """Labels of some posts by the labellers that watches share, and the watches that cannot be read.

    Parameters
    ----------
    posts : pyarrow.Table
        POSTS of any of the watches.
    """
    alike: dict[tuple[str, ...], list[str]] = {}
    unread: set[str] = set()
    for name in pc.unique(posts["watch"]).to_pylist():
        try:
            models = text.models_of(watches[name], derive.models_of(home, watches[name]))
        except (CrisisError, OSError):  # the full look says why, and reads them from the lake when it can
            unread.add(name)
            continue
        alike.setdefault(tuple(models[labeller] for labeller in SHARED), []).append(name)
    parts = [empty("LABELS")]
    for names in alike.values():
        try:
            parts.append(_as_one(home, [watches[n] for n in names], posts, now))
        except (CrisisError, OSError):
            unread.update(names)
    return pa.concat_tables(parts), unread


def _as_one(home: Home, alike: list[Watch], posts: pa.Table, now: datetime) -> pa.Table:
    """One call for all: posts are known by their place, and stand under one watch while they are read."""
    lead = alike[0]
    mine = _newest(posts.filter(pc.is_in(posts["watch"], pa.array([w.watch for w in alike]))))
    place = pa.array(np.arange(mine.num_rows)).cast(pa.string())
    as_one = mine.set_column(mine.column_names.index("post_id"), "post_id", place)
    as_one = as_one.set_column(mine.column_names.index("watch"), "watch", pa.repeat(lead.watch, mine.num_rows))
    labels = text.label(as_one, lead, now=now, models=derive.models_of(home, lead), only=SHARED)
    at = labels["post_id"].cast(pa.int64())
    for column in ("watch", "post_id"):
        labels = labels.set_column(labels.column_names.index(column), column, mine[column].take(at))
    return conform(labels, "LABELS")


def _newest(posts: pa.Table) -> pa.Table:
    """Each post once, as it was seen last."""
    keys = ["watch", "post_id"]
    if posts.group_by(keys).aggregate([]).num_rows == posts.num_rows:
        return posts
    rows = posts.sort_by("collected_at").append_column("row", pa.array(np.arange(posts.num_rows)))
    return rows.take(rows.group_by(keys).aggregate([("row", "max")])["row_max"]).drop_columns("row")


def finish(home: Home, watch: Watch, posts: pa.Table, read_already: list[pa.Table], *, now: datetime) -> pa.Table:
    """All labels of some posts with their mark: those that were read when they came, and what only the watch knows.

    To be appended in one commit, so that a kill leaves a post wholly labelled or not at all.
    """
    own = text.label(posts, watch, now=now, models=derive.models_of(home, watch), only=OWN)
    told = text.narratives(posts, watch, now=now, state=home.lake.artifact(watch.watch, "models", "narratives"))
    n, bundle = posts.num_rows, derive.bundle_of(home, watch)
    fixed = {"watch": watch.watch, "label": derive.MARK, "model": bundle, "value": "done"}
    columns = {name: pa.repeat(value, n) for name, value in fixed.items()}
    columns["at"] = pa.repeat(pa.scalar(now, TIME), n)
    marks = pa.table({**columns, "post_id": posts["post_id"], "created_at": posts["created_at"]})
    return pa.concat_tables([*read_already, own, told, conform(marks, "LABELS")])
