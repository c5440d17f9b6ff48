"""Boolean queries: grammar, folding, distances, errors with positions, and engines that agree."""

import re

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crisislib.core.errors import QueryError
from crisislib.core.folding import fold_text, folded
from crisislib.core.query import Node, parse, register

WORDS = ["target", "boycott", "抵制", "US Airways", "refund*", "c++", "wom?n", "退*款", "target NEAR/2 boycott"]
TEXTS = [
    "Target boycott",
    "targets",
    "我们抵制它",
    "我們抵製牠，退了款",
    "us  airways late",
    "ＵＳ Ａｉｒｗａｙｓ",
    "refunds now, women",
    "c++ dev",
    "",
    "Boycott\nTARGET!",
    "no &amp; no",
]


def matches(node: Node, text: str) -> bool:
    """Whether a text satisfies a query, by Python's own regular expressions."""
    if node.kind == "all":
        return True
    if node.kind == "term":
        return re.search(node.pattern, fold_text(text)) is not None
    if node.kind == "not":
        return not matches(node.parts[0], text)
    each = (matches(part, text) for part in node.parts)
    return all(each) if node.kind == "and" else any(each)


FAR = "艾克美今天新店开业大吉欢迎各位朋友光临本店并且享受买一送一活动请注意远离煤气中毒"


@pytest.mark.parametrize(
    ("query", "text", "wanted"),
    [
        ("", "anything", True),
        ("target", "the Target store", True),
        ("target", "targeted", False),
        ("target*", "targeted", True),
        ("抵制", "全网抵制某品牌", True),
        ('"us airways"', "US Airways lost my bag", True),
        ("a OR b AND NOT c", "b c", False),
        ("a OR b AND NOT c", "a c", True),
        ("NOT (a OR b)", "c", True),
        ("a and b", "b a", True),
        ("a not b", "b a", False),
        ('"and"', "this and that", True),
        ("（acme or 茶） poison", "茶 poison", True),
        ("c++", "I write c++ code", True),
        ("data NEAR/3 leak", "data of users leak", True),
        ("data NEAR/1 leak", "data of many users leak", False),
        ("data near/3 leak", "leak, of: data", True),
        ("艾克美 NEAR/5 中毒", "艾克美的奶茶中毒了", True),
        ("艾克美 NEAR/5 中毒", FAR, False),
        ("acme NEAR/5 (poison OR sick)", "acme made me sick", True),
        ("(acme OR 艾克美) NEAR/2 (tea AND cup)", "艾克美 tea, cup", True),
        ("acme NEAR/3 poison*", "acme tea caused poisoning here", True),
        ("acme NEAR/0 tea", "Acme tea", True),
        ("acme NEAR/0 中毒", "acme中毒", True),
        ("中*毒", "喝了奶茶中了毒", True),
        ("中*毒", "中。毒", False),
        ("中?毒", "中了毒", True),
        ("中?毒", "中毒", False),
        ("wom?n", "Women", True),
        ("*gate", "teagate", True),
        ('"bad * tea"', "bad green tea", True),
        (r"what\?", "what?", True),
    ],
)
def test_meaning(query: str, text: str, wanted: bool) -> None:
    assert parse(query).matches([text]).to_pylist() == [wanted]


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("Finch&Lark", "Ｆｉｎｃｈ＆Ｌａｒｋ 又关门了"),
        ("Finch&Lark", "Finch&amp;Lark refused"),
        ("Finch&Lark", "Finch & Lark closed"),
        ("国货", "支持國貨"),
        ("國貨", "支持国货"),
        ("Nestlé", "NESTLE recall"),
        ("nestle", "Nestle\u0301 recall"),
        ("straße", "STRASSE"),
        ("boycott", "boy\u200bcott"),
        ("кот", "Кот."),
    ],
)
def test_what_a_reader_does_not_tell_apart_matches(query: str, text: str) -> None:
    assert parse(query).matches([text]).to_pylist() == [True]


def test_words_of_every_spaced_script_match_whole() -> None:
    assert parse("кот").matches(["который", "кот"]).to_pylist() == [False, True]


@pytest.mark.parametrize(
    ("query", "position"),
    [
        ("(a", 0), ("a AND", 5), ("a OR OR b", 5), ('"x', 0), ("a)", 1), ("NEAR/2 a", 0), ("a NEAR b", 2), ("a | b", 2),
        ("-a", 0), ("a NEAR/3 (NOT b)", 2), ("a NEAR/999 b", 2), ("a 中毒，b", 4), ("a *", 2), ("b （a", 2), ('""', 0),
    ],
)  # fmt: skip
def test_an_error_points_at_the_character(query: str, position: int) -> None:
    with pytest.raises(QueryError) as error:
        parse(query)
    assert error.value.where == f"position {position}"
    assert "→" in error.value.what
    assert error.value.do


queries = st.recursive(
    st.sampled_from([f'"{w}"' if w == "US Airways" else w for w in WORDS]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" AND ", " OR ", " "]), inner).map(lambda t: f"({t[0]}{t[1]}{t[2]})"),
        inner.map(lambda q: f"NOT {q}" if q.startswith(("(", "NOT")) or " " not in q else f"NOT ({q})"),
    ),
    max_leaves=6,
)


@settings(max_examples=40)
@given(queries)
def test_every_engine_gives_the_same_answer(query: str) -> None:
    node, db = parse(query), duckdb.connect()
    register(db)
    register(db)
    values = ", ".join(f"({i}, '{t}')" for i, t in enumerate(TEXTS))
    rows = db.sql(f"SELECT i, {node.sql('t')} FROM (VALUES {values}) v(i, t) ORDER BY i").fetchall()
    wanted = [matches(node, t) for t in TEXTS]
    assert [bool(hit) for _, hit in rows] == wanted
    assert node.matches(TEXTS).to_pylist() == wanted


@settings(max_examples=60)
@given(st.text(max_size=30), st.lists(st.text(max_size=20), max_size=3))
def test_folding_is_text_by_text_and_settled(text: str, others: list[str]) -> None:
    text = text.encode("utf-8", "replace").decode()
    others = [o.encode("utf-8", "replace").decode() for o in others]
    once = folded([*others, text]).to_pylist()[-1]
    assert once == folded([text]).to_pylist()[0]
    assert once.startswith(" ")
    assert once.endswith(" ")
    assert "\n" not in once


def test_every_character_of_the_basic_plane_is_folded() -> None:
    """Some traditional characters have their simplified form in a plane beyond."""
    from crisislib.core.folding import folded

    texts = [chr(c) for c in range(0x3400, 0x10000) if not 0xD800 <= c < 0xE000]
    assert len(folded(texts)) == len(texts)


@pytest.mark.parametrize(
    ("query", "position"),
    [("'norvale'", 0), ("‘雀鸣’ AND 茶", 0), ("'room service' OR spa", 0), ("雀鸣 且 中毒", 3), ("雀鸣 或 禾田", 3)],
)
def test_marks_that_would_silently_be_looked_for_are_errors(query: str, position: int) -> None:
    with pytest.raises(QueryError) as caught:
        parse(query)
    assert caught.value.where == f"position {position}" and "→" in caught.value.what
    assert parse("don't AND 'tis AND rock").kind == "and"
