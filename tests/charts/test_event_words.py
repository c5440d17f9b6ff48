"""Words of events above a plot, and values under the pointer: close ones share a line, and nothing overlaps."""

from __future__ import annotations

import re
from itertools import combinations

import pandas as pd
import pytest

from crisislib.charts import course_drawings, event_list, volume
from crisislib.charts.event_marks import _bundled, _placed, letters_width
from crisislib.charts.windows import grid

START = pd.Timestamp("2026-03-01", tz="UTC")


@pytest.fixture
def signals():
    at = pd.date_range(START, periods=72, freq="h")
    return pd.DataFrame(
        {"at": at, "value": [5.0] * 71 + [90.0], "expected": 5.0, "lo": 2.0, "hi": 9.0, "surprise": 0.1,
         "n_posts": 5.0, "complete": 1.0, "step_s": 3600}
    )  # fmt: skip


def test_events_of_one_hour_share_a_line_and_words_never_overlap():
    labels = ["blue 11:00", "first post 11:22", "red 12:00", "holding statement 13:52", "full statement 20:22"]
    data = pd.DataFrame({"t": range(5), "label": labels, "x": [440.0, 444.0, 450.0, 478.0, 560.0]})
    words = _bundled(data, 760)
    assert words["label"].iloc[0] == "blue 11:00 · first post 11:22 · red 12:00"
    for width in (760, 300):
        x, long = list(words["x"] * width / 760), [letters_width(one) for one in words["label"]]
        rows, right = _placed(x, long, width)
        assert len(set(rows)) <= 3
        spans = [(r, a if to else a - n, a + n if to else a) for r, a, n, to in zip(rows, x, long, right, strict=True)]
        for i, (row, begin, end) in enumerate(spans):
            assert all(row != r or end < b or begin > e for r, b, e in spans[i + 1 :])


def test_each_window_says_its_value_in_the_readers_language_and_nothing_hostile(signals):
    events = pd.DataFrame({"at": [START + pd.Timedelta(hours=40)], "label": ["<b>& red"]})
    for language, words in (("en", "03-03 23:00: 90, usual 2–9"), ("zh", "03-03 23:00：90，平常 2–9")):
        given = {"frame": grid(signals, zone="UTC"), "events": events, "language": language, "zone": "UTC"}
        (drawn,) = course_drawings(**given, widths=[760])
        assert drawn.count('class="hit"') == 72 and f"<title>{words}</title>" in drawn
        assert "<b>" not in drawn and "&lt;b&gt;&amp; red" in drawn


def test_crowded_events_are_numbered_at_every_width_and_listed(signals):
    at = [START + pd.Timedelta(minutes=60 * h) for h in (40, 40.4, 41, 42, 44, 50)]
    events = pd.DataFrame({"at": at, "label": [f"event {i}" for i in range(6)]})
    frame = grid(signals, zone="UTC")
    domain = [frame["t"].min(), frame["end"].max()]
    listed = event_list(events, domain, zone="UTC")
    assert listed[1] == "event 1 03-02 16:24" and len(listed) == 6
    for width in (300, 760):
        (drawn,) = course_drawings(frame=frame, events=events, language="en", zone="UTC", widths=[width])
        assert "event" not in drawn
        spots = [tuple(map(float, one)) for one in re.findall(r'<circle cx="([-\d.]+)" cy="([-\d.]+)"', drawn)]
        assert len(spots) == 6
        assert all(abs(a - c) >= 15 or abs(b - d) >= 15 for (a, b), (c, d) in combinations(spots, 2))
    chart = volume(signals=signals, events=events).to_dict()
    assert any("2 event 1 03-02 16:24" in line for line in chart["title"]["subtitle"])
    few = events.iloc[[0, 5]]
    assert event_list(few, domain, zone="UTC") == []
    assert "event 5" in course_drawings(frame=frame, events=few, language="en", zone="UTC", widths=[760])[0]
