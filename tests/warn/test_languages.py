"""What a decision finds is stored as keys and facts, and read in whichever language the reader has."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from crisislib.core import phrase
from crisislib.core.finding import Finding
from crisislib.signals import expect
from crisislib.simulation.series import simulate
from crisislib.warn import Event, decide, incident_title, load, predict_outlook, run_backtest, series_evidence
from crisislib.warn.series_panel import simulated_panel
from tests.signals.world import watch
from tests.warn.test_backtest import rows_of as panel_rows
from tests.warn.test_burst_level import HOUR, ON, START, rows_of, volume
from tests.warn.test_decide import crisis  # noqa: F401 - a fixture

HAN = re.compile(r"[\u4e00-\u9fff，。；：（）“”]")
LATIN = re.compile(r"[A-Za-z]{2,}")


def both(found: list[Finding]) -> list[tuple[str, str]]:
    """Every sentence and limit in both languages, from what the table holds of it."""
    said = []
    for one in found:
        facts, limits = phrase.unpack(phrase.pack(one.facts)), phrase.unpack(phrase.pack(list(one.limits)))
        again = Finding(one.key, one.message, facts, pd.DataFrame(), limits=limits)
        said.append((again.render("en"), again.render("zh")))
        said += zip(again.caveats("en"), again.caveats("zh"), strict=True)
    return said


def check(found: list[Finding], *names: str) -> None:
    assert found
    for english, chinese in both(found):
        assert not HAN.search(english), english
        for name in names:
            chinese = chinese.replace(name, "")
        assert not LATIN.search(chinese), chinese
        assert "{" not in english + chinese


@pytest.mark.long
def test_the_same_decision_in_both_languages(crisis):  # noqa: F811
    signals, held, labels = crisis
    now = START + pd.Timedelta(days=29, hours=3)
    one, other = (
        decide(signals, watch(language=language), now=now.to_pydatetime(), labels=labels, posts=held)
        for language in ("zh", "en")
    )
    assert [f.facts for f in one.findings] == [f.facts for f in other.findings]
    assert {"warn.level", "warn.driver", "warn.down", "warn.incident"} <= {f.key for f in one.findings}
    check(one.findings, "Acme")


@pytest.mark.parametrize("hour", [ON - 1, ON + 2, ON + 8])
def test_a_burst_and_the_calm_around_it(hour):
    signals = rows_of(volume())
    for rows in (signals, signals.assign(signal="heat")):
        found = decide(
            rows, watch(), now=(START + HOUR * hour).to_pydatetime(), series=series_evidence(rows, watch())
        ).findings
        check(found, "Acme")


@pytest.mark.long
def test_outlook_and_backtest():
    made = simulate(13, seed=11, kinds=("product_harm",))
    panel = simulated_panel(made, expect)
    rows = panel_rows(made, panel, 0).assign(watch="w")
    for hours in (600, 60):
        answer = predict_outlook(rows[rows["at"] > rows["at"].max() - pd.Timedelta(hours=hours)], watch(), model=load())
        check(answer.findings)
        assert "name" not in answer.reasons
    events = [Event(0, 400 + 50 * i, 410 + 50 * i, 420 + 50 * i) for i in range(5)]
    check(run_backtest([rows], events, late=True).findings, "Meltwater", "SocialMetrix", "Lucidya", "Vista", "Social",
          "updatemate", "purisa")  # fmt: skip


def test_a_title_is_a_persons_or_is_rendered_for_the_reader():
    row = {"title": None, "kind": "data_breach", "opened_at": START}
    w = watch(brand={"names": ["Acme", "艾克美"]}, timezone="Asia/Shanghai")
    assert incident_title(row, w).render("en") == "Acme: data breach, since 2024-03-04 08:00"
    assert incident_title(row, w).render("zh") == "艾克美：数据泄露，始于 2024-03-04 08:00"
    assert incident_title(row | {"kind": None, "title": float("nan")}, w).render("en").startswith("Acme: unclassified")
    given = incident_title(pd.Series(row | {"title": "Battery {fire}"}), w)
    assert given.render("zh") == given.render("en") == "Battery {fire}"
