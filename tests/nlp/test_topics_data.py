"""Topics and narratives on real public texts: no worse than the published figures that they must reach."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks import narratives as planted
from benchmarks.texts import labelled
from benchmarks.topic_metrics import diversity, npmi
from benchmarks.topics import prepare
from crisislib.nlp.topics import topic_model, vectors


@pytest.mark.slow
@pytest.mark.data
def test_topics_reach_the_published_coherence_and_diversity(data_dir: Path) -> None:
    """BERTopic's published 0.167 and 0.794 on news (mean over numbers of topics), on every set of kind topics."""
    sets = [one for one in labelled(data_dir) if one.kind == "topics"]
    if not sets:
        pytest.skip(f"no set of kind topics in {data_dir}")
    for one in sets:
        task, _, _ = prepare(one, 10_000)
        points = vectors.learn(task.texts, seed=0).encode(task.texts)
        runs = []
        for k in (10, 30, 50):
            found = topic_model.fit(task.texts, points, np.ones(len(task.texts)), k=k, seed=0)
            runs.append([[word for word, _ in words] for words in found.words])
        assert np.mean([np.nanmean(npmi(run, task.texts)) for run in runs]) >= 0.167, one.name
        assert np.mean([diversity(run) for run in runs]) >= 0.794, one.name


@pytest.mark.slow
@pytest.mark.data
def test_planted_versions_are_found_among_real_posts(data_dir: Path) -> None:
    texts = planted.pool(data_dir, seed=7, most=6_000)
    posts, _ = planted.measure(planted.plant(texts, seed=7, originals=300), batches=3)
    figures = planted.score(posts)
    assert figures["precision"] >= 0.99
    assert figures["recall"] >= 0.93
