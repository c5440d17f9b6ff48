"""Past cases through the command line, the library and a run's findings."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import crisislib
from crisislib import respond
from crisislib.engine import Home
from crisislib.engine.case_library import loss_comparison
from crisislib.engine.incident_records import incident_of
from crisislib.engine.rendering import KINDS
from crisislib.respond.past_cases import PastCase
from tests.cli.test_team import crisis, home, told

__all__ = ["crisis", "home"]
OWN = """cases:
  - id: our_kitchen
    brand: Acme
    started: "2024-05"
    kind: product_harm
    claim: {en: Cockroaches in the soup, zh: 汤里有蟑螂}
    turned_out: "true"
    outcome: {en: Store closed the same day}
    sources: [{title: board minutes}]
"""


def test_the_library_is_whole() -> None:
    cases = respond.public_cases()
    assert len(cases) >= 60 and max(Counter(one.id for one in cases).values()) == 1
    for one in cases:
        assert set(one.claim) == set(one.outcome) == {"en", "zh"}
        assert not [s for s in one.sources if "do not link" in s.title], one.id
        assert set(one.strategies) <= set(respond.STRATEGIES), one.id
        assert re.search(r"[\u4e00-\u9fff]", one.outcome["zh"]) and not re.search(r"[\u4e00-\u9fff]", one.outcome["en"])


def test_words_find_the_case_in_both_languages(crisis) -> None:
    assert told(crisis("cases", "rats in the kitchen", "--most", "1")).startswith("Haidilao 2017")
    zh = told(crisis("cases", "手机电池起火", "--most", "1", "--language", "zh"))
    assert zh.startswith("2016 年三星 · 产品伤害") and "53亿美元" in zh and "来源" in zh
    assert crisislib.past_cases(kind="data_breach", most=3)["kind"].tolist() == ["data_breach"] * 3
    assert len(crisislib.past_cases()) == len(respond.public_cases())


def reasons_of(hand: respond.CaseAtHand, most: int = 1) -> list[tuple[str, str]]:
    found = respond.like_cases(respond.public_cases(), hand, kinds=KINDS, most=most)
    return [(one.case.id, "; ".join(reason.render("en") for reason in one.reasons)) for one in found]


def test_known_neighbours_are_found_and_say_why() -> None:
    """Cases that somebody who knows the field would name, by words that are not the library's own sentences."""
    for text, case in (
        ("visitor at the booth: free ice cream for foreigners only", "bmw_mini_2023"),
        ("酱油在国内有添加剂，出口的没有", "haitian_2022"),
        ("supplier reworked expired meat for the burger chains", "husi_2014"),
        ("红曲保健品吃出肾病", "kobayashi_2024"),
    ):
        assert reasons_of(respond.CaseAtHand(text=text))[0][0] == case, text
    hand = respond.CaseAtHand("雪糕放着不化，满是添加剂", "rumour", "product_harm", "food", "denied")
    case, why = reasons_of(hand)[0]
    assert case == "zhongxuegao_2022" and "same subject: product harm; same industry" in why and "雪糕" in why
    assert "denied then, too" in why and "same kind" not in why


def test_common_words_make_no_likeness() -> None:
    assert not reasons_of(respond.CaseAtHand(text="He said they found it and reported that people were there"))
    assert not reasons_of(respond.CaseAtHand(text="公司表示发现问题，没有使用"))
    found = reasons_of(respond.CaseAtHand(kind="data_breach"), most=60)
    assert found and all(why == "same kind of crisis" for _, why in found)


def test_every_case_is_likest_to_itself_in_either_language() -> None:
    for case in respond.public_cases():
        for claim in case.claim.values():
            assert reasons_of(respond.CaseAtHand(text=claim))[0][0] == case.id


def test_the_last_own_incident_comes_with_what_was_done(crisis, home: Home) -> None:
    told(
        crisis(
            "respond", "--kind", "holding", "--text", "We are looking into it", "--at", "2026-03-01T11:30", "--by", "Li"
        )
    )
    told(crisis("incident", "close", "--why", "the laboratory cleared it", "--by", "Li"))
    told(crisis("incident", "open", "--why", "a call", "--kind", "rumour", "--by", "Li"))
    shown = told(crisis("cases", "--most", "80"))
    own = next(part for part in re.split(r"\n(?=\S)", shown) if "(your own)" in part)
    assert "holding statement after 1.5 h" in own and "the laboratory cleared it" in own and "aftermath" in own


def test_cases_of_the_users_own_and_their_faults(crisis, home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "cases"
    folder.mkdir()
    (folder / "ours.yml").write_text(OWN, encoding="utf-8")
    assert told(crisis("cases", "cockroaches in soup", "--most", "1")).startswith("Acme 2024")
    (folder / "bad.yml").write_text(OWN.replace('turned_out: "true"', "turned_out: maybe"), encoding="utf-8")
    shown = told(crisis("cases", "cockroaches in soup"))
    (folder / "money.yml").write_text(OWN + "    losses: [{what: cost, amount: 5, currency: QQQ}]\n", encoding="utf-8")
    assert "'QQQ' is no currency" in told(crisis("cases", "cockroaches in soup"))
    assert "bad.yml, line 7" in shown and shown.startswith("Acme 2024"), "the good file still counts"


def test_a_loss_is_compared_with_like_cases(home: Home) -> None:
    watch = home.watch("acme")
    found = loss_comparison(home, watch, incident_of(home, watch))
    assert (
        found.key == "risk.cases" and len(found.table) and set(found.table["currency"]) <= {"USD", "EUR", "CNY", "HKD"}
    )
    assert "not scaled to your size" in found.render("en") and "未按贵方规模折算" in found.render("zh")
    assert PastCase.model_fields["losses"].description
