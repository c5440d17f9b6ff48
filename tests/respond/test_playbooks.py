"""Contract over all playbooks, and what plan, strategy and statement make of them."""

from datetime import UTC, datetime, timedelta
from string import Formatter

import pytest

from crisislib.core.errors import PlaybookError
from crisislib.core.watch import Watch
from crisislib.core.watch_sections import Brand, Respond
from crisislib.respond import describe_actions, five_s, load_playbooks, next_steps, pack, statement
from crisislib.respond import plan as plan_of
from crisislib.respond import strategy as strategy_of
from crisislib.simulation import scenario_names

BOOKS = load_playbooks()
NOW = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
KINDS = [
    "rumour",
    "data_breach",
    "malicious_attack",
    "product_harm",
    "service_outage",
    "executive_misconduct",
    "labour",
    "discrimination",
]


def watch(language="zh", **respond):
    return Watch(
        watch="w", title={"zh": "测试"}, language=language, brand=Brand(names=["某牌"]), respond=Respond(**respond)
    )


def plan(row, w, **more):
    return plan_of(row, w, BOOKS.for_kind(row["kind"]), BOOKS.words, **more)


def strategy(kind, w, **known):
    return strategy_of(kind, w, BOOKS.for_kind(kind), **known)


def incident(kind="rumour", level="orange"):
    return {"incident_id": "i-1", "kind": kind, "level": level, "opened_at": NOW}


@pytest.mark.parametrize("name", BOOKS.names())
def test_contract(name):
    book = BOOKS.named(name)
    assert book.playbook == name
    for step in book.steps:
        assert step.title["zh"] and step.title["en"] and step.what["zh"] and step.what["en"]
        assert "red" in step.due
    phases = {s.phase for s in book.steps}
    assert {"assess", "speak", "watch", "close"} <= phases
    drafts = {d.id for d in book.statements}
    assert {"holding", "statement", "press_qa", "reply", "partner", "internal", "correction"} <= drafts
    assert [c.id for c in book.five_s] == ["shoulder", "sincerity", "speed", "system", "standard"]
    assert book.duties and book.closing and book.monitoring
    used = {p for d in book.statements for t in (d.zh, d.en) for _, p, _, _ in Formatter().parse(t) if p}
    assert used <= set(book.places)


def test_there_is_a_playbook_and_a_drill_for_every_kind():
    assert {BOOKS.for_kind(kind).playbook for kind in KINDS} == set(KINDS) == set(scenario_names())
    assert BOOKS.for_kind("other").playbook == BOOKS.for_kind(None).playbook == "common"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("level", ["blue", "yellow", "orange", "red"])
def test_clocks(kind, level):
    actions = plan(incident(kind, level), watch(), now=NOW).to_pandas()
    assert actions["action_id"].is_unique and actions["due_at"].is_monotonic_increasing
    assert (actions["due_at"] > NOW).all() and (actions["status"] == "open").all()
    assert len(actions) >= {"blue": 3, "yellow": 9, "orange": 15, "red": 15}[level]
    if level == "red":
        holding = actions[actions["action_id"].str.endswith("/holding")].iloc[0]
        assert holding["due_at"] - NOW <= timedelta(minutes=30)


def test_late_steps_and_the_worse_level_of_the_risk():
    later = plan(incident(level="yellow"), watch(), risk={"level": "red"}, now=NOW + timedelta(hours=1)).to_pandas()
    assert (later.loc[later["due_at"] < NOW + timedelta(hours=1), "status"] == "late").all()
    assert (later["status"] == "late").sum() >= 6
    assert "红" in describe_actions(later, watch(), "zh")["reason"].iloc[0]


def test_unknown_level_is_not_calm_and_none_needs_nothing():
    assert plan(incident(level="none"), watch(), now=NOW).num_rows == 0
    unjudged = plan(incident(level="unknown"), watch("en"), now=NOW).to_pandas()
    assert "not assessed" in describe_actions(unjudged, watch(), "en")["reason"].iloc[0] and len(unjudged) > 8


def test_next_steps_says_what_comes_first():
    w = watch("en")
    found = next_steps(plan(incident(), w, now=NOW), w, now=NOW)
    assert "Establish the facts" in found.render("en") and "0 of them late" in found.render("en")
    assert "核实事实" in found.render("zh") and "duty manager" not in found.render("zh")
    nothing = next_steps(plan(incident(level="none"), w, now=NOW), w, now=NOW)
    assert nothing.silent and "no step" in nothing.render("en")


def test_strategy_follows_the_five_rules():
    unknown = strategy("rumour", watch())
    assert unknown.cluster == "victim" and "deny.denial" in unknown.avoid
    assert unknown.advised[:2] == ("instructing", "adjusting")
    false = strategy("rumour", watch(), known_true=False)
    assert "deny.denial" in false.advised and "rebuild.apology" in false.avoid
    assert strategy("rumour", watch(), known_true=True).cluster == "accidental"
    assert strategy("data_breach", watch()).cluster == "accidental"
    assert strategy("data_breach", watch(), knew_before=True).cluster == "preventable"
    assert strategy("data_breach", watch(reputation="bad")).cluster == "preventable"
    assert strategy("service_outage", watch(crisis_history=True)).cluster == "preventable"
    worst = strategy("executive_misconduct", watch())
    assert {"rebuild.apology", "rebuild.compensation"} <= set(worst.advised)
    assert strategy("executive_misconduct", watch(), known_true=False).cluster == "victim"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("known_true", [None, True, False])
@pytest.mark.parametrize("knew", [None, True, False])
@pytest.mark.parametrize("reputation", ["good", "bad"])
def test_never_denies_and_rebuilds_at_once(kind, known_true, knew, reputation):
    advice = strategy(kind, watch(reputation=reputation), known_true=known_true, knew_before=knew)
    groups = {s.split(".")[0] for s in advice.advised}
    assert not {"deny", "rebuild"} <= groups
    assert not set(advice.advised) & set(advice.avoid)
    for language in ("zh", "en"):
        said = [advice.finding().render(language), *(reason.render(language) for _, reason in advice.reasons)]
        assert all("{" not in one for one in said)


def test_statement_is_filled_from_facts_only():
    draft = statement(
        BOOKS.named("rumour"), "holding", watch(), facts={"what_happened": "视频摄于两年前。", "contact": " "}
    )
    assert "视频摄于两年前" in draft.text and "contact" in draft.missing
    assert draft.text.count("【待补充") == len(draft.missing)
    english = statement(BOOKS.named("rumour"), "holding", watch(), language="en")
    assert "[TO FILL:" in english.text and "what_happened" in english.missing


def test_facts_with_braces_are_only_words():
    draft = statement(BOOKS.named("common"), "reply", watch(), facts={"customer": "{contact}"})
    assert "{contact}" in draft.text


def test_a_place_that_the_playbook_does_not_have_is_refused():
    with pytest.raises(PlaybookError, match="wat_happened") as told:
        statement(BOOKS.named("common"), "holding", watch(), facts={"wat_happened": "x"})
    assert "`what_happened`" in told.value.do


@pytest.mark.parametrize("name", BOOKS.names())
def test_a_draft_with_every_place_filled_has_no_mark_left(name):
    book = BOOKS.named(name)
    facts = dict.fromkeys(book.places, "established")
    for language in ("zh", "en"):
        for text in pack(book, watch(), facts=facts, language=language):
            assert not text.missing and "TO FILL" not in text.text and "待补充" not in text.text
            assert "ready for sign-off" in text.finding().render("en")


def test_packs_per_audience():
    assert [t.draft for t in pack(BOOKS.named("common"), watch(), audience="press")] == ["press_qa"]
    assert len(pack(BOOKS.named("data_breach"), watch())) == len(BOOKS.named("data_breach").statements)


def test_five_s_scores_are_null_until_given():
    table, said = five_s(BOOKS.named("common"), {"speed": (2, "post-1"), "system": (0, "two lines")})
    assert table["score"].notna().sum() == 2 and "2 of 4 points over 2 of 5" in said.render("en")
    assert "系统运行" in said.render("zh")
    with pytest.raises(PlaybookError):
        five_s(BOOKS.named("common"), {"speed": (3, "")})
    with pytest.raises(PlaybookError):
        five_s(BOOKS.named("common"), {"sped": (1, "")})
    assert five_s(BOOKS.named("common"), {})[1].silent
