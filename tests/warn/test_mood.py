"""Mood against a reference: turns, drifts and majorities; triggers against the series' own usual; classification."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from crisislib.warn import series_evidence
from crisislib.warn.classification import classify
from crisislib.warn.mood import mood
from crisislib.warn.triggers import fired
from tests.signals.world import watch

START = pd.Timestamp("2024-03-04T00:00Z")
HOUR = pd.Timedelta(hours=1)
NAMES = ("negative_posts", "volume")


def rows_of(n: np.ndarray, negative: np.ndarray, **tallies: np.ndarray) -> pd.DataFrame:
    at = pd.date_range(START, periods=len(n), freq="h").as_unit("us")
    series = {"volume": (n, n), "negative_posts": (negative, n)} | {k: (v, v) for k, v in tallies.items()}
    parts = [
        pd.DataFrame({"watch": "w", "signal": name, "at": at, "step_s": 3600, "value": value, "n_posts": posts})
        for name, (value, posts) in series.items()
    ]
    return pd.concat(parts, ignore_index=True)


def ordinary(hours: int, rate: float, share: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    n = rng.poisson(rate, hours).astype(float)
    return n, rng.binomial(n.astype(int), share).astype(float)


@pytest.mark.parametrize("share", [0.1, 0.4, 0.8])
@pytest.mark.parametrize("rate", [0.2, 8.0, 2000.0])
def test_a_steady_series_neither_turns_nor_drifts(rate: float, share: float) -> None:
    n, k = ordinary(40 * 24, rate, share)
    found = mood(rows_of(n, k), watch())
    assert found.turned.mean() < 0.005 and found.drift.mean() < 0.005


@pytest.mark.parametrize("rate", [0.4, 8.0, 2000.0])
def test_a_slow_change_is_found_and_lasts(rate: float) -> None:
    n, k = ordinary(45 * 24, rate, 0.15)
    late = np.arange(len(n)) >= 24 * 24
    share = 0.15 + 0.55 * np.clip((np.arange(len(n)) - 24 * 24) / (21 * 24), 0, 1)
    k = np.where(late, np.random.default_rng(1).binomial(n.astype(int), share), k).astype(float)
    found = mood(rows_of(n, k), watch())
    assert not found.drift[: 24 * 24].any()
    # Ten posts a day need until the middle of the third week.
    assert found.drift[-4 * 24 :].mean() > 0.9


def test_much_that_is_happy_is_no_harm_and_much_that_is_bad_is() -> None:
    n, k = ordinary(30 * 24, 8.0, 0.3)
    happy, angry = (n.copy(), k.copy()), (n.copy(), k.copy())
    for series, share in ((happy, 0.1), (angry, 0.9)):
        series[0][-6:] = 80
        series[1][-6:] = 80 * share
    assert not mood(rows_of(*happy), watch()).harm[-6:].any() and mood(rows_of(*happy), watch()).praise[-1]
    assert mood(rows_of(*angry), watch()).harm[-5:].all()


@pytest.mark.parametrize(("before", "now", "volume", "fires"), [
    (15, 15, 120, False),  # as usual, however many
    (0, 15, 120, True),
    (0, 22, 12_000, False),  # of twelve thousand posts a few speak of anything
    (2, 7, 60, False),  # fewer than eight
])  # fmt: skip
def test_a_trigger_asks_what_is_usual(before: int, now: int, volume: int, fires: bool) -> None:
    hours = 48
    n = np.full(hours, volume / 6.0)
    harm = np.full(hours, before / 6.0)
    harm[-6:] = now / 6.0
    series = series_evidence(rows_of(n, 0.3 * n, **{"harm.regulator": harm}), watch())
    assert bool(fired(series, None, START + hours * HOUR)) is fires


def test_without_history_only_what_speaks_for_itself_fires() -> None:
    n = np.full(6, 20.0)
    for part, fires in ((0.12, False), (0.6, True)):
        series = series_evidence(rows_of(n, n, **{"harm.regulator": part * n}), watch())
        assert bool(fired(series, None, START + 6 * HOUR)) is fires


def test_nine_posts_of_twelve_hundred_are_no_subject_and_doubt_makes_a_rumour() -> None:
    n = np.full(10 * 24, 8.0)
    n[-6:] = 200
    bad = 0.2 * n
    few = np.zeros(len(n))
    few[-6:] = 1.5
    opened = START + (len(n) - 6) * HOUR
    end = START + len(n) * HOUR
    thin = classify(series_evidence(rows_of(n, bad, **{"kind.labour": few}), watch()), opened, end, 0.0)
    assert (thin.subject, thin.kind, thin.standing) == ("other", "other", "unverified")
    many = few * 20
    plain = classify(series_evidence(rows_of(n, bad, **{"kind.labour": many}), watch()), opened, end, 0.0)
    assert (plain.subject, plain.kind) == ("labour", "labour")
    doubted = {"kind.labour": many, "stance.query": many, "stance.deny": many}
    said = classify(series_evidence(rows_of(n, bad, **doubted), watch()), opened, end, 0.0)
    assert (said.subject, said.kind) == ("labour", "rumour")
    denied = classify(series_evidence(rows_of(n, bad, **doubted, **{"statement.deny": few}), watch()), opened, end, 0.0)
    assert denied.standing == "denied"
