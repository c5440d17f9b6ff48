"""Queries against a reader of tokens that knows no regular expression: words, phrases, wildcards, NEAR, NOT."""

from __future__ import annotations

from fnmatch import fnmatchcase
from itertools import product
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crisislib.core.query import parse

LATIN = ["tea", "teas", "team", "milk", "bad", "cafe"]
CHINESE = ["茶", "奶", "毒", "店", "退"]
VARIANTS = {"tea": ["Tea", "ＴＥＡ", "te\u200ba"], "cafe": ["Café", "cafe\u0301"], "milk": ["MILK"]}
"""One word as people write it; a reader does not tell them apart."""
SIGNS = [",", "!", "。"]
WILD = ["te*", "m?lk", "*am", "b?d"]

Token = str
Texts = st.lists(st.sampled_from([*LATIN, *CHINESE, *SIGNS]), max_size=9)


@st.composite
def written(draw: st.DrawFn) -> tuple[str, list[Token]]:
    """A text, and the tokens that a reader sees in it."""
    tokens, out, tight = draw(Texts), "", True
    for token in tokens:
        alone = token in CHINESE or token in SIGNS
        out += ("" if (tight or alone) and draw(st.booleans()) else " ") + draw(
            st.sampled_from([token, *VARIANTS.get(token, [])])
        )
        tight = alone
    return out, tokens


terms = st.sampled_from([*LATIN, *CHINESE, *WILD])
phrases = st.lists(st.sampled_from([*LATIN, *CHINESE]), min_size=2, max_size=3)
leaves = st.one_of(
    terms.map(lambda word: ("words", [word])),
    phrases.map(lambda words: ("words", words)),
    st.tuples(terms, st.integers(0, 4), terms).map(lambda t: ("near", *t)),
)
Tree = Any
trees: st.SearchStrategy[Tree] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(st.just("and"), inner, inner),
        st.tuples(st.just("or"), inner, inner),
        inner.map(lambda one: ("not", one)),
    ),
    max_leaves=5,
)


def spelled(tree: Tree) -> str:
    """A tree in the language of queries."""
    kind = tree[0]
    if kind == "words":
        return tree[1][0] if len(tree[1]) == 1 else '"' + " ".join(tree[1]) + '"'
    if kind == "near":
        return f"({tree[1]} NEAR/{tree[2]} {tree[3]})"
    if kind == "not":
        return f"(NOT {spelled(tree[1])})"
    return f"({spelled(tree[1])} {kind.upper()} {spelled(tree[2])})"


def places(word: str, tokens: list[Token]) -> list[int]:
    return [i for i, token in enumerate(tokens) if token not in SIGNS and fnmatchcase(token, word)]


def holds(tree: Tree, tokens: list[Token]) -> bool:
    """What a person with the text before them would answer."""
    kind = tree[0]
    if kind == "words":
        words = tree[1]
        starts = range(len(tokens) - len(words) + 1)
        return any(all(i + k in places(word, tokens) for k, word in enumerate(words)) for i in starts)
    if kind == "near":
        _, left, distance, right = tree
        for a, b in product(places(left, tokens), places(right, tokens)):
            between = tokens[min(a, b) + 1 : max(a, b)]
            if a != b and sum(token not in SIGNS for token in between) <= distance:
                return True
        return False
    if kind == "not":
        return not holds(tree[1], tokens)
    both = (holds(tree[1], tokens), holds(tree[2], tokens))
    return all(both) if kind == "and" else any(both)


@settings(max_examples=300)
@given(trees, st.lists(written(), min_size=1, max_size=6))
@example(("near", "tea", 1, "tea"), [("tea", ["tea"]), ("tea bad tea", ["tea", "bad", "tea"])])
def test_a_query_finds_what_a_reader_of_the_tokens_finds(tree: Tree, texts: list[tuple[str, list[Token]]]) -> None:
    found = parse(spelled(tree)).matches([text for text, _ in texts]).to_pylist()
    assert found == [holds(tree, tokens) for _, tokens in texts], spelled(tree)


@settings(max_examples=80)
@given(trees, trees, st.lists(written(), min_size=1, max_size=4))
def test_de_morgan_and_double_negation_hold(a: Tree, b: Tree, texts: list[tuple[str, list[Token]]]) -> None:
    plain = [text for text, _ in texts]
    for one, other in (
        (f"NOT ({spelled(a)} OR {spelled(b)})", f"(NOT {spelled(a)}) AND (NOT {spelled(b)})"),
        (f"NOT (NOT {spelled(a)})", spelled(a)),
        (f"{spelled(a)} {spelled(b)}", f"{spelled(b)} AND {spelled(a)}"),
    ):
        assert parse(one).matches(plain).equals(parse(other).matches(plain))


@settings(max_examples=60)
@given(terms, terms, written())
def test_a_longer_distance_never_finds_less(left: str, right: str, text: tuple[str, list[Token]]) -> None:
    found = [parse(f"{left} NEAR/{n} {right}").matches([text[0]])[0].as_py() for n in range(6)]
    assert found == sorted(found)
    both = parse(f"{left} AND {right}").matches([text[0]])[0].as_py()
    assert not found[-1] or both, "near includes both"


@pytest.mark.parametrize("mark", ["（茶 OR 奶）", "茶 ＯＲ 奶", "“茶” OR 奶"])
def test_marks_of_a_chinese_keyboard_mean_the_same(mark: str) -> None:
    texts = ["茶", "奶", "店"]
    if "ＯＲ" in mark:
        assert parse(mark).matches(texts).to_pylist() == [False] * 3, "full-width letters are a word, and not OR"
    else:
        assert parse(mark).matches(texts).to_pylist() == [True, True, False]
