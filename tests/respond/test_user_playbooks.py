"""Playbooks by people who do not program: found before the shipped ones, their faults named with line and remedy."""

from datetime import UTC, datetime

import pytest

from crisislib.core.errors import PlaybookError
from crisislib.core.watch import Watch
from crisislib.core.watch_sections import Brand, Respond
from crisislib.respond import (
    check_owners,
    check_playbook,
    describe_actions,
    load_playbooks,
    plan,
)

WATCH = Watch(watch="w", title={"en": "W"}, brand=Brand(names=["B"]))


def check_playbooks(folders=()):
    """Every file of some folders and every shipped one, as `crisis check` goes through them."""
    titles = [f / f"{name}.yml" for f in folders for name in ("roles", "resources", "kinds")]
    files = [*(path for path in titles if path.is_file()), *load_playbooks(folders).files()]
    return [fault for path in files for fault in check_playbook(path, folders)]


HEAD = """playbook: mine
base: common
title: {zh: 我的, en: Mine}
kinds: [other]
cluster: victim
open_question: {zh: 问, en: ask}
"""
STEP = """steps:
  - id: call
    phase: act
    title: {zh: 打电话, en: Call}
    what: {zh: 打, en: Do call}
    owner: OWNER
    resources: [hotline]
    due: {red: 5}
"""


def write(folder, name, text):
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_nothing_is_read_until_it_is_asked_for(tmp_path):
    write(tmp_path, "mine", "{{{")
    assert load_playbooks([tmp_path]).names()[0] == "common"


def test_a_users_playbook_goes_before_the_shipped_one(tmp_path):
    write(tmp_path, "mine", HEAD.replace("[other]", "[rumour]"))
    books = load_playbooks([tmp_path, tmp_path / "gone"])
    assert books.for_kind("rumour").playbook == "mine" and books.for_kind("labour").playbook == "labour"
    assert books.named("rumour").playbook == "rumour" and "mine" in books.names()
    assert check_playbooks([tmp_path]) == []


def test_a_playbook_may_extend_the_shipped_one_of_its_own_name(tmp_path):
    write(
        tmp_path,
        "rumour",
        "playbook: rumour\nbase: rumour\ntitle: {en: Ours}\nkinds: [rumour]\n" + STEP.replace("OWNER", "board"),
    )
    assert check_playbooks([tmp_path]) == []
    book = load_playbooks([tmp_path]).for_kind("rumour")
    ids = [step.id for step in book.steps]
    assert {"verify", "separate_true", "call"} <= set(ids) and book.name.en == "Ours"


def test_owners_resources_and_kinds_are_data(tmp_path):
    text = HEAD.replace("[other]", "[boycott]") + STEP.replace("OWNER", "mayor").replace("hotline", "megaphone")
    path = write(tmp_path, "mine", text)
    wrong = [str(fault) for fault in check_playbook(path)]
    assert len(wrong) == 3 and all("mine.yml, line" in one and "What to do" in one for one in wrong)
    write(tmp_path, "roles", "mayor: {zh: 市长, en: mayor}\n")
    write(tmp_path, "resources", "megaphone: {zh: 喇叭, en: megaphone}\n")
    write(tmp_path, "kinds", "boycott: {zh: 抵制, en: boycott}\n")
    assert check_playbooks([tmp_path]) == []
    books = load_playbooks([tmp_path])
    incident = {"incident_id": "i", "kind": "boycott", "level": "red", "opened_at": datetime(2026, 3, 1, tzinfo=UTC)}
    rows = plan(incident, WATCH, books.for_kind("boycott"), books.words, now=incident["opened_at"]).to_pandas()
    said = describe_actions(rows[rows["step"] == "call"], WATCH, "zh").iloc[0]
    assert said["owner"] == "市长" and said["resources"] == "喇叭"


def test_a_playbook_brings_its_own_titles(tmp_path):
    more = "roles: {mayor: {zh: 市长, en: mayor}}\nkind_titles: {boycott: {zh: 抵制, en: boycott}}\n"
    path = write(tmp_path, "mine", HEAD.replace("[other]", "[boycott]") + more + STEP.replace("OWNER", "mayor"))
    assert check_playbook(path) == []
    watch = WATCH.model_copy(update={"respond": Respond(owners={"mayor": "Ms Wu", "legal": "Wang"})})
    found = check_owners(watch, load_playbooks([tmp_path]))
    assert len(found) == 1 and "'legal'" in str(found[0]) and "legal_lead" in found[0].do


@pytest.mark.parametrize(
    ("text", "line", "what", "do"),
    [
        ("{steps: 3}", 1, "steps: is 3, not a list", "begins with `- `"),
        (HEAD + "steps: 3\n", 7, "steps: is 3, not a list", "begins with `- `"),
        (HEAD + "steps:\n", 7, "is empty, not a list", "begins with `- `"),
        (HEAD + STEP.replace("OWNER", "legal_led"), 12, "'legal_led' is not one of the roles", "`legal_lead`"),
        (HEAD + STEP.replace("OWNER", "board").replace("hotline", "hot_line"), 13, "hot_line", "`hotline`"),
        (HEAD + STEP.replace("OWNER", "board").replace("red: 5", "red: soon"), 14, "'soon', not a whole number", "30"),
        (HEAD + STEP.replace("OWNER", "board").replace("red: 5", "blue: 5, red: 9"), 14, "not grow", "worse level"),
        (HEAD + STEP.replace("OWNER", "board").replace("phase: act", "phase: shout"), 9, "'shout'", "'assess'"),
        (HEAD + STEP.replace("OWNER", "board").replace("    phase: act\n", ""), 8, "phase: is missing", "add `phase:`"),
        (HEAD + STEP.replace("OWNER", "board") + "    done_by: [shout]\n", 15, "no kind of response", "holding"),
        (HEAD + "colour: red\n", 7, "there is no key `colour`", "use"),
        (HEAD + "title: {en: again}\n", 7, "`title` stands twice, in lines 3 and 7", "join"),
        (HEAD.replace("[other]", "[rumor]"), 4, "'rumor' is no known kind", "`rumour`"),
        (HEAD.replace("playbook: mine", "playbook: yours"), 1, "the file is called mine", "playbook: mine"),
        (HEAD.replace("base: common", "base: comon"), 2, "its base 'comon' is not there", "base: common"),
        (HEAD + "duties:\n  - {id: x}\n", 8, "authority: is missing", "add `authority:`"),
        (HEAD + "statements:\n  - {id: x, audience: public, title: {en: X}, en: 'on {dat}'}\n", 8, "dat", "`date`"),
        (HEAD + "statements:\n  - {id: x, audience: public, title: {en: X}, en: 'on {date'}\n", 8, "brace", "{name}"),
        (HEAD + "title2: {zh: a, b: c, : }", 7, "YAML", "quotes"),
        ("- a\n- b\n", None, "not a mapping", "common.yml"),
    ],
)
def test_every_fault_says_line_and_remedy(tmp_path, text, line, what, do):
    path = write(tmp_path, "mine", text)
    faults = check_playbook(path)
    mine = [fault for fault in faults if what in fault.what]
    assert mine, [str(fault) for fault in faults]
    assert line is None or mine[0].where == f"{path}, line {line}", str(mine[0])
    assert do in mine[0].do, str(mine[0])
    assert all(fault.do and "mine.yml" in fault.where for fault in faults)


def test_all_faults_of_a_file_are_named_at_once(tmp_path):
    text = HEAD + STEP.replace("OWNER", "nobody").replace("hotline", "nothing") + "colour: red\n"
    assert {fault.where.rsplit("line ", 1)[1] for fault in check_playbook(write(tmp_path, "mine", text))} == {
        "12",
        "13",
        "15",
    }


def test_a_file_that_is_wrong_never_takes_the_plan_away(tmp_path):
    write(tmp_path, "rumour", "{steps: 3}")
    write(tmp_path, "common", "{")
    write(tmp_path, "roles", "mayor: 3\n")
    books = load_playbooks([tmp_path])
    assert books.for_kind("rumour").playbook == "rumour" and books.for_kind(None).playbook == "common"
    assert {"rumour.yml", "common.yml", "roles.yml"} <= {
        fault.where.split(",")[0].rsplit("/", 1)[1] for fault in books.faults
    }
    with pytest.raises(PlaybookError):
        books.named("rumour")


def test_two_playbooks_for_one_kind_are_named(tmp_path):
    for name in ("a", "b"):
        write(tmp_path, name, HEAD.replace("mine", name))
    (fault,) = check_playbook(tmp_path / "b.yml")
    assert "a.yml is for other, too; only a.yml is used" in fault.what and fault.where.endswith("b.yml, line 4")


def test_titles_are_checked_like_playbooks(tmp_path):
    path = write(tmp_path, "roles", "mayor: 3\nclerk: {en: clerk}\nTown Hall: {en: hall}\n")
    assert [fault.where.rsplit(" ", 1)[1] for fault in check_playbook(path)] == ["1", "3"]
    path.write_text("mayor: {fr: maire}\n", encoding="utf-8")
    assert "zh" in check_playbook(path)[0].do


def test_one_file_is_read_with_its_neighbours(tmp_path):
    write(tmp_path, "house", HEAD.replace("mine", "house") + STEP.replace("OWNER", "mayor"))
    write(tmp_path, "roles", "mayor: {en: mayor}\n")
    path = write(tmp_path, "mine", HEAD.replace("base: common", "base: house").replace("[other]", "[labour]"))
    assert check_playbook(path) == []
    assert "call" in {step.id for step in load_playbooks([tmp_path]).named("mine").steps}
    path.write_text("{steps: 3}", encoding="utf-8")
    with pytest.raises(PlaybookError, match=r"mine\.yml, line 1"):
        load_playbooks([tmp_path]).named("mine")


def test_the_shipped_folder_may_be_named_too(tmp_path):
    shipped = load_playbooks().files()[0].parent
    assert load_playbooks([tmp_path, shipped]).files() == load_playbooks().files()
    assert check_playbooks([tmp_path, shipped]) == []


def test_the_shipped_playbooks_are_without_fault():
    assert check_playbooks() == []


def test_an_edited_file_is_read_again(tmp_path):
    path = write(tmp_path, "mine", "{steps: 3}")
    assert check_playbook(path)
    import os

    path.write_text(HEAD, encoding="utf-8")
    os.utime(path, ns=(1, 1))
    assert check_playbook(path) == []


def test_a_full_width_colon_and_an_unknown_clock_are_named_with_what_to_write(tmp_path):
    write(tmp_path, "mine", HEAD.replace("kinds: [", "kinds：["))
    (fault,) = check_playbooks([tmp_path])
    assert "is not YAML" in str(fault) and "in line 4 as : and a space" in str(fault)
    duty = """duties:
  - id: police
    jurisdiction: PRC
    authority: {zh: 公安机关, en: police}
    rule: a rule
    due_hours: 24
    clocks: [eu_gdpr_3]
    from_level: red
    what: {zh: 报案, en: Report it}
"""
    write(tmp_path, "mine", HEAD + duty)
    (fault,) = check_playbooks([tmp_path])
    assert "'eu_gdpr_3' is no clock" in str(fault) and "eu_gdpr_33" in str(fault)
