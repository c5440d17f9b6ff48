"""Contract over all playbooks, and what plan, strategy and statement make of them."""

from datetime import UTC, datetime, timedelta
from string import Formatter

import pytest

from crisislib.core.errors import PlaybookError
from crisislib.core.watch import Brand, Respond, Watch
from crisislib.respond import (
    PLAYBOOKS,
    five_s,
    load_playbook,
    next_steps,
    pack,
    plan,
    playbook_for,
    statement,
    strategy,
)
from crisislib.respond.drill import scenario_names

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


def incident(kind="rumour", level="orange"):
    return {"incident_id": "i-1", "kind": kind, "level": level, "opened_at": NOW}


@pytest.mark.parametrize("name", list(PLAYBOOKS))
def test_contract(name):
    book = PLAYBOOKS[name]
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
    assert {playbook_for(kind).playbook for kind in KINDS} == set(KINDS) == set(scenario_names())
    assert playbook_for("other").playbook == playbook_for(None).playbook == "common"


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
    assert "红" in later["reason"].iloc[0]


def test_unknown_level_is_not_calm_and_none_needs_nothing():
    assert plan(incident(level="none"), watch(), now=NOW).num_rows == 0
    unjudged = plan(incident(level="unknown"), watch("en"), now=NOW).to_pandas()
    assert "not judged" in unjudged["reason"].iloc[0] and len(unjudged) > 8


def test_owner_is_the_person_that_the_watch_names():
    named = plan(incident(), watch("en", owners={"duty_manager": "Ms Wu"}), now=NOW).to_pandas()
    assert "duty manager (Ms Wu)" in set(named["owner"])


def test_next_steps_says_what_comes_first():
    w = watch("en")
    said = next_steps(plan(incident(), w, now=NOW), w, now=NOW).say("en")
    assert "Establish the facts" in said and "0 of them late" in said


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
    assert all("{" not in said for language in ("zh", "en") for said in advice.say(language))


def test_statement_is_filled_from_facts_only():
    draft = statement(
        PLAYBOOKS["rumour"], "holding", watch(), facts={"what_happened": "视频摄于两年前。", "contact": " "}
    )
    assert "视频摄于两年前" in draft.text and "contact" in draft.missing
    assert draft.text.count("【待补充") == len(draft.missing)
    english = statement(PLAYBOOKS["rumour"], "holding", watch(), language="en")
    assert "[TO FILL:" in english.text and "what_happened" in english.missing


def test_facts_with_braces_are_only_words():
    draft = statement(PLAYBOOKS["common"], "reply", watch(), facts={"customer": "{contact}"})
    assert "{contact}" in draft.text


def test_packs_per_audience():
    assert [t.draft for t in pack(PLAYBOOKS["common"], watch(), audience="press")] == ["press_qa"]
    assert len(pack(PLAYBOOKS["data_breach"], watch())) == len(PLAYBOOKS["data_breach"].statements)


def test_a_broken_playbook_says_file_and_line(tmp_path):
    good = "playbook: mine\nbase: common\ntitle: {zh: 我, en: Mine}\nkinds: [other]\ncluster: victim\n"
    good += "open_question: {zh: 问, en: ask}\n"
    path = tmp_path / "mine.yml"
    path.write_text(good, encoding="utf-8")
    assert load_playbook(path).playbook == "mine"
    bad = (
        "steps:\n  - id: x\n    phase: act\n    title: {zh: 甲, en: A}\n    what: {zh: 甲, en: A}\n    owner: nobody\n"
    )
    path.write_text(good + bad + "    due: {red: 5}\n", encoding="utf-8")
    with pytest.raises(PlaybookError, match=r"mine\.yml.*line 8.*nobody"):
        load_playbook(path)
    path.write_text(good + "title: {zh: a, b: c, : }", encoding="utf-8")
    with pytest.raises(PlaybookError, match="line"):
        load_playbook(path)
    path.write_text(good + "colour: red\n", encoding="utf-8")
    with pytest.raises(PlaybookError, match="colour"):
        load_playbook(path)


def test_five_s_scores_are_null_until_given():
    table = five_s(PLAYBOOKS["common"], watch(), {"speed": (2, "post-1")})
    assert table["score"].notna().sum() == 1
    with pytest.raises(PlaybookError):
        five_s(PLAYBOOKS["common"], watch(), {"speed": (3, "")})
