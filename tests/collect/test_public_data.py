"""Files that nobody here wrote: they are read whole, by their columns, for their committed watch."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.compute as pc
import pytest

from crisislib.collect import read_export
from crisislib.core.watch import load_watch

from .helpers import record, rows

pytestmark = pytest.mark.data
WATCHES = Path(__file__).resolve().parents[2] / "data" / "watches"
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def folder(data_dir: Path, name: str) -> Path:
    found = data_dir / name
    if not found.is_dir():
        pytest.skip(f"{name} is not in the data folder")
    return found


def test_comments_under_brand_pages(data_dir: Path) -> None:
    batch = read_export(
        folder(data_dir, "dei_facebook_brand_crisis") / "comments.csv.gz",
        load_watch(WATCHES / "target-dei.yml"),
        now=NOW,
    )
    said = record(batch)
    posts = rows(batch.posts)
    assert (said["n_read"], said["n_kept"], said["n_rejected"], said["n_duplicate"]) == (11593, 4802, 0, 0)
    assert {json.loads(p["extra"])["company"] for p in posts} == {"Target"}
    assert {p["created_precision_s"] for p in posts} == {86400}
    assert Counter(p["kind"] for p in posts).keys() == {"comment", "reply"}
    known = {p["post_id"] for p in posts}
    children = [p for p in posts if p["parent_id"]]
    assert sum(p["parent_id"] in known for p in children) / len(children) > 0.5


@pytest.mark.slow
def test_cascades_in_three_files(data_dir: Path) -> None:
    where, watch = folder(data_dir, "ced_weibo_rumor"), load_watch(WATCHES / "weibo-rumours.yml")
    part = read_export(where, watch, mapping={"largest": "200"}, now=NOW)
    kinds = Counter(part.posts["kind"].to_pylist())
    assert kinds["post"] == 2370
    whole = read_export(sorted(where.glob("*.csv.gz")), watch, now=NOW)
    assert record(whole)["n_kept"] == 2370 + 873438
    assert record(whole)["n_rejected"] == 0
    assert 200 * 500 < kinds["repost"] < whole.posts.num_rows / 2
    reposts = whole.posts.filter(pc.equal(whole.posts["kind"], "repost"))
    assert pc.all(pc.is_in(reposts["parent_id"], whole.posts["post_id"])).as_py()
    assert reposts["parent_id"].null_count == 0


@pytest.mark.parametrize(("name", "kept"), [("us-airways", 2913), ("united", 3822)])
def test_tweets_to_airlines(data_dir: Path, name: str, kept: int) -> None:
    batch = read_export(folder(data_dir, "airline_tweets_2015"), load_watch(WATCHES / f"{name}.yml"), now=NOW)
    assert record(batch)["n_kept"] == kept
    assert any("time zone" in line for line in batch.warnings)
    assert set(batch.posts["created_precision_s"].to_pylist()) == {60}
    assert set(batch.posts["sentiment_given"].to_pylist()) == {"negative", "neutral", "positive"}


@pytest.mark.slow
def test_hot_search_list(data_dir: Path) -> None:
    batch = read_export(folder(data_dir, "weibo_hotsearch"), load_watch(WATCHES / "hotsearch-xiaomi.yml"), now=NOW)
    posts = rows(batch.posts)
    assert {p["kind"] for p in posts} == {"topic"}
    assert len(posts) > 300
    assert all(p["n_views"] > 0 and p["created_at"].minute == 0 for p in posts)
    gaps = json.loads(record(batch)["gaps"])
    assert gaps
    hours = sum((datetime.fromisoformat(b) - datetime.fromisoformat(a)).total_seconds() / 3600 for a, b in gaps)
    assert 300 < hours < 800  # 94 % of about 9,000 hours were collected
    standing = [(datetime.fromisoformat(a), datetime.fromisoformat(b)) for a, b in gaps]
    assert not any(a <= p["created_at"] < b for p in posts for a, b in standing)
