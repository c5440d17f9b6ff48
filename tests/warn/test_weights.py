from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisislib.core.errors import CrisisError
from crisislib.warn.crisis_index import UNMEASURED, WHOLE, combine
from crisislib.warn.index_weights import DIMENSIONS, PAIRWISE, SHIPPED, ahp
from tools.training.index_weights import entropy_weights


@given(st.lists(st.floats(0.2, 5), min_size=3, max_size=8))
def test_a_consistent_comparison_gives_back_its_weights(weights):
    w = np.array(weights) / sum(weights)
    assert np.allclose(ahp(w[:, None] / w[None, :]), w)


def test_contradicting_judgements_are_refused():
    with pytest.raises(CrisisError, match="consistency"):
        ahp(np.array([[1, 5, 1 / 5], [1 / 5, 1, 5], [5, 1 / 5, 1]]))
    with pytest.raises(CrisisError, match="reciprocal"):
        ahp(np.array([[1, 2], [2, 1]]))


def test_entropy_gives_most_to_what_is_least_even():
    rng = np.random.default_rng(0)
    even, rare = rng.uniform(0.4, 0.6, 500), (rng.uniform(0, 1, 500) > 0.97).astype(float)
    weights = entropy_weights(np.column_stack([even, rare]))
    assert weights[1] > weights[0] and weights.sum() == pytest.approx(1)


def test_shipped_weights_are_the_root_of_the_product():
    assert len(SHIPPED.ahp) == len(SHIPPED.entropy) == len(SHIPPED.combined) == len(DIMENSIONS)
    assert np.allclose(SHIPPED.ahp, ahp(PAIRWISE))
    product = np.sqrt(np.array(SHIPPED.ahp) * SHIPPED.entropy)
    assert np.allclose(SHIPPED.combined, product / product.sum())


@given(st.lists(st.one_of(st.floats(0, 1), st.just(float("nan"))), min_size=6, max_size=6), st.integers(0, 5))
def test_the_index_rises_with_every_score_and_stays_in_bounds(scores, which):
    row = np.array([scores])
    value = combine(row, SHIPPED)[0]
    if np.isnan(scores[0]):
        assert np.isnan(value)
        return
    assert 0 <= value <= 100
    if np.isfinite(scores[which]):
        more = row.copy()
        more[0, which] = 1.0
        assert combine(more, SHIPPED)[0] >= value - 1e-9


def test_what_is_not_measured_counts_little_and_is_not_calm():
    w = np.array(SHIPPED.combined)
    only_heat = np.array([[1.0, *[np.nan] * 5]])
    value = combine(only_heat, SHIPPED)[0]
    assert value == pytest.approx(100 * (w[0] + UNMEASURED * (1 - w[0])) / WHOLE)
    assert value > combine(np.array([[1.0, 0, 0, 0, 0, 0]]), SHIPPED)[0]
