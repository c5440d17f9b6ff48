"""Size forecasts on cascades whose end is known."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import ExtraTreesRegressor

from crisislib.core.errors import NotEnoughData
from crisislib.spread.forecast.analogue import AnalogueForest, Forest, quantile, rank
from crisislib.spread.forecast.cascade_features import day_profile, features
from crisislib.spread.forecast.shipped import AGES, nearest, shipped
from crisislib.spread.forecast.size_model import KERNELS, Settings, fit
from tools.training import forecast
from tools.training.hawkes import varied

LIGHT = Settings(trees=60, boosters=0)


@pytest.fixture(scope="module")
def past():
    return varied(700, seed=11)


@pytest.fixture(scope="module")
def model(past):
    return fit(past, 3600.0, settings=LIGHT)


def test_intervals_hold_and_points_beat_the_constant_ratio(past, model):
    fresh = varied(500, seed=12)
    said = model.predict(fresh)
    known = said["forecast"].notna().to_numpy()
    assert np.array_equal(known, fresh.count(3600.0) >= LIGHT.least)
    truth, said = fresh.size[known], said[known]
    inside = (np.floor(said["forecast_lo"]) <= truth) & (truth <= np.ceil(said["forecast_hi"]))
    assert 0.74 <= inside.mean() <= 0.88
    seen = past.count(3600.0)
    ratio = np.median((past.size / np.maximum(seen, 1))[seen >= LIGHT.least])
    error = np.median(np.abs(said["forecast"] / truth - 1))
    assert error < 0.9 * np.median(np.abs(said["n"] * ratio / truth - 1))
    assert (said["n"] <= said["forecast_lo"] + 1e-6).all()
    assert (said["forecast_lo"] <= said["forecast"]).all() and (said["forecast"] <= said["forecast_hi"]).all()


def test_nothing_leaks_from_the_future(model):
    fresh = varied(60, seed=13)
    pd.testing.assert_frame_equal(model.predict(fresh), model.predict(fresh.until(3600.0)))


@pytest.mark.long
def test_same_seed_same_forecast(past):
    fresh = varied(40, seed=14)
    first = fit(past, 600.0, settings=LIGHT).predict(fresh)
    pd.testing.assert_frame_equal(first, fit(past, 600.0, settings=LIGHT).predict(fresh))


def test_features_do_not_change_with_follower_units_and_are_finite(past):
    table = features(past, 3600.0, profile=day_profile(past), kernels=KERNELS)
    assert len(table) == len(past)
    held = table[table["n"] > 0]
    assert np.isfinite(held.drop(columns=[c for c in held if held[c].isna().all()]).to_numpy()).all()
    assert not np.isinf(table.to_numpy()).any()
    assert table["audience"].isna().all()  # no follower counts: null, not zero
    with_counts = replace(past, audience=np.ones(len(past.t)), root_audience=np.full(len(past), 5.0))
    more = features(with_counts, 3600.0, profile=day_profile(past), kernels=KERNELS)
    assert more.loc[more["n"] > 0, "audience"].notna().all()


@pytest.mark.long
def test_boosted_medians_are_part_of_the_point(past):
    fresh = varied(30, seed=16)
    for some, same in ((past, False), (past.take(np.arange(80)), True)):  # few cascades are not boosted
        plain, boosted = (fit(some, 3600.0, settings=Settings(trees=20, boosters=b)) for b in (0, 1))
        assert plain.predict(fresh)["forecast"].equals(boosted.predict(fresh)["forecast"]) == same


def test_too_few_cascades_are_refused(past):
    with pytest.raises(NotEnoughData, match="20 are needed"):
        fit(past.take(np.arange(10)), 3600.0, settings=LIGHT)


@pytest.mark.parametrize(
    ("age", "first", "last", "n"),
    [
        (600.0, [42.615151616854405, 70.82834319073442, 394.8536728142623],
         [313.42103743249567, 838.2515147193233, 2222.433560855232], 36),
        (3600.0, [50.848767423967686, 66.30994120425368, 148.16046683186744],
         [234.81795181161115, 317.80727705459645, 739.7399037700083], 44),
        (345600.0, [52.0, 52.0, 52.93185798052462], [286.0, 286.0, 287.86359557281367], 49),
    ],
)  # fmt: skip
def test_the_shipped_file_forecasts_what_it_was_measured_with(age, first, last, n):
    """Frozen when the models were still fitted in each process: the bounds are those; points are medians now."""
    said = shipped(age).predict(varied(50, seed=15)).dropna()
    assert len(said) == n and np.isfinite(said.to_numpy()).all()
    np.testing.assert_allclose(said.iloc[[0, -1], 1:].to_numpy(), [first, last], rtol=1e-9)


def test_every_age_is_in_the_shipped_file():
    assert all(shipped(age).age == age and shipped(age).settings.size_share == 0 for age in AGES)


@pytest.mark.slow
def test_the_shipped_file_is_what_its_maker_makes():
    age = 3600.0
    arrays, about = forecast.packed([fit(forecast.simulated(), age, settings=forecast.SETTINGS)])
    with np.load(forecast.TARGET, allow_pickle=False) as stored:
        there = json.loads(str(stored["about"]))
        made, kept = about["models"]["3600"], there["models"]["3600"]
        assert (made["columns"], made["depth"]) == (kept["columns"], kept["depth"])
        for name in ("seen_range", "levels"):
            assert made[name] == pytest.approx(kept[name])
        for name, array in arrays.items():
            np.testing.assert_allclose(stored[name], array, rtol=1e-6, err_msg=name)
    assert {**about, "models": {}} == {**there, "models": {}}


@given(st.integers(0, 2**31))
@settings(max_examples=20)
def test_a_forest_of_arrays_ends_in_the_leaves_of_scikit_learn(seed):
    rng = np.random.default_rng(seed)
    x, fresh = rng.normal(size=(120, 4)), rng.normal(size=(60, 4))
    x[:60] = np.round(x[:60], 1)  # ties, and cuts that lie on them
    grown = ExtraTreesRegressor(5, min_samples_leaf=3, random_state=seed).fit(x, x[:, 0])
    forest = Forest.of([tree.tree_ for tree in grown.estimators_])
    for rows in (x, fresh):
        assert np.array_equal(forest.leaves(rows) - forest.root, grown.apply(rows))


def test_shipped_model_knows_no_scale_and_reads_the_nearest_age():
    assert nearest(np.array([1.0, 4000.0, 1e9])).tolist() == [600.0, 3600.0, AGES[-1]]
    said = shipped(3600.0).predict(varied(50, seed=15))
    assert said["forecast"].notna().any()
    assert shipped(3600.0) is shipped(3600.0)


@given(st.lists(st.floats(0, 10), min_size=3, max_size=30), st.integers(0, 2**31))
def test_quantiles_and_ranks_are_inverse_and_bounded(values, seed):
    v = np.array([values])
    w = np.random.default_rng(seed).uniform(0.1, 1, v.shape)
    q = quantile(v, w, np.array([0.1, 0.5, 0.9]))[0]
    assert v.min() <= q[0] <= q[1] <= q[2] <= v.max()
    r = rank(v, w, np.array([q[1]]))
    assert 0 <= r[0] <= 1


def test_as_many_stories_end_above_the_point_as_below():
    rng = np.random.default_rng(0)
    v = rng.exponential(1.0, (50, 400))
    w = np.ones_like(v)
    above = (v > quantile(v, w, np.array([0.5]))).mean()
    assert above == pytest.approx(0.5, abs=0.02)


def test_weights_are_shares_and_favour_the_alike():
    x = np.random.default_rng(0).normal(size=(200, 3))
    forest = AnalogueForest.fit(x, x[:, 0], trees=50, leaf=5, seed=0)
    w = forest.weights(x[:20])
    assert np.allclose(w.sum(axis=1), 1)
    assert np.corrcoef(w @ x[:, 0], x[:20, 0])[0, 1] > 0.9
