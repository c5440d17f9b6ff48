"""Circles of accounts that pass things on to each other."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd

from crisislib.spread.posts import Frame, Web, codes, weave

_MOST = 20_000
"""Ties beyond which only the heaviest are looked at; the table says how many were left out."""


def communities(posts: Frame, edges: Frame, *, seed: int = 0, least: int = 3) -> pd.DataFrame:
    """Communities of the graph of who passed on whom.

    Parameters
    ----------
    posts, edges : POSTS, EDGES
    seed : int
        Of the search.
    least : int
        Members below which a community is not named.

    Returns
    -------
    pandas.DataFrame
        `account_id`, `community` (0 is the largest), `n_ties`, `inside` (share of the account's ties
        within its community). `attrs`: `modularity`, `ties`, `ties_left_out`.

    Notes
    -----
    Louvain (Blondel et al. 2008, doi:10.1088/1742-5468/2008/10/P10008) on ties weighted by how often
    one passed on the other, in either direction. Communities of a single cascade say who reached whom,
    not what people think.
    """
    return of_web(weave(posts, edges), seed=seed, least=least)


def of_web(web: Web, *, seed: int = 0, least: int = 3) -> pd.DataFrame:
    """The same for a web that is already woven."""
    ties, names = _ties(web)
    total = len(ties)
    ties = ties.head(_MOST)
    graph = nx.Graph()
    graph.add_weighted_edges_from(ties[["a", "b", "weight"]].itertuples(index=False, name=None))
    found = nx.community.louvain_communities(graph, seed=seed) if len(ties) else []
    found = sorted((part for part in found if len(part) >= least), key=lambda part: (-len(part), min(part)))
    of = {account: number for number, part in enumerate(found) for account in part}
    both = pd.DataFrame({"account": np.r_[ties["a"], ties["b"]], "other": np.r_[ties["b"], ties["a"]]})
    both["community"] = both["account"].map(of)
    both["same"] = both["community"] == both["other"].map(of)
    table = (
        both.dropna()
        .groupby("account")
        .agg(community=("community", "first"), n_ties=("other", "size"), inside=("same", "mean"))
    )
    table = table.sort_values(["community", "n_ties"], ascending=[True, False], kind="stable").reset_index()
    table["community"] = table["community"].astype(int)
    table.insert(0, "account_id", names[table.pop("account").to_numpy(dtype=np.int64)])
    table.attrs |= {
        "modularity": nx.community.modularity(graph, [*found, *_rest(graph, of)]) if len(ties) else float("nan"),
        "ties": total,
        "ties_left_out": total - len(ties),
    }
    return table


def _rest(graph: nx.Graph, of: dict[int, int]) -> list[set[int]]:
    """Accounts in no named community, each its own: a partition must hold every node."""
    return [{node} for node in graph if node not in of]


def _ties(web: Web) -> tuple[pd.DataFrame, np.ndarray]:
    """Pairs of accounts and how often one passed on the other, heaviest first; names of the accounts."""
    account, names = codes(web.posts["account_id"])
    child = np.flatnonzero(web.forest.parent[: web.n_posts] >= 0)
    parent = web.forest.parent[child]
    child, parent = child[parent < web.n_posts], parent[parent < web.n_posts]
    a, b = account[child], account[parent]
    good = (a >= 0) & (b >= 0) & (a != b)
    frame = pd.DataFrame({"a": np.minimum(a, b)[good], "b": np.maximum(a, b)[good]})
    counted = frame.value_counts(sort=False).reset_index(name="weight").sort_values(
        ["weight", "a", "b"], ascending=[False, True, True]
    )  # fmt: skip
    return counted, names.to_numpy(zero_copy_only=False)
