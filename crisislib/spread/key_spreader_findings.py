"""Findings about people: who passed it on most, which communities they form, who acted together."""

from __future__ import annotations

import json

import pyarrow as pa

from crisislib.core.finding import Finding
from crisislib.core.i18n import N_
from crisislib.core.phrase import Phrase
from crisislib.spread import key_spreaders
from crisislib.spread.communities import communities, summary
from crisislib.spread.post_arrays import Frame, SpreadGraph

_WITHOUT = N_("“Without them” is an upper bound: some of these people would have come across the story elsewhere.")
_EVIDENCE = N_("Acting together is not proof of a common purpose: fans and newsrooms do it too.")
_CIRCLES = N_("Any crowd falls into communities. They say who passed on whom, not what people think or why.")
_LEFT_OUT = N_("{n} of {all} {all:tie|ties} {n:was|were} too weak to be searched and {n:is|are} left out.")


def spreader_finding(graph: SpreadGraph, accounts: Frame) -> Finding | None:
    """The account that passed on most; who only began a story is in the finding on its origin.

    Parameters
    ----------
    graph : SpreadGraph
    accounts : ACCOUNTS
        For follower counts.

    Returns
    -------
    Finding or None
        `spread.spreader`; None where nobody passed anything on further.
    """
    table = key_spreaders.rank(graph, accounts, top=None)
    table = table[table["passed_on"] > 0].sort_values(["passed_on", "account_id"], ascending=[False, True])
    if not len(table):
        return None
    top = table.iloc[0]
    message = N_(
        "Of the accounts that passed a story on, one drove the most: {n} {n:further post|further posts} "
        "came through it."
    )
    facts = {"n": int(top["passed_on"])}
    ids = [top["post_id"]]
    return Finding("spread.spreader", message, facts, table.head(20), ids, graph.n_posts, (_WITHOUT,), weight=0.4)


def communities_finding(graph: SpreadGraph, accounts: Frame) -> Finding | None:
    """Communities of accounts that pass things on to each other.

    Parameters
    ----------
    graph : SpreadGraph
    accounts : ACCOUNTS
        For names.

    Returns
    -------
    Finding or None
        `spread.communities`; None where there is no community.
    """
    members = communities(graph)
    if not len(members):
        return None
    table = summary(graph, members, key_spreaders.masked_names(accounts))
    top = table.iloc[0]
    message = N_(
        "The accounts that pass things on to each other form {n} {n:community|communities}; the largest has "
        "{accounts} {accounts:account|accounts} and wrote {share}% of the linked posts."
    )
    facts = {"n": len(table), "accounts": int(top["n_accounts"]), "share": round(100 * float(top["share"]))}
    limits: list[str | Phrase] = [_CIRCLES]
    if members.attrs["ties_left_out"]:
        limits.append(Phrase(_LEFT_OUT, {"n": members.attrs["ties_left_out"], "all": members.attrs["ties"]}))
    ids = list(table["post_id"].head(20))
    return Finding("spread.communities", message, facts, table.head(20), ids, graph.n_posts, tuple(limits), weight=0.25)


def coordination_finding(groups: pa.Table, graph: SpreadGraph) -> Finding:
    """Accounts that shared the same things more closely than chance allows: evidence, no verdict.

    Parameters
    ----------
    groups : GROUPS
    graph : SpreadGraph
        Only for the number of posts.

    Returns
    -------
    Finding
        `spread.coordination`, also where no group was detected.
    """
    frame = groups.to_pandas()
    frame = frame[frame["grade"] != "weak"]  # a weak member is a reason to look, not to name
    if not len(frame):
        message = N_("No group of accounts acted together beyond chance in the {n} stored posts.")
        return Finding(
            "spread.coordination", message, {"n": graph.n_posts}, frame, n=graph.n_posts, limits=(_EVIDENCE,)
        )
    message = N_(
        "Coordinated behaviour among {accounts} {accounts:account|accounts} in {groups} {groups:group|groups}: "
        "they shared the same things within {window} s more often than chance allows."
    )
    facts = {
        "accounts": int(frame["account_id"].nunique()), "groups": int(frame["group_id"].nunique()),
        "window": round(float(frame["window_s"].iloc[0])),
    }  # fmt: skip
    ids = [i for cell in frame["evidence"].head(10) for i in _proof(cell)]
    return Finding("spread.coordination", message, facts, frame, ids[:50], graph.n_posts, (_EVIDENCE,), weight=0.7)


def _proof(cell: str) -> list[str]:
    ids: list[str] = json.loads(cell)["post_ids"]
    return ids
