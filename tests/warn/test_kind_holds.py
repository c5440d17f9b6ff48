"""What an incident was called stands while its share hovers about the limit, and gives way to what is clearly more."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from crisislib.core.levels import rank
from crisislib.warn import series_evidence
from crisislib.warn.bad_stories import STORY_S
from crisislib.warn.classification import classify
from tests.warn.test_mood import HOUR, START, rows_of, watch

DAYS, HOURS = 12, 8
N = DAYS * 24


def counted(**kinds: float) -> pd.DataFrame:
    """SIGNALS of twelve days, the last eight hours of which are loud, half negative, with so many posts an hour."""
    n = np.full(N, 8.0)
    n[-HOURS:] = 100.0
    tallies = {f"kind.{name}": np.where(np.arange(N) >= N - HOURS, rate, 0.0) for name, rate in kinds.items()}
    return rows_of(n, 0.5 * n, **tallies)


@pytest.mark.parametrize(
    ("kinds", "before", "becomes"),
    [
        ({"service_outage": 5.0}, "other", "other"),  # a tenth of the negative posts
        ({"service_outage": 5.0}, "service_outage", "service_outage"),
        ({"service_outage": 1.0}, "service_outage", "other"),
        ({"service_outage": 9.0, "labour": 10.0}, "service_outage", "service_outage"),
        ({"service_outage": 9.0, "labour": 20.0}, "service_outage", "labour"),
        ({"service_outage": 9.0}, "other", "service_outage"),
        ({"customer_service": 20.0}, "other", "customer_service"),
        ({"customer_service": 20.0, "labour": 11.0}, "other", "labour"),  # what went wrong, before how it was handled
        ({"customer_service": 20.0, "labour": 8.0}, "other", "customer_service"),
    ],
)
def test_a_subject_stands_at_half_of_what_it_needed(kinds: dict[str, float], before: str, becomes: str) -> None:
    opened, end = START + (N - HOURS) * HOUR, START + N * HOUR
    found = classify(series_evidence(counted(**kinds), watch()), opened, end, 0.0, (before, before))
    assert found.subject == becomes


def test_a_story_stands_when_nobody_reads_its_counters_again() -> None:
    gain = np.zeros(N)
    gain[N - 20] = 40_000.0
    rows = rows_of(np.full(N, 8.0), np.full(N, 1.0), **{"top_gain": gain, "gain.negative": gain})
    series = series_evidence(rows, watch())
    at = pd.DatetimeIndex([START + hour * HOUR for hour in range(N)])
    floor, cap = series.limits(at)
    rise, hours = N - 20, STORY_S // 3600
    assert (floor[rise : rise + hours] >= rank("yellow")).all() and (floor[:rise] == 0).all()
    assert (floor[rise + hours :] == 0).all() and (cap[rise] == rank("red"))
    since, burst = series.story(at[rise + hours - 1]) or (None, None)
    assert since == START + timedelta(hours=rise) and burst is not None and burst.count == 40_000.0
    assert series.story(at[rise + hours]) is None


@pytest.mark.parametrize(("acts", "subject"), [(900.0, "product_harm"), (90.0, "other"), (4_000.0, "other")])
def test_one_story_has_the_subject_of_its_post(acts: float, subject: str) -> None:
    gain, of = np.zeros(N), np.zeros(N)
    gain[N - 3], of[N - 3] = acts, min(acts, 900.0)  # of 4,000 acts fewer than half were on a post with a subject
    rows = rows_of(np.full(N, 8.0), np.full(N, 1.0), **{"gain.negative": gain, "gain.product_harm": of})
    opened, end = START + (N - HOURS) * HOUR, START + N * HOUR
    assert classify(series_evidence(rows, watch()), opened, end, 0.0).subject == subject


def test_the_first_rise_of_a_story_does_not_make_the_next_usual() -> None:
    gain = np.zeros(N)
    gain[30], gain[N - 40], gain[N - 34] = 400.0, 2_000.0, 42_000.0  # 400: some earlier post of this brand
    rows = rows_of(np.full(N, 8.0), np.full(N, 1.0), **{"top_gain": gain, "gain.negative": gain})
    series = series_evidence(rows, watch())
    floor, _ = series.limits(pd.DatetimeIndex([START + (N - 34) * HOUR]))
    assert floor[0] >= rank("yellow")
    praised = series_evidence(rows[rows["signal"] != "gain.negative"], watch())
    assert praised.limits(pd.DatetimeIndex([START + (N - 34) * HOUR]))[1][0] <= rank("blue")


@pytest.mark.parametrize(("praising", "about"), [(0.6, "praise"), (0.1, "harmless")])
def test_what_blames_nobody_is_praise_only_where_it_praises(praising: float, about: str) -> None:
    loud = np.arange(N) >= N - HOURS
    n, bad = np.where(loud, 60.0, 8.0), np.where(loud, 0.0, 3.0)
    rows = rows_of(n, bad, **{"tone.positive": np.where(loud, 60.0 * praising, 2.0), "volume": n})
    assert series_evidence(rows, watch()).about(START + (N - 1) * HOUR, HOURS) == about
