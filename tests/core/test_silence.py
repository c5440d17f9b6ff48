"""A source that answers and has nothing new: calm by its habits, silent beyond them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisislib.core.silence import DAYS_KEPT, DAYS_NEEDED, NOTHING_KNOWN, Silence, from_json, silent_records

START = datetime(2026, 3, 2, tzinfo=UTC)
POLL = timedelta(minutes=10)


def asked(silence: Silence, posts: np.ndarray, days: float, start: datetime = START) -> tuple[Silence, list[datetime]]:
    """Ask every ten minutes for some days; posts are hours since the start. Returns when it was called silent."""
    called, number, at = [], 0, start
    while at < start + timedelta(days=days):
        hours = (at - start).total_seconds() / 3600
        new = bool(((posts > hours - POLL.total_seconds() / 3600) & (posts <= hours)).any())
        silence = silence.after(at, new=new)
        if silence.since(at) is not None:
            called.append(at)
        at, number = at + POLL, number + 1
    return silence, called


def daily(days: int, rate: float, seed: int) -> np.ndarray:
    """Hours of posts by day only, at a rate a day: nobody posts between midnight and eight."""
    rng = np.random.default_rng(seed)
    return np.sort(np.concatenate([24 * d + rng.uniform(8, 24, rng.poisson(rate)) for d in range(days)]))


@pytest.mark.parametrize("seed", range(5))
def test_nights_are_calm_and_an_outage_is_silent(seed: int) -> None:
    known, called = asked(NOTHING_KNOWN, daily(40, 24, seed), 40)
    assert not called, "forty ordinary days"
    limit = known.limit()
    assert limit is not None and timedelta(hours=20) < limit < timedelta(hours=36), "three nights"
    _, called = asked(known, np.array([]), 5, START + timedelta(days=40))
    assert called and called[0] - (known.fresh_at or START) == pytest.approx(limit, abs=POLL)


def test_a_source_without_habits_is_not_judged() -> None:
    known, called = asked(NOTHING_KNOWN, daily(DAYS_NEEDED - 2, 24, 0), 30)
    assert not called and known.limit() is None


@given(st.integers(1, 5000), st.integers(0, 10_000))
def test_minutes_of_the_watch_file_are_kept_to_the_minute(minutes: int, waited: int) -> None:
    silence = NOTHING_KNOWN.after(START, new=True)
    now = START + timedelta(minutes=waited)
    since = silence.since(now, minutes)
    assert (since is not None) == (waited > minutes)
    assert since is None or since == START + timedelta(minutes=minutes)
    assert silence.after(now, new=True).since(now, minutes) is None


@given(st.lists(st.tuples(st.integers(0, 100), st.booleans()), max_size=60))
def test_it_comes_back_from_its_file_and_stays_small(steps: list[tuple[int, bool]]) -> None:
    silence, at = NOTHING_KNOWN, START
    for hours, new in steps:
        at += timedelta(hours=hours)
        silence = silence.after(at, new=new)
    assert from_json(json.loads(json.dumps(silence.to_json()))) == silence
    assert len(silence.longest_s) <= DAYS_KEPT


@pytest.mark.parametrize("kept", [None, [], {}, {"fresh_at": None}, {"longest_s": []}])
def test_a_broken_file_is_a_source_of_which_nothing_is_known(kept: object) -> None:
    assert from_json(kept) == NOTHING_KNOWN


def test_records_of_silence_are_told_from_the_others() -> None:
    gap = json.dumps([["2026-03-02T00:00:00+00:00", "2026-03-02T01:00:00+00:00"]])
    rows = pd.DataFrame(
        [
            {"ok": True, "gaps": gap, "n_read": 20, "n_duplicate": 20},  # the feed shows what it showed
            {"ok": True, "gaps": gap, "n_read": 0, "n_duplicate": 0},
            {"ok": True, "gaps": gap, "n_read": 20, "n_duplicate": 0},  # it moves faster than it is read
            {"ok": True, "gaps": "[]", "n_read": 0, "n_duplicate": 0},
            {"ok": False, "gaps": None, "n_read": None, "n_duplicate": None},
        ]
    )
    assert silent_records(rows).tolist() == [True, True, False, False, False]
    assert silent_records(rows.iloc[:0]).tolist() == []
