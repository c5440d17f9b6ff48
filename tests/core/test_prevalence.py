"""Corrected shares against simulated truth: less error than counting, and intervals that cover."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crisislib.core.errors import NotEnoughData
from crisislib.core.prevalence import Calibration, prevalence


def stream(share: float, n: int, rng: np.random.Generator, bias: float = -1.2) -> tuple[np.ndarray, np.ndarray]:
    """Posts of a true share and the P(negative) of a classifier that is too mild by `bias` logits."""
    truth = rng.random(n) < share
    x = np.where(truth, 1.0, -1.0) * 1.1 + rng.normal(size=n) + bias
    return 1 / (1 + np.exp(-x)), truth


def test_corrects_a_biased_classifier() -> None:
    rng = np.random.default_rng(1)
    p, truth = stream(0.4, 300, rng)
    labels = Calibration(p, truth)
    shares = np.linspace(0.1, 0.8, 15)
    window, ps, real = [], [], []
    for i, share in enumerate(shares):
        q, t = stream(share, 250, rng)
        ps.append(q)
        real.append(t.mean())
        window.append(np.full(250, i))
    found = prevalence(np.concatenate(ps), labels, window=np.concatenate(window), n_windows=15)
    raw_error, error = np.abs(found.raw - real).mean(), np.abs(found.value - real).mean()
    assert error < 0.5 * raw_error
    assert ((found.lo <= real) & (real <= found.hi)).mean() >= 0.85
    assert found.method == "labels" and found.n_labels == 300


def test_without_labels_it_says_so_and_is_wide() -> None:
    p, truth = stream(0.4, 500, np.random.default_rng(2))
    few = prevalence(p, Calibration(p[:20], truth[:20]))
    many = prevalence(p, Calibration(p[:300], truth[:300]))
    assert few.method == "model"
    assert (few.hi - few.lo)[0] > (many.hi - many.lo)[0]
    assert few.value[0] == pytest.approx(p.mean(), abs=0.01)


def test_no_post_is_no_share() -> None:
    found = prevalence(np.array([0.2, 0.9]), window=np.array([0, 2]), n_windows=3)
    assert found.n.tolist() == [1, 0, 1]
    assert np.isnan([found.value[1], found.lo[1], found.hi[1], found.raw[1]]).all()


def test_a_missing_probability_is_refused() -> None:
    with pytest.raises(NotEnoughData):
        prevalence(np.array([0.2, np.nan]))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=60), st.integers(0, 5))
def test_always_an_ordered_share(p: list[float], seed: int) -> None:
    rng = np.random.default_rng(seed)
    q, truth = stream(0.5, 80, rng)
    found = prevalence(np.array(p), Calibration(q, truth), draws=20, seed=seed)
    assert 0 <= found.lo[0] <= found.value[0] <= found.hi[0] <= 1
    again = prevalence(np.array(p), Calibration(q, truth), draws=20, seed=seed)
    assert (found.value, found.lo, found.hi) == (again.value, again.lo, again.hi)
