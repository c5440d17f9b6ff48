"""Stories labelled on the command line teach the rumour score that a run uses."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from crisislib.cli.app import app
from crisislib.core.watch import load_watch
from crisislib.engine import Home
from crisislib.engine.context import RunContext, RunWindow
from crisislib.engine.trace import trace

NOW = datetime(2026, 3, 10, tzinfo=UTC)
STORIES = 90


def filled(root: Path) -> tuple[Home, list[str]]:
    """Stories in turn: those with a certain word are rumours, whatever the shipped weights think of the word."""
    (root / "watches").mkdir()
    (root / "watches" / "acme.yml").write_text(
        "watch: acme\ntitle: {en: Acme}\nbrand: {names: [Acme]}\n", encoding="utf-8"
    )
    home = Home(root / "lake", root / "watches", root / "reports")
    rng, rows = np.random.default_rng(0), []
    for story in range(STORIES):
        at = pd.Timestamp("2026-03-01", tz="UTC") + pd.Timedelta(hours=2 * story)
        word = "moonbeam" if story % 2 else "sunrise"
        text = f"Acme {word} {' '.join(rng.choice(['tea', 'shop', 'cup', 'street', 'queue'], 4))} {story}"
        rows.append((f"x:{story}", None, at, text, "post"))
        rows += [
            (f"x:{story}.{i}", f"x:{story}", at + pd.Timedelta(minutes=5 * (i + 1)), text, "repost") for i in range(3)
        ]
    frame = pd.DataFrame(rows, columns=["post_id", "parent_id", "created_at", "text", "kind"])
    accounts = [f"x:u{i}" for i in range(len(frame))]
    home.lake.append("POSTS", frame.assign(watch="acme", platform="x", collected_at=NOW, account_id=accounts))
    return home, [f"x:{s}" for s in range(STORIES)]


def traced(home: Home, now: datetime) -> pd.DataFrame:
    watch = load_watch(home.watches / "acme.yml")
    window = RunWindow(datetime(2026, 2, 1, tzinfo=UTC), now, now, now)
    trace(RunContext(home, watch, window, f"r{now.minute}"))
    return home.lake.read("CASCADES", watch="acme").set_index("root_id")


@pytest.mark.slow
def test_labelled_stories_teach_the_score_of_the_next_run(tmp_path: Path) -> None:
    home, roots = filled(tmp_path)
    before = traced(home, NOW)
    run, queue = CliRunner(), tmp_path / "stories.csv"
    where = ["--lake", str(home.lake_root), "--watches", str(home.watches)]
    made = run.invoke(app, ["label", str(queue), "--watch", "acme", "--stories", *where])
    assert made.exit_code == 0, made.output
    frame = pd.read_csv(queue, dtype=str, encoding="utf-8-sig")
    assert set(frame["post_id"]) == set(roots)
    frame["label"] = np.where(frame["text"].str.contains("moonbeam"), "rumour", "other")
    frame.to_csv(queue, index=False, encoding="utf-8-sig")
    taken = run.invoke(app, ["label", str(queue), "--watch", "acme", "--stories", "--take", "--by", "Ann", *where])
    assert taken.exit_code == 0 and f"{STORIES} stories saved" in taken.output, taken.output
    labels = home.lake.read("LABELS", watch="acme", present=False)
    assert (labels["label"] == "rumour").sum() == STORIES and labels["evidence"].str.contains("Ann").all()
    after = traced(home, NOW.replace(minute=5))
    truth = after.index.to_series().map(dict(zip(frame["post_id"], frame["label"] == "rumour", strict=True)))
    assert after.loc[truth, "rumour_p"].mean() > after.loc[~truth, "rumour_p"].mean() + 0.5
    assert abs(before.loc[truth, "rumour_p"].mean() - before.loc[~truth, "rumour_p"].mean()) < 0.2
    said = run.invoke(app, ["teach", "--watch", "acme", "--rumours", *where])
    assert said.exit_code == 0 and "newest" in said.output, said.output
