"""POSTS to topics: assigned to the topics known, or found anew when these no longer fit."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from threadpoolctl import threadpool_limits

from crisislib.core.errors import ModelError, NotEnoughData, SourceError
from crisislib.core.finding import Finding, too_few
from crisislib.core.tables import conform, empty
from crisislib.core.watch import Watch
from crisislib.nlp.topics import embedders, identity, tokens, topic_model, topic_store, vectors
from crisislib.nlp.topics.clusters import I64, OUTSIDE
from crisislib.nlp.topics.topic_findings import findings
from crisislib.nlp.topics.topic_store import StoredTopics
from crisislib.nlp.topics.topic_table import labels_table, topics_table
from crisislib.nlp.topics.topic_titles import PHRASE_TEXTS, phrase, title
from crisislib.nlp.topics.vectors import F32

logger = logging.getLogger(__name__)

NEEDED = 60
"""Distinct texts below which no topics are looked for."""
DRIFT = 3 * OUTSIDE
"""Share of texts outside every topic from which the topics are found anew."""
DRIFT_TEXTS = 200
"""Distinct texts needed to call it drift, and to learn from."""
REFIT_GROWTH = 2.0
"""Times as many distinct texts as the model was learned from: found anew."""


@dataclass(frozen=True)
class TopicResult:
    """What the topics of some posts are.

    Attributes
    ----------
    labels : pyarrow.Table
        LABELS `topic`: value the topic's id or `outside`, p the probability among the topics, score the
        cosine similarity with the topic's centre. Posts without a word of their own have no row.
    topics : pyarrow.Table
        TOPICS, one row for each topic and for each group of topics (`parent_id`).
    findings : list of Finding
    refitted : bool
        Whether topics were found anew in this run.
    """

    labels: pa.Table
    topics: pa.Table
    findings: list[Finding]
    refitted: bool


@dataclass(frozen=True)
class Texts:
    """Distinct texts of some posts: `words` and `cleaned` of each, posts `count`, and `of_post` (−1 none)."""

    words: list[str]
    cleaned: list[str]
    count: I64
    of_post: I64


def distinct(texts: pa.ChunkedArray, dictionary: Sequence[str]) -> Texts:
    """Collapse posts to their distinct words, in order of first appearance.

    Parameters
    ----------
    texts : pyarrow.ChunkedArray of shape (n,)
        Texts of the posts.
    dictionary : sequence of str
        The watch's own words, which are never split.

    Returns
    -------
    Texts
    """
    cleaned = tokens.clean(texts)
    words = tokens.words(cleaned, dictionary=dictionary)
    frame = pd.DataFrame({"words": words, "cleaned": cleaned})
    codes, unique = pd.factorize(frame["words"].where(frame["words"] != ""), use_na_sentinel=True)
    first = frame[codes >= 0].drop_duplicates("words")
    return Texts(list(unique), first["cleaned"].tolist(), np.bincount(codes[codes >= 0], minlength=len(unique)), codes)


def _names(watch: Watch) -> list[str]:
    return [*watch.brand.names, *(name for names in watch.brand.competitors.values() for name in names)]


def _drifted(outside: float, n: int, stored: StoredTopics) -> bool:
    if n < DRIFT_TEXTS:
        return False
    return outside >= DRIFT or n >= REFIT_GROWTH * stored.n_fit


def _learn(texts: Texts, watch: Watch, before: StoredTopics | None, *, seed: int) -> tuple[StoredTopics, F32]:
    """Find topics anew, under the old names where they are the old ones."""
    embedder, wanted = watch.text.topics.embedder, watch.text.topics.number
    if embedder == embedders.OFFLINE:
        space = vectors.learn(texts.words, seed=seed)
        points = space.encode(texts.words)
    else:
        space, points = None, embedders.encode(embedder, texts.cleaned)
    fitted = topic_model.fit(texts.words, points, 1 + np.log(texts.count), k=wanted, seed=seed)
    at, _, likeness = fitted.assign(points)
    number = len(fitted.ids) + 1
    if before is not None:
        fitted, number = identity.carry(before.topics, _old_topics(before, texts), fitted, at, before.next_number)
    titles = {}
    for place, (name, words) in enumerate(zip(fitted.ids, fitted.words, strict=True)):
        mine = np.flatnonzero(at == place)
        near = mine[np.argsort(-likeness[mine], kind="stable")[:PHRASE_TEXTS]]
        titles[name] = title(words, phrase([texts.cleaned[i] for i in near], words, _names(watch)))
    return StoredTopics(fitted, space, embedder, seed, wanted, len(texts.words), number, titles), points


def _old_topics(before: StoredTopics, texts: Texts) -> I64:
    """Topic of each text by the model before; none where what it read texts with is no longer there."""
    try:
        return before.topics.assign(_encode(before, texts))[0]
    except (ModelError, SourceError):
        logger.warning("the embedder %s of the topics so far cannot be used: they get new names", before.embedder)
        return np.full(len(texts.words), -1, np.int64)


def _nothing(n: int) -> TopicResult:
    """No topics, because of n texts that could be compared."""
    return TopicResult(empty("LABELS"), empty("TOPICS"), [too_few("text.topics", n, NEEDED)], False)


def _encode(stored: StoredTopics, texts: Texts) -> F32:
    embedders.check(stored.embedder)
    if not texts.words:
        return np.zeros((0, stored.topics.centres.shape[1]), np.float32)
    if stored.space is not None:
        return stored.space.encode(texts.words)
    return embedders.encode(stored.embedder, texts.cleaned)


def discover_topics(
    posts: pa.Table | pd.DataFrame,
    watch: Watch,
    *,
    now: datetime,
    state: Path,
    seed: int = 0,
) -> TopicResult:
    """Find or recognise the topics of posts.

    The first call learns the topics; later calls assign posts to them by nearest centre, so that ids
    stay. Topics are found anew when too many texts lie outside (drift), when there are twice as many
    texts as were learned from, or when the embedder, the number or the seed changes; then a new topic
    that holds an old one's posts keeps its id.

    Parameters
    ----------
    posts : pyarrow.Table or pandas.DataFrame
        POSTS of the window to describe.
    watch : Watch
        Its names are kept whole by the segmenter; `text.topics` names the embedder and the number of topics.
    now : datetime.datetime
        Written as the time of the rows.
    state : pathlib.Path
        Folder that keeps the watch's model; made when absent.
    seed : int
        Same posts, state and seed: same answer.

    Returns
    -------
    TopicResult

    Raises
    ------
    ModelError
        An embedder that is unknown or not installed; a folder of another watch or version.
    """
    embedders.check(watch.text.topics.embedder)
    # These matrices are small: BLAS threads cost more in waiting for one another than they give, by
    # a factor of ten when other work runs on the cores.
    with threadpool_limits(1):
        return _topics(posts, watch, now, state, seed=seed)


def _topics(
    posts: pa.Table | pd.DataFrame,
    watch: Watch,
    now: datetime,
    state: Path,
    *,
    seed: int,
) -> TopicResult:
    stored = topic_store.load(state, watch.watch)
    table = conform(posts, "POSTS")
    table = table.filter(pc.fill_null(pc.not_equal(table["kind"], "topic"), True))
    texts = distinct(table["text"], _names(watch))
    if len(texts.words) < NEEDED and stored is None:
        return _nothing(len(texts.words))
    wanted = (watch.text.topics.embedder, watch.text.topics.number, seed)
    same = stored is not None and (stored.embedder, stored.number, stored.seed) == wanted
    points = _encode(stored, texts) if stored is not None and same else None
    if stored is not None and points is not None and texts.words:
        outside = float(np.mean(stored.topics.assign(points)[0] < 0))
        again = _drifted(outside, len(texts.words), stored)
    else:
        again = len(texts.words) >= NEEDED
    if again or stored is None or points is None:
        try:
            stored, points = _learn(texts, watch, stored, seed=seed)
        except NotEnoughData:  # many texts that share no word: as good as too few
            return _nothing(0)
        topic_store.save(stored, state, watch.watch)
        again = True
    return _result(table, texts, stored, points, watch=watch, now=now, refitted=again)


def _result(
    table: pa.Table, texts: Texts, stored: StoredTopics, points: F32, *, watch: Watch, now: datetime, refitted: bool
) -> TopicResult:
    at, chance, likeness = stored.topics.assign(points)
    labels = labels_table(table, texts.of_post, stored, at, chance, likeness, watch=watch.watch, now=now)
    rows = topics_table(table, texts.of_post, stored, points, at, likeness, watch=watch.watch, now=now)
    return TopicResult(labels, rows, findings(rows, labels, now=now), refitted)
