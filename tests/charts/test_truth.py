"""What the pictures say against what the tables hold."""

from __future__ import annotations

import json

import networkx as nx
import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from crisislib.charts import action_clock, effect, exceedance, reproduction, sentiment_classes, volume, waterfall
from crisislib.charts.propagation import collapse, sizes
from crisislib.charts.windows import gap_spans, grid
from tests.charts.samples import MORE, SAMPLES, cascade, signal


def rows(chart) -> list[dict]:
    return [row for data in chart.to_dict()["datasets"].values() for row in data]


def test_a_gap_is_shaded_and_never_drawn_as_zero():
    drawn = rows(volume(signals=signal()))
    assert not [r for r in drawn if r.get("gap") is True and "value" in r]
    assert [r["windows"] for r in drawn if "windows" in r] == [5]


def test_windows_that_are_missing_from_the_table_are_gaps_too():
    held = signal(n=20)
    frame = grid(held.drop(index=[10, 11]), zone="UTC")
    assert frame["gap"].sum() == 2
    assert list(gap_spans(frame)["windows"]) == [2]


def test_no_line_crosses_a_gap():
    frame = grid(signal(), zone="UTC")
    before, after = frame.loc[29, "piece"], frame.loc[35, "piece"]
    assert before != after


def test_times_show_the_clock_of_the_watch():
    drawn = rows(volume(signals=signal(n=3), zone="Asia/Shanghai"))
    assert min(r["t"] for r in drawn if "value" in r) == "2026-03-01T08:00Z"


def test_the_index_is_the_sum_of_what_is_drawn():
    chart = waterfall(contributions=SAMPLES["waterfall"])
    assert "71" in chart.to_dict()["title"]["text"]
    ends = [r["end"] for r in rows(chart)]
    assert ends[-1] == ends[-2] == 71.0


def test_the_chance_of_any_loss_is_the_top_of_the_curve():
    note = exceedance(curve=SAMPLES["exceedance"], currency="CNY").to_dict()["title"]["subtitle"][0]
    assert note.endswith("90%")


def test_steps_that_are_late_are_counted_as_overdue():
    note = action_clock(actions=SAMPLES["action_clock"], **MORE["action_clock"]).to_dict()["title"]["subtitle"][0]
    assert note == "1 done, 2 open, 2 overdue"


def test_hostile_text_stays_text():
    events = pd.DataFrame({"at": signal()["at"].iloc[[3]], "label": ["</script><script>alert(1)</script>"]})
    spec = volume(signals=signal(), events=events).to_dict()
    assert "</script><script>alert(1)</script>" in json.dumps(spec)  # as data; the page escapes it


@settings(max_examples=40)
@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=60))
def test_depth_and_size_agree_with_networkx(picks):
    parent = np.array([-1, *[pick % i for i, pick in enumerate(picks, 1)]])
    depth, size = sizes(parent)
    graph = nx.DiGraph([(int(p), i) for i, p in enumerate(parent) if p >= 0])
    graph.add_nodes_from(range(parent.size))
    assert dict(enumerate(depth)) == nx.single_source_shortest_path_length(graph, 0)
    assert [len(nx.descendants(graph, i)) + 1 for i in range(parent.size)] == list(size)


@settings(max_examples=20)
@given(st.integers(1, 400), st.integers(1, 60))
def test_collapsing_loses_no_post(n, most):
    shown = collapse(cascade(n), most=most)
    singles = shown[shown["hidden"] == 0]
    assert len(singles) + shown["hidden"].sum() == n
    assert len(singles) <= most
    assert (shown["parent"] < len(shown)).all()
    assert (shown.loc[shown["parent"] >= 0, "parent"] < shown.loc[shown["parent"] >= 0, "index"]).all()


def test_a_cycle_is_left_out_and_does_not_hang():
    loop = pd.DataFrame({"post_id": ["a", "b", "c"], "parent_id": [None, "c", "b"], "at": [pd.NaT] * 3, "label": "x"})
    assert list(collapse(loop)["post_id"]) == ["a"]


def test_times_of_a_stored_finding_may_have_a_fraction_or_none() -> None:
    """JSON writes a whole second without its fraction; one column then holds both forms."""
    spans = SAMPLES["reproduction"]
    stored = [t.isoformat(timespec="microseconds" if i else "seconds") for i, t in enumerate(spans["at"])]
    drawn, plain = (rows(reproduction(spans=s, zone="Asia/Shanghai")) for s in (spans.assign(at=stored), spans))
    assert drawn and [(r.get("t"), r.get("when")) for r in drawn] == [(r.get("t"), r.get("when")) for r in plain]


def test_the_effect_promises_a_band_only_where_one_is_drawn():
    series = SAMPLES["effect"]
    unknown = series.assign(expected=np.nan, lo=np.nan, hi=np.nan)
    for language, band, none in (("en", "dashed and band", "cannot be estimated yet"), ("zh", "色带", "无法估计")):
        with_band = effect(series=series, language=language).to_dict()["title"]["subtitle"]
        without = effect(series=unknown, language=language).to_dict()["title"]["subtitle"]
        assert any(band in line for line in with_band) and not any(none in line for line in with_band)
        assert any(none in line for line in without) and not any(band in line for line in without)


def test_platforms_of_the_moods_stand_by_name_in_the_readers_language() -> None:
    for language, name in (("zh", "微博 (n=460)"), ("en", "Weibo (n=460)")):
        drawn = sentiment_classes(classes=SAMPLES["sentiment_classes"], language=language).to_dict()
        assert name in json.dumps(drawn, ensure_ascii=False)
