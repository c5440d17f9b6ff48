"""How fast topics are found and assigned, on many posts made from the texts of the sets in a folder."""

from __future__ import annotations

import random
import tempfile
import time
import warnings
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from benchmarks.harness import Figures, say
from benchmarks.texts import TextSet
from crisislib.core.tables import conform
from crisislib.core.watch import Watch
from crisislib.nlp.topics import discover_topics

NOW = datetime(2026, 1, 1, tzinfo=UTC)
WATCH = Watch(watch="benchmark", title={"en": "Benchmark"}, brand={"names": ["benchmark"]})


def corpus(sets: Sequence[TextSet], n: int, seed: int = 0) -> list[str]:
    """Distinct posts: the beginning of one text of a set and the end of another, at most 70 characters each."""
    rng = random.Random(seed)
    short = [one.texts.tolist() for one in sets if one.texts.str.len().median() < 400]
    if not short:
        raise SystemExit("no set of short posts to make a corpus from")
    out: dict[str, None] = {}
    while len(out) < n:
        texts = rng.choice(short)
        one, two = rng.choice(texts), rng.choice(texts)
        out[f"{one[: max(20, len(one) // 2)][:70]} {two[-max(20, len(two) // 2) :][:70]}"] = None
    return list(out)


def as_posts(texts: list[str], first: int = 0) -> pa.Table:
    """POSTS of texts."""
    ids = [f"x:{first + i}" for i in range(len(texts))]
    frame = {"watch": "benchmark", "post_id": ids, "collected_at": NOW, "created_at": NOW, "kind": "post"}
    return conform(pd.DataFrame({**frame, "text": texts}), "POSTS")


def speed(sets: Sequence[TextSet], n: int, n_peer: int) -> tuple[Figures, Figures]:
    """Seconds to fit n posts and posts assigned per second, whole walk; BERTopic's defaults on n_peer of them.

    The peer gets ready words and vectors, so that only its UMAP, HDBSCAN and c-TF-IDF are timed; ours
    on as many posts is timed the same way, as `speed.model_seconds@n_peer`.
    """
    mine: Figures = {}
    texts = corpus(sets, 2 * n)
    posts, later = as_posts(texts[:n]), as_posts(texts[n:], n)
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        discover_topics(posts, WATCH, now=NOW, state=Path(folder))
        mine[f"speed.fit_seconds@{n}"] = time.perf_counter() - start
        start = time.perf_counter()
        again = discover_topics(later, WATCH, now=NOW, state=Path(folder))
        if again.refitted:
            raise SystemExit("the second half was learned anew, not assigned: the figure would be wrong")
        mine["speed.assign_per_s"] = n / (time.perf_counter() - start)
    say(f"speed: {mine}")
    return mine, _against(texts[:n_peer], mine) if n_peer else {}


def _against(texts: list[str], mine: Figures) -> Figures:
    from crisislib.nlp.topics import tokens, topic_model, vectors

    with warnings.catch_warnings():
        from bertopic import BERTopic
    said = [line for line in tokens.words(tokens.clean(pa.array(texts))) if line]
    points = vectors.learn(said, seed=0).encode(said)
    n = len(texts)
    start = time.perf_counter()
    topic_model.fit(said, points, np.ones(len(said)), seed=0)
    mine[f"speed.model_seconds@{n}"] = time.perf_counter() - start
    theirs: Figures = {}
    start = time.perf_counter()
    BERTopic(language="multilingual").fit(said, points)
    theirs[f"speed.model_seconds@{n}"] = time.perf_counter() - start
    say(f"speed: ours {mine}, bertopic {theirs}")
    return theirs
