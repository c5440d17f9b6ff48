"""The assessment over made-up signals, labels and cascades."""

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crisislib.core.tables import conform, empty
from crisislib.core.watch import Watch
from crisislib.core.watch_sections import Brand, Respond, Risk
from crisislib.risk import assess, periods

NOW = datetime(2026, 3, 10, tzinfo=UTC)
MONEY = Risk(currency="CNY", forms={"response": (1e4, 5e4, 3e5), "fines": (0, 1e5, 2e6)})


def watch(risk=MONEY, **respond):
    return Watch(
        watch="w",
        title={"en": "W"},
        timezone="Asia/Shanghai",
        brand=Brand(names=["B"]),
        risk=risk,
        respond=Respond(**respond),
    )


def incident(level="yellow", index=68.0, kind="rumour"):
    return {"incident_id": "i-1", "kind": kind, "level": level, "index": index, "opened_at": NOW - timedelta(hours=3)}


def signals(now_value):
    at = pd.date_range(NOW - timedelta(days=10), NOW, freq="1h", inclusive="left")
    value = np.where(at > NOW - timedelta(hours=24), now_value, np.arange(len(at)) % 100)
    rows = {"watch": "w", "at": at, "step_s": 3600, "made_at": NOW, "value": value.astype(float), "n_posts": 10}
    parts = [pd.DataFrame({**rows, "signal": name}) for name in ("reach", "negative_index")]
    return conform(pd.concat(parts), "SIGNALS")


def labels(n, grade=4.0):
    at = NOW - timedelta(hours=1)
    frame = pd.DataFrame({"post_id": [f"x:{i}" for i in range(n)]})
    same = {"watch": "w", "label": "sensitive.food_safety", "model": "m@1", "at": at, "created_at": at, "score": grade}
    return conform(frame.assign(**same), "LABELS")


def test_contributions_add_up_to_the_impact():
    found = assess(watch(), incident=incident(), signals=signals(99), labels=labels(20), now=NOW)
    row = found.risks.to_pylist()[0]
    assert found.contributions["contribution"].sum() == pytest.approx(row["impact"])
    assert 0 < row["likelihood"] < 0.5 and row["level"] == "yellow"
    assert found.contributions.set_index("part").loc["sensitivity", "score"] == 1.0
    assert pd.isna(found.contributions.set_index("part").loc["spread", "score"])
    assert any("potential to spread" in limit for f in found.findings for limit in f.caveats("en"))
    assert "x:0" in found.findings[0].post_ids


def test_worse_input_is_worse():
    mild = assess(watch(), incident=incident(), signals=signals(20), labels=labels(1, 1.0), now=NOW)
    grave = assess(
        watch(crisis_history=True),
        incident=incident("red", 95, "labour"),
        signals=signals(99),
        labels=labels(50),
        now=NOW,
    )
    a, b = mild.risks.to_pylist()[0], grave.risks.to_pylist()[0]
    assert a["impact"] < 20 < 80 < b["impact"] and a["loss_mean"] < b["loss_mean"]
    assert b["likelihood"] == 1.0 and b["level"] == "red"


@settings(max_examples=15)
@given(st.floats(1.5, 1000), st.booleans(), st.sampled_from(["forms", "derived", "both"]), st.booleans())
def test_loss_moves_with_every_volume(factor, open_incident, ranges, with_reach):
    """All volumes x 0.01 or x 50 once left the loss at 16.82 M."""
    given_forms = {"response": (1e4, 5e4, 3e5), "fines": (0, 1e5, 2e6)} if ranges != "derived" else {}
    revenue = {"daily_revenue": (1e5, 2e5, 3e5), "customers": (1e4, 2e4, 9e4)} if ranges != "forms" else {}
    one = watch(Risk(currency="CNY", forms=given_forms, **revenue))
    frame = signals(50).to_pandas()
    frame["signal"] = frame["signal"].where(frame["signal"] != "reach", "reach" if with_reach else "volume")
    counted = frame["signal"].isin(["reach", "volume"])

    def loss(times):
        scaled = frame.assign(value=frame["value"].where(~counted, frame["value"] * times))
        kind = incident() if open_incident else None
        found = assess(one, incident=kind, signals=conform(scaled, "SIGNALS"), now=NOW, draws=2000)
        return found.risks.to_pylist()[0]["loss_mean"]

    assert loss(1 / factor) < loss(1.0) < loss(factor)


def test_loss_says_how_many_were_reached():
    found = assess(watch(), incident=incident(), signals=signals(50), now=NOW)
    loss = next(f for f in found.findings if f.key == "risk.loss")
    assert json.loads(found.risks.to_pylist()[0]["drivers"])["people_reached"] == 50 * 23
    assert any("about 1,150" in c for c in loss.caveats("en")) and any("1,150 人" in c for c in loss.caveats("zh"))


def test_same_seed_same_answer():
    first, second, other = (
        assess(watch(), incident=incident(), signals=signals(9), now=NOW, seed=s) for s in (1, 1, 2)
    )
    assert first.risks.equals(second.risks) and not first.risks.equals(other.risks)
    pd.testing.assert_frame_equal(first.curve, second.curve)


def test_loss_figures_agree_with_the_curve():
    found = assess(watch(), incident=incident(), signals=signals(50), now=NOW)
    row, curve = found.risks.to_pylist()[0], found.curve[found.curve["scope"] == "incident"]
    assert np.interp(0.1, curve["p_exceed"][::-1], curve["loss"][::-1]) == pytest.approx(row["loss_p90"], rel=1e-6)
    assert row["loss_p50"] <= row["loss_p90"]
    assert json.loads(row["curve"])[0][1] == 1.0 and json.loads(row["drivers"])["per"] == "incident"
    shares = found.forms["share"].dropna()
    assert shares.sum() == pytest.approx(1.0)
    assert (found.forms["tornado_lo"].dropna() <= found.forms["tornado_hi"].dropna()).all()


def test_no_money_is_invented():
    found = assess(watch(Risk()), incident=incident(), signals=signals(50), now=NOW)
    row = found.risks.to_pylist()[0]
    assert row["loss_mean"] is None and row["loss_p90"] is None and found.curve.empty
    loss = next(f for f in found.findings if f.key == "risk.loss")
    assert loss.silent and "No loss is given" in loss.render("en")
    assert (found.forms["source"] == "not given").all()


def test_silence_is_unknown_not_calm():
    found = assess(watch(), incident=incident("unknown", None), now=NOW)
    row = found.risks.to_pylist()[0]
    assert row["level"] == "unknown" and row["likelihood"] is None and row["impact"] is None
    blind = assess(watch(), incident=incident(), now=NOW)
    assert blind.risks.to_pylist()[0]["impact"] is None and blind.findings[0].silent
    assert "cannot be assessed" in blind.findings[0].render("en")


def test_outlook_model_goes_before_the_rule():
    found = assess(watch(), incident=incident(), signals=signals(50), now=NOW, outlook=0.77)
    assert found.risks.to_pylist()[0]["likelihood"] == 0.77
    assert "outlook model" in found.findings[0].render("en")


def test_year_without_an_incident():
    found = assess(watch(), incident=None, signals=signals(50), now=NOW)
    assert found.risks.to_pylist()[0]["incident_id"] == "w:year"
    assert "per year" in next(f for f in found.findings if f.key == "risk.loss").render("en")


def test_periods_month_over_month():
    opened = [datetime(2026, 1, 31, 17, tzinfo=UTC), datetime(2026, 2, 3, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)]
    rows = [
        {
            "incident_id": f"i{n}",
            "at": at + timedelta(hours=k),
            "watch": "w",
            "level": level,
            "opened_at": at,
            "evidence": json.dumps([f"p{n}", f"p{n}.{k}"]),
        }
        for n, at in enumerate(opened)
        for k, level in ((0, "yellow"), (1, "orange" if n else "red"), (5, "blue"))
    ]
    incidents = conform(pd.DataFrame(rows), "INCIDENTS")
    table, (whole, running) = periods(incidents, empty("RISKS"), watch(), now=NOW)
    # 31 January 17:00 UTC is 1 February in Shanghai
    assert list(table["period"]) == ["2026-02", "2026-03"] and list(table["n"]) == [2, 1]
    assert list(table["n_red"]) == [1, 0] and list(table["n_orange"]) == [1, 1]
    assert table["loss_mean"].isna().all() and list(table["over"]) == [True, False]
    assert whole.key == "periods.last" and "2026-02: 2 incidents, worst level red; no period" in whole.render("en")
    assert (
        running.key == "periods.running"
        and running.render("en") == "2026-03: 1 incident, worst level orange; 2 in 2026-02."
    )
    assert list(running.post_ids[:4]) == ["p2", "p2.5", "p2.1", "p2.0"], "this period's first, the newest first"
    assert {"p0", "p1"} <= set(running.post_ids) and running.n == len(running.post_ids) == 12
    assert set(whole.post_ids) == {p for p in running.post_ids if not p.startswith("p2")}
    assert "2026-03 is not over yet." in running.caveats("en") and "橙色" in running.render("zh")
    nothing, (silent,) = periods(empty("INCIDENTS"), empty("RISKS"), watch(), now=NOW)
    assert nothing.empty and silent.silent


def test_periods_compare_the_losses_and_say_what_is_missing():
    opened = [datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 2, 3, tzinfo=UTC), datetime(2026, 2, 9, tzinfo=UTC)]
    same = {"watch": "w", "level": "red"}
    incidents = pd.DataFrame(
        [{**same, "incident_id": f"i{n}", "at": at, "opened_at": at, "closed_at": at + timedelta(days=1)}
         for n, at in enumerate(opened)]
    )  # fmt: skip
    risks = pd.DataFrame(
        [
            {**same, "incident_id": "i0", "at": opened[0], "loss_mean": 1e6, "currency": "CNY", "impact": 10.0},
            {**same, "incident_id": "i1", "at": opened[1], "loss_mean": 9e6, "currency": "CNY", "impact": 20.0},
            {**same, "incident_id": "i1", "at": opened[2], "loss_mean": 3e6, "currency": "CNY", "impact": 20.0},
        ]
    )
    args = (conform(incidents, "INCIDENTS"), conform(risks, "RISKS"), watch())
    table, found = periods(*args, now=NOW)
    assert list(table["loss_mean"][:2]) == [1e6, 3e6] and table["n"].sum() == 3
    said = {f.key: f for f in found}
    assert said["periods.last.loss"].render("zh").count("万元") == 2
    assert "Of 2 incidents 1 has a loss" in " ".join(said["periods.last.loss"].caveats("en"))
    assert "no incident was recorded in the data that we hold; 2 in 2026-02" in said["periods.running"].render("en")
    days, _ = periods(*args, now=NOW, every="day")
    assert len(days) == (NOW.date() - opened[0].date()).days + 1 and days["n"].sum() == 3


def test_an_incident_that_goes_on_is_no_quiet_period():
    """The second day of a red crisis has no new incident, and is not calm."""
    at = datetime(2026, 3, 1, 22, tzinfo=UTC)
    row = {"watch": "w", "level": "red", "incident_id": "i0", "at": at, "opened_at": at, "evidence": '["p1"]'}
    args = (conform(pd.DataFrame([row]), "INCIDENTS"), empty("RISKS"), watch())
    table, found = periods(*args, now=at + timedelta(days=2), every="day")
    assert list(table["n"]) == [1, 0, 0] and list(table["n_carried"]) == [0, 1, 1]
    last, running = found
    assert not running.silent and "1 incident from before was still going on, worst level red" in running.render("en")
    assert "此前的 1 起事件仍在进行" in last.render("zh") and last.post_ids == ["p1"]
    closed = pd.DataFrame([{**row, "closed_at": at + timedelta(hours=1)}])
    table, _ = periods(conform(closed, "INCIDENTS"), *args[1:], now=at + timedelta(days=2), every="day")
    assert list(table["n_carried"]) == [0, 0, 0]
    second = pd.DataFrame(
        [row, {**row, "incident_id": "i1", "at": at + timedelta(days=1), "opened_at": at + timedelta(days=1)}]
    )
    _, found = periods(conform(second, "INCIDENTS"), *args[1:], now=at + timedelta(days=1), every="day")
    assert "1 incident from before" in " ".join(found[-1].caveats("en"))


def test_a_period_without_data_is_not_a_period_without_incidents():
    at = datetime(2026, 1, 5, tzinfo=UTC)
    row = {"watch": "w", "level": "red", "incident_id": "i0", "at": at, "opened_at": at}
    hours = pd.date_range("2025-12-31T16:00Z", "2026-01-16T04:00Z", freq="h", inclusive="left")  # half of January
    windows = pd.DataFrame({"at": hours, "step_s": 3600, "complete": 1.0})
    args = (conform(pd.DataFrame([row]), "INCIDENTS"), empty("RISKS"), watch())
    table, found = periods(*args, now=NOW, windows=windows)
    assert list(table["period"]) == ["2026-01", "2026-02", "2026-03"] and list(table["n"]) == [1, 0, 0]
    assert list(table["collected"]) == [0.5, 0.0, 0.0]
    whole, running = found
    assert "2026-02: nothing was collected" in whole.render("en") and "无法判断" in running.render("zh")
    assert not whole.silent
    first = periods(*args, now=datetime(2026, 2, 1, tzinfo=UTC), windows=windows)[1][0]
    assert "collected for 50% of the time of 2026-01" in " ".join(first.caveats("en"))


def test_every_figure_of_the_sentences_is_one_of_the_row():
    """One number, one producer: what is stored is what is said, and what the pictures draw."""
    found = assess(watch(), incident=incident(), signals=signals(50), labels=labels(3), now=NOW)
    row = found.risks.to_pylist()[0]
    drivers, curve = json.loads(row["drivers"]), json.loads(row["curve"])
    impact, loss, change = found.findings
    assert impact.facts["impact"] == f"{row['impact']:.0f}" and impact.facts["likelihood"] == f"{row['likelihood']:.0%}"
    assert {k: v.value for k, v in loss.facts.items()} == {
        "p50": row["loss_p50"],
        "p90": row["loss_p90"],
        "p95": drivers["loss_p95"],
        "mean": row["loss_mean"],
    }
    at = {round(p, 2): value for value, p in curve}
    for name, p in (("p50", 0.5), ("p90", 0.1)):
        assert at[p] == pytest.approx(row[f"loss_{name}"], rel=1e-6)
    forms = pd.DataFrame(drivers["forms"]).dropna(subset=["share"])
    assert forms["mean"].sum() == pytest.approx(row["loss_mean"], rel=1e-6)
    top = forms.sort_values("share").iloc[-1]
    assert change.facts["share"] == f"{top['share']:.0%}"
    assert sum(p["contribution"] or 0 for p in drivers["parts"]) == pytest.approx(row["impact"], abs=1e-3)


@pytest.mark.parametrize("incident_row", [None, incident(), incident("unknown", None)])
@pytest.mark.parametrize("risk", [Risk(), MONEY])
def test_every_sentence_reads_in_both_languages(incident_row, risk):
    for found in assess(watch(risk), incident=incident_row, signals=signals(50), now=NOW).findings:
        english = [found.render("en"), *found.caveats("en")]
        chinese = [found.render("zh"), *found.caveats("zh")]
        assert all("{" not in said for said in english + chinese)
        assert not any("\u4e00" <= c <= "\u9fff" for said in english for c in said)
        assert all(any("\u4e00" <= c <= "\u9fff" for c in said) for said in chinese)
