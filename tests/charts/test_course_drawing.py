"""The course of a page shows its numbers where they belong, and every word of a chart has a colour of ours."""

from __future__ import annotations

import re
from itertools import pairwise

import pandas as pd
import pytest

from crisislib.charts import CHARTS, course_drawings
from crisislib.charts.plot_axes import time_marks, value_label, value_marks
from crisislib.charts.windows import grid
from crisislib.workbench.pages.chart_svg import svg
from tests.charts.samples import MORE, SAMPLES, hours

FULL = 760


def drawn(frame: pd.DataFrame, events: pd.DataFrame | None = None, language: str = "en", width: int = FULL) -> str:
    given = grid(frame, zone="Asia/Shanghai") if len(frame) else frame
    return course_drawings(frame=given, events=events, language=language, zone="Asia/Shanghai", widths=[width])[0]


def lines(drawing: str) -> list[list[tuple[float, float]]]:
    found = re.findall(r'<path[^>]*stroke="var\(--accent\)"[^>]*/>', drawing)
    paths = [re.findall(r"(-?[\d.]+)[ ,](-?[\d.]+)", re.search(r' d="([^"]*)"', one)[1]) for one in found]  # type: ignore[index]
    return [[(float(a), float(b)) for a, b in path] for path in paths]


def texts(drawing: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", drawing)


@pytest.mark.parametrize("width", [FULL, 300])
def test_each_window_stands_where_its_time_and_value_are(width):
    signals = SAMPLES["volume"]
    events = pd.DataFrame({"at": [hours(96)[50], hours(96)[70]], "label": ["<b>holding</b>", "full"]})
    ours = drawn(signals, events, width=width)
    top = value_marks(float(signals[["value", "hi"]].max().max()))[-1]
    known = signals[signals["value"].notna()]
    wanted = [(i / 96 * width, 210 - v / top * 210) for i, v in known["value"].items()]
    found = [point for line in lines(ours) for point in line]
    assert len(lines(ours)) == 2  # one before what was not collected, one after
    assert found == [pytest.approx(one, abs=0.1) for one in wanted]
    words = re.findall(r"<title>([^<]*)</title>", ours)
    assert len(words) == len(known) and words[0] == f"03-01 08:00: {known['value'].iloc[0]:.0f}, usual 10–32"
    assert re.findall(r'<path d="M([\d.]+) 0V210" stroke="var\(--mute\)"', ours) == [
        f"{i / 96 * width:.1f}" for i in (50, 70)
    ]
    assert "&lt;b&gt;holding&lt;/b&gt;" in ours and "<b>" not in ours and "#" not in ours


def test_what_was_not_collected_is_grey_and_crossed_by_no_line():
    ours = drawn(SAMPLES["volume"])
    (grey,) = re.findall(r'<path d="M([\d.]+) 0H([\d.]+)V210H[^"]*" fill="var\(--gap\)"', ours)
    begin, end = map(float, grey)
    assert begin == pytest.approx(30 / 96 * FULL, abs=0.1) and end == pytest.approx(35 / 96 * FULL, abs=0.1)
    assert not any(begin + 1 < x < end - 1 for line in lines(ours) for x, _ in line)


def test_no_data_is_said_in_words():
    none = SAMPLES["volume"].iloc[:0]
    assert "There is no data to draw" in drawn(none) and "没有可供绘制的数据" in drawn(none, language="zh")
    assert "There is no data" in drawn(SAMPLES["volume"].assign(value=float("nan")))


def test_axes_are_round_whole_and_as_the_language_counts():
    assert value_marks(747) == [0, 200, 400, 600, 800]
    assert value_marks(1) == [0, 1] and value_marks(0) == [0, 1]
    assert value_marks(3) == [0, 1, 2, 3]
    labels = [value_label(v, "en") for v in (0, 800, 2000, 15_000, 2_500_000)]
    assert labels == ["0", "800", "2,000", "15k", "2.5M"]
    assert [value_label(v, "zh") for v in (2000, 15_000, 2_000_000, 1e8)] == ["2,000", "1.5万", "200万", "1亿"]
    first = pd.Timestamp("2026-03-01 05:00", tz="UTC")
    for length, marks, step in (("6h", 6, "1h"), ("3D", 6, "12h"), ("3D", 3, "24h"), ("90D", 4, None)):
        found = time_marks(first, first + pd.Timedelta(length), marks)
        assert 2 <= len(found) <= 2 * marks
        assert step is None or {b - a for a, b in pairwise(found)} == {pd.Timedelta(step)}


def test_labels_of_the_time_axis_do_not_run_into_each_other():
    for width in (FULL, 300):
        for n in (5, 30, 96, 500, 2000):
            frame = SAMPLES["volume"].iloc[[0] * n].assign(at=hours(n))
            places = re.findall(r'<text x="([\d.]+)" y="226"', drawn(frame, width=width))
            at = [float(p) for p in places]
            assert len(at) >= 2 and all(b - a > 30 for a, b in pairwise(at))


@pytest.mark.parametrize("name", sorted(CHARTS))
def test_every_word_of_a_chart_can_be_read_in_the_dark(name):
    spec = CHARTS[name]
    made = svg(spec.draw(**{spec.table: SAMPLES[name], **spec.more, **MORE.get(name, {})}))
    words = re.findall(r"<text[^>]*>", made)
    assert all(re.search(r'fill="(var\(--|#fff)', one) for one in words), [w for w in words if "var(" not in w][:3]
