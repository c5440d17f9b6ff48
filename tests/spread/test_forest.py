"""The array kernels against networkx, brute force and closed forms."""

from __future__ import annotations

import math

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crisislib.spread.cascades.forest import break_cycles, climb, group_members, grow
from crisislib.spread.cascades.tree_shape import layers, rumour_centrality, virality, wiener


@st.composite
def forests(draw):
    """Parent arrays in any node order."""
    n = draw(st.integers(1, 40))
    parent = [draw(st.integers(-1, i - 1)) for i in range(n)]
    order = draw(st.permutations(range(n)))
    mixed = np.full(n, -1, dtype=np.int64)
    for node, above in enumerate(parent):
        mixed[order[node]] = -1 if above < 0 else order[above]
    return mixed


def graph(parent):
    tree = nx.Graph()
    tree.add_nodes_from(range(len(parent)))
    tree.add_edges_from((int(p), c) for c, p in enumerate(parent) if p >= 0)
    return tree


@given(forests())
@settings(max_examples=80)
def test_every_measure_equals_networkx(parent):
    forest, tree = grow(parent), graph(parent)
    directed = nx.DiGraph((int(p), c) for c, p in enumerate(parent) if p >= 0)
    directed.add_nodes_from(range(len(parent)))
    total = wiener(forest)
    for number, root in enumerate(forest.roots.tolist()):
        inside = nx.node_connected_component(tree, root)
        assert set(np.flatnonzero(forest.cascade == number).tolist()) == inside
        assert total[number] == nx.wiener_index(tree.subgraph(inside))
        for node, depth in nx.single_source_shortest_path_length(tree, root).items():
            assert forest.depth[node] == depth
            assert forest.root[node] == root
    for node in range(len(parent)):
        assert forest.size[node] == len(nx.descendants(directed, node)) + 1


@given(forests())
@settings(max_examples=60)
def test_layers_add_up(parent):
    forest = grow(parent)
    start, count = layers(forest)
    for tree in range(len(forest.roots)):
        depths = forest.depth[forest.cascade == tree]
        assert count[start[tree] : start[tree + 1]].tolist() == np.bincount(depths).tolist()
    assert count.sum() == len(parent)


@given(forests())
@settings(max_examples=40)
def test_rumour_centrality_equals_the_definition(parent):
    forest, tree = grow(parent), graph(parent)
    scores = rumour_centrality(forest)
    for node in range(len(parent)):
        inside = nx.node_connected_component(tree, node)
        rooted = nx.bfs_tree(tree, node)
        logs = sum(math.log(len(nx.descendants(rooted, v)) + 1) for v in inside)
        assert scores[node] == pytest.approx(math.lgamma(len(inside) + 1) - logs, abs=1e-9)


@given(st.integers(1, 30).flatmap(lambda n: st.lists(st.integers(-1, n - 1), min_size=n, max_size=n)))
@settings(max_examples=100)
def test_each_cycle_is_cut_once(parent):
    given_parent = np.array(parent)
    whole = nx.DiGraph([(i, p) for i, p in enumerate(parent) if p >= 0])
    cycles = list(nx.simple_cycles(whole))
    mended, cut = break_cycles(given_parent)
    assert sorted(min(c) for c in cycles) == sorted(cut.tolist())
    assert len(climb(mended)[2]) == 0
    untouched = np.setdiff1d(np.arange(len(parent)), cut)
    assert (mended[untouched] == given_parent[untouched]).all()


def test_grow_refuses_a_cycle():
    with pytest.raises(ValueError, match="cycle"):
        grow(np.array([1, 0]))


@pytest.mark.parametrize("n", [2, 5, 1000])
def test_star_and_path_have_their_closed_forms(n):
    star, path = grow(np.array([-1] + [0] * (n - 1))), grow(np.arange(n) - 1)
    assert virality(wiener(star), np.array([n]))[0] == pytest.approx(2 * (n - 1) / n)
    assert virality(wiener(path), np.array([n]))[0] == pytest.approx((n + 1) / 3)


def test_a_very_deep_tree_takes_the_other_way_to_the_same_sums():
    n = 50_000
    path = grow(np.arange(n) - 1)
    assert path.depth[-1] == n - 1
    assert (path.size == np.arange(n, 0, -1)).all()
    assert virality(wiener(path), np.array([n]))[0] == pytest.approx((n + 1) / 3)


def test_single_posts_have_no_virality():
    forest = grow(np.array([-1, -1]))
    assert np.isnan(virality(wiener(forest), forest.size[forest.roots])).all()


@given(st.lists(st.integers(0, 5), max_size=30))
def test_gather_keeps_the_order_within_a_group(groups):
    start, member = group_members(np.array(groups, dtype=np.int64), 6)
    for g in range(6):
        assert member[start[g] : start[g + 1]].tolist() == [i for i, x in enumerate(groups) if x == g]
