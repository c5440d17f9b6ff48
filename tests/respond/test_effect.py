"""The effect of responses: planted bends are found, nothing is found where nothing was planted."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from crisislib.core.tables import conform
from crisislib.core.watch import Brand, Watch
from crisislib.respond import ResponseError, done, effect, load_playbooks, plan, respond, score
from crisislib.respond.effect_series import bend, design, newey_west, placebo_p
from crisislib.simulation import simulate

WATCH = Watch(watch="w", title={"en": "W"}, brand=Brand(names=["B"]))
START = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def signals(values, name="volume", expected=10.0):
    at = pd.date_range(START, periods=len(values), freq="1h")
    same = {"watch": "w", "signal": name, "step_s": 3600, "made_at": START, "expected": expected, "n_posts": 10}
    return conform(pd.DataFrame({"at": at, "value": np.asarray(values, float)}).assign(**same), "SIGNALS")


def said(hours, kind="statement", text="x"):
    return respond(WATCH, "i", kind, at=START + hours * HOUR, now=START + 1000 * HOUR, text=text)


def counts(seed, planted):
    """Ten days of counts, a crisis of 60 h in which a statement at hour 200 has a planted ratio."""
    rng = np.random.default_rng(seed)
    mean = np.full(240, 10.0)
    mean[170:] = 120.0
    mean[200:] *= planted
    return rng.poisson(mean * rng.gamma(30, 1 / 30, 240))


def test_finds_the_planted_fall():
    found = [
        effect(signals(counts(s, 0.4)), said(200), WATCH, now=START + 240 * HOUR, names=("volume",))[0]
        for s in range(12)
    ]
    change = np.array([t["change"].iloc[0] for t in found])
    assert np.median(change) == pytest.approx(-0.6, abs=0.08)
    cover = np.mean([(t["lo"].iloc[0] <= -0.6) & (t["hi"].iloc[0] >= -0.6) for t in found])
    assert cover >= 0.7 and np.mean([t["hi"].iloc[0] < 0 for t in found]) >= 0.9


def test_finds_nothing_where_nothing_was():
    wrong = [
        bool(f.message.startswith("After") and "no change" not in f.message)
        for s in range(12)
        for f in effect(signals(counts(s, 1.0)), said(200), WATCH, now=START + 240 * HOUR, names=("volume",))[1]
    ]
    assert np.mean(wrong) <= 0.2


def test_sentence_and_limits():
    _, findings = effect(signals(counts(1, 0.3)), said(200), WATCH, now=START + 240 * HOUR, names=("volume",))
    sentence = findings[0].render("en")
    assert "below the continued trend" in sentence and "full statement" in sentence
    assert any("trend before" in limit for limit in findings[0].caveats("en"))
    assert "完整声明" in findings[0].render("zh") and all("趋势" in c or "时刻" in c for c in findings[0].caveats("zh"))


def test_two_at_once_cannot_be_separated():
    both = pd.concat([said(200).to_pandas(), said(201, "correction").to_pandas()])
    table, findings = effect(signals(counts(1, 0.3)), both, WATCH, now=START + 240 * HOUR, names=("volume",))
    assert (table["status"] == "too_close").all() and table["change"].isna().all()
    assert "cannot be separated" in findings[0].render("en")


def test_too_little_is_said():
    table, findings = effect(signals(counts(1, 0.3)[:202]), said(200), WATCH, now=START + 240 * HOUR, names=("volume",))
    assert table["status"].tolist() == ["too_little"] and "Too little data" in findings[0].render("en")
    nothing, _ = effect(signals([], "other"), said(5), WATCH, now=START + 240 * HOUR)
    assert (nothing["status"] == "too_little").all()


def test_share_signals_change_in_their_own_unit():
    rng = np.random.default_rng(0)
    y = np.r_[np.full(30, 60.0), np.full(30, 40.0)] + rng.normal(0, 1, 60)
    table, _ = effect(
        signals(y, "negative_index", np.nan), said(29.5), WATCH, now=START + 60 * HOUR, names=("negative_index",)
    )
    assert table["change"].iloc[0] == pytest.approx(-20, abs=2.5)


def test_statement_of_the_drill_bends_the_volume():
    drill = simulate(seed=5, posts=4000)
    hourly = drill.posts.to_pandas().set_index("created_at").resample("1h").size()
    table = pd.DataFrame({"at": hourly.index, "value": hourly.to_numpy(float), "n_posts": hourly.to_numpy()})
    same = {"watch": "drill", "signal": "volume", "step_s": 3600, "made_at": hourly.index[-1], "expected": 12.0}
    found, _ = effect(
        conform(table.assign(**same), "SIGNALS"),
        drill.responses,
        drill.watch,
        now=hourly.index[-1].to_pydatetime(),
        names=("volume",),
    )
    statement = found[found["kind"] == "statement"].iloc[0]
    assert statement["status"] == "estimated" and statement["hi"] < 0
    holding = found[found["kind"] == "holding"].iloc[0]
    assert holding["status"] == "too_little"


def test_design_and_newey_west_against_known_cases():
    x = design(3, 2)
    assert x[:, 1].tolist() == [-3, -2, -1, 0, 1] and x[:, 3].tolist() == [0, 0, 0, 0, 1]
    rng = np.random.default_rng(0)
    wide = np.column_stack([np.ones(4000), rng.normal(size=4000)])
    noise = rng.normal(size=4000)
    ols = np.linalg.inv(wide.T @ wide) * noise.var()
    assert np.allclose(newey_west(wide, noise, 5), ols, rtol=0.25, atol=3e-5)
    exact = bend(np.r_[np.arange(10.0), np.arange(10.0) + 5], 10)
    assert exact.level == pytest.approx(-5) and exact.slope == pytest.approx(0) and exact.change == pytest.approx(-5)


def test_placebos_are_uniform_under_nothing():
    rng = np.random.default_rng(1)
    ps = []
    for _ in range(40):
        y = rng.normal(size=300)
        p, n = placebo_p(y[:260], 10, 10, bend(y[280:300], 10).change, avoid=slice(0, 0))
        ps.append(p)
        assert n >= 20
    assert 0.3 < np.mean(ps) < 0.7
    assert placebo_p(np.zeros(30), 10, 10, 1.0, avoid=slice(0, 0))[0] is None


def test_log_refuses_what_cannot_be():
    now = START + 10 * HOUR
    for wrong in (
        {"kind": "shout", "at": START, "text": "x"},
        {"kind": "statement", "at": now + HOUR, "text": "x"},
        {"kind": "statement", "at": START.replace(tzinfo=None), "text": "x"},
        {"kind": "statement", "at": START},
        {"kind": "statement", "at": START, "text": "x", "strategy": "magic"},
    ):
        with pytest.raises(ResponseError):
            respond(WATCH, "i", now=now, **wrong)
    one, two = (
        respond(WATCH, "i", "statement", at=START, now=now, text="x", strategy="rebuild.apology mortification")
        for _ in "ab"
    )
    assert one.equals(two) and one["strategy"][0].as_py() == "rebuild.apology mortification"


def test_score_of_a_drill():
    incident = {"incident_id": "i", "kind": "rumour", "level": "orange", "opened_at": START}
    books = load_playbooks()
    actions = plan(incident, WATCH, books.for_kind("rumour"), books.words, now=START)
    now = START + 5 * HOUR
    first = done(actions, ["i/rumour/verify"], at=START + timedelta(minutes=10), now=now)
    later = done(actions, ["i/rumour/war_room"], at=START + timedelta(minutes=50), now=now)
    rows = pd.concat([actions.to_pandas(), first.to_pandas(), later.to_pandas()])
    log = respond(WATCH, "i", "holding", at=START + timedelta(minutes=45), now=now, text="x")
    steps, milestones, finding = score(rows, log, opened_at=START, now=now)
    assert steps["result"].value_counts()["in time"] == 1 and (steps["result"] == "overdue").sum() >= 8
    table = milestones.set_index("key")
    assert (
        table.loc["assessed", "met"]
        and not table.loc["gathered", "met"]
        and table.loc["acknowledged", "taken_min"] == 45
    )
    assert not table.loc["explained", "met"] and np.isnan(table.loc["explained", "taken_min"])
    assert "first public word after 45 minutes" in finding.render("en")
    with pytest.raises(ResponseError):
        done(actions, ["i/none"], at=START, now=now)
