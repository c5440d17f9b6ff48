"""Understand: from collected posts to their labels, once a post, whoever drives it."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crisislib import nlp
from crisislib.core.ids import short_hash
from crisislib.core.isolation import run_isolated
from crisislib.core.memory_database import session
from crisislib.core.table_definitions import TIME
from crisislib.core.tables import conform, empty
from crisislib.core.watch import Watch
from crisislib.engine.context import RunWindow
from crisislib.engine.home import Home
from crisislib.engine.label_changes import withdrawn
from crisislib.engine.progress import Progress, silent, stage_progress
from crisislib.engine.text_labelling import TextLabelling, packed
from crisislib.engine.voices import MODEL as VOICES
from crisislib.engine.voices import voices
from crisislib.nlp.classify import harm as harm_rule

logger = logging.getLogger(__name__)

MARK = "labelled"
"""Label that every post gets once all labellers have seen it; its model names all their versions."""
MARK_CHARS = 12
"""Characters of the text's MD5 that the mark carries: a post that was edited is labelled again."""
OWN = ("target_sentiment", "entity", "about")
"""Labellers that read by the names of the watch."""
SHARED = tuple(name for name in nlp.LABELLERS if name not in OWN)
"""Labellers whose answer is the same for every watch of an industry and a model."""


def models_of(home: Home, watch: Watch) -> Path:
    """Folder of the text models taught for a watch.

    Parameters
    ----------
    home : Home
        The workbench.
    watch : Watch
        The watch.

    Returns
    -------
    Path
        Made if missing.
    """
    models = home.lake.artifact(watch.watch, "models", "text")
    models.mkdir(exist_ok=True)
    return models


def bundle_of(home: Home, watch: Watch) -> str:
    """Name of the present set of labellers; a label of this name marks the posts that all of them have read.

    Parameters
    ----------
    home : Home
        The workbench.
    watch : Watch
        The watch, whose own models count too.

    Returns
    -------
    str
        `mark@` and a hash of every labeller with its version.
    """
    versions = nlp.models_of(watch, models_of(home, watch))
    versions |= {"voice": VOICES, "harm": harm_rule.VERSION, "own": " ".join(sorted(watch.brand.accounts))}
    return f"{MARK}@{short_hash(*[f'{k}={v}' for k, v in sorted(versions.items())])}"


def unlabelled(home: Home, watch: Watch, window: RunWindow) -> pa.Table:
    """Posts of the window without the mark of the present bundle of models, or with the mark of another text.

    Parameters
    ----------
    home : Home
        The workbench.
    watch : Watch
        The watch.
    window : RunWindow
        Posts created in [since, until).

    Returns
    -------
    pyarrow.Table
        POSTS rows.
    """
    scope = {"watch": watch.watch, **window.bounds}
    bundle = bundle_of(home, watch)
    posts = home.lake.sql("POSTS", **scope).to_arrow_table()  # type: ignore[arg-type]
    marks = home.lake.sql("LABELS", **scope).filter(f"label = '{MARK}' AND model = '{bundle}'").to_arrow_table()  # type: ignore[arg-type]
    db = session()
    db.register("posts", posts)
    db.register("marks", marks)
    same = f"m.post_id = p.post_id AND m.value = left(md5(coalesce(p.text, '')), {MARK_CHARS})"
    rest = db.sql(f"SELECT p.* FROM posts p ANTI JOIN marks m ON {same}").to_arrow_table()
    return conform(rest, "POSTS")


def complete_labels(
    home: Home,
    watch: Watch,
    posts: pa.Table,
    *,
    now: datetime,
    shared: Sequence[pa.Table] | None = None,
    progress: Progress = silent,
) -> pa.Table:
    """All labels of some posts with their mark, to be appended in one commit.

    One commit, so that a kill leaves a post wholly labelled or not at all.

    Parameters
    ----------
    home : Home
        Where taught models and the memory of the narratives lie.
    watch : Watch
        Whose posts.
    posts : pyarrow.Table
        POSTS.
    now : datetime
        Written to `at`.
    shared : sequence of pyarrow.Table, optional
        LABELS of these posts by the labellers that watches share, where :func:`shared_labels` has read them already.
    progress : callable
        Gets the texts done.

    Returns
    -------
    pyarrow.Table
        LABELS.
    """
    models = models_of(home, watch)
    who = voices(home.lake, watch, posts, now=now)
    first = shared
    if first is None:
        engine = home.backend
        done = None if engine.elsewhere else stage_progress(progress, "text")
        work = TextLabelling(watch, now, SHARED, packed(models) if engine.elsewhere else models, done)
        first = [engine.map_batches(who.read, work, empty("LABELS").schema)]
    own = nlp.label(who.read, watch, now=now, models=models, only=OWN)
    stories = nlp.narratives(posts, watch, now=now, state=home.lake.artifact(watch.watch, "models", "narratives"))
    read = pa.concat_tables([*first, own])
    made = pa.concat_tables(
        [read, who.labels, harm_rule.harm(read), stories, _marks(posts, watch, bundle_of(home, watch), now)]
    )
    return pa.concat_tables([made, withdrawn(home.lake, watch, posts, made, now)])


def _marks(posts: pa.Table, watch: Watch, bundle: str, now: datetime) -> pa.Table:
    n = posts.num_rows
    fixed = {"watch": watch.watch, "label": MARK, "model": bundle}
    columns = {name: pa.repeat(value, n) for name, value in fixed.items()}
    texts = pc.fill_null(posts["text"], "").to_pylist()
    columns["value"] = pa.array([hashlib.md5(t.encode()).hexdigest()[:MARK_CHARS] for t in texts], pa.string())
    columns["at"] = pa.repeat(pa.scalar(now, TIME), n)
    return conform(pa.table({**columns, "post_id": posts["post_id"], "created_at": posts["created_at"]}), "LABELS")


def shared_labels(
    home: Home, watches: Mapping[str, Watch], posts: pa.Table, *, now: datetime
) -> tuple[pa.Table, set[str]]:
    """Labels of some posts by the labellers that watches share: one call for all watches of an industry and a model.

    Parameters
    ----------
    home : Home
        Where taught models lie.
    watches : mapping of str to Watch
        By name.
    posts : pyarrow.Table
        POSTS of any of the watches.
    now : datetime
        Written to `at`.

    Returns
    -------
    labels : pyarrow.Table
        LABELS.
    unread : set of str
        Watches whose models cannot be read; their evaluation says why, and labels from the lake when it can.
    """
    alike: dict[tuple[str, ...], list[str]] = {}
    unread: set[str] = set()
    for name in pc.unique(posts["watch"]).to_pylist():
        models = run_isolated(
            f"text models of {name}",
            partial(_shared_models, home, watches[name]),
            on_error=lambda _: None,
            logger=logger,
            watch=name,
        )
        if models is None:
            unread.add(name)
        else:
            alike.setdefault(models, []).append(name)
    parts = [empty("LABELS")]
    for names in alike.values():
        labels = run_isolated(
            f"labels of {', '.join(names)}",
            partial(_as_one, home, [watches[n] for n in names], posts, now),
            on_error=lambda _: None,
            logger=logger,
        )
        if labels is None:
            unread.update(names)
        else:
            parts.append(labels)
    return pa.concat_tables(parts), unread


def _shared_models(home: Home, watch: Watch) -> tuple[str, ...]:
    """Versions of the models that the shared labellers of a watch use."""
    models = nlp.models_of(watch, models_of(home, watch))
    return tuple(models[labeller] for labeller in SHARED)


def _as_one(home: Home, alike: list[Watch], posts: pa.Table, now: datetime) -> pa.Table:
    """One call for all: posts are known by their place, and stand under one watch while they are read."""
    lead = alike[0]
    mine = _newest(posts.filter(pc.is_in(posts["watch"], pa.array([w.watch for w in alike]))))
    place = pa.array(np.arange(mine.num_rows)).cast(pa.string())
    as_one = mine.set_column(mine.column_names.index("post_id"), "post_id", place)
    as_one = as_one.set_column(mine.column_names.index("watch"), "watch", pa.repeat(lead.watch, mine.num_rows))
    as_one = _as_read(home, alike, mine, as_one, now)
    labels = nlp.label(as_one, lead, now=now, models=models_of(home, lead), only=SHARED)
    at = labels["post_id"].cast(pa.int64())
    for column in ("watch", "post_id"):
        labels = labels.set_column(labels.column_names.index(column), column, mine[column].take(at))
    return conform(labels, "LABELS")


def _as_read(home: Home, alike: list[Watch], mine: pa.Table, as_one: pa.Table, now: datetime) -> pa.Table:
    """The posts with the texts that they are read by, each watch's by its own sources; in the same order."""
    texts = np.array(as_one["text"].to_pylist(), dtype=object)
    for watch in alike:
        rows = np.flatnonzero(pc.equal(mine["watch"], watch.watch).to_numpy(zero_copy_only=False))
        read = voices(home.lake, watch, mine.take(pa.array(rows)), now=now).read
        texts[rows] = np.array(read["text"].to_pylist(), dtype=object)
    return as_one.set_column(as_one.column_names.index("text"), "text", pa.array(texts.tolist(), pa.string()))


def _newest(posts: pa.Table) -> pa.Table:
    """Each post once, as it was seen last."""
    keys = ["watch", "post_id"]
    if posts.group_by(keys).aggregate([]).num_rows == posts.num_rows:
        return posts
    rows = posts.sort_by("collected_at").append_column("row", pa.array(np.arange(posts.num_rows)))
    return rows.take(rows.group_by(keys).aggregate([("row", "max")])["row_max"]).drop_columns("row")
