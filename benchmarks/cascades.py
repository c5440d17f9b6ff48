"""All cascade measures of a forest: seconds and memory against networkx and igraph.

    python -m benchmarks.cascades --edges 1e6,1e7

The forest is made up: cascades of heavy-tailed size whose posts come interleaved in time, the largest
a twentieth of the whole. Every contender runs in a process of its own from the same arrays of parent
and time; seconds are those from the arrays to the measures, the peak is the process's own. The peers
compute size, depth, breadth, structural virality and time to half; ours computes these and layers,
speed, breakout and growth per generation as well.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np

from benchmarks.harness import finish, parser, peak_mb, say
from crisislib.spread.cascades.forest import grow
from crisislib.spread.cascades.measures import measure

GENERATION = 600_000_000


def forest(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Parents (index of an earlier post, -1 at roots) and times in order, microseconds."""
    rng = np.random.default_rng(seed)
    sizes = np.minimum(2 * (rng.pareto(1.2, max(n // 10, 1)) + 1).astype(np.int64), max(n // 20, 2))
    sizes = sizes[np.cumsum(sizes) <= n]
    sizes = np.r_[sizes, np.ones(n - int(sizes.sum()), dtype=np.int64)]
    begin = np.repeat(np.r_[0, np.cumsum(sizes)[:-1]], sizes)
    rank = np.arange(n) - begin
    parent = np.where(rank == 0, -1, begin + (rng.random(n) ** 3 * rank).astype(np.int64))
    at = np.repeat(rng.integers(0, 30 * 86_400_000_000, len(sizes)), sizes)
    at += (np.log1p(rank) * 6e8).astype(np.int64)
    order = np.argsort(at, kind="stable")
    place = np.empty(n, dtype=np.int64)
    place[order] = np.arange(n)
    above = parent[order]
    return np.where(above < 0, -1, place[above]), at[order]


def ours(parent: np.ndarray, at: np.ndarray) -> float:
    """Every measure of item 2; returns the mean virality as a check."""
    grown = grow(parent)
    got = measure(grown, at, until=int(at[-1]), generation_us=GENERATION)
    return float(np.nansum(got.virality))


def by_networkx(parent: np.ndarray, at: np.ndarray) -> float:
    """The same with networkx: breadth-first search from each root, sums in Python."""
    import networkx as nx

    graph = nx.DiGraph()
    graph.add_nodes_from(range(len(parent)))
    graph.add_edges_from((p, c) for c, p in enumerate(parent.tolist()) if p >= 0)
    total, times = 0.0, at.tolist()
    for root in (node for node, degree in graph.in_degree() if degree == 0):
        order, layers = [root], nx.bfs_layers(graph, root)
        widths = [len(layer) for layer in layers]
        size: dict[int, int] = {}
        order += [child for _, child in nx.bfs_edges(graph, root)]
        for node in reversed(order):
            size[node] = 1 + sum(size[child] for child in graph.successors(node))
        total += _finish(order, size, widths, times)
    return total


def _finish(order: list[int], size: dict[int, int], widths: list[int], times: list[int]) -> float:
    n = len(order)
    path_sum = sum(size[node] * (n - size[node]) for node in order[1:])
    moments = sorted(times[node] for node in order)
    _ = (len(widths) - 1, max(widths[1:], default=0), moments[(n + 1) // 2 - 1] - moments[0])
    return 2 * path_sum / (n * (n - 1)) if n > 1 else 0.0


def by_igraph(parent: np.ndarray, at: np.ndarray) -> float:
    """The same with igraph: one breadth-first search from a node above all roots, sums in Python."""
    import igraph

    n = len(parent)
    child = np.arange(n)
    graph = igraph.Graph(n + 1, np.stack([np.where(parent < 0, n, parent), child], axis=1), directed=True)
    order, starts, above = graph.bfs(n, mode="out")
    depth = [0] * (n + 1)
    tree = [0] * (n + 1)
    for node in order[1:]:
        up = above[node]
        depth[node] = depth[up] + 1
        tree[node] = node if up == n else tree[up]
    size = [1] * (n + 1)
    for node in reversed(order[1:]):
        size[above[node]] += size[node]
    total = [0.0] * n
    widths: dict[tuple[int, int], int] = {}
    moments: dict[int, list[int]] = {}
    for node, when in enumerate(at.tolist()):
        root, s = tree[node], size[node]
        total[root] += s * (size[root] - s)
        widths[root, depth[node]] = widths.get((root, depth[node]), 0) + 1
        moments.setdefault(root, []).append(when)
    halves = [sorted(m)[(len(m) + 1) // 2 - 1] - min(m) for m in moments.values()]
    del starts, halves
    return sum(2 * total[r] / (size[r] * (size[r] - 1)) for r in moments if size[r] > 1)


WAYS: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {
    "ours": ours, "networkx": by_networkx, "igraph": by_igraph,
}  # fmt: skip
LIMITS = {"networkx": 2_000_000}


def run(way: str, n: int) -> dict[str, float] | None:
    """One contender in a process of its own; None where its package is missing."""
    say(f"{way} at {n:,} edges")
    command = [sys.executable, "-m", "benchmarks.cascades", "--way", way, "--edges", str(n)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        say(f"{way} left out: {done.stderr.strip().splitlines()[-1]}")
        return None
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def one(way: str, n: int) -> None:
    """What a process of its own does."""
    parent, at = forest(n)
    best, check = np.inf, 0.0
    for _ in range(1 if way in ("networkx", "igraph") else 3):
        start = time.perf_counter()
        check = WAYS[way](parent, at)
        best = min(best, time.perf_counter() - start)
    print(json.dumps({"seconds": best, "check": check, "peak_mb": peak_mb()}))


def main() -> None:
    """Run every contender at every size."""
    arguments = parser("cascades", __doc__ or "")
    arguments.add_argument("--edges", default="1e6,1e7", help="sizes, parted by commas")
    arguments.add_argument("--way", choices=sorted(WAYS), help=argparse.SUPPRESS)
    given = arguments.parse_args()
    sizes = [int(float(size)) for size in given.edges.split(",")]
    if given.way:
        one(given.way, sizes[0])
        return
    figures: dict[str, float] = {}
    peers: dict[str, dict[str, float]] = {"networkx": {}, "igraph": {}}
    for n in sizes:
        tag = f"{n:.0e}".replace("e+0", "e").replace("e+", "e")
        mine = run("ours", n)
        if mine is None:
            raise SystemExit("our own measures failed")
        figures |= {f"seconds@{tag}": mine["seconds"], f"peak_mb@{tag}": mine["peak_mb"]}
        for peer in peers:
            if n > LIMITS.get(peer, n):
                say(f"{peer} left out at {n:,} edges: it needs some {n // 1_000_000 * 2} GB and minutes")
                continue
            theirs = run(peer, n)
            if theirs is None:
                continue
            if not np.isclose(theirs["check"], mine["check"]):
                raise SystemExit(f"{peer} finds another virality: {theirs['check']} against {mine['check']}")
            peers[peer] |= {f"seconds@{tag}": theirs["seconds"], f"peak_mb@{tag}": theirs["peak_mb"]}
            figures[f"speedup.{peer}@{tag}"] = theirs["seconds"] / mine["seconds"]
    if len(sizes) > 1:
        seconds = [value for key, value in figures.items() if key.startswith("seconds@")]
        figures["growth_exponent"] = float(np.log(seconds[-1] / seconds[0]) / np.log(sizes[-1] / sizes[0]))
    finish("cascades", figures, peers)


if __name__ == "__main__":
    main()
