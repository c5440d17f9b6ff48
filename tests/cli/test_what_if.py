"""What each response may change about the loss: through the command line, a run's finding and the library."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from click.testing import Result
from typer.testing import CliRunner

from crisislib import risk
from crisislib.cli import common
from crisislib.cli.app import app
from crisislib.core.tables import conform
from crisislib.core.watch import Watch
from crisislib.core.watch_sections import Brand, Risk
from crisislib.engine import Home
from crisislib.engine.loss_what_if import response_what_if
from tests.cli.test_team import OPENED, refused, told

WATCH = """watch: acme
title: {en: Acme, zh: 艾克美}
language: en
brand: {names: [Acme]}
risk: {currency: CNY, daily_revenue: [1000000, 2000000, 3000000], market_value: 10000000000}
"""
NOW = OPENED + timedelta(hours=40)


def signals(effect: float, *, hours: int = 40) -> pd.DataFrame:
    """Three weeks of hours at a hundred posts, then a burst that a response at half time changes."""
    at = pd.date_range(OPENED - timedelta(days=21), OPENED + timedelta(hours=hours), freq="h", inclusive="left")
    value = pd.Series(100.0, index=at) + [(i * 7919 % 13) - 6 for i in range(len(at))]
    value[at >= OPENED] = 600.0
    value[at >= OPENED + timedelta(hours=hours / 2)] *= 1 + effect
    return pd.DataFrame({"at": at, "value": value.to_numpy(), "signal": "volume", "step_s": 3600, "n_posts": 100})


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    (tmp_path / "watches").mkdir()
    (tmp_path / "watches" / "acme.yml").write_text(WATCH, encoding="utf-8")
    place = Home.here(lake=tmp_path / "lake", watches=tmp_path / "watches", reports=tmp_path / "reports")
    row = {"incident_id": "inc-1", "at": OPENED, "watch": "acme", "kind": "product_harm", "level": "red", "index": 90.0,
           "status": "open", "opened_at": OPENED, "by": "warn"}  # fmt: skip
    place.lake.append("INCIDENTS", conform(pd.DataFrame([row]), "INCIDENTS"))
    series = conform(signals(-0.6).assign(watch="acme", made_at=NOW), "SIGNALS")
    place.lake.append("SIGNALS", series)
    found = risk.assess(place.watch("acme"), incident=row, signals=series, now=NOW)
    place.lake.append("RISKS", found.risks)
    monkeypatch.setenv("CRISIS_LAKE", str(place.lake_root))
    monkeypatch.setenv("CRISIS_WATCHES", str(place.watches))
    monkeypatch.setattr(common.out, "width", 240)
    return place


def crisis(*words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--watch", "acme"])


def test_a_watch_that_is_corrected_moves_the_loss_of_the_same_moment(home: Home) -> None:
    def loss() -> list[float]:
        told(crisis("run", "--until", NOW.isoformat(), "--no-report", "--no-notify"))
        rows = home.lake.read("RISKS", watch="acme", present=False).sort_values("at")
        return list(rows.loc[rows["run_id"].notna(), "loss_p50"])

    posts = [
        {"post_id": f"web:{n}", "watch": "acme", "platform": "web", "kind": "post", "text": f"Acme cup {n} broke",
         "created_at": NOW - timedelta(hours=n), "collected_at": NOW, "source": "generic", "batch_id": "b"}
        for n in range(1, 40)
    ]  # fmt: skip
    home.lake.append("POSTS", conform(pd.DataFrame(posts), "POSTS"))
    before = loss()
    assert loss() == before, "the same again is no other assessment"
    path = home.watches / "acme.yml"
    path.write_text(WATCH.replace("[1000000, 2000000, 3000000]", "[50000000, 100000000, 150000000]"), encoding="utf-8")
    after = loss()
    assert after[:-1] == before and after[-1] > 2 * before[-1]


def test_before_a_response_it_is_assumed_and_after_it_measured(home: Home) -> None:
    shown = told(crisis("what-if"))
    assert "assumption of ours" in shown and "\nfull statement " in shown and "made: without it" not in shown
    before = response_what_if(home, home.watch("acme"), now=NOW).set_index("kind")
    assert (before["loss_lo"] <= before["loss"]).all() and (before["loss"] <= before["loss_hi"]).all()
    assert before.loc["correction", "loss"] < before.loc["correction", "loss_now"]
    at = (OPENED + timedelta(hours=20)).isoformat()
    told(crisis("respond", "--kind", "statement", "--text", "We are sorry", "--at", at, "--by", "Li"))
    after = response_what_if(home, home.watch("acme"), now=NOW).set_index("kind")
    assert after.loc["statement", "origin"] == "measured" and after.loc["statement", "landed"]
    assert after.loc["statement", "change_lo"] < -0.6 < after.loc["statement", "change_hi"]
    assert after.loc["statement", "loss"] > after.loc["statement", "loss_now"], "without it more would be lost"
    shown = told(crisis("what-if", "--language", "zh"))
    assert "已采取：若未采取" in shown and "在本次事件中实测，1 次回应" in shown


def test_the_watch_gives_its_own_effects(home: Home) -> None:
    path = home.watches / "acme.yml"
    path.write_text(WATCH.replace("CNY,", "CNY, responses: {recall: [-0.9, -0.8, -0.7]},"), encoding="utf-8")
    table = response_what_if(home, home.watch("acme"), now=NOW).set_index("kind")
    assert table.loc["recall", "origin"] == "given" and table["loss"].idxmin() == "recall"
    path.write_text(WATCH.replace("CNY,", "CNY, responses: {recal: [-0.9, -0.8, -0.7]},"), encoding="utf-8")
    refused(crisis("what-if"), "no kind of response")


def test_more_effect_is_never_more_loss() -> None:
    watch = Watch(watch="w", title={"en": "W"}, brand=Brand(names=["B"]),
                  risk=Risk(currency="EUR", daily_revenue=(1e6, 2e6, 3e6), customers=(1e5, 1e6, 2e6)))  # fmt: skip
    series = conform(signals(0.0).assign(watch="w", made_at=NOW), "SIGNALS")
    incident = {"incident_id": "i", "kind": "rumour", "level": "red", "index": 90.0, "opened_at": OPENED}
    row = risk.assess(watch, incident=incident, signals=series, now=NOW).risks.to_pylist()[0]
    changes = [-0.9, -0.5, -0.2, 0.0, 0.5]
    effects = [risk.ResponseEffect(f"k{i}", (c, c, c), "given") for i, c in enumerate(changes)]
    losses = risk.what_if(watch, row, effects)["loss"].tolist()
    assert losses == sorted(losses) and losses[0] < losses[-1]
    assert losses[3] == row["loss_p50"], "no change: the assessment itself"
