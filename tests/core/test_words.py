"""Levels, names and languages."""

import pandas as pd

from crisislib.core.finding import Finding, too_few
from crisislib.core.i18n import tr
from crisislib.core.ids import mask_name, normal_name, short_hash
from crisislib.core.levels import LEVELS, rank, worst


def test_unknown_is_below_none_but_never_hidden() -> None:
    assert [rank(level) for level in LEVELS] == [-1, 0, 1, 2, 3, 4]
    assert worst([]) == "unknown" and worst(["blue", "red", "none"]) == "red"


def test_names() -> None:
    assert normal_name(" @Ａlice ") == "alice" and mask_name("张三丰") == "张***丰"
    assert mask_name("张三") == "张***" and mask_name(None) == ""
    assert short_hash("a", "b") != short_hash("ab")


def test_a_finding_speaks_both_languages_and_admits_too_little() -> None:
    finding = too_few("x.y", 3, 24)
    assert finding.silent and "3" in finding.render("en") and "24" in finding.render("zh")
    assert Finding("k", "{a} of {b}", {"a": 1, "b": 2}, pd.DataFrame()).render("en") == "1 of 2"
    assert tr("never translated", "zh") == "never translated"
