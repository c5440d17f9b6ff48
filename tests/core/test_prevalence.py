"""Corrected shares against simulated truth: less error than counting, and intervals that cover."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crisislib.core.errors import NotEnoughData
from crisislib.core.prevalence import prevalence
from crisislib.core.recalibration import Calibration


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


@settings(max_examples=30)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=60), st.integers(0, 5))
def test_always_an_ordered_share(p: list[float], seed: int) -> None:
    rng = np.random.default_rng(seed)
    q, truth = stream(0.5, 80, rng)
    found = prevalence(np.array(p), Calibration(q, truth), draws=20, seed=seed)
    assert 0 <= found.lo[0] <= found.value[0] <= found.hi[0] <= 1
    again = prevalence(np.array(p), Calibration(q, truth), draws=20, seed=seed)
    assert (found.value, found.lo, found.hi) == (again.value, again.lo, again.hi)


@pytest.mark.parametrize("sd", [0.5, 2.0, 4.0])
def test_the_recalibration_is_the_minimum_that_scipy_finds(sd: float) -> None:
    from scipy.optimize import minimize

    from crisislib.core.recalibration import _SHIFT_SD, _SLOPE_SD
    from crisislib.core.recalibration import recalibrate as _recalibrate

    for seed in range(20):
        rng = np.random.default_rng(seed)
        x = rng.normal(0, sd, 120)
        y = rng.random(120) < 1 / (1 + np.exp(-(0.6 * x - 1)))
        slope, shift, _ = _recalibrate(Calibration(1 / (1 + np.exp(-x)), y), 5, rng)

        def loss(v: np.ndarray, x: np.ndarray = x, y: np.ndarray = y) -> float:
            z = v[0] * x + v[1]
            fit = (np.logaddexp(0, z) - y * z).sum()
            return float(fit + v[1] ** 2 / (2 * _SHIFT_SD**2) + (v[0] - 1) ** 2 / (2 * _SLOPE_SD**2))

        best = minimize(loss, [1.0, 0.0], bounds=[(0, None), (None, None)]).x
        assert [slope[0], shift[0]] == pytest.approx(best, abs=2e-3)
        assert (slope >= 0).all()


def test_labels_against_the_classifier_leave_slope_zero() -> None:
    from crisislib.core.recalibration import recalibrate as _recalibrate

    rng = np.random.default_rng(0)
    x = rng.normal(0, 3, 200)
    slope, shift, _ = _recalibrate(Calibration(1 / (1 + np.exp(-x)), x < -1), 3, rng)
    assert (slope == 0).all()
    assert 1 / (1 + np.exp(-shift[0])) == pytest.approx((x < -1).mean(), abs=0.02)


def test_intervals_widen_with_the_distance_from_the_labels() -> None:
    rng = np.random.default_rng(3)
    p, truth = stream(0.2, 400, rng)
    near, _ = stream(0.2, 400, rng)
    far = 1 / (1 + np.exp(-rng.normal(-0.3, 0.2, 400)))
    found = prevalence(np.r_[near, far], Calibration(p, truth), window=np.repeat([0, 1], 400), n_windows=2)
    alike = prevalence(np.r_[near, near], Calibration(p, truth), window=np.repeat([0, 1], 400), n_windows=2)
    assert (found.hi - found.lo)[0] == pytest.approx((alike.hi - alike.lo)[0], abs=0.02)
    assert (found.hi - found.lo)[1] > 2 * (found.hi - found.lo)[0]


def test_an_error_that_moves_between_blocks_of_time_widens() -> None:
    rng = np.random.default_rng(4)
    steady, moving = [], []
    for block in range(5):
        steady.append(stream(0.4, 80, rng))
        moving.append(stream(0.4, 80, rng, bias=-1.2 + 1.5 * (block % 2)))
    widths = []
    for parts in (steady, moving):
        p, truth = (np.concatenate(each) for each in zip(*parts, strict=True))
        found = prevalence(p, Calibration(p, truth, np.arange(400.0)))
        widths.append(float((found.hi - found.lo)[0]))
    assert widths[1] > 1.5 * widths[0]
