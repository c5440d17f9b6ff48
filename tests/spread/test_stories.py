"""Sources, spreaders, paths, circles, and one story in detail."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from crisislib.core.errors import NotEnoughData
from crisislib.core.tables import conform, empty
from crisislib.spread import build_edges, findings, infer_edges, nodes, path, spreaders
from crisislib.spread.cascades.growth import reproduction_table
from crisislib.spread.cascades.origins import belief, crossings, origins
from crisislib.spread.communities import communities, summary
from crisislib.spread.key_spreaders import masked_names
from crisislib.spread.post_arrays import build_graph
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
    return table, infer_edges(table, people, watch="w", now=NOW), people


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
    with pytest.raises(NotEnoughData):
        path(table, links, "weibo:nobody")


def test_a_held_top_is_the_source(tree):
    table, links, _ = tree
    got = origins(build_graph(table, links))
    assert got.post_id.tolist() == ["weibo:r"]
    assert got.score.tolist() == [1.0]
    assert got["at"].iloc[0] == START


def test_a_missing_top_is_named_with_candidates_after_it():
    rows = [{"id": x, "s": 60 * k, "kind": "repost", "parent": "gone"} for k, x in enumerate("uvw")]
    rows.append({"id": "y", "s": 300, "kind": "repost", "parent": "u"})
    links = infer_edges(posts(rows), accounts([]), watch="w", now=NOW)
    got = origins(build_graph(posts(rows), links))
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
    graph = build_graph(table, infer_edges(table, accounts([]), watch="w", now=NOW))
    got = origins(graph, narratives=conform(labels, "LABELS"), top=20)
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
    got = crossings(build_graph(table, infer_edges(table, accounts([]), watch="w", now=NOW))).iloc[0]
    assert (got.from_platform, got.to_platform, got.lag_s) == ("news", "x", 600)
    assert got["first"]


def test_a_story_in_detail(tree):
    table, links, _ = tree
    got = nodes(table, links, "weibo:r").set_index("post_id")
    assert got.layer.to_dict() == {"weibo:r": 0, "weibo:a": 1, "weibo:e": 1, "weibo:b": 2, "weibo:c": 2, "weibo:d": 3,
                                   "weibo:d2": 4, "weibo:f": 5}  # fmt: skip
    assert pd.isna(got.parent_id["weibo:r"])
    assert got.at["weibo:b", "parent_id"] == "weibo:a" and got.at["weibo:b", "method"] == "explicit"
    assert set(got.root_id) == {"weibo:r"} and got.at["weibo:a", "descendants"] == 5
    assert nodes(table, links).equals(nodes(table, links, "weibo:d"))  # any post of it, and it is the only story
    with pytest.raises(NotEnoughData):
        nodes(table, links, "weibo:none")


def two_circles():
    """Two circles of eight accounts; within each one passes on another, and one from `q` passes on one from `p`."""
    rows = []
    for g in "pq":
        rows.append({"id": f"{g}0", "s": 0, "by": f"{g}0"})
        rows += [
            {"id": f"{g}{k}", "s": k, "by": f"{g}{k}", "kind": "repost", "parent": f"{g}{k // 2}"} for k in range(1, 8)
        ]
    return posts(rows)


def test_circles_are_found_and_repeatable():
    table = two_circles()
    graph = build_graph(table, infer_edges(table, accounts([]), watch="w", now=NOW))
    got = communities(graph)
    assert all(got[got.community == c].account_id.str[6].nunique() == 1 for c in got.community.unique())
    pd.testing.assert_frame_equal(got, communities(graph))
    assert got.attrs["ties"] == 14 and got.attrs["ties_left_out"] == 0
    assert len(communities(build_graph(empty("POSTS"), empty("EDGES")))) == 0
    told = summary(graph, got, {"weibo:p1": "P***"})
    assert told["n_accounts"].sum() == len(got)
    assert told["n_posts"].sum() == len(got)  # each account wrote one post
    assert told["share"].sum() == pytest.approx(len(got) / 16)
    assert "P***" in ", ".join(told["key_accounts"])
    assert not told["key_accounts"].str.contains("weibo:").any()


def test_too_many_ties_leave_the_weakest_out_all_of_one_weight(monkeypatch):
    table = two_circles()
    links = infer_edges(table, accounts([]), watch="w", now=NOW)
    monkeypatch.setattr("crisislib.spread.communities._MOST", 10)
    got = communities(build_graph(table, links))
    assert (len(got), got.attrs["ties_left_out"]) == (0, 14)  # all were used once


def test_circles_and_growth_are_told():
    rows = [{"id": "r", "s": 0, "by": "R"}]
    rows += [{"id": f"a{k}", "s": 600, "by": f"A{k}", "kind": "repost", "parent": "r"} for k in range(10)]
    rows += [{"id": f"b{k}", "s": 1200, "by": f"B{k}", "kind": "repost", "parent": f"a{k % 10}"} for k in range(60)]
    table, people = posts(rows), accounts([("R", "Root", 10), ("A0", "Anna", 5)])
    links = infer_edges(table, people, watch="w", now=NOW)
    got = {f.key: f for f in findings(table, links, people, empty("GROUPS"), now=NOW)}
    grew = got["spread.reproduction"]
    assert grew.facts["r"] == "6.0" and grew.facts["span"].render("en") == "10 minutes" and grew.facts["case"] == "0.0"
    assert {"r_growth", "lo", "hi", "r_case", "complete"} <= set(grew.table.columns)
    circles = got["spread.communities"]
    assert circles.facts["n"] == len(circles.table) and 0 < circles.facts["share"] <= 100
    assert "R***t" in ", ".join(circles.table["key_accounts"]) and "Root" not in str(circles.table.to_dict())
    assert set(circles.post_ids) <= set(table["post_id"].to_pylist())


def test_a_story_that_came_at_once_did_not_grow():
    rows = [{"id": "r", "s": 0}, *({"id": f"x{k}", "s": 5, "kind": "repost", "parent": "r"} for k in range(15))]
    table = posts(rows)
    links = infer_edges(table, accounts([]), watch="w", now=NOW)
    got = {f.key: f for f in findings(table, links, accounts([]), empty("GROUPS"), now=NOW)}
    assert "at once" in got["spread.reproduction"].render("en")


def test_names_are_masked_as_they_were_seen_last():
    people = conform(
        pd.DataFrame(
            [
                {"account_id": "x:1", "seen_at": START, "name": "Old Name"},
                {"account_id": "x:1", "seen_at": NOW, "name": "New Face", "name_masked": "N***e"},
                {"account_id": "x:2", "seen_at": NOW, "name": "Somebody"},
                {"account_id": "x:3", "seen_at": NOW},
            ]
        ),
        "ACCOUNTS",
    )
    assert masked_names(people) == {"x:1": "N***e", "x:2": "S***y"}


def test_growth_of_one_story(tree):
    graph = build_graph(*tree[:2])
    until = int(pd.Timestamp(NOW).value // 1000)
    assert reproduction_table(graph.forest, graph.at, 0, generation_us=60_000_000, until=until).n.sum() == 8


def test_neighbours_vote_for_a_missing_parent():
    rows = [{"id": "r", "s": 0}, {"id": "h", "s": 30_000, "kind": "repost", "parent": "r", "root": "r"}]
    rows += [{"id": f"x{k}", "s": 30_100 + k, "kind": "repost", "parent": "h", "root": "r"} for k in range(20)]
    rows.append({"id": "m", "s": 30_110, "kind": "repost", "root": "r"})
    made = infer_edges(posts(rows), accounts([]), watch="w", now=NOW).to_pandas().set_index("dst").loc["weibo:m"]
    assert (made.src, made.method) == ("weibo:h", "vote")
    assert 0.5 < made.confidence < 1
    early = [*rows[:2], {"id": "m", "s": 20, "kind": "repost", "root": "r"}]
    made = infer_edges(posts(early), accounts([]), watch="w", now=NOW).to_pandas().set_index("dst").loc["weibo:m"]
    assert (made.src, made.method) == ("weibo:r", "star")
    assert made.confidence > 0.9


def test_counts_are_of_the_newest_observation():
    rows = [{"id": "a", "s": 0, "n_likes": 1, "collected_at": START}, {"id": "a", "s": 0, "n_likes": 9}]
    graph = build_graph(posts(rows), empty("EDGES"))
    assert graph.posts["n_likes"].to_pylist() == [9]


def test_the_same_posts_in_any_order_give_the_same_edges():
    frame = posts(TREE).to_pandas()
    one = build_edges(frame, accounts(PEOPLE), watch="w", now=NOW).edges.to_pandas()
    two = build_edges(frame.sample(frac=1, random_state=1), accounts(PEOPLE), watch="w", now=NOW).edges.to_pandas()
    pd.testing.assert_frame_equal(one, two)
    assert json.loads(one.to_json())
