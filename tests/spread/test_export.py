"""What goes out to other tools: the same tree, no names, nothing that a program would run."""

from __future__ import annotations

import io

import networkx as nx
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crisislib.core.errors import InputError, NotEnoughData
from crisislib.core.ids import pseudonym
from crisislib.core.tables import empty
from crisislib.spread import EXPORTS, export_graph, infer_edges
from crisislib.spread.graph_export import graph
from tests.spread.samples import NOW, START, accounts, posts
from tests.spread.test_stories import PEOPLE, TREE


@pytest.fixture(scope="module")
def tree():
    table, people = posts(TREE), accounts(PEOPLE)
    return table, infer_edges(table, people, watch="w", now=NOW), people


def read(form: str, text: str) -> nx.DiGraph:
    return nx.parse_graphml(text) if form == "graphml" else nx.read_gexf(io.BytesIO(text.encode()))


@pytest.mark.parametrize("form", ["graphml", "gexf"])
def test_graph_files_come_back_as_the_same_tree(tree, form):
    made = graph(*tree)
    back = read(form, export_graph(form, *tree))
    assert set(back.edges) == set(made.edges)
    assert back.nodes["weibo:a"]["descendants"] == 5
    assert back.nodes["weibo:a"]["name"] == "A***" and back.nodes["weibo:a"]["account"] == pseudonym("weibo:A")
    assert set(read(form, export_graph(form, *tree, root_id="weibo:r"))) == set(made)


def test_a_table_has_every_post_with_its_parent(tree):
    got = pd.read_csv(io.StringIO(export_graph("csv", *tree))).set_index("post_id")
    assert got["parent_id"].fillna("").to_dict()["weibo:d"] == "weibo:b"
    assert got.at["weibo:d2", "layer"] == 4 and got.at["weibo:r", "at"] == "2026-03-01T08:00:00Z"
    assert got["method"].dropna().unique().tolist() == ["explicit"]


def test_coortweet_columns(tree):
    got = pd.read_csv(io.StringIO(export_graph("coortweet", *tree)))
    assert got.columns.tolist() == ["object_id", "account_id", "content_id", "timestamp_share"]
    assert len(got) == 7
    assert got.timestamp_share.iloc[0] == int(START.timestamp()) + 60
    assert got.account_id.str.startswith("a-").all()


@pytest.mark.parametrize("form", EXPORTS)
def test_what_is_not_there_is_said(tree, form):
    with pytest.raises(NotEnoughData):
        export_graph(form, *tree, root_id="weibo:none")
    with pytest.raises(NotEnoughData):
        export_graph(form, empty("POSTS"), empty("EDGES"), empty("ACCOUNTS"))
    with pytest.raises(InputError, match="gexf"):
        export_graph("pdf", *tree)


@pytest.mark.long
@given(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12),
    st.sampled_from(["", "=1+1", "+cmd", "-2", "@SUM(A1)", "\t=1", " =1", "\r=1"]),
)
@settings(max_examples=40)
def test_hostile_words_break_no_file(text, formula):
    evil = formula + text
    rows = [{"id": f"r{text}", "s": 0, "by": "R", "platform": evil, "extra": {"hashtags": [evil]}},
            {"id": "c", "s": 1, "kind": "repost", "parent": f"r{text}", "platform": evil, "by": evil}]  # fmt: skip
    table, people = posts(rows), accounts([("R", evil, 1)], platform=evil)
    links = infer_edges(table, people, watch="w", now=NOW)
    for form in ("graphml", "gexf"):
        assert read(form, export_graph(form, table, links, people)).number_of_edges() == 1
    for form in ("csv", "coortweet"):
        made = export_graph(form, table, links, people)
        back = pd.read_csv(io.StringIO(made, newline=""), dtype=str, na_filter=False)
        cells = [cell for column in back for cell in back[column]]
        assert not [cell for cell in cells if cell.lstrip()[:1] in ("=", "+", "-", "@")]
        assert len(back) == made.count("\n") - 1 > 0


@pytest.mark.parametrize("form", EXPORTS)
def test_no_name_goes_out(form):
    """Neither the name nor an account id that holds it."""
    rows = [{"id": "r", "s": 0, "by": "@WangXiaoming", "extra": {"urls": ["https://a.cn/1"]}},
            {"id": "c", "s": 1, "by": "@WangXiaoming2", "kind": "repost", "parent": "r"}]  # fmt: skip
    table, people = posts(rows), accounts([("@WangXiaoming", "WangXiaoming", 9)])
    text = export_graph(form, table, infer_edges(table, people, watch="w", now=NOW), people)
    assert "angXiaomin" not in text
    assert text == export_graph(form, table, infer_edges(table, people, watch="w", now=NOW), people)
