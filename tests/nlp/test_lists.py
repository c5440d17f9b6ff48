"""The word lists as data: schema, grades, patterns that compile, titles in both languages."""

import re
from importlib import resources

import pytest

from crisislib.nlp.classify.phrases import pattern
from crisislib.nlp.classify.sensitive_subjects import industries, matcher, subjects
from crisislib.nlp.preprocess.word_lists import read, simple

LISTS = sorted(set(industries().values()))
PATTERNS = ["_calls", "_claims", "_questions", "_stances"]
TYPES = {
    "rumour",
    "data_breach",
    "malicious_attack",
    "product_harm",
    "service_outage",
    "executive_misconduct",
    "labour",
    "discrimination",
    "other",
}


@pytest.mark.parametrize("name", LISTS)
def test_subjects_have_titles_and_grades(name: str) -> None:
    for subject, entry in subjects(name).items():
        assert re.fullmatch(r"[a-z_]+", subject)
        assert set(entry["title"]) == {"zh", "en"}
        assert set(entry["words"]) <= {1, 2, 3, 4}
    held = matcher(name)
    assert (held.weights.max(axis=1) > 0).all()


def test_every_list_holds_both_languages() -> None:
    for name in LISTS:
        for subject, entry in read(name)["subjects"].items():
            words = " ".join(entry["words"].values())
            assert re.search(r"[a-z]", words) and re.search(r"[一-鿿]", words), f"{name}.{subject}"


def test_hard_triggers_are_there() -> None:
    wanted = {"casualties", "regulator", "personal_data_leak", "minors", "discrimination", "lawsuit"}
    assert wanted <= set(subjects("general"))
    assert "food_safety" in subjects("food")


@pytest.mark.parametrize("name", PATTERNS)
def test_patterns_compile_without_groups(name: str) -> None:
    for kind in read(name):
        assert re.compile(pattern(name, kind)).groups == 0


def test_crisis_types_are_the_core_vocabulary() -> None:
    assert set(simple("_crisis_types").classes) == TYPES


def test_lists_are_packed_with_the_room() -> None:
    assert (resources.files("crisislib.nlp") / "models" / "MODEL_CARD.md").is_file()
