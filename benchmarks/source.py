"""The true root of cascades found again with the root and 30 % of the posts hidden.

    python -m benchmarks.source --data DIR

Sets are folders with a table of (post_idx, node, parent_node, t_sec) or (dataset, source_id, node,
parent_node, t_min), as for `reconstruct`. The root and a random 30 % of the posts are taken out:
their time, text and own parent are gone. What is left still names whom it came from, as a repost
does, so a missing post is a candidate if somebody names it: the cascade falls into pieces, each
hanging on a missing post, and the question is which of those is the root. A hit is the root's own
identity. `top1`, `top5`: share of cascades in which it is ranked first, or among the first five; a tie
counts as its mean rank. Ours is `crisislib.spread.cascades.origins.belief`; peers are `first_seen` (whom the
earliest posts left name) and `degree` (whom most posts name).

`shape.` is the harder, classical setting: edges without direction, no time at all, every node a
candidate; ours is rumour centrality, the peer degree.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.harness import finish, folders, parser, peak_mb, say, write_predictions
from benchmarks.reconstruct import Figures, trees
from crisislib.spread.cascades.forest import break_cycles, grow
from crisislib.spread.cascades.origins import belief
from crisislib.spread.cascades.tree_shape import rumour_centrality

HIDDEN = 0.3


def pieces(edges: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Tops of the pieces of each cascade: `story`, `is_root`, `direct`, `first` (microseconds)."""
    rng = np.random.default_rng(seed)
    seen = edges[rng.random(len(edges)) >= HIDDEN]
    tree = seen["tree_no"].to_numpy() * (int(edges["node"].max()) + 1)
    child, above = tree + seen["node"].to_numpy(), tree + seen["parent"].to_numpy()
    ids = np.unique(np.r_[child, above])
    place, up = np.searchsorted(ids, child), np.searchsorted(ids, above)
    parent = np.full(len(ids), -1)
    parent[place] = up
    parent, _ = break_cycles(parent)
    first = np.full(len(ids), np.iinfo(np.int64).max)
    np.minimum.at(first, up, (seen["t"].to_numpy() * 1e6).astype(np.int64))
    direct = np.bincount(up, minlength=len(ids))
    top = np.flatnonzero(parent < 0)
    width = int(edges["node"].max()) + 1
    frame = {"story": ids[top] // width, "is_root": ids[top] % width == 0, "direct": direct[top], "first": first[top]}
    return pd.DataFrame(frame)


def ranks(story: pd.Series, score: np.ndarray, is_root: np.ndarray, stories: int) -> Figures:
    """Share of all stories whose root stands first, or among the first five."""
    rank = pd.Series(score).groupby(story.to_numpy()).rank(ascending=False, method="average").to_numpy()[is_root]
    return {"top1": float((rank < 1.5).sum() / stories), "top5": float((rank <= 5).sum() / stories)}


def shape(edges: pd.DataFrame) -> tuple[Figures, Figures]:
    """Rumour centrality and degree over whole trees without direction or time."""
    width = int(edges["node"].max()) + 1
    child = edges["tree_no"].to_numpy() * width + edges["node"].to_numpy()
    above = edges["tree_no"].to_numpy() * width + edges["parent"].to_numpy()
    ids = np.unique(np.r_[child, above])
    parent = np.full(len(ids), -1)
    parent[np.searchsorted(ids, child)] = np.searchsorted(ids, above)
    parent, _ = break_cycles(parent)
    forest = grow(parent)
    degree = np.bincount(parent[parent >= 0], minlength=len(ids)) + (parent >= 0)
    story, is_root = pd.Series(ids // width), ids % width == 0
    n = int(edges["tree_no"].nunique())
    return ranks(story, rumour_centrality(forest), is_root, n), ranks(story, degree, is_root, n)


def main() -> None:
    """Hide, rank, count."""
    given = parser("source", __doc__ or "").parse_args()
    figures: Figures = {}
    peers: dict[str, Figures] = {"first_seen": {}, "degree": {}}
    rows: list[list[object]] = []
    for folder in folders(given.data, "*.csv*"):
        edges = trees(folder)
        if edges is None:
            continue
        edges["tree_no"] = pd.factorize(edges["tree"])[0]
        n = int(edges["tree_no"].nunique())
        say(f"{folder.name}: {n:,} cascades")
        tops = pieces(edges, seed=0)
        is_root = tops["is_root"].to_numpy()
        share = belief(tops["story"].to_numpy(), tops["direct"].to_numpy(), tops["first"].to_numpy())
        found = {
            "ours": ranks(tops["story"], share, is_root, n),
            "first_seen": ranks(tops["story"], -tops["first"].to_numpy(), is_root, n),
            "degree": ranks(tops["story"], tops["direct"].to_numpy(), is_root, n),
        }
        bare, by_degree = shape(edges)
        figures |= {f"{folder.name}.{key}": value for key, value in found["ours"].items()}
        figures |= {f"{folder.name}.shape.{key}": value for key, value in bare.items()}
        first = tops.assign(share=share).sort_values("share").drop_duplicates("story", keep="last")
        figures[f"{folder.name}.brier"] = float(((first["share"] - first["is_root"]) ** 2).mean())
        for peer in peers:
            peers[peer] |= {f"{folder.name}.{key}": value for key, value in found[peer].items()}
        peers["degree"] |= {f"{folder.name}.shape.{key}": value for key, value in by_degree.items()}
        rows += [[folder.name, s, int(r), p] for s, r, p in zip(tops["story"], is_root, share, strict=True)]
    if not figures:
        raise SystemExit(f"no cascades with known parents at {given.data}")
    for table in (figures, *peers.values()):
        for key in ("top1", "top5"):
            table[key] = float(np.mean([v for k, v in table.items() if k.endswith(f".{key}") and "shape" not in k]))
    figures["peak_mb"] = peak_mb()
    write_predictions(given.out, ["set", "cascade", "is_root", "probability"], rows)
    finish("source", figures, peers)


if __name__ == "__main__":
    main()
