"""Spread for other tools: GEXF and GraphML for Gephi, CSV that a spreadsheet cannot be tricked by, CooRTweet's columns.

Everything is returned as text; who calls writes the file.
"""

from __future__ import annotations

import io
import re

import networkx as nx
import numpy as np
import pandas as pd
import pyarrow.compute as pc

from crisislib.core.errors import NotEnoughData
from crisislib.spread.coordination.shares import objects
from crisislib.spread.posts import NEVER, Frame, Web, weave

MOST = 50_000
"""Nodes that a graph file may have: beyond, no layout program is of use."""

_FORMULA = r"^\s*[=+\-@\t\r]"
_BAD = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def graph(posts: Frame, edges: Frame, *, root_id: str | None = None) -> nx.DiGraph:
    """The cascades, or one of them, as a directed graph from parent to child.

    Parameters
    ----------
    posts, edges : POSTS, EDGES
    root_id : str, optional
        Root of the one cascade that is wanted.

    Returns
    -------
    networkx.DiGraph
        Nodes are post ids with `platform`, `account`, `at`, `held`, `layer`, `descendants`; edges have
        `kind`, `method`, `confidence`, `lag_s`. No texts and no names.

    Raises
    ------
    NotEnoughData
        When there is no such cascade, or more nodes than a graph file can be used with.
    """
    web = weave(posts, edges)
    node = _chosen(web, root_id)
    known = web.posts.select(["platform", "account_id"]).to_pandas()
    built = nx.DiGraph()
    held = node < web.n_posts
    rows = known.reindex(node).fillna("").reset_index(drop=True)
    ids = web.names(node)
    at = pd.to_datetime(pd.Series(web.at[node]).where(web.at[node] != NEVER), unit="us", utc=True)
    stamps = at.dt.strftime("%Y-%m-%dT%H:%M:%SZ").fillna("")
    for i, post_id in enumerate(ids):
        built.add_node(
            _clean(post_id), platform=_clean(rows["platform"][i]), account=_clean(rows["account_id"][i]), at=stamps[i],
            held=bool(held[i]), layer=int(web.forest.depth[node[i]]), descendants=int(web.forest.size[node[i]] - 1),
        )  # fmt: skip
    below = node[web.forest.parent[node] >= 0]
    taken = web.edges.select(["src", "dst", "kind", "method", "confidence", "lag_s"]).take(web.edge[below])
    for src, dst, kind, method, confidence, lag in zip(*(column.to_pylist() for column in taken.columns), strict=True):
        more = {} if lag is None else {"lag_s": lag}
        built.add_edge(_clean(src), _clean(dst), kind=kind, method=method, confidence=confidence, **more)
    return built


def _chosen(web: Web, root_id: str | None) -> np.ndarray:
    size = web.forest.size[web.forest.root]
    node = np.flatnonzero(size > 1)
    if root_id is not None:
        spot = pc.index(web.ids, root_id).as_py()
        node = np.flatnonzero(web.forest.root == spot) if spot >= 0 else node[:0]
    if not len(node):
        raise NotEnoughData("there is no such cascade of two or more posts", where=root_id or "", do="see CASCADES")
    if len(node) > MOST:
        do = f"export one cascade at a time (root_id), at most {MOST:,} posts"
        raise NotEnoughData(f"{len(node):,} posts are too many for a graph file", do=do)
    return node


def _clean(text: object) -> str:
    """Text without what XML cannot hold."""
    return _BAD.sub("", str(text))


def gexf(posts: Frame, edges: Frame, *, root_id: str | None = None) -> str:
    """The graph as GEXF, Gephi's own format."""
    return "\n".join(nx.generate_gexf(graph(posts, edges, root_id=root_id)))


def graphml(posts: Frame, edges: Frame, *, root_id: str | None = None) -> str:
    """The graph as GraphML."""
    return "\n".join(nx.generate_graphml(graph(posts, edges, root_id=root_id)))


def csv(table: Frame) -> str:
    """Any table of this room as CSV, UTF-8 with header; cells that a spreadsheet would run are quoted with '."""
    frame = table if isinstance(table, pd.DataFrame) else table.to_pandas()
    safe = frame.copy()
    for name in safe.columns:
        if pd.api.types.is_string_dtype(safe[name]) or safe[name].dtype == object:
            text = safe[name].astype("str")
            risky = safe[name].notna() & text.str.contains(_FORMULA, regex=True)
            safe[name] = text.where(~risky, "'" + text).where(safe[name].notna())
    out = io.StringIO()
    safe.to_csv(out, index=False, date_format="%Y-%m-%dT%H:%M:%SZ")
    return out.getvalue()


def coortweet(posts: Frame, *, kinds: tuple[str, ...] | None = None) -> pd.DataFrame:
    """CooRTweet's four columns.

    Returns
    -------
    pandas.DataFrame
        `object_id`, `account_id`, `content_id`, `timestamp_share` (unix seconds).
    """
    found = objects(posts, kinds)
    return pd.DataFrame(
        {
            "object_id": found["kind"] + ":" + found["object"],
            "account_id": found["account_id"],
            "content_id": found["post_id"],
            "timestamp_share": found["at"].astype("int64"),
        }
    )
