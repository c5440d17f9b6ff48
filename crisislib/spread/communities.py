"""Communities: accounts that pass things on to each other."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd

from crisislib.core.ids import pseudonym
from crisislib.spread.cascades.forest import Ints
from crisislib.spread.post_arrays import SpreadGraph, codes

_MOST = 20_000
"""Ties that are searched; what it bounds is time, about a second."""
_LEAST = 3
"""Accounts below which a community is not named."""
_KEY = 3
"""Accounts that are named for each community."""


def communities(graph: SpreadGraph, *, seed: int = 0) -> pd.DataFrame:
    """Communities of the graph of who passed on whom.

    Parameters
    ----------
    graph : SpreadGraph
    seed : int
        Of the search.

    Returns
    -------
    pandas.DataFrame
        `account` (its position in the graph), `account_id`, `community` (0 is the largest), `n_ties`, `inside`
        (share of the account's ties within its community). `attrs`: `modularity`, `ties`, `ties_left_out`.

    Notes
    -----
    Louvain (Blondel et al. 2008, doi:10.1088/1742-5468/2008/10/P10008) on ties weighted by how often
    one passed on the other, in either direction. Where there are more ties than can be searched, those that were
    used least often are left out, all of one weight together. Communities of a single cascade say who reached whom,
    not what people think.
    """
    ties, names = _ties(graph)
    total = len(ties)
    if total > _MOST:
        ties = ties[ties["weight"] > ties["weight"].iloc[_MOST]]
    ties_graph = nx.Graph()
    ties_graph.add_weighted_edges_from(ties[["a", "b", "weight"]].itertuples(index=False, name=None))
    parts = nx.community.louvain_communities(ties_graph, seed=seed) if len(ties) else []
    parts = sorted((part for part in parts if len(part) >= _LEAST), key=lambda part: (-len(part), min(part)))
    of = {account: number for number, part in enumerate(parts) for account in part}
    both = pd.DataFrame({"account": np.r_[ties["a"], ties["b"]], "other": np.r_[ties["b"], ties["a"]]})
    both["community"] = both["account"].map(of)
    both["same"] = both["community"] == both["other"].map(of)
    grouped = both.dropna().groupby("account")
    table = grouped.agg(community=("community", "first"), n_ties=("other", "size"), inside=("same", "mean"))
    table = table.sort_values(["community", "n_ties"], ascending=[True, False], kind="stable").reset_index()
    table["community"] = table["community"].astype(int)
    table.insert(1, "account_id", names[table["account"].to_numpy(dtype=np.int64)])
    rest = [{node} for node in ties_graph if node not in of]  # a partition must hold every node
    table.attrs |= {
        "modularity": nx.community.modularity(ties_graph, [*parts, *rest]) if len(ties) else float("nan"),
        "ties": total,
        "ties_left_out": total - len(ties),
    }
    return table


def _ties(graph: SpreadGraph) -> tuple[pd.DataFrame, np.ndarray]:
    """Pairs of accounts and how often one passed on the other, heaviest first; names of the accounts."""
    account, names = codes(graph.posts["account_id"])
    child = np.flatnonzero(graph.forest.parent[: graph.n_posts] >= 0)
    parent = graph.forest.parent[child]
    child, parent = child[parent < graph.n_posts], parent[parent < graph.n_posts]
    a, b = account[child], account[parent]
    good = (a >= 0) & (b >= 0) & (a != b)
    frame = pd.DataFrame({"a": np.minimum(a, b)[good], "b": np.maximum(a, b)[good]})
    counted = frame.value_counts(sort=False).reset_index(name="weight")
    counted = counted.sort_values(["weight", "a", "b"], ascending=[False, True, True], ignore_index=True)
    return counted, names.to_numpy(zero_copy_only=False)


def summary(graph: SpreadGraph, members: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    """One row a community.

    Parameters
    ----------
    graph : SpreadGraph
    members : pandas.DataFrame
        From :func:`communities`.
    names : dict
        Account id -> masked name.

    Returns
    -------
    pandas.DataFrame
        `community` (1 is the largest), `n_accounts`, `n_posts`, `share` (of the linked posts), `inside` (mean share
        of its accounts' ties that stay inside), `key_accounts` (masked names of those with most ties), `post_id`
        (the post of its accounts that most came from).
    """
    account, _ = codes(graph.posts["account_id"])
    linked = graph.forest.size[graph.forest.root[: graph.n_posts]] > 1
    of = np.full(int(account.max(initial=-1)) + 2, -1, dtype=np.int64)
    of[members["account"].to_numpy(dtype=np.int64)] = members["community"]
    community: Ints = np.where(linked, of[account], -1)
    mine = np.flatnonzero(community >= 0)
    posts = pd.DataFrame({"node": mine, "community": community[mine], "below": graph.forest.size[mine]})
    best = posts.sort_values(["community", "below", "node"]).drop_duplicates("community", keep="last")
    grouped = members.groupby("community")
    table = grouped.agg(n_accounts=("account", "size"), inside=("inside", "mean"))
    table["n_posts"] = posts.groupby("community").size()
    table["share"] = table["n_posts"] / max(int(linked.sum()), 1)
    leading = members.groupby("community").head(_KEY)
    shown = pd.Series([names.get(a) or pseudonym(a) for a in leading["account_id"]], index=leading["community"])
    table["key_accounts"] = shown.groupby(level=0).agg(", ".join)
    table["post_id"] = graph.names(best.set_index("community")["node"].reindex(table.index).to_numpy(dtype=np.int64))
    table = table.reset_index()
    table["community"] += 1
    columns = ["community", "n_accounts", "n_posts", "share", "inside", "key_accounts", "post_id"]
    return table[columns]
