"""The budget of false alarms through the door that users have: a run over a lake, and what it tells and stores."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crisislib import services
from crisislib.engine.result import RunResult
from crisislib.lake import Lake
from tests.monitor.world import START, home_at, written

SAYS = ["photo", "of", "the", "lake", "at", "noon", "from", "Acme", "bridge"]
BEGINS = START + timedelta(hours=4)
UNTIL = START + timedelta(hours=7)


def burst(folder: Path, budget: float) -> tuple[RunResult, Lake]:
    """A run over twelve calm days and two hours of three times as many posts, none of them about anything bad."""
    home, watch = home_at(folder, None, more=f"levels: {{alarms_per_week: {budget}}}\n")
    watch = watch.model_copy(update={"sources": [], "notify": []})
    since = UNTIL - timedelta(days=12)
    parts = [written(since, UNTIL, rate=4.0, words=SAYS, seed=1)]
    parts.append(written(BEGINS, BEGINS + timedelta(hours=2), rate=8.0, words=SAYS, seed=3))
    posts = pd.concat(parts).sort_values("at").reset_index(drop=True)
    n = np.arange(len(posts))
    rows = {
        "watch": watch.watch, "post_id": [f"mastodon:{i}" for i in n], "collected_at": posts["at"],
        "platform": "mastodon", "kind": "post", "source": "feed", "account_id": [f"mastodon:u{i % 300}" for i in n],
        "created_at": posts["at"], "text": posts["text"],
    }  # fmt: skip
    home.lake.append("POSTS", pd.DataFrame(rows))
    record = {"batch_id": "h", "at": UNTIL, "watch": watch.watch, "source": "feed", "since": since, "until": UNTIL}
    home.lake.append("BATCHES", pd.DataFrame([{**record, "ok": True}]))
    found = services.run(home, watch, since=START, until=UNTIL, now=UNTIL, report=False, notify=False)
    return found, home.lake


@pytest.mark.long
def test_decisions_differ_with_the_budget(tmp_path: Path) -> None:
    strict, strict_lake = burst(tmp_path / "strict", 0.01)
    loose, loose_lake = burst(tmp_path / "loose", 1000)
    assert (strict.peak, loose.peak) == ("none", "blue")
    assert strict_lake.read("INCIDENTS").empty and strict_lake.read("ALERTS").empty
    alert = loose_lake.read("ALERTS").iloc[0]
    assert alert["method"] == "return_period@1;opened" and alert["signal"] == "volume"
    assert json.loads(alert["evidence"])["burst"]["count"] > 5
    incident = loose_lake.read("INCIDENTS", present=False).sort_values("at").iloc[0]
    assert incident["by"] == "return_period@1" and pd.isna(incident["title"])
    told = loose_lake.read("FINDINGS")
    assert {"warn.burst", "warn.level"} <= set(told["key"])
