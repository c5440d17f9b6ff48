from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crisislib.core.errors import TableError
from crisislib.signals import compute
from crisislib.signals.coverage import coverage, from_files, holes
from crisislib.signals.window_grid import Grid
from tests.signals.world import HOUR, START, batch, frames, posts, watch

NOW = pd.Timestamp(START + 48 * HOUR)
GRID = Grid(START, 3600, 48)


def share(batches, now=NOW, held=()):
    return coverage(frames(posts=posts(list(held)), batches=batches), GRID, now)


def test_what_was_asked_for_is_covered_and_nothing_else():
    found = share([batch(START, START + 24 * HOUR)])
    assert np.allclose(found[:24], 1) and np.allclose(found[25:], 0)


def test_a_gap_shows_as_its_share():
    gap = (START + 5 * HOUR, START + 5.5 * HOUR)
    assert share([batch(START, START + 24 * HOUR, gaps=[gap])])[5] == pytest.approx(0.5)


def test_one_dead_source_of_two_is_half():
    found = share([
        batch(START, START + 48 * HOUR, source="a"),
        batch(START, START + 24 * HOUR, source="b"),
        batch(START + 24 * HOUR, START + 48 * HOUR, source="b", ok=False, n=1),
    ])  # fmt: skip
    assert np.allclose(found[1:24], 1) and np.allclose(found[25:47], 0.5)


def test_a_gap_that_was_caught_up_later_is_none():
    gap = (START + 5 * HOUR, START + 7 * HOUR)
    late = batch(*gap, n=1) | {"at": START + 40 * HOUR}
    assert np.allclose(share([batch(START, START + 24 * HOUR, gaps=[gap]), late])[5:7], 1, atol=1e-3)


def test_the_future_is_not_collected():
    found = share([batch(START, START + 48 * HOUR)], now=pd.Timestamp(START + 10.5 * HOUR))
    assert found[10] == pytest.approx(0.5) and np.allclose(found[11:], 0)


def test_without_a_record_only_the_span_of_the_posts_counts():
    found = coverage(frames(posts=posts([START + 3.5 * HOUR, START + 9.2 * HOUR])), GRID, NOW)
    assert np.allclose(found[3:10], 1) and found[:3].sum() == 0 and found[10:].sum() == 0


def test_gaps_that_cannot_be_read_are_an_error():
    with pytest.raises(TableError, match="gaps"):
        share([batch(START, START + HOUR) | {"gaps": "broken"}])


@settings(max_examples=30)
@given(st.lists(st.tuples(st.floats(0, 47), st.floats(0.1, 20)), min_size=1, max_size=6))
def test_coverage_is_a_share_and_adds_up(spans):
    made = [
        batch(START + timedelta(hours=a), START + timedelta(hours=min(a + n, 48)), n=i)
        for i, (a, n) in enumerate(spans)
    ]
    found = share(made)
    assert ((found >= 0) & (found <= 1 + 1e-9)).all()
    minutes = np.zeros(48 * 60, dtype=bool)
    for a, n in spans:
        minutes[int(a * 60) : int(min(a + n, 48) * 60)] = True
    assert found.sum() == pytest.approx(minutes.sum() / 60, abs=0.2)


def test_two_empty_days_in_a_file_are_a_hole_and_a_quiet_night_is_none():
    hours = np.arange(14 * 24) % 24
    counts = np.where((hours >= 1) & (hours < 8), 0.0, 10.0)
    counts[10 * 24 : 12 * 24] = 0.0
    found = np.flatnonzero(holes(counts, hours, 3600))
    assert set(range(10 * 24 + 1, 12 * 24)) <= set(found.tolist()) <= set(range(10 * 24, 12 * 24 + 8))
    assert not holes(counts[: 10 * 24], hours[: 10 * 24], 3600).any()
    small = np.where(hours == 12, 1.0, 0.0)
    small[10 * 24 : 12 * 24] = 0.0
    assert not holes(small, hours, 3600).any()


def test_only_files_have_holes():
    live = batch(START, START + 10 * HOUR)
    assert not from_files(frames(posts=posts([START]), batches=[live]))
    assert from_files(frames(posts=posts([START]), batches=[{**live, "file": "export.csv"}]))


@pytest.mark.parametrize(("minutes", "judged"), [(2, False), (22, True)])
def test_the_window_in_which_a_file_ends_holds_what_the_file_holds(minutes, judged):
    end = START + 30 * HOUR + timedelta(minutes=minutes)
    at = [START + i * HOUR / 2 for i in range(60)] + [end - timedelta(minutes=1)]
    record = batch(START, end) | {"file": "export.csv"}
    given_ = frames(posts=posts(at), batches=[record])
    until = START + 31 * HOUR
    rows = compute(given_, watch(), since=START, until=until, now=until, only=["volume"]).to_pandas()
    last = rows.sort_values("at").iloc[-1]
    assert last["value"] == 1 and last["complete"] == pytest.approx(minutes / 60, abs=0.01)
    assert np.isfinite(last["surprise"]) == judged
    live = frames(posts=posts(at), batches=[batch(START, end)])
    rows = compute(live, watch(), since=START, until=until, now=until, only=["volume"]).to_pandas()
    assert np.isnan(rows.sort_values("at").iloc[-1]["value"])  # a source that broke off within it is another matter
