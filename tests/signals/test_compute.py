from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from crisislib.core.tables import conform, empty
from crisislib.signals import INDICATORS, compute
from tests.signals.world import HOUR, START, batch, frames, posts, rhythm, sentiment, watch

DAY = 24 * HOUR
END = START + 30 * DAY


def world(at, *, gaps=(), until=END, **more):
    held = posts(at)
    labels = sentiment(held, 0.2)
    return frames(posts=held, labels=labels, batches=[batch(START, until, gaps=gaps)], **more)


def run(given, *, since=START + 28 * DAY, until=END, now=END, **more) -> pd.DataFrame:
    return compute(given, watch(), since=since, until=until, now=now, **more).to_pandas()


@pytest.fixture(scope="module", params=[0, 1])
def almost_empty(request):
    held = posts([START + 29 * DAY] * request.param)
    given = frames(
        posts=held,
        labels=sentiment(held, 0.9),
        accounts=empty("ACCOUNTS"),
        groups=empty("GROUPS"),
        batches=[batch(START, END)],
    )
    return request.param, compute(given, watch(), since=START + 28 * DAY, until=END, now=END)


@pytest.mark.parametrize("name", list(INDICATORS))
def test_every_indicator_takes_no_posts_and_one_post(name, almost_empty):
    count, found = almost_empty
    assert conform(found, "SIGNALS").equals(found)
    rows = found.to_pandas()
    main = rows[rows["signal"] == name]
    assert len(main) == 48
    if INDICATORS[name].kind == "share":
        assert main["value"].notna().sum() <= count
    assert (main["n_posts"] <= count).all()


GAP = (START + 29 * DAY, START + 29 * DAY + 6 * HOUR)


@pytest.fixture(scope="module")
def with_gap():
    return run(world([t for t in rhythm(30, 5) if not GAP[0] <= t < GAP[1]], gaps=[GAP]))


@pytest.mark.parametrize("name", list(INDICATORS))
def test_no_indicator_has_a_value_in_a_gap(name, with_gap):
    rows = with_gap[with_gap["signal"].str.split(".").str[0] == name]
    inside = rows[(rows["at"] >= GAP[0]) & (rows["at"] < GAP[1])]
    assert len(inside) >= 6
    assert inside["value"].isna().all()
    assert (inside["complete"] == 0).all()


def test_a_collected_window_without_posts_is_a_true_zero():
    hole = (START + 29 * DAY, START + 29 * DAY + 6 * HOUR)
    at = [t for t in rhythm(30, 5) if not hole[0] <= t < hole[1]]
    rows = run(world(at), only=["volume", "negative_share"])
    inside = rows[(rows["at"] >= hole[0]) & (rows["at"] < hole[1])].set_index("signal")
    assert (inside.loc["volume", "value"] == 0).all()
    assert inside.loc["negative_share", "value"].isna().all()


@pytest.mark.long
def test_history_gives_the_same_as_reading_everything():
    given = world(rhythm(30, 6))
    whole = run(given, since=START + 29 * DAY)
    before = run(given, since=START, until=START + 29 * DAY)
    part = run(given, since=START + 29 * DAY, history=before)
    both = whole.merge(part, on=["signal", "at"], suffixes=("", "_h"))
    assert len(both) == len(whole)
    for column in ("value", "n_posts", "complete"):
        assert np.allclose(both[column], both[f"{column}_h"], equal_nan=True)
    counted = both[both["signal"].isin(["volume", "authors", "negative_share"])]
    assert np.allclose(counted["expected"], counted["expected_h"], equal_nan=True)
    assert np.allclose(counted["surprise"], counted["surprise_h"], equal_nan=True)


def test_too_little_history_expects_nothing_and_says_so():
    at = [t for t in rhythm(30, 5) if t >= START + 29 * DAY]
    given = frames(posts=posts(at), batches=[batch(START + 29 * DAY, END)])
    rows = run(given, since=START + 29 * DAY, only=["volume"])
    assert rows["expected"].isna().all()
    assert rows["surprise"].isna().all()
    assert rows["method"].str.contains("insufficient").all()


def test_a_planted_burst_surprises_and_the_calm_twin_does_not():
    calm = rhythm(30, 6)
    burst = sorted([*calm, *[START + 29 * DAY + k * HOUR / 40 for k in range(160)]])
    loud, quiet = run(world(burst), only=["volume"]), run(world(calm), only=["volume"])
    assert loud["surprise"].max() > 4
    assert quiet["surprise"].max() < 3.5
