"""Boolean queries: grammar, errors with positions, and agreement of the engine with Python."""

import re

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crisislib.core.errors import QueryError
from crisislib.core.query import Node, parse

WORDS = ["target", "boycott", "抵制", "US Airways", "refund*", "c++"]
TEXTS = [
    "Target boycott",
    "targets",
    "我们抵制它",
    "us  airways late",
    "refunds now",
    "c++ dev",
    "",
    "Boycott\nTARGET!",
    "no",
]


def matches(node: Node, text: str) -> bool:
    """Whether a text satisfies a query, in plain Python."""
    if node.kind == "all":
        return True
    if node.kind == "term":
        return re.search(node.pattern, text, re.IGNORECASE) is not None
    if node.kind == "not":
        return not matches(node.parts[0], text)
    each = (matches(part, text) for part in node.parts)
    return all(each) if node.kind == "and" else any(each)


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
        ("data NEAR/3 leak", "data of users leak", True),
        ("data NEAR/1 leak", "data of many users leak", False),
        ("c++", "I write c++ code", True),
    ],
)
def test_meaning(query: str, text: str, wanted: bool) -> None:
    assert matches(parse(query), text) is wanted


@pytest.mark.parametrize(
    ("query", "position"), [("(a", 0), ("a AND", 5), ("a OR OR b", 5), ('"x', 0), ("a)", 1), ("NEAR/2 a", 0)]
)
def test_an_error_says_where(query: str, position: int) -> None:
    with pytest.raises(QueryError) as told:
        parse(query)
    assert told.value.where == f"position {position}"
    assert told.value.do


queries = st.recursive(
    st.sampled_from([f'"{w}"' if " " in w else w for w in WORDS]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" AND ", " OR ", " "]), inner).map(lambda t: f"({t[0]}{t[1]}{t[2]})"),
        inner.map(lambda q: f"NOT {q}"),
    ),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(queries)
def test_engine_and_python_agree(query: str) -> None:
    node = parse(query)
    values = ", ".join(f"({i}, '{t}')" for i, t in enumerate(TEXTS))
    rows = duckdb.sql(f"SELECT i, {node.sql('t')} FROM (VALUES {values}) v(i, t) ORDER BY i").fetchall()
    assert [bool(hit) for _, hit in rows] == [matches(node, t) for t in TEXTS]
