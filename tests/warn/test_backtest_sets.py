from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from benchmarks.backtest import judge
from benchmarks.backtest_sets import _entity, listed
from crisislib.warn import load


def made_up_list(folder, seed=0) -> None:
    """A trending list of two made-up brands over ten weeks with one crisis in each half."""
    rng = np.random.default_rng(seed)
    at = pd.date_range("2030-01-07", periods=10 * 168, freq="h")
    rows, bursts = [], []
    for brand in ("Alpha", "Beta"):
        quiet = np.flatnonzero(rng.uniform(size=len(at)) < 0.02)
        rows += [(brand, at[t], 2e5, 2e5, 1, 1e6, 300) for t in quiet]
    for brand, start in (("Alpha", 500), ("Beta", 1200)):
        for h in range(12):
            heat = 3e6 * (h + 1) / 12
            rows.append((brand, at[start + h], heat, heat, 3, 3e7, 20_000))
        bursts.append((brand, at[start], at[start + 11], at[start + 11], 1))
    columns = ["brand", "ts", "hot_sum", "hot_max", "n_titles", "read_sum", "discuss_sum"]
    pd.DataFrame(rows, columns=columns).drop_duplicates(["brand", "ts"], keep="last").to_csv(
        folder / "brand_hourly.csv", index=False
    )
    clusters = pd.DataFrame(bursts, columns=["brand", "start", "end", "peak_hour", "label"])
    clusters.to_csv(folder / "brand_clusters.csv", index=False)
    pd.DataFrame({"h": np.delete(at, slice(100, 110))}).to_csv(folder / "snapshot_hours.csv", index=False)


@pytest.mark.long
def test_a_list_of_any_name_is_found_replayed_and_warned_of(tmp_path):
    made_up_list(tmp_path)
    (replay,) = list(listed(tmp_path))
    assert [event.series for event in replay.events] == [0, 1]
    assert np.isnan(replay.panel.value["heat"][:, 100:110]).all()
    told: list[tuple[object, ...]] = []
    figures = judge(replay, load(), {}, told)
    for rule in ("level", "index"):
        assert figures[rule][f"{replay.name}.recall"] == 1.0
        assert figures[rule][f"{replay.name}.lead_hours"] > 2
    assert figures["mad"][f"{replay.name}.events"] == 1 and len(told) == len(figures)


def test_the_brand_column_is_found_and_not_the_label():
    frame = pd.DataFrame({
        "mood": ["good", "bad"] * 50, "n": range(100), "note": [None, "x"] * 50, "firm": ["A", "B", "C", "A"] * 25,
    })  # fmt: skip
    assert _entity(frame, {"mood"}) == "firm"
    assert _entity(frame[["n", "note"]], set()) is None
