"""Sources, spreaders, paths, circles, one story in detail, and what goes out to other tools."""

from __future__ import annotations

import io
import json

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from crisislib.core.errors import NotEnoughData
from crisislib.core.tables import conform, empty
from crisislib.spread import (
    build,
    communities,
    coortweet,
    crossings,
    csv,
    edges,
    gexf,
    graph,
    graphml,
    layers,
    nodes,
    origins,
    path,
    reproduction,
    spreaders,
)  # fmt: skip
from crisislib.spread.posts import weave
from crisislib.spread.sources import belief
from tests.spread.samples import NOW, START, accounts, posts

#  r -> a -> b, c ;  b -> d ;  r -> e ;  a also wrote d2 below d
TREE = [
    {"id": "r", "s": 0, "by": "R"},
    {"id": "a", "s": 60, "by": "A", "kind": "repost", "parent": "r"},
    {"id": "b", "s": 120, "by": "B", "kind": "repost", "parent": "a"},
    {"id": "c", "s": 180, "by": "C", "kind": "repost", "parent": "a"},
    {"id": "d", "s": 240, "by": "D", "kind": "repost", "parent": "b"},
    {"id": "d2", "s": 300, "by": "A", "kind": "repost", "parent": "d"},
    {"id": "f", "s": 330, "by": "F", "kind": "repost", "parent": "d2"},
    {"id": "e", "s": 360, "by": "E", "kind": "repost", "parent": "r"},
]
PEOPLE = [("A", "Ay", 1000), ("B", "Bee", 50), ("C", None, None), ("D", "Dee", 7)]


@pytest.fixture(scope="module")
def tree():
    table, people = posts(TREE), accounts(PEOPLE)
    return table, edges(table, people, watch="w", now=NOW), people


def test_spreaders_count_each_descendant_once(tree):
    found = spreaders(*tree).set_index("account_id")
    a = found.loc["weibo:A"]
    assert (a.n_posts, a.direct, a.descendants) == (2, 3, 5)  # b c d d2 f, though d2 is A's own and has f
    assert (a.passed_on, found.loc["weibo:R"].passed_on) == (5, 0)
    assert a.share_without == pytest.approx(6 / 8)
    assert a.post_id == "weibo:a"
    assert a.audience == 50 + 7 + 1000
    assert found.index.tolist()[:2] == ["weibo:R", "weibo:A"]
    assert "weibo:C" not in found.index


def test_followers_that_are_not_held_are_unknown_and_not_zero(tree):
    table, links, _ = tree
    found = spreaders(table, links, accounts([]))
    assert found.audience.isna().all()
    assert found.n_followers.isna().all()


def test_a_path_has_every_step_with_its_certainty(tree):
    table, links, _ = tree
    got = path(table, links, "weibo:d")
    assert got.post_id.tolist() == [f"weibo:{x}" for x in "rabd"]
    assert got.certainty.tolist() == [1, 1, 1, 1]
    with pytest.raises(KeyError):
        path(table, links, "weibo:nobody")


def test_a_held_top_is_the_source(tree):
    table, links, _ = tree
    got = origins(table, links)
    assert got.post_id.tolist() == ["weibo:r"]
    assert got.score.tolist() == [1.0]
    assert got["at"].iloc[0] == START


def test_a_missing_top_is_named_with_candidates_after_it():
    rows = [{"id": x, "s": 60 * k, "kind": "repost", "parent": "gone"} for k, x in enumerate("uvw")]
    rows.append({"id": "y", "s": 300, "kind": "repost", "parent": "u"})
    links = edges(posts(rows), accounts([]), watch="w", now=NOW)
    got = origins(posts(rows), links)
    assert got.post_id.iloc[0] == "weibo:gone"
    assert not got.held.iloc[0]
    assert got.post_id.iloc[1] == "weibo:u"
    assert got.score.sum() == pytest.approx(1)
    assert got["at"].iloc[0] == START  # the earliest post that names it


def test_pieces_of_one_narrative_compete():
    rows = [{"id": f"a{k}", "s": 10 * k, "kind": "repost", "parent": "lost1"} for k in range(5)]
    rows += [{"id": f"b{k}", "s": 900 + 10 * k, "kind": "repost", "parent": "lost2"} for k in range(2)]
    table = posts(rows)
    labels = pd.DataFrame({"watch": "w", "post_id": table["post_id"].to_pylist(), "label": "narrative", "model": "m@1",
                           "at": NOW, "created_at": NOW, "value": "n1"})  # fmt: skip
    got = origins(table, edges(table, accounts([]), watch="w", now=NOW), narratives=conform(labels, "LABELS"), top=20)
    assert got.root_id.unique().tolist() == ["weibo:lost1"]
    assert got.n.unique().tolist() == [9]
    assert got.post_id.iloc[0] == "weibo:lost1"
    assert got.score.sum() == pytest.approx(1, abs=0.01)


def test_belief_prefers_early_and_much_passed_on():
    share = belief(np.array([0, 0, 0, 1]), np.array([9, 9, 1, 1]), np.array([0, 600, 0, 5]) * 1_000_000)
    assert share[0] > share[1]
    assert share[0] > share[2]
    assert share[3] == 1
    assert share[:3].sum() == pytest.approx(1)


def test_crossings_have_the_lag():
    rows = [{"id": "m", "s": 0, "url": "https://n.cn/a/1", "platform": "news", "kind": "news"},
            {"id": "t", "s": 600, "text": "see https://n.cn/a/1", "platform": "x"}]  # fmt: skip
    table = posts(rows)
    got = crossings(table, edges(table, accounts([]), watch="w", now=NOW)).iloc[0]
    assert (got.from_platform, got.to_platform, got.lag_s) == ("news", "x", 600)
    assert got["first"]


def test_a_story_in_detail(tree):
    table, links, _ = tree
    got = nodes(table, links, "weibo:r").set_index("post_id")
    assert got.layer.to_dict() == {"weibo:r": 0, "weibo:a": 1, "weibo:e": 1, "weibo:b": 2, "weibo:c": 2, "weibo:d": 3,
                                   "weibo:d2": 4, "weibo:f": 5}  # fmt: skip
    assert pd.isna(got.parent_id["weibo:r"])
    assert got.groupby("layer")["x"].apply(lambda x: x.is_unique and x.between(0, 3).all()).all()
    by_layer = layers(table, links, "weibo:r")
    assert by_layer.n.tolist() == [1, 2, 2, 1, 1, 1]
    assert by_layer.share.sum() == pytest.approx(1)
    grown = reproduction(table, links, "weibo:r", now=NOW)
    assert grown.n.sum() == 8
    with pytest.raises(NotEnoughData):
        nodes(table, links, "weibo:none")


def test_circles_are_found_and_repeatable():
    rows = []
    for g in "pq":
        rows.append({"id": f"{g}0", "s": 0, "by": f"{g}0"})
        rows += [
            {"id": f"{g}{k}", "s": k, "by": f"{g}{k}", "kind": "repost", "parent": f"{g}{k // 2}"} for k in range(1, 8)
        ]
    table = posts(rows)
    links = edges(table, accounts([]), watch="w", now=NOW)
    got = communities(table, links)
    assert all(got[got.community == c].account_id.str[6].nunique() == 1 for c in got.community.unique())
    pd.testing.assert_frame_equal(got, communities(table, links))
    assert got.attrs["ties"] == 14
    assert len(communities(empty("POSTS"), empty("EDGES"))) == 0


def test_graph_files_come_back_as_the_same_tree(tree):
    table, links, _ = tree
    made = graph(table, links)
    for back in (nx.parse_graphml(graphml(table, links)), nx.read_gexf(io.BytesIO(gexf(table, links).encode()))):
        assert set(back.edges) == set(made.edges)
        assert back.nodes["weibo:a"]["descendants"] == 5
    assert set(graph(table, links, root_id="weibo:r")) == set(made)
    with pytest.raises(NotEnoughData):
        graph(table, links, root_id="weibo:none")


def test_hostile_ids_do_not_break_the_graph():
    rows = [{"id": "r\x07<&\"'", "s": 0}, {"id": "c", "s": 1, "kind": "repost", "parent": "r\x07<&\"'"}]
    table = posts(rows)
    links = edges(table, accounts([]), watch="w", now=NOW)
    assert "weibo:r<&\"'" in nx.parse_graphml(graphml(table, links))
    assert "weibo:r<&\"'" in nx.read_gexf(io.BytesIO(gexf(table, links).encode()))


@pytest.mark.parametrize("evil", ["=1+1", "+cmd", "-2", "@SUM(A1)", "\t=1", " =1"])
def test_no_cell_is_a_formula(evil):
    frame = pd.DataFrame({"text": [evil, "fine", None], "n": [-1, 2, 3]})
    back = pd.read_csv(io.StringIO(csv(frame)))
    assert back["text"].iloc[0] == "'" + evil
    assert back["text"].iloc[1] == "fine"
    assert back["n"].tolist() == [-1, 2, 3]


def test_coortweet_columns(tree):
    got = coortweet(tree[0])
    assert got.columns.tolist() == ["object_id", "account_id", "content_id", "timestamp_share"]
    assert len(got) == 7
    assert got.timestamp_share.iloc[0] == int(START.timestamp()) + 60


def test_neighbours_vote_for_a_missing_parent():
    rows = [{"id": "r", "s": 0}, {"id": "h", "s": 30_000, "kind": "repost", "parent": "r", "root": "r"}]
    rows += [{"id": f"x{k}", "s": 30_100 + k, "kind": "repost", "parent": "h", "root": "r"} for k in range(20)]
    rows.append({"id": "m", "s": 30_110, "kind": "repost", "root": "r"})
    made = edges(posts(rows), accounts([]), watch="w", now=NOW).to_pandas().set_index("dst").loc["weibo:m"]
    assert (made.src, made.method) == ("weibo:h", "vote")
    assert 0.5 < made.confidence < 1
    early = [*rows[:2], {"id": "m", "s": 20, "kind": "repost", "root": "r"}]
    made = edges(posts(early), accounts([]), watch="w", now=NOW).to_pandas().set_index("dst").loc["weibo:m"]
    assert (made.src, made.method) == ("weibo:r", "star")
    assert made.confidence > 0.9


def test_counts_are_of_the_newest_observation():
    rows = [{"id": "a", "s": 0, "n_likes": 1, "collected_at": START}, {"id": "a", "s": 0, "n_likes": 9}]
    web = weave(posts(rows), empty("EDGES"))
    assert web.posts["n_likes"].to_pylist() == [9]


def test_the_same_posts_in_any_order_give_the_same_edges():
    frame = posts(TREE).to_pandas()
    one = build(frame, accounts(PEOPLE), watch="w", now=NOW).edges.to_pandas()
    two = build(frame.sample(frac=1, random_state=1), accounts(PEOPLE), watch="w", now=NOW).edges.to_pandas()
    pd.testing.assert_frame_equal(one, two)
    assert json.loads(one.to_json())
