"""A propagation tree that stays readable: big branches kept, small leaves gathered into one."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from crisislib.charts.theme import INK, MAIN, SOFT, finish, nothing, when
from crisislib.core.i18n import N_, tr
from crisislib.design import LIGHT

TITLE = N_("How it spread")
NARROW_MOST = 60
"""Branches drawn singly, up to which a picture is one for a telephone."""
_ROOM = 110  # nodes that can still be distinguished in one picture


def sizes(parent: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Depth and subtree size of every node of a forest, in O(n · depth) array passes.

    Parameters
    ----------
    parent : numpy.ndarray
        Index of the parent of each node, −1 for a root; shape (n,).

    Returns
    -------
    tuple[numpy.ndarray, numpy.ndarray]
        Depth (root 0; −1 for a node in a cycle, which no tree has) and subtree size, both shape (n,).
    """
    depth = np.full(parent.size, -1)
    level, rank = np.flatnonzero(parent < 0), 0
    layers = []
    while level.size:
        depth[level] = rank
        layers.append(level)
        rank += 1
        level = np.flatnonzero(np.isin(parent, level) & (depth < 0))
    size = np.ones(parent.size, dtype=np.int64)
    for nodes in reversed(layers[1:]):
        np.add.at(size, parent[nodes], size[nodes])
    return depth, size


def collapse(nodes: pd.DataFrame, *, most: int = _ROOM) -> pd.DataFrame:
    """Keep the biggest branches and their ancestors; gather the other children of each kept node.

    Parameters
    ----------
    nodes : pandas.DataFrame
        `post_id`, `parent_id` (null or unknown: a root), `at`, `label`.
    most : int
        Kept nodes at most.

    Returns
    -------
    pandas.DataFrame
        `index`, `parent` (row of this frame, −1 for a root), `depth`, `size` (posts in the branch,
        itself included), `hidden` (posts gathered, 0 for a post of its own), `label`, `at`, `post_id`.
    """
    frame = nodes.drop_duplicates("post_id").reset_index(drop=True)
    parent = pd.Index(frame["post_id"]).get_indexer(pd.Index(frame["parent_id"].fillna("")))
    depth, size = sizes(parent)
    frame, kept_of = frame.assign(parent=parent, depth=depth, size=size), depth >= 0
    order = np.lexsort((depth, -size))
    order = order[kept_of[order]][:most]  # a parent's branch is larger than its child's, so ancestors come first
    kept = np.zeros(len(frame), dtype=bool)
    kept[order] = True
    row = np.full(len(frame), -1)
    row[order] = np.arange(order.size)
    shown = frame.iloc[order].assign(hidden=0)
    shown["parent"] = np.where(shown["parent"] >= 0, row[shown["parent"]], -1)
    left = frame[~kept & kept_of & (frame["parent"] >= 0)]
    left = left[kept[left["parent"]]]
    gathered = left.groupby("parent", as_index=False).agg(
        size=("size", "sum"), depth=("depth", "min"), at=("at", "min")
    )
    gathered = gathered.assign(hidden=gathered["size"], parent=row[gathered["parent"]], label="", post_id="")
    return pd.concat([shown, gathered], ignore_index=True).reset_index()


def _lanes(tree: pd.DataFrame) -> np.ndarray:
    """Vertical place of each node: leaves one below the other, a parent in the middle of its children."""
    children: dict[int, list[int]] = {}
    for child, parent in zip(tree["index"], tree["parent"], strict=True):
        children.setdefault(int(parent), []).append(int(child))
    size = tree["size"].to_numpy()
    lane, free = np.zeros(len(tree)), 0.0
    walk = [(root, False) for root in sorted(children.get(-1, []), key=lambda i: size[i])]
    while walk:  # over the kept nodes only, at most twice the room of the picture
        node, done = walk.pop()
        below = sorted(children.get(node, []), key=lambda i: size[i])
        if done:
            lane[node] = (lane[below[0]] + lane[below[-1]]) / 2
        elif below:
            walk.append((node, True))
            walk.extend((child, False) for child in below)
        else:
            lane[node], free = free, free + 1
    return lane


def tree(
    *,
    nodes: pd.DataFrame,
    language: str = "en",
    zone: str = "UTC",
    most: int = _ROOM,
    named: int = 18,
) -> alt.Chart:
    """Who passed it on to whom, layer by layer, from left to right.

    Parameters
    ----------
    nodes : pandas.DataFrame
        `post_id`, `parent_id`, `at` (UTC), `label` (masked name), and if known `ghost` (bool: a
        person whom we know of only through others).
    language, zone : str
        Of the reader and of the watch.
    most, named : int
        Branches drawn singly, and how many of them get their name written.

    Returns
    -------
    altair.Chart
    """
    if nodes.empty:
        return nothing(title=TITLE, language=language)
    drawn = collapse(nodes, most=most)
    if drawn.empty:  # every node hangs on another: a circle has no root to draw from
        return nothing(title=TITLE, language=language)
    drawn["y"] = _lanes(drawn)
    drawn["when"] = when(drawn["at"], zone)
    ghost = drawn.get("ghost", pd.Series(False, index=drawn.index)).fillna(False).astype(bool)
    post, gathered, unseen = (
        tr(m, language) for m in (N_("post"), N_("joined posts"), N_("known only through others"))
    )
    drawn["kind"] = np.select([drawn["hidden"] > 0, ghost], [gathered, unseen], post)
    top = drawn[drawn["hidden"] == 0].nlargest(named, "size").index
    drawn["said"] = drawn["label"].where(drawn.index.isin(top) & (drawn["size"] > 1), "")
    drawn["said"] = drawn["said"].where(drawn["hidden"] == 0, "+" + drawn["hidden"].astype(str))
    crowd = drawn.index.difference(drawn["hidden"].nlargest(named).index)
    drawn["said"] = drawn["said"].mask((drawn["hidden"] > 0) & drawn.index.isin(crowd), "")
    drawn["said"] = _apart(drawn)
    links = drawn[drawn["parent"] >= 0]
    links = links.assign(x0=drawn["depth"].to_numpy()[links["parent"]], y0=drawn["y"].to_numpy()[links["parent"]])
    picture = _draw(drawn, links, kinds=[post, gathered, unseen], language=language, most=most)
    notes = [
        tr(
            N_(
                "{n} {n:post|posts} in {layers} {layers:layer|layers}; {shown} drawn singly, the smallest branches "
                "joined as +number"
            ),
            language,
            n=f"{len(nodes.drop_duplicates('post_id')):,}",
            layers=int(drawn["depth"].max()) + 1,
            shown=int((drawn["hidden"] == 0).sum()),
        ),
        tr(N_("size of a dot: posts that came through it"), language),
    ]
    return finish(picture, title=TITLE, language=language, notes=notes)


def _apart(drawn: pd.DataFrame) -> pd.Series:
    """The words of each node, those left out that would run into a bigger neighbour's."""
    room = 13 / _height(drawn) * max(1.0, float(drawn["y"].max()))
    kept: dict[int, list[float]] = {}
    said = drawn["said"].copy()
    named = drawn[drawn["said"] != ""].sort_values("size", ascending=False)  # a few dozen at most
    for node, depth, y in zip(named.index, named["depth"].to_numpy(), named["y"].to_numpy(), strict=True):
        if any(abs(y - other) < room for other in kept.setdefault(int(depth), [])):
            said[node] = ""
        else:
            kept[int(depth)].append(float(y))
    return said


def _height(drawn: pd.DataFrame) -> int:
    return int(min(560, max(160, 5 * len(drawn))))


def _left_of_root(names: pd.Series, deepest: float, *, width: int) -> float:
    """Layers that a root's name takes to the left of it in a picture of so many pixels; below one, so that none is
    marked there.
    """
    letters = max((sum(2 if ord(c) > 0x2E80 else 1 for c in str(one)) for one in names), default=0)
    pixels = 6 * letters  # the dot itself stands within the padding
    return min(0.9, max(deepest, 1.0) * pixels / max(width - pixels, 1)) if pixels else 0.0


def _draw(drawn: pd.DataFrame, links: pd.DataFrame, *, kinds: list[str], language: str, most: int) -> alt.Chart:
    """Dots, lines between them, and names."""
    axis = alt.Axis(title=tr(N_("layer (0: the root)"), language), tickMinStep=1, format="d")
    deepest, root = float(drawn["depth"].max()), drawn["depth"] == 0
    room = _left_of_root(drawn.loc[root, "said"], deepest, width=700 if most > NARROW_MOST else 300)
    x = alt.X("depth:Q", axis=axis, scale=alt.Scale(nice=False, padding=24, domain=[-room, max(deepest, 1.0)]))
    y = alt.Y("y:Q", axis=None)
    tips = ["label:N", "when:N", alt.Tooltip("size:Q"), "kind:N", "depth:Q"]
    scale = alt.Scale(domain=kinds, range=[MAIN, SOFT, LIGHT["series-2"]])
    lines = alt.Chart(links[["x0", "y0", "depth", "y"]]).mark_rule(color=SOFT, opacity=0.35)
    dots = alt.Chart(drawn.drop(columns=["at"])).mark_circle(opacity=0.9, stroke="white", strokeWidth=0.5)
    name = {"x": x, "y": y, "text": "said:N"}
    # All lines of the root run to the right of it: its name stands on the other side.
    sides = [(drawn[root], {"align": "right", "dx": -17}), (drawn[~root], {"align": "left", "dx": 9})]
    words = [
        (alt.Chart(rows[rows["said"] != ""][["depth", "y", "said"]]), {**side, "fontSize": 10})
        for rows, side in sides if (rows["said"] != "").any()
    ]  # fmt: skip
    return alt.layer(
        lines.encode(x=alt.X("x0:Q", axis=axis), y=alt.Y("y0:Q", axis=None), x2="depth:Q", y2="y:Q"),
        dots.encode(
            x=x,
            y=y,
            size=alt.Size("size:Q", scale=alt.Scale(type="sqrt", range=[14, 620]), legend=None),
            color=alt.Color("kind:N", scale=scale, title=None),
            tooltip=tips,
        ),
        # Twice: a halo in the colour of the ground first, or a name cannot be read on the lines behind it.
        *(
            one.mark_text(**at, stroke=LIGHT["card"], strokeWidth=4, color=LIGHT["card"]).encode(**name)
            for one, at in words
        ),
        *(one.mark_text(**at, color=INK).encode(**name) for one, at in words),
    ).properties(width=760, height=_height(drawn))
