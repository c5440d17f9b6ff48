"""Stories are labelled, taught from and scored through the doors that an analyst has: the command, then a run."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from crisislib import services, spread
from crisislib.cli.app import app
from crisislib.engine import Home
from crisislib.engine.trace import rumour_models
from tests.spread.test_rumour import BLUE, RED, START, many, tables

NOW = START + timedelta(days=8)
SAID = CliRunner()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A lake with 130 stories, traced; half of them tell of something blue."""
    (tmp_path / "watches").mkdir()
    (tmp_path / "watches" / "demo.yml").write_text("watch: demo\ntitle: {en: Demo}\nbrand: {names: [Demo]}\n")
    place = Home(tmp_path / "lake", tmp_path / "watches", tmp_path / "reports")
    parts, _ = many(130, (BLUE, RED))
    posts, edges, _ = tables(*parts)
    place.lake.append("POSTS", posts)
    place.lake.append("EDGES", edges)
    watch = place.watch("demo")
    place.lake.append("CASCADES", spread.cascades(posts, edges, place.lake.arrow("ACCOUNTS"), watch=watch, now=NOW))
    return place


def command(home: Home, *words: str) -> str:
    found = SAID.invoke(app, [*words, "--lake", str(home.lake_root), "--watches", str(home.watches)])
    assert found.exit_code == 0, found.output + str(found.exception)
    return " ".join(found.output.split())


def test_the_queue_shows_first_posts_by_size_and_age_and_no_score(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "queue.csv"
    assert "10 stories to label" in command(home, "label", "-w", "demo", str(file), "--stories", "--n", "10")
    queue = pd.read_csv(file)
    assert list(queue) == ["post_id", "label", "text", "n", "started_at", "last_at"] and len(queue) == 10
    stories = home.lake.read("CASCADES", watch="demo")
    assert queue["n"][0] == stories["n"].max()
    assert pd.Timestamp(queue["last_at"][1]) == stories["last_at"].max()
    assert queue["text"].isin([BLUE[0], RED[0]]).all()


def test_wrong_labels_are_refused_whole(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "queue.csv"
    pd.DataFrame({"post_id": ["x:k0", "x:k1"], "label": ["rumour", "perhaps"]}).to_csv(file, index=False)
    found = SAID.invoke(app, ["label", "-w", "demo", str(file), "--stories", "--take", "--lake", str(home.lake_root),
                              "--watches", str(home.watches)])  # fmt: skip
    assert "write rumour or other" in str(found.exception)
    assert home.lake.read("LABELS", watch="demo").empty


def test_from_a_queue_to_a_score(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "queue.csv"
    command(home, "label", "-w", "demo", str(file), "--stories", "--n", "110", "--by", "Li")
    queue = pd.read_csv(file, dtype=str)
    queue["label"] = ["rumour" if text == BLUE[0] else "other" for text in queue["text"]]
    queue.to_csv(file, index=False)
    assert "110 stories taken" in command(home, "label", "-w", "demo", str(file), "--stories", "--take", "--by", "Li")
    labels = home.lake.read("LABELS", watch="demo")
    assert set(labels["value"]) == {"rumour", "other"} and json.loads(labels["evidence"][0])["by"] == "Li"
    command(home, "label", "-w", "demo", str(file), "--stories", "--n", "110", "--by", "Li")
    assert len(pd.read_csv(file)) == 20, "what this analyst has labelled is not asked again"
    said = command(home, "teach", "-w", "demo", "--rumours")
    assert "version 1" in said and "110 labelled stories" in said
    assert (rumour_models(home, home.watch("demo")) / "0001.npz").is_file()
    services.run(home, home.watch("demo"), until=NOW, now=NOW, report=False, notify=False)
    scored = home.lake.read("CASCADES", watch="demo").set_index("root_id")["rumour_p"]
    texts = home.lake.read("POSTS", watch="demo").set_index("post_id")["text"].reindex(scored.index)
    fresh = ~scored.index.isin(queue["post_id"])
    assert scored[fresh & (texts == BLUE[0])].mean() > 0.7 > 0.3 > scored[fresh & (texts == RED[0])].mean()
    told = home.lake.read("FINDINGS", watch="demo")
    limits = told.loc[told["key"] == "rumour.score", "limits"].iloc[0]
    assert "110" in limits


def test_too_few_stories_say_what_is_needed(home: Home) -> None:
    found = SAID.invoke(
        app, ["teach", "-w", "demo", "--rumours", "--lake", str(home.lake_root), "--watches", str(home.watches)]
    )
    assert "about 86 are needed" in str(found.exception)
