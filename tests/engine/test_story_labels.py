"""Stories are labelled, taught from and scored through the doors that an analyst has: the command, then a run."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from typer.testing import CliRunner

from crisislib import services, spread
from crisislib.cli.app import app
from crisislib.core.tables import conform
from crisislib.engine import Home
from crisislib.engine.trace import rumour_models
from tests.spread.test_rumour import BLUE, RED, START, many, tables

AGO = timedelta(days=365 * 7)
"""The stories are moved out of the future: commands ask the machine's clock."""
NOW = START - AGO + timedelta(days=8)
SAID = CliRunner()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A lake with 130 stories, traced; half of them tell of something blue."""
    (tmp_path / "watches").mkdir()
    (tmp_path / "watches" / "demo.yml").write_text("watch: demo\ntitle: {en: Demo}\nbrand: {names: [Demo]}\n")
    place = Home(tmp_path / "lake", tmp_path / "watches", tmp_path / "reports")
    parts, _ = many(130, (BLUE, RED))
    posts, edges = (_moved(table, name) for table, name in zip(tables(*parts), ("POSTS", "EDGES"), strict=False))
    parent = edges.to_pandas().set_index("dst")["src"]
    rows, rng = posts.to_pandas(), np.random.default_rng(2)
    others = ["".join(rng.choice(list("天地人风云雨雪山水火木金土日月星河海花草"), 40)) for _ in range(len(rows))]
    first = ~rows["post_id"].isin(parent.index)
    # Words of their own, so that no story is taken for a copy of another.
    rows["text"] = rows["text"].where(~first, rows["text"] + pd.Series(others))
    said = rows["post_id"].map(parent)
    posts = conform(rows.assign(parent_id=said, root_id=said), "POSTS")
    place.lake.append("POSTS", posts)
    place.lake.append("EDGES", edges)
    watch = place.watch("demo")
    place.lake.append(
        "CASCADES",
        spread.measure_cascades(posts, edges, place.lake.arrow("ACCOUNTS"), watch=watch, now=NOW - timedelta(hours=1)),
    )
    return place


def _moved(table: pa.Table, name: str) -> pa.Table:
    frame = table.to_pandas()
    times = [c for c in ("created_at", "collected_at", "at", "made_at") if c in frame]
    return conform(frame.assign(**{c: frame[c] - AGO for c in times}), name)


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
    assert queue["text"].str.startswith((BLUE[0], RED[0])).all()


def test_wrong_labels_are_refused_whole(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "queue.csv"
    pd.DataFrame({"post_id": ["x:k0", "x:k1"], "label": ["rumour", "perhaps"]}).to_csv(file, index=False)
    found = SAID.invoke(app, ["label", "-w", "demo", str(file), "--stories", "--take", "--lake", str(home.lake_root),
                              "--watches", str(home.watches)])  # fmt: skip
    assert "write rumour or other" in str(found.exception)
    assert home.lake.read("LABELS", watch="demo").empty


@pytest.mark.slow
def test_from_a_queue_to_a_score(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "queue.csv"
    command(home, "label", "-w", "demo", str(file), "--stories", "--n", "110", "--by", "Li")
    queue = pd.read_csv(file, dtype=str)
    queue["label"] = ["rumour" if text.startswith(BLUE[0]) else "other" for text in queue["text"]]
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
    blue, red = (scored[fresh & texts.str.startswith(words[0])] for words in (BLUE, RED))
    assert blue.mean() > red.mean() + 0.3
    told = home.lake.read("FINDINGS", watch="demo")
    limits = told.loc[told["key"] == "rumour.score", "limits"].iloc[0]
    assert "110" in limits


def test_too_few_stories_say_what_is_needed(home: Home) -> None:
    found = SAID.invoke(
        app, ["teach", "-w", "demo", "--rumours", "--lake", str(home.lake_root), "--watches", str(home.watches)]
    )
    assert "about 86 are needed" in str(found.exception)
