"""NAB's score on cases computed by hand from its published rules."""

import math

import numpy as np
import pytest

from benchmarks.nab_scorer import PROFILES, normalised, probation, score, sigma

N = 1000
WINDOWS = [(400, 499), (700, 799)]


def rows(*at: int) -> np.ndarray:
    detected = np.zeros(N, dtype=bool)
    detected[list(at)] = True
    return detected


def s(y: float) -> float:
    return 2 / (1 + math.exp(5 * y)) - 1


def test_probation_is_15_percent_and_at_most_750_rows() -> None:
    assert probation(1000) == 150 and probation(15_902) == 750


@pytest.mark.parametrize("profile", PROFILES)
def test_no_alarm_is_zero_and_alarms_at_the_left_edges_are_100(profile: str) -> None:
    assert normalised([score(rows(), WINDOWS, profile)], profile) == pytest.approx(0)
    assert normalised([score(rows(400, 700), WINDOWS, profile)], profile) == pytest.approx(100)


def test_only_the_first_detection_of_a_window_counts_and_later_is_less() -> None:
    middle = score(rows(450, 460, 499), WINDOWS, "standard")
    assert middle.raw == pytest.approx(s(-0.5) / s(-1) - 1)
    assert middle.hit == 1 and middle.false == 0 and middle.delays == (50,)
    assert score(rows(499), WINDOWS, "standard").raw == pytest.approx(s(-0.01) / s(-1) - 1)


def test_a_false_alarm_costs_more_the_farther_it_is_behind_a_window() -> None:
    before = score(rows(300), WINDOWS, "standard")
    assert before.raw == pytest.approx(-2 - 0.11)
    behind = score(rows(549), WINDOWS, "standard")
    assert behind.raw == pytest.approx(-2 + 0.11 * s(50 / 99))
    assert score(rows(999), [(400, 401)], "standard").raw == pytest.approx(-1 - 0.11)


def test_profiles_weigh_differently() -> None:
    alarms = rows(300, 450)
    raw = {p: score(alarms, WINDOWS, p).raw for p in PROFILES}
    gain = s(-0.5) / s(-1)
    assert raw["reward_low_FP_rate"] == pytest.approx(gain - 1 - 0.22)
    assert raw["reward_low_FN_rate"] == pytest.approx(gain - 2 - 0.11)


def test_probation_is_not_scored() -> None:
    assert score(rows(10, 149), WINDOWS, "standard").false == 0
    assert score(rows(150), WINDOWS, "standard").false == 1


def test_sigma_is_flat_beyond_three_windows() -> None:
    assert sigma(np.array([3.01, 50.0])).tolist() == [-1.0, -1.0]
