"""A query in other languages is never narrower than it is meant; what is asked more is named."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisislib.core.query import parse
from crisislib.core.query_translation import Dialect, translate

OURS = Dialect("ours without NEAR and wildcards", "search")
"""Its language is a part of ours, so that what it finds can be computed."""
X = Dialect("X", "search", conjunction=" ", negation="-")
WORDS = ("tea", "glass", "refund", "奶茶", "玻璃", '"aurora tea"', "gla*", "wom?n", '"or"')
TERMS = st.sampled_from(WORDS)
NEAR = st.tuples(st.sampled_from(WORDS[:5]), st.sampled_from(WORDS[:5])).map(lambda p: f"({p[0]} NEAR/2 {p[1]})")
QUERIES = st.recursive(
    TERMS | NEAR,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda p: f"({p[0]} AND {p[1]})"),
        st.tuples(inner, inner).map(lambda p: f"({p[0]} OR {p[1]})"),
        inner.map(lambda q: f"(NOT {q})"),
    ),
    max_leaves=6,
)
TEXTS = st.lists(
    st.sampled_from(["tea", "glass", "refund", "奶茶", "玻璃", "aurora", "women", "or", "x", "。"]), max_size=8
)


@given(QUERIES, st.lists(TEXTS.map(" ".join), min_size=1, max_size=5))
def test_a_translation_finds_all_that_is_meant(query: str, texts: list[str]) -> None:
    meant, found = parse(query), translate(parse(query), OURS)
    if not found.text:
        return
    wanted, answered = meant.matches(texts).to_pylist(), parse(found.text).matches(texts).to_pylist()
    assert all(a for w, a in zip(wanted, answered, strict=True) if w), (query, found)
    if not found.differences:
        assert wanted == answered, (query, found)


@pytest.mark.parametrize(
    ("query", "text", "differences"),
    [
        ('星河奶茶 OR "Aurora Tea"', '(星河奶茶 OR "Aurora Tea")', []),
        ("tea AND NOT (job OR hiring)", "(tea (-job -hiring))", []),
        ("tea NEAR/5 glass", "(tea glass)", ["tea NEAR/5 glass"]),
        ("tea AND gla*", "tea", ["gla*"]),
        ('tea AND "or"', '(tea "or")', []),
        ("gla* OR tea", "", ["gla*"]),
        ("NOT tea", "", []),
        ("", "", []),
    ],
)
def test_what_is_asked_and_what_is_named(query: str, text: str, differences: list[str]) -> None:
    found = translate(parse(query), X)
    assert (found.text, [facts["term"] for _, facts in found.differences]) == (text, differences)


def test_wildcards_go_along_where_a_service_has_them() -> None:
    found: Any = translate(parse("gla* AND tea"), Dialect("T", "query", wildcard=True))
    assert (found.text, found.differences) == ("(gla* AND tea)", ())
