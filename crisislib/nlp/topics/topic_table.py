"""Topics as tables: a label for each post, a row for each topic and each group of topics."""

from __future__ import annotations

import json
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from scipy.cluster.hierarchy import fcluster, linkage

from crisislib.core.table_definitions import TIME
from crisislib.core.tables import conform
from crisislib.nlp.topics.clusters import I64
from crisislib.nlp.topics.topic_store import StoredTopics
from crisislib.nlp.topics.topic_titles import representatives
from crisislib.nlp.topics.vectors import F32

LABEL = "topic"
OUTSIDE_VALUE = "outside"
MODEL = "topics@1"
ALIKE = 0.5
"""Cosine distance below which topics belong to one group."""
SHOWN = 5
"""Representative posts of a topic: what a reader opens to check a name."""

F64 = npt.NDArray[np.float64]


def labels_table(
    posts: pa.Table,
    of_post: I64,
    stored: StoredTopics,
    at: I64,
    chance: F64,
    likeness: F64,
    *,
    watch: str,
    now: datetime,
) -> pa.Table:
    """LABELS `topic` of posts that have words; see :class:`TopicResult`.

    Parameters
    ----------
    posts : POSTS
        n rows.
    of_post : numpy.ndarray of int64, shape (n,)
        Distinct text of each post, -1 where it has no words.
    stored : StoredTopics
    at : numpy.ndarray of int64, shape (t,)
        Topic of each distinct text, -1 outside.
    chance : numpy.ndarray of shape (t,)
        Probability of that topic.
    likeness : numpy.ndarray of shape (t,)
        Cosine similarity with its centre.
    watch : str
        Name of the watch.
    now : datetime
        Goes into `at`.

    Returns
    -------
    pyarrow.Table
        LABELS.
    """
    has = np.flatnonzero(of_post >= 0)
    mine = of_post[has]
    names = np.array([*stored.topics.ids, OUTSIDE_VALUE], object)
    n = len(has)
    rows = posts.take(pa.array(has))
    return conform(
        pa.table(
            {
                "watch": pa.repeat(watch, n),
                "post_id": rows["post_id"],
                "label": pa.repeat(LABEL, n),
                "model": pa.repeat(MODEL, n),
                "at": pa.repeat(pa.scalar(now, TIME), n),
                "created_at": rows["created_at"],
                "value": pa.array(names[at[mine]], pa.string()),
                "p": pa.array(np.where(at[mine] >= 0, chance[mine], np.nan), from_pandas=True),
                "score": pa.array(likeness[mine]),
            }
        ),
        "LABELS",
    )


def groups(centres: F32) -> I64:
    """Group of each topic: average linkage on cosine distance, cut at ALIKE.

    Parameters
    ----------
    centres : numpy.ndarray of float32, shape (k, dim)
        Unit centres.

    Returns
    -------
    numpy.ndarray of int64, shape (k,)
        Group numbers from 1.
    """
    if len(centres) < 2:
        return np.ones(len(centres), np.int64)
    return np.asarray(fcluster(linkage(centres, "average", metric="cosine"), ALIKE, "distance"), np.int64)


def topics_table(
    posts: pa.Table,
    of_post: I64,
    stored: StoredTopics,
    points: F32,
    at: I64,
    likeness: F64,
    *,
    watch: str,
    now: datetime,
) -> pa.Table:
    """TOPICS: one row for each topic, and one for each group of two and more.

    `n` counts posts, copies included; `share` is of the posts that have words; `evidence` is JSON with
    the representative `posts`, nearest and unlike one another, and the words' `weights`.

    Parameters
    ----------
    posts : POSTS
        n rows.
    of_post : numpy.ndarray of int64, shape (n,)
        Distinct text of each post, -1 where it has no words.
    stored : StoredTopics
    points : numpy.ndarray of float32, shape (t, dim)
        Unit vectors of the distinct texts.
    at : numpy.ndarray of int64, shape (t,)
        Topic of each distinct text, -1 outside.
    likeness : numpy.ndarray of shape (t,)
        Cosine similarity with its centre.
    watch : str
        Name of the watch.
    now : datetime
        Goes into `made_at`.

    Returns
    -------
    pyarrow.Table
        TOPICS.
    """
    has = of_post >= 0
    total = int(has.sum())
    topic_of = np.full(len(of_post), -1)
    topic_of[has] = at[of_post[has]]
    first = np.full(len(points), -1, np.int64)
    first[of_post[has][::-1]] = np.flatnonzero(has)[::-1]
    ids = posts["post_id"].to_pylist()
    counts = np.bincount(topic_of[topic_of >= 0], minlength=len(stored.topics.ids))
    group = groups(stored.topics.centres)
    rows: list[dict[str, object]] = []
    for place, name in enumerate(stored.topics.ids):
        mine = np.flatnonzero(at == place)
        near = mine[np.argsort(-likeness[mine], kind="stable")[:50]]
        shown = [ids[first[near[i]]] for i in representatives(likeness[near], points[near], SHOWN)]
        mates = np.flatnonzero(group == group[place])
        words = stored.topics.words[place]
        rows.append(
            {
                "topic_id": name,
                "parent_id": f"g:{stored.topics.ids[mates[0]]}" if len(mates) > 1 else None,
                "words": " ".join(word for word, _ in words),
                "title_zh": stored.titles[name]["zh"],
                "title_en": stored.titles[name]["en"],
                "n": int(counts[place]),
                "evidence": json.dumps(
                    {"posts": shown, "weights": [round(v, 4) for _, v in words]}, ensure_ascii=False
                ),
            }
        )
    frame = pd.DataFrame(rows + _parents(rows))
    frame["share"] = frame["n"] / total if total else np.nan
    return conform(frame.assign(watch=watch, model=MODEL, at=now), "TOPICS")


def _parents(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """A row for each group: named by its first topic, titled by the lead words of its topics."""
    grouped = pd.DataFrame(rows).dropna(subset="parent_id").groupby("parent_id", sort=False)
    out: list[dict[str, object]] = []
    for name, part in grouped:
        lead = [words.split()[0] for words in part.sort_values("n", ascending=False)["words"] if words][:4]
        out.append(
            {
                "topic_id": str(name),
                "words": " ".join(lead),
                "title_zh": "、".join(lead),
                "title_en": ", ".join(lead),
                "n": int(part["n"].sum()),
                "evidence": json.dumps({"topics": part["topic_id"].tolist()}),
            }
        )
    return out
