"""Stories in detail: their posts as trees, each with the edge into it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from crisislib.core.errors import NotEnoughData
from crisislib.core.i18n import N_
from crisislib.spread.cascades.forest import Ints
from crisislib.spread.post_arrays import NEVER, Frame, SpreadGraph, build_graph


def nodes(posts: Frame, edges: Frame, root_id: str | None = None) -> pd.DataFrame:
    """The posts of one story, or of all that spread.

    Parameters
    ----------
    posts, edges : POSTS, EDGES
    root_id : str, optional
        Root of the story, or any post of it; all stories of two and more when left out.

    Returns
    -------
    pandas.DataFrame
        By story, layer and time: `post_id`, `parent_id` (null at a root), `root_id`, `layer`, `at` (of a
        placeholder: of its earliest child), `account_id`, `platform`, `held` (false for a placeholder: named by
        others, not in the data), `descendants`, and of the edge into it `kind`, `method`, `confidence`, `lag_s`.

    Raises
    ------
    NotEnoughData
        There is no such story.
    """
    graph = build_graph(posts, edges)
    forest, node = graph.forest, _chosen(graph, root_id)
    parent, row = forest.parent[node], graph.edge[node]
    known = graph.posts.select(["account_id", "platform"]).to_pandas().reindex(node).reset_index(drop=True)
    edge = graph.edges.select(["kind", "method", "confidence", "lag_s"]).to_pandas().reindex(row).reset_index(drop=True)
    out = pd.DataFrame({"post_id": graph.names(node), "parent_id": pd.Series(graph.names(np.maximum(parent, 0)))})
    out["parent_id"] = out["parent_id"].where(parent >= 0)
    out["root_id"], out["layer"] = graph.names(forest.root[node]), forest.depth[node]
    out["at"] = pd.to_datetime(pd.Series(graph.at[node]).where(graph.at[node] != NEVER), unit="us", utc=True)
    out["account_id"], out["platform"] = known["account_id"], known["platform"]
    out["held"], out["descendants"] = ~graph.placeholder[node], forest.size[node] - 1
    table: pd.DataFrame = pd.concat([out, edge], axis=1)
    return table


def _chosen(graph: SpreadGraph, root_id: str | None) -> Ints:
    """Nodes of the stories wanted, by story, layer and time."""
    forest = graph.forest
    if root_id is None:
        node = np.flatnonzero(forest.size[forest.root] > 1)
        if not len(node):
            raise NotEnoughData(N_("no post is linked to another"), do=N_("import more posts, then crisis run"))
    else:
        spot = pc.index(graph.ids, root_id).as_py()
        if spot < 0:
            raise NotEnoughData(
                N_("there is no such post in the data"), where=root_id, do=N_("take a root_id from CASCADES")
            )
        node = np.flatnonzero(forest.cascade == forest.cascade[spot])
    order: Ints = node[np.lexsort((graph.at[node], forest.depth[node], forest.root[node]))]
    return order
