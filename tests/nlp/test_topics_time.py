"""Topics over time: growth is told from chance."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from crisislib.core.errors import NotEnoughData
from crisislib.core.tables import conform
from crisislib.nlp.topics.topics_over_time import emerging

NOW = datetime(2026, 3, 9, tzinfo=UTC)


def topic_labels(values: list[str], hours_ago: list[float]) -> pa.Table:
    return conform(
        pd.DataFrame(
            {
                "watch": "demo",
                "post_id": [f"x:{i}" for i in range(len(values))],
                "label": "topic",
                "model": "topics@1",
                "at": NOW,
                "created_at": [NOW - timedelta(hours=h) for h in hours_ago],
                "value": values,
            }
        ),
        "LABELS",
    )


def stream(seed: int, *, boost: float = 1.0, n: int = 1600) -> pa.Table:
    """Eight days of ten topics of equal share; the first has `boost` times its share on the last day."""
    rng = np.random.default_rng(seed)
    hours = rng.uniform(0, 8 * 24, n)
    weight = np.ones((n, 10))
    weight[hours < 24, 0] = boost
    cumulated = (weight / weight.sum(1, keepdims=True)).cumsum(1)
    topic = (rng.random((n, 1)) > cumulated).sum(1)
    return topic_labels([f"t{t:03d}" for t in topic], hours.tolist())


def test_a_boosted_topic_emerges_and_no_other() -> None:
    table = emerging(stream(0, boost=4.0), now=NOW)
    assert table[table["emerging"]]["topic_id"].tolist() == ["t000"]
    assert table.iloc[0]["growth"] > 2


def test_without_change_few_topics_emerge() -> None:
    alarms = [emerging(stream(seed), now=NOW)["emerging"].any() for seed in range(20)]
    assert np.mean(alarms) <= 0.1


def test_a_topic_that_always_comes_in_bursts_must_burst_harder() -> None:
    calm = ["a"] * 10 + ["b"] * 40
    burst = ["a"] * 40 + ["b"] * 10
    values, hours = [], []
    for day in range(1, 8):
        part = burst if day % 2 else calm
        values += part
        hours += [24 * day + 12.0] * len(part)
    ordinary = emerging(topic_labels(values + burst, hours + [6.0] * 50), now=NOW)
    assert not ordinary["emerging"].any()
    assert ordinary.set_index("topic_id").loc["a", "dispersion"] > 5


def test_too_little_is_said() -> None:
    with pytest.raises(NotEnoughData, match="3 posts"):
        emerging(topic_labels(["a"] * 33, [1, 2, 3] + [30] * 30), now=NOW)


def sensitive() -> tuple[pa.Table, pa.Table]:
    """Ten posts now, two on injury (grade 4) of which one also on price (grade 1); seven before, one on price."""
    hours = [1] * 10 + [30] * 7
    n = len(hours)
    posts = pd.DataFrame(
        {
            "watch": "demo",
            "post_id": [f"x:{i}" for i in range(n)],
            "collected_at": NOW,
            "created_at": [NOW - timedelta(hours=h) for h in hours],
            "n_views": pd.array([99] + [0] * (n - 1), dtype="Int64"),
        }
    )
    hits = [("x:0", "injury", 4), ("x:1", "injury", 4), ("x:1", "price", 1), ("x:12", "price", 1)]
    labels = pd.DataFrame(hits, columns=["post_id", "label", "score"]).assign(watch="demo", model="m@1", at=NOW)
    labels["label"] = "sensitive." + labels["label"]
    return conform(labels.astype({"score": float}), "LABELS"), conform(posts, "POSTS")
