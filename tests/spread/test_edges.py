"""Edges from what is held: each method on made-up posts whose parents are known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from crisislib.core.tables import empty
from crisislib.spread import build_edges, findings, infer_edges, measure_cascades
from crisislib.spread.edges.confidence import CONFIDENCE
from crisislib.spread.edges.edge_builder import edge_set, merge, no_edges, read_columns
from tests.spread.samples import NOW, accounts, posts


def found(rows, people=(), **kw):
    table = infer_edges(posts(rows, **kw), accounts(list(people)), watch="w", now=NOW).to_pandas()
    return {(s.split(":")[-1], d.split(":")[-1]): m for s, d, m in zip(table.src, table.dst, table.method, strict=True)}


def test_stated_parents():
    rows = [{"id": "a", "s": 0}, {"id": "b", "s": 60, "kind": "repost", "parent": "a"},
            {"id": "c", "s": 90, "kind": "reply", "parent": "b", "root": "a"}]  # fmt: skip
    table = infer_edges(posts(rows), accounts([]), watch="w", now=NOW).to_pandas()
    assert list(zip(table.src, table.dst, table.kind, strict=True)) == [
        ("weibo:a", "weibo:b", "repost"), ("weibo:b", "weibo:c", "reply")]  # fmt: skip
    assert table.lag_s.tolist() == [60, 30]
    assert (table.confidence == 1).all()


def test_a_source_that_only_names_originals_does_not_know_parents():
    rows = [{"id": "a", "s": 0, "source": "search"},
            {"id": "b", "s": 9, "kind": "repost", "parent": "a", "root": "a", "source": "search"}]  # fmt: skip
    assert found(rows) == {("a", "b"): "star"}
    rows += [{"id": "c", "s": 20, "kind": "repost", "parent": "b", "root": "a", "source": "search"}]
    assert found(rows) == {("a", "b"): "explicit", ("b", "c"): "explicit"}


def test_a_parent_that_is_not_held_becomes_a_node_under_the_root():
    rows = [{"id": "a", "s": 0}, {"id": "c", "s": 9, "kind": "repost", "parent": "lost", "root": "a"}]
    assert found(rows) == {("lost", "c"): "explicit", ("a", "lost"): "ghost"}


def test_a_child_before_its_parent_is_dropped_and_reported():
    rows = [{"id": "a", "s": 100}, {"id": "b", "s": 10, "parent": "a", "kind": "repost"}]
    built = build_edges(posts(rows), accounts([]), watch="w", now=NOW)
    assert built.edges.num_rows == 0
    assert built.dropped.to_dict("records") == [
        {"post_id": "weibo:b", "parent_id": "weibo:a", "reason": "later than its child"}]  # fmt: skip


def test_a_loop_is_cut_and_reported():
    rows = [{"id": "a", "s": 5, "parent": "b", "kind": "repost"}, {"id": "b", "s": 5, "parent": "a", "kind": "repost"}]
    built = build_edges(posts(rows), accounts([]), watch="w", now=NOW)
    assert built.edges.num_rows == 1
    assert built.dropped.reason.tolist() == ["closes a loop"]


CHAIN = [
    {"id": "r", "s": 0, "by": "0", "text": "the kettle melts"},
    {"id": "c", "s": 60, "by": "3", "root": "r", "kind": "repost", "text": "look here"},
    {"id": "b1", "s": 100, "by": "2", "root": "r", "kind": "repost", "text": "old words"},
    {"id": "b2", "s": 200, "by": "2", "root": "r", "kind": "repost", "text": "new words//@Cee:look here"},
    {"id": "a", "s": 300, "by": "1", "root": "r", "kind": "repost", "text": "wow//@Bee:new words//@Cee:look here"},
]
PEOPLE = [("0", "Root", 10), ("1", "Ay", 10), ("2", "Bee", 10), ("3", "Cee", 10)]


def test_a_chain_names_the_parent_by_person_and_words():
    got = found(CHAIN, PEOPLE)
    assert got[("b2", "a")] == "chain"
    assert got[("c", "b2")] == "chain"


def test_the_same_words_are_told_apart_by_who_said_them():
    rows = [*CHAIN[:3], {"id": "d", "s": 150, "by": "1", "root": "r", "kind": "repost", "text": "old words"},
            {"id": "e", "s": 300, "by": "4", "root": "r", "kind": "repost", "text": "x//@Bee:old words"}]  # fmt: skip
    assert found(rows, PEOPLE)[("b1", "e")] == "chain"


def test_a_person_who_is_not_held_becomes_one_ghost_for_all_who_quote_them():
    rows = [CHAIN[0], CHAIN[1], *({"id": f"x{i}", "s": 400 + i, "by": f"9{i}", "root": "r", "kind": "repost",
            "text": f"{i}//@Gone:was here//@Cee:look here"} for i in range(3))]  # fmt: skip
    table = infer_edges(posts(rows), accounts(PEOPLE), watch="w", now=NOW).to_pandas()
    ghosts = table[table.src.str.startswith("ghost:")]
    assert ghosts.src.nunique() == 1
    assert len(ghosts) == 3
    above = table[table.dst == ghosts.src.iloc[0]]
    assert above.src.tolist() == ["weibo:c"]
    assert above.post_id.isna().all()


def test_a_chain_never_points_forward_in_time():
    rows = [CHAIN[0], {"id": "late", "s": 900, "by": "2", "root": "r", "kind": "repost", "text": "words"},
            {"id": "a", "s": 300, "by": "1", "root": "r", "kind": "repost", "text": "wow//@Bee:words"}]  # fmt: skip
    assert ("late", "a") not in found(rows, PEOPLE)


def test_thread_links_and_copies_only_where_nothing_else_is():
    rows = [
        {"id": "t1", "s": 0, "extra": {"thread_id": "T"}},
        {"id": "t2", "s": 5, "extra": {"thread_id": "T"}},
        {"id": "u1", "s": 1, "extra": {"urls": ["https://www.x.org/story/1"]}},
        {"id": "u2", "s": 9, "extra": {"urls": ["http://x.org/story/1/"]}},
        {"id": "u3", "s": 9, "extra": {"urls": ["http://x.org/"]}},
        {"id": "v", "s": 9, "extra": {"urls": ["http://x.org/"]}},
        {"id": "w1", "s": 2, "text": "exactly the same long words here"},
        {"id": "w2", "s": 8, "text": "Exactly the same  long words here @you"},
        {"id": "w3", "s": 9, "text": "short"},
        {"id": "w4", "s": 9, "text": "short"},
    ]
    assert found(rows) == {("t1", "t2"): "star", ("u1", "u2"): "link", ("w1", "w2"): "copy"}


def test_the_first_method_that_has_a_parent_decides_and_none_is_changed():
    rows = [{"id": "a", "s": 0}, {"id": "b", "s": 9}, {"id": "c", "s": 20}, {"id": "d", "s": 30}]
    columns = read_columns(posts(rows))
    known = merge(columns, no_edges(), edge_set(np.array([2]), np.array([1]), method="chain", confidence=0.9))
    second = edge_set(
        np.array([2, 3, 1, 0, 4]), np.array([0, 4, 3, 0, 0]), method="copy", confidence=0.4,
        placeholders=pa.array(["ghost:x"]),
    )  # fmt: skip
    both = merge(columns, known, second)
    assert list(zip(both.child, both.parent, both.method, strict=True)) == [
        (2, 1, "chain"), (3, 4, "copy"), (4, 0, "copy")]  # fmt: skip
    assert {why: list(zip(c, p, strict=True)) for c, p, why in both.dropped if len(c)} == {
        "later than its child": [(1, 3)], "its own parent": [(0, 0)]}  # fmt: skip
    assert len(known.child) == 1 and len(second.child) == 5


def test_no_posts_no_edges():
    assert infer_edges(empty("POSTS"), empty("ACCOUNTS"), watch="w", now=NOW).num_rows == 0


def test_confidences_are_probabilities():
    assert all(0 < p <= 1 for p in CONFIDENCE.values())


def test_cascades_of_the_chain():
    table, people = posts(CHAIN), accounts(PEOPLE)
    links = infer_edges(table, people, watch="w", now=NOW)
    row = measure_cascades(table, links, people, watch="w", now=NOW).to_pandas().iloc[0]
    assert row.root_id == "weibo:r"
    assert (row.n, row.depth, row.n_ghost, row.n_accounts) == (5, 3, 0, 4)
    assert row.half_s == 100
    assert row.reach_hi == 40
    assert row.reach_lo == pytest.approx(6, abs=1)
    assert row.reach_method == "followers"


def test_findings_say_when_there_is_too_little():
    got = findings(posts(CHAIN), empty("EDGES"), accounts([]), empty("GROUPS"), now=NOW)
    assert [f.key for f in got] == ["spread.size"]
    assert got[0].silent
    assert "5" in got[0].render("en")


def test_findings_of_a_story():
    rows = [{"id": "r", "s": 0}, *({"id": f"x{i}", "s": 60 * i, "kind": "repost", "parent": "r"} for i in range(1, 15))]
    rows.append({"id": "y", "s": 2000, "kind": "post", "platform": "x", "extra": {"urls": ["http://m.cn/a/1"]}})
    rows.append({"id": "z", "s": 1900, "kind": "repost", "parent": "x2"})
    rows[1]["extra"] = {"urls": ["http://m.cn/a/1"]}
    table, people = posts(rows), accounts([("r", "Ar", 100)])
    links = infer_edges(table, people, watch="w", now=NOW)
    got = {f.key: f for f in findings(table, links, people, empty("GROUPS"), now=NOW)}
    keys = "size reach growth reproduction certainty origin crossing spreader communities coordination"
    assert set(got) == {f"spread.{key}" for key in keys.split()}
    for finding in got.values():
        assert finding.render("en")
        assert "{" not in finding.render("en")
    assert set(got["spread.crossing"].post_ids) == {"weibo:x1", "x:y"}
    assert got["spread.origin"].post_ids == ["weibo:r"]
    assert isinstance(got["spread.size"].table, pd.DataFrame)
