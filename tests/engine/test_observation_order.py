"""When counters were observed: live sources and crawlers at the moment they are read, files at their newest post."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from crisislib.engine.measure import movements
from crisislib.lake import Lake
from tests.signals.world import HOUR, START, watch


@pytest.mark.parametrize(
    ("source", "layout", "file", "hours"),
    [
        ("x_search", "x_search", "https://api.x.com/2/tweets/search", 6),
        ("our crawler", "weibo", "contents.csv", 6),
        ("listen", "generic", "posts.jsonl", 6),
        ("generic", "generic", "export.csv", 4),
    ],
)
def test_all_posts_of_one_read_are_observed_together(
    tmp_path: Path, source: str, layout: str, file: str, hours: int
) -> None:
    lake, name = Lake(tmp_path), watch().watch
    first, again = START + HOUR, START + 6 * HOUR
    for batch, at, likes in (("b1", first, (0, 3)), ("b2", again, (900, 40))):
        lake.append("POSTS", pd.DataFrame({
            "watch": name, "post_id": ["x:1", "x:2"], "platform": "x", "kind": "post", "account_id": ["x:a", "x:b"],
            "text": "the lamp fell", "created_at": [START, START + 4 * HOUR], "collected_at": at, "batch_id": batch,
            "n_likes": likes, "n_reposts": 0, "n_replies": 0, "created_precision_s": 1, "source": source,
        }))  # fmt: skip
        lake.append("BATCHES", pd.DataFrame([{
            "batch_id": batch, "at": at, "watch": name, "source": source, "layout": layout, "file": file, "ok": True,
            "since": START, "until": START + 4 * HOUR,
        }]))  # fmt: skip
    found = movements(lake, watch(), START, again + timedelta(days=1)).to_pandas()
    assert found["n_likes"].tolist() == [900, 37]
    assert (found["observed_at"] == pd.Timestamp(START + hours * HOUR)).all()
