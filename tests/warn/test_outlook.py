from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from crisislib.core.boosted_trees import extract_trees
from crisislib.core.errors import ModelError, NotEnoughData
from crisislib.signals import expect
from crisislib.simulation.series import simulate
from crisislib.warn import load, predict_outlook, save, train
from crisislib.warn.outlook.outlook_features import features
from crisislib.warn.outlook.outlook_training import targets
from crisislib.warn.outlook.probability_scores import measures, reliability
from crisislib.warn.series_panel import simulated_panel
from tests.signals.world import watch
from tests.warn.test_backtest import rows_of


def test_trees_answer_as_the_booster_they_came_from():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(800, 5)).astype(np.float32)
    x[rng.uniform(size=x.shape) < 0.1] = np.nan
    y = np.nan_to_num(x[:, 0]) + np.nan_to_num(x[:, 1]) ** 2 > 1
    booster = HistGradientBoostingClassifier(max_iter=20, max_leaf_nodes=8).fit(x, y)
    assert np.allclose(extract_trees(booster).log_odds(x), booster.decision_function(x), atol=1e-5)


def test_targets_look_ahead_and_not_at_now():
    index = np.zeros((1, 40))
    index[0, 10] = 80
    found = targets(index)[0]
    assert found[9].tolist() == [True, True, True] and found[10].tolist() == [False] * 3
    assert found[5].tolist() == [False, True, True] and found[3].tolist() == [False, False, True]


def test_measures_by_hand_and_of_perfect_forecasts():
    y = np.array([True, False, True, False])
    assert measures(y.astype(float), y) | {"n": 0} == {"brier": 0, "ece": 0, "pr_auc": 1, "base": 0.5, "n": 0}
    half = measures(np.full(4, 0.8), y)
    assert half["brier"] == pytest.approx(0.34) and half["ece"] == pytest.approx(0.3)
    assert reliability(np.full(4, 0.8), y)["observed"].tolist() == [0.5]


@pytest.fixture(scope="module")
def world():
    made = simulate(13, seed=11, kinds=("product_harm",))
    return made, simulated_panel(made, expect)


def until(world, i: int, window: int, hours: int = 24 * 21) -> pd.DataFrame:
    rows = rows_of(*world, i).assign(watch="w")
    at = world[1].at
    return rows[(rows["at"] <= at[window]) & (rows["at"] > at[max(0, window - hours)])]


def test_features_do_not_peek(world):
    found = world[1]
    x, names, groups = features(found)
    later = {s: v.copy() for s, v in found.value.items()}
    later["volume"][:, 600:] = 999
    moved = features(type(found)(**(found.__dict__ | {"value": later})))[0]
    assert len(names) == len(groups) == x.shape[-1]
    assert np.array_equal(x[:, :600], moved[:, :600], equal_nan=True)


@pytest.mark.long
def test_the_shipped_model_rises_into_a_crisis_and_gives_reasons(world):
    made, _ = world
    model = load()
    rise = int(made.truth["onset"][0])
    shown = [i for i in range(13) if np.nanmax(world[1].index[i]) >= 75][:5]
    assert shown
    calm = [predict_outlook(until(world, i, 500), watch(), model=model).probability[21600] for i in shown]
    warned = []
    for i in shown:
        reached = int(np.argmax(np.nan_to_num(world[1].index[i]) >= 75))
        answer = predict_outlook(until(world, i, reached - 1), watch(), model=model)
        assert answer.method == "outlook@1" and len(answer.reasons) == 7
        assert answer.probability[3600] <= answer.probability[21600] <= answer.probability[86400]
        assert answer.findings[0].render("zh") and answer.findings[0].limits
        warned.append(answer.probability[21600])
    assert np.median(warned) > 3 * np.median(calm), (warned, calm, rise)


def test_thin_history_falls_back_to_the_rules_and_says_so(world):
    model = load()
    answer = predict_outlook(until(world, 0, 500, hours=60), watch(), model=model)
    assert answer.method == "bands@1" and "not used" in answer.findings[0].caveats("en")[0]
    minutes = watch(window={"step_minutes": 15})
    rows = until(world, 0, 500).assign(step_s=900)
    assert predict_outlook(rows, minutes, model=model).method == "bands@1"
    nothing = predict_outlook(until(world, 0, 500, hours=10), watch(), model=model)
    assert np.isnan(nothing.probability[3600]) and nothing.findings[0].silent


@pytest.mark.parametrize("hours", [400, 60])
def test_where_the_level_is_orange_already_the_sentence_says_what_the_chance_is_of(world, hours):
    """A level stays up after its index has fallen: "chance of orange 1%" beside "Orange" reads like a mistake."""
    model, rows = load(), until(world, 0, 500, hours=hours)
    for level in ("none", "yellow"):
        assert predict_outlook(rows, watch(), model=model, level=level).findings[0].render("en").startswith("Chance of")
    for level in ("orange", "red"):
        said = predict_outlook(rows, watch(), model=model, level=level).findings[0]
        assert said.render("en").startswith(f"The level is {level} already. Chance")
        assert "75" in said.render("zh") and "已是" in said.render("zh") and said.limits


@pytest.mark.parametrize("hours", [400, 30])
def test_no_chance_of_reaching_a_mark_is_given_above_it(world, hours):
    model = load()
    i = next(i for i in range(13) if np.nanmax(world[1].index[i]) >= 75)
    reached = int(np.argmax(np.nan_to_num(world[1].index[i]) >= 75))
    for level in ("red", "blue"):
        answer = predict_outlook(until(world, i, reached, hours=hours), watch(), model=model, level=level).findings[0]
        assert "none to give" in answer.render("en") and "%" not in answer.render("zh")
    other = watch(levels={"orange": 70})
    said = predict_outlook(until(world, 0, 500, hours=hours), other, model=model).findings[0].caveats("en")
    assert any("from an index of 75; this watch has it from 70" in line for line in said)


def test_a_broken_missing_or_foreign_model_is_said(tmp_path, world):
    with pytest.raises(ModelError, match="no outlook model"):
        load(tmp_path / "none.npz")
    (tmp_path / "bad.npz").write_bytes(b"not a model")
    with pytest.raises(ModelError, match="not readable"):
        load(tmp_path / "bad.npz")
    model = load()
    foreign = type(model)(**(model.__dict__ | {"names": ("other",)}))
    with pytest.raises(ModelError, match="other features"):
        predict_outlook(until(world, 0, 500), watch(), model=foreign)


def test_a_saved_model_answers_the_same(tmp_path, world):
    model = load()
    save(model, tmp_path / "m.npz")
    again = load(tmp_path / "m.npz")
    x = features(world[1])[0][0]
    for seconds in model.horizons:
        assert np.array_equal(model.horizons[seconds].probability(x), again.horizons[seconds].probability(x))


def test_too_few_events_are_not_trained_on():
    with pytest.raises(NotEnoughData, match="20"):
        train(expect=expect, series=8, seed=1)


@pytest.mark.slow
def test_training_with_own_history_is_repeatable_and_calibrated(world):
    own = until(world, 0, 700, hours=700)
    one, two = (train([own], expect=expect, series=260, seed=3) for _ in range(2))
    x = features(world[1])[0][0]
    assert np.array_equal(one.horizons[21600].probability(x), two.horizons[21600].probability(x))
    held = one.card["measured_on_held_back"]["21600"]
    assert held["ece"] < 0.03 and held["pr_auc"] > held["base"]
    assert "1 histories" in one.card["trained_on"]
