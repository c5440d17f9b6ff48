"""The size and rumour benchmarks read any folder of their layouts, also incomplete ones."""

from __future__ import annotations

import json
import sys

import numpy as np
import pandas as pd
import pytest

from benchmarks import cascade_size, rumour
from benchmarks.cascade_sets import read_sets
from tools.training.hawkes import Stories, simulate


@pytest.fixture(scope="module")
def events():
    k = 90
    return simulate(k, Stories(direct=np.linspace(20, 60, k), branching=0.4), seed=31)


def write_posts(folder, events, *, texts=True, authors=True):
    folder.mkdir()
    k = len(events)
    label = np.arange(k) % 2
    posts = pd.DataFrame({"post_idx": np.arange(k) + 7, "label": label})
    posts["text"] = np.where(label == 1, "听说出事了，大家小心，赶紧转发！！！", "记者报道，今日公布结果")
    posts["time_bj"] = pd.date_range("2031-01-01", periods=k, freq="h").astype(str)
    if authors:
        posts = posts.assign(u_followers=np.where(label == 1, 50, 5000), u_verified=label == 0, u_created=1.9e9)
    posts.to_csv(folder / "posts.csv.gz", index=False)
    node = np.concatenate([np.arange(1, s + 1) for s in events.size])
    rows = pd.DataFrame({"post_idx": events.owner + 7, "node": node, "parent_node": 0, "t_sec": events.t.astype(int)})
    rows["uid"] = np.arange(len(rows))
    rows.to_csv(folder / "reposts.csv.gz", index=False)
    if texts:
        said = rows[["post_idx", "node"]].assign(text=np.where(events.owner % 2 == 1, "真的吗", "好的"))
        said.to_csv(folder / "repost_texts.csv.gz", index=False)


def write_events(folder, events):
    folder.mkdir()
    roots = pd.DataFrame({"cascade": events.ids, "t": 0, "followers": 100})
    rows = pd.DataFrame({"cascade": np.array(events.ids)[events.owner], "t": events.t + 1, "followers": 10})
    pd.concat([roots, rows]).to_csv(folder / "events.csv.gz", index=False)
    pd.DataFrame({"cascade": events.ids, "start_day": np.arange(len(events)) / 10}).to_csv(folder / "cascades.csv")


def write_trees(folder, events, names):
    folder.mkdir()
    rows = pd.DataFrame({"source_id": np.array([str(2**58 + i * 10**12) for i in range(len(events))])[events.owner]})
    rows["dataset"] = np.array(names)[events.owner % len(names)]
    rows["node"] = np.concatenate([np.arange(1, s + 1) for s in events.size])
    rows = rows.assign(parent_node=np.maximum(rows["node"] - 1, 0) * (rows["node"] % 2), t_min=events.t / 60)
    rows.to_csv(folder / "edges.csv", index=False)


def test_layouts_are_told_by_columns(tmp_path, events):
    write_posts(tmp_path / "one", events)
    write_events(tmp_path / "two", events)
    write_trees(tmp_path / "three", events, ["a", "b"])
    sets = {s.name: s for s in read_sets(tmp_path)}
    assert set(sets) == {"one", "two", "three.a", "three.b"}
    assert sets["one"].events.size.tolist() == events.size.tolist()
    assert sets["two"].events.size.tolist() == events.size.tolist()  # the tweet itself is no repost
    assert np.isfinite(sets["two"].events.root_audience).all()
    assert sets["three.a"].events.depth.max() == 2 and np.isfinite(sets["three.a"].events.clock).all()
    assert [s.name for s in read_sets(tmp_path / "two")] == ["two"]


def test_a_set_that_also_trains_is_split_in_time(tmp_path, events):
    write_events(tmp_path / "set", events)
    for train in (tmp_path, tmp_path / "set"):
        ((_, old, new),) = cascade_size.pairs(train, tmp_path / "set")
        assert len(old) == 63 and len(new) == 27 and not set(old.ids) & set(new.ids)
    write_events(tmp_path / "other", events.take(np.arange(40)))
    ((_, old, new),) = cascade_size.pairs(tmp_path / "other", tmp_path / "set")
    assert len(old) == 40 and len(new) == 90


def run(module, monkeypatch, capsys, *args):
    monkeypatch.setattr(sys, "argv", ["benchmark", *map(str, args)])
    module.main()
    return json.loads(capsys.readouterr().out.strip().splitlines()[-1])


@pytest.mark.slow
def test_cascade_size_prints_its_keys(tmp_path, events, monkeypatch, capsys):
    write_events(tmp_path / "set", events)
    monkeypatch.setattr(cascade_size, "AGES", (3600,))
    said = run(cascade_size, monkeypatch, capsys, "--data", tmp_path, "--out", tmp_path / "out.csv")
    assert set(said["figures"]) == {f"set.{m}@3600" for m in ("mdape", "msle", "coverage80")}
    assert {"constant_ratio", "boosting_counts", "seismic"} <= set(said["peers"])
    assert said["figures"]["set.mdape@3600"] < 0.5
    assert len(pd.read_csv(tmp_path / "out.csv")) == 27


@pytest.mark.slow
@pytest.mark.parametrize(("texts", "authors"), [(True, True), (False, False), (True, False)])
def test_rumour_runs_on_incomplete_folders(tmp_path, events, monkeypatch, capsys, texts, authors):
    write_posts(tmp_path / "old", events)
    write_posts(tmp_path / "new", events, texts=texts, authors=authors)
    monkeypatch.setattr(rumour, "AGES", (3600.0,))
    said = run(rumour, monkeypatch, capsys, "--train", tmp_path / "old", "--data", tmp_path / "new")
    figures = said["figures"]
    assert {f"{way}{m}@3600" for way in ("", "taught.", "taught100.") for m in ("auc", "accuracy", "brier")} <= set(
        figures
    )
    assert figures["stories"] == 90 and figures["taught.auc@3600"] > 0.9
    assert said["peers"]["tfidf_logistic"]["auc@3600"] > 0.9
