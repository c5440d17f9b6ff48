"""Coordination: planted groups are found, tastes and busy people are not, and the kernels hold."""

from __future__ import annotations

import json

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import poisson

from crisislib.core.tables import empty
from crisislib.spread import detect_coordination
from crisislib.spread.coordination.account_pairs import Pairs, close_pairs, false_discovery, meetings, pairs
from crisislib.spread.coordination.group_detection import detect
from crisislib.spread.coordination.groups import confirmed
from crisislib.spread.coordination.null import at_random, permutation
from crisislib.spread.coordination.shares import OBJECTS, objects, shares
from crisislib.spread.coordination.time_window import choose, rule
from tests.spread.samples import NOW, posts


def crowd(seed: int, n: int = 6000) -> pd.DataFrame:
    """Ordinary sharing: popular and rare things, busy and quiet people, bursts after the first share."""
    rng = np.random.default_rng(seed)
    thing = (rng.pareto(1.0, n) * 20).astype(int) % 1500
    born = rng.uniform(0, 30 * 86_400, 1500)
    at = born[thing] + rng.exponential(6 * 3600, n)
    who = (rng.pareto(0.8, n) * 50).astype(int) % 2000
    return pd.DataFrame(
        {"object": "o" + pd.Series(thing).astype(str), "account": "u" + pd.Series(who).astype(str), "at": at}
    )


def plant(seed: int, groups: int = 4, size: int = 10, things: int = 6, delay: float = 120) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = []
    for g in range(groups):
        for k in range(things):
            begin = rng.uniform(0, 30 * 86_400)
            rows += [
                (f"g{g}o{k}", f"g{g}m{m}", begin + rng.uniform(0, delay)) for m in range(size) if rng.random() < 0.6
            ]
    return pd.DataFrame(rows, columns=["object", "account", "at"])


def read(frame):
    return shares(frame["object"], frame["account"], frame["at"].to_numpy())


def test_planted_groups_are_found_and_told_apart():
    data = read(pd.concat([crowd(0), plant(1)]))
    found = detect(data)
    names = pd.Series(data.accounts[found.account])
    assert names.str.match(r"g\d+m").mean() > 0.95
    assert names.str.match(r"g\d+m").sum() >= 36
    by_group = names.str.extract(r"(g\d+)m")[0].groupby(found.group).nunique()
    assert (by_group == 1).all()


@pytest.mark.parametrize("seed", range(3))
def test_ordinary_sharing_has_no_groups(seed):
    assert len(detect(read(crowd(seed))).account) <= 0.01 * 2000


def test_the_same_input_gives_the_same_groups_in_any_order():
    frame = pd.concat([crowd(0), plant(1)])
    one, two = (read(f) for f in (frame, frame.sample(frac=1, random_state=3)))
    found = [detect(d) for d in (one, two)]
    members = [
        {tuple(sorted(d.accounts[f.account[f.group == g]])) for g in set(f.group)}
        for d, f in zip((one, two), found, strict=True)
    ]
    assert members[0] == members[1]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5), st.integers(0, 60)), max_size=25), st.integers(1, 30))
@settings(max_examples=60)
def test_close_pairs_equal_brute_force(rows, window):
    frame = pd.DataFrame(rows, columns=["object", "account", "at"]).astype({"at": float})
    data = read(frame)
    i, j = close_pairs(data, float(window))
    want = {
        (x, y)
        for x in range(data.n)
        for y in range(x + 1, data.n)
        if data.thing[x] == data.thing[y] and abs(data.at[x] - data.at[y]) <= window
    }
    assert set(zip(i.tolist(), j.tolist(), strict=True)) == want
    first = frame.sort_values("at").drop_duplicates(["object", "account"])
    assert data.n == len(first)


def test_a_thing_that_everybody_shares_does_not_fill_the_memory():
    frame = pd.DataFrame({"object": "brand", "account": [f"u{k}" for k in range(1000)], "at": np.arange(1000.0)})
    data = read(frame)
    i, j = close_pairs(data, 600.0, most=5000)
    assert len(i) <= 5000
    assert (j - i).max() == 5
    assert len(detect(data).account) == 0


def test_a_pair_has_the_chance_that_the_formula_says():
    frame = pd.DataFrame(
        {"object": ["x", "x", "y", "y", "z"], "account": ["a", "b", "a", "b", "c"], "at": [0.0, 5, 100, 130, 7]}
    )
    data = read(frame)
    met = meetings(data, 60)
    assert met.expected.tolist() == [2 * 1 * 2 * 2 / 5] * 2
    got = pairs(met, len(data.accounts), 60)
    assert got.n.tolist() == [2]
    assert got.p[0] == pytest.approx(poisson.sf(1, 1.6))
    assert len(pairs(met, len(data.accounts), 10).a) == 0  # one meeting within ten seconds proves nothing
    assert (met.tried(10), met.tried(60)) == (1, 1)


@given(st.sets(st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda e: e[0] < e[1])), st.integers(1, 3))
@settings(max_examples=60)
def test_confirmed_ties_are_the_truss(edges, least):
    order = sorted(edges)
    a, b = (np.array([e[side] for e in order], dtype=np.int64) for side in (0, 1))
    ties = Pairs(a, b, np.full(len(a), 2), np.zeros(len(a)), np.ones(len(a)))
    kept = confirmed(ties, 10, least)
    assert {order[k] for k in np.flatnonzero(kept)} == {
        tuple(sorted(e)) for e in nx.k_truss(nx.Graph(order), least + 2).edges
    }


def test_false_discoveries_count_those_that_were_tried():
    p = np.array([0.001, 0.008, 0.9])
    assert false_discovery(p, 0.05, 10) == 0.008
    assert false_discovery(p, 0.05, 30) == 0.001
    assert false_discovery(p, 0.05, 3000) == 0.0


def test_a_group_that_only_shares_tastes_is_not_significant():
    rng = np.random.default_rng(3)
    rows = [(f"o{k}", f"fan{m}", k * 86_400 + rng.uniform(0, 86_400)) for k in range(30) for m in range(8)]
    rows += [(f"p{k}", f"club{m}", k * 86_400 + 500 + rng.uniform(0, 30)) for k in range(6) for m in range(8)]
    data = read(pd.DataFrame(rows, columns=["object", "account", "at"]))
    member = np.arange(len(data.accounts))
    group = np.array([int(name.startswith("club")) for name in data.accounts])
    p = permutation(data, member, group, 60.0)
    assert p[0] > 0.05
    assert p[1] == 0.01


def test_the_window_rule_and_the_choice():
    frame = pd.DataFrame({"object": ["a"] * 4 + ["b"] * 2, "account": list("uvwxuv"), "at": [0, 2, 9, 50, 0, 4000.0]})
    assert rule(read(frame)) == 2.0
    assert rule(read(frame.iloc[:1])) is None
    none = dict.fromkeys((10.0, 60.0, 600.0), 0)
    assert choose({10.0: 50, 60.0: 96, 600.0: 100}, none) == 60.0
    assert choose({10.0: 50, 60.0: 52, 600.0: 200}, none | {600.0: 160}) == 10.0  # chance brings the others


def test_one_post_is_one_act_however_much_it_passes_on():
    kinds = ("text", "hashtag", "link")
    rows = [
        (f"{kind}{m}", f"u{m}{side}", 100.0 * m + side, f"p{m}{side}")
        for kind in kinds
        for m in range(9)
        for side in (0, 1)
    ]
    frame = pd.DataFrame(rows, columns=["object", "account", "at", "post"])
    together = shares(frame["object"], frame["account"], frame["at"].to_numpy(), frame["post"])
    apart = read(frame)
    assert len(pairs(meetings(apart, 60), len(apart.accounts), 60).a) == 9
    assert len(pairs(meetings(together, 60), len(together.accounts), 60).a) == 0


def test_weak_members_are_graded_and_not_named():
    data = read(pd.concat([crowd(0), plant(1, things=3, size=12, delay=500)]))
    wide, narrow = detect(data), detect(data, rate=0.05)
    assert set(wide.named()) <= set(wide.account)
    assert set(wide.account) <= set(narrow.account) | set(wide.named())


def test_random_times_keep_acts_days_and_shares():
    data = read(crowd(2, 500))
    mixed = at_random(data)
    day = {row: at // 86_400 for row, at in zip(data.row.tolist(), data.at.tolist(), strict=True)}
    assert {row: at // 86_400 for row, at in zip(mixed.row.tolist(), mixed.at.tolist(), strict=True)} == day
    assert sorted(mixed.at.tolist()) == sorted(data.at.tolist())
    assert (np.lexsort((mixed.at, mixed.thing)) == np.arange(mixed.n)).all()


def test_groups_from_posts_with_their_evidence():
    rng = np.random.default_rng(4)
    rows = [
        {
            "id": f"n{k}",
            "s": int(rng.integers(0, 10**6)),
            "by": f"p{rng.integers(400)}",
            "text": f"own words number {k}",
        }
        for k in range(600)
    ]
    for link in range(4):
        begin = int(rng.integers(0, 10**6))
        rows += [
            {
                "id": f"c{link}-{m}",
                "s": begin + 3 * m,
                "by": f"club{m}",
                "extra": {"urls": [f"https://a.cn/{link}?x=1"]},
            }
            for m in range(8)
        ]
    table = detect_coordination(posts(rows), watch="w", now=NOW).to_pandas()
    assert set(table.account_id) == {f"weibo:club{m}" for m in range(8)}
    assert table.group_id.nunique() == 1
    row = table.iloc[0]
    assert (row.n_objects, row.n_partners) == (4, 7)
    assert row.p_value == 0.01  # the smallest that 99 permutations can give
    proof = json.loads(row.evidence)
    assert proof["objects"][0].startswith("link:a.cn/")
    assert set(proof["post_ids"]) <= set(posts(rows)["post_id"].to_pylist())


@pytest.mark.parametrize("kind", OBJECTS)
def test_each_kind_of_object_is_read(kind):
    rows = [
        {"id": "a", "s": 0, "kind": "post", "text": "a long enough text to be the same", "extra": {
            "urls": ["http://WWW.a.cn/x/"], "hashtags": ["#Tag#"], "media": ["media-1"], "cluster_id": "7"}},
        {"id": "b", "s": 1, "kind": "repost", "parent": "a"},
    ]  # fmt: skip
    want = {
        "repost": "weibo:a",
        "link": "a.cn/x",
        "hashtag": "tag",
        "image": "media-1",
        "duplicate": "7",
        "text": "alongenoughtexttobethesame",
    }
    found = objects(posts(rows))
    assert found[found["kind"] == kind]["object"].tolist() == [want[kind]]


def test_no_posts_no_groups():
    assert detect_coordination(empty("POSTS"), watch="w", now=NOW).num_rows == 0
