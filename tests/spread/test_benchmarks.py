"""The benchmarks of this room run on any folder of the right layout and say what the issue names."""

from __future__ import annotations

import json
import sys

import numpy as np
import pandas as pd
import pytest

from benchmarks import cascades, coordination, reconstruct, source


def run(module, folder, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["x", "--data", str(folder), "--out", str(folder / "out" / "p.csv")])
    module.main()
    return json.loads(capsys.readouterr().out.splitlines()[-1])


@pytest.fixture
def trees(tmp_path):
    """Two sets of made-up cascades in the two layouts."""
    rng = np.random.default_rng(0)
    for name, columns in (("one", ["post_idx"]), ("two", ["dataset", "source_id"])):
        rows = []
        for tree in range(20):
            for node in range(1, 40):
                parent = 0 if rng.random() < 0.6 else int(rng.integers(0, node))
                rows.append([tree, node, parent, node * 30.0, int(rng.integers(500))])
        frame = pd.DataFrame(rows, columns=["tree", "node", "parent_node", "t", "uid"])
        for column in columns:
            frame[column] = "set" if column == "dataset" else frame["tree"]
        if name == "one":
            frame["t_sec"] = frame["t"].astype(int)
            words = frame.assign(text=[f"words of {k}" for k in range(len(frame))])
            (tmp_path / name).mkdir()
            words[["post_idx", "node", "text"]].to_csv(tmp_path / name / "texts.csv.gz", index=False)
        else:
            frame["t_min"] = frame["t"] / 60
            (tmp_path / name).mkdir()
        frame.drop(columns=["tree", "t"]).to_csv(tmp_path / name / "any_name.csv.gz", index=False)
    return tmp_path


def test_reconstruct(trees, monkeypatch, capsys):
    said = run(reconstruct, trees, monkeypatch, capsys)
    figures = said["figures"]
    assert {"precision", "recall", "one.precision", "two.recall", "one.ece", "one.all.precision"} <= set(figures)
    assert figures["one.chain.recall"] > 0.95
    assert "two.chain.recall" not in figures
    assert 0 < said["peers"]["star"]["one.precision"] < 1
    assert (trees / "out" / "p.csv").is_file()


def test_source(trees, monkeypatch, capsys):
    said = run(source, trees, monkeypatch, capsys)
    assert said["figures"]["top1"] >= said["peers"]["degree"]["top1"] - 0.05
    assert said["figures"]["one.top5"] >= said["figures"]["one.top1"] > 0.5


def test_cascades_agree_with_networkx_and_igraph():
    parent, at = cascades.forest(3000, seed=4)
    mine = cascades.ours(parent, at)
    assert cascades.by_networkx(parent, at) == pytest.approx(mine)
    pytest.importorskip("igraph")
    assert cascades.by_igraph(parent, at) == pytest.approx(mine)


def test_cascades_figures(monkeypatch, capsys):
    monkeypatch.setattr(cascades, "run", lambda way, n: {"seconds": 1.0, "peak_mb": 2.0, "check": 3.0})
    monkeypatch.setattr(sys, "argv", ["x", "--edges", "1e6,1e7"])
    cascades.main()
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])["figures"]
    assert {"seconds@1e6", "seconds@1e7", "peak_mb@1e6", "peak_mb@1e7", "growth_exponent"} <= set(figures)


def test_coordination_leaves_the_unknown_out():
    got = coordination.score({"a": 0, "b": 0, "x": 0, "u": 1}, {"a": "g", "b": "g", "c": "g"}, {"u"})
    assert got["precision"] == pytest.approx(2 / 3)
    assert got["recall"] == pytest.approx(2 / 3)


def test_shuffling_keeps_every_day_as_full():
    frame = pd.DataFrame({"timestamp_share": np.random.default_rng(0).integers(0, 10 * 86_400, 500)})
    mixed = coordination.shuffled(frame, 1)["timestamp_share"]
    before, after = (np.sort(x // 86_400) for x in (frame["timestamp_share"], mixed))
    assert (before == after).all()
    assert (np.sort(mixed) == np.sort(frame["timestamp_share"])).all()
    assert (mixed != frame["timestamp_share"]).mean() > 0.9


@pytest.mark.data
@pytest.mark.slow
def test_planted_groups_in_real_actions(data_dir):
    folder = data_dir / "coordination_planted"
    if not folder.is_dir():
        pytest.skip(f"no {folder}")
    actions, truth, left_out = coordination.load(folder)
    assert coordination.score(coordination.found_by_us(actions), truth, left_out)["f1"] >= 0.95
    real = actions[~actions["account_id"].isin(truth)]
    mixed, planted = coordination.plant(real, seed=7)
    assert coordination.score(coordination.found_by_us(mixed), planted, left_out)["f1"] >= 0.9
    assert coordination.false_positives(actions, left_out) <= 0.01


@pytest.mark.data
@pytest.mark.slow
def test_sources_of_real_cascades(data_dir, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(sys, "argv", ["x", "--data", str(data_dir)])
    source.main()
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert said["figures"]["top1"] >= max(peer["top1"] for peer in said["peers"].values())
