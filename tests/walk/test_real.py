"""Files that nobody here wrote, walked end to end with the committed watch files. Skipped where they are absent."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from crisislib import engine, services
from crisislib.core.levels import rank
from crisislib.engine import Home

pytestmark = [pytest.mark.data, pytest.mark.slow]
NOW = datetime(2026, 11, 1, tzinfo=UTC)
WATCHES = Path(__file__).parents[2] / "data" / "watches"
SETS = {
    "target-dei": ("dei_facebook_brand_crisis/comments.csv.gz", {}, 4000),
    "us-airways": ("airline_tweets_2015/airline_tweets.csv.gz", {}, 2500),
    "united": ("airline_tweets_2015/airline_tweets.csv.gz", {}, 3500),
    "weibo-rumours": ("ced_weibo_rumor", {"largest": "200"}, 100_000),
    "hotsearch-xiaomi": ("weibo_hotsearch", {}, 300),
}


@pytest.mark.parametrize("name", SETS)
def test_real_exports_walk_to_a_report(name: str, data_dir: Path, tmp_path: Path) -> None:
    path, mapping, least = SETS[name]
    if not (data_dir / path).exists():
        pytest.skip(f"no {path} under {data_dir}")
    home = Home.here(lake=tmp_path / "lake", watches=WATCHES, reports=tmp_path / "reports")
    watch = home.watch(name)
    files = [data_dir / path]
    first = engine.import_files(home, watch, files, mapping=mapping, now=NOW)
    assert all(g.ok for g in first)
    held = len(home.lake.read("POSTS", watch=name))
    assert held >= least
    engine.import_files(home, watch, files, mapping=mapping, now=NOW)
    assert len(home.lake.read("POSTS", watch=name, present=False)) == held, "the same files twice add nothing"
    walked = services.run(home, watch, now=NOW)
    assert walked.report is not None and walked.report.is_file()
    posts = set(home.lake.read("POSTS", watch=name)["post_id"])
    assert any(f.post_ids for f in walked.findings)
    assert all(set(f.post_ids) <= posts for f in walked.findings)
    assert walked.level == "unknown" or rank(walked.peak) >= rank(walked.level)
