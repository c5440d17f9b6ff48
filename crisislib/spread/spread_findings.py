"""Findings about spread: sentences over computed facts, with the posts behind them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from crisislib.core.durations import duration
from crisislib.core.finding import Finding, too_few
from crisislib.core.i18n import N_
from crisislib.core.phrase import Phrase
from crisislib.core.platforms import platform_name
from crisislib.core.tables import conform
from crisislib.spread.cascades import origins, trees
from crisislib.spread.cascades.growth_findings import PARENTS, growth_finding, reproduction_finding
from crisislib.spread.key_spreader_findings import communities_finding, coordination_finding, spreader_finding
from crisislib.spread.post_arrays import Frame, SpreadGraph, build_graph, members
from crisislib.spread.reach_estimate import VIEWS

NEEDED = 10
"""Posts below which there is no finding on how a story spread."""

_EARLIEST = N_("“Earliest” means the earliest post in the data we hold, not the first on the internet.")
_BROKEN = N_(
    "Some posts name a parent that cannot be theirs (later than they are, or in a loop); those links are left out."
)


def findings(
    posts: Frame,
    edges: Frame,
    accounts: Frame,
    groups: Frame,
    *,
    now: datetime,
    narratives: Frame | None = None,
    zone: tzinfo = UTC,
) -> list[Finding]:
    """Findings of the spread room.

    Parameters
    ----------
    posts, edges, accounts, groups : POSTS, EDGES, ACCOUNTS, GROUPS
    now : datetime
    narratives : LABELS, optional
        Rows of the label `narrative`: pieces of one narrative then compete for where the story began.
    zone : tzinfo
        In which times are written: the watch's, as everywhere else on a page.

    Returns
    -------
    list of Finding
        `spread.size`, `spread.reach`, `spread.growth`, `spread.reproduction`, `spread.certainty`, `spread.origin`,
        `spread.crossing`, `spread.spreader`, `spread.communities`, `spread.coordination`; where there is too little,
        a finding says so.
    """
    graph = build_graph(posts, edges)
    if graph.n_posts < NEEDED:
        return [too_few("spread.size", graph.n_posts, NEEDED)]
    table = trees.table(graph, accounts, now=now)
    if not len(table):
        return [_alone(graph)]
    makers: tuple[Callable[[], Finding | None], ...] = (
        lambda: _size(graph, table),
        lambda: _reach(graph, table),
        lambda: growth_finding(graph, table),
        lambda: reproduction_finding(graph, table, now=now, zone=zone),
        lambda: _certainty(graph),
        lambda: _origin(graph, table, narratives, zone),
        lambda: _crossing(graph),
        lambda: spreader_finding(graph, accounts),
        lambda: communities_finding(graph, accounts),
        lambda: coordination_finding(conform(groups, "GROUPS"), graph),
    )
    return [made for make in makers if (made := make()) is not None]


def _alone(graph: SpreadGraph) -> Finding:
    message = N_("None of the {n} stored posts can be linked to another: no path can be shown.")
    return Finding("spread.size", message, {"n": graph.n_posts}, pd.DataFrame(), n=graph.n_posts, silent=True)


def _size(graph: SpreadGraph, table: pd.DataFrame) -> Finding:
    message = N_(
        "The largest story reached {n} {n:post|posts} {by} in {depth} {depth:step|steps}; {pace} {stories} "
        "{stories:story|stories} spread in all."
    )
    big = table.iloc[0]
    accounts, half_s = int(big["n_accounts"]), float(big["half_s"])
    # An export that names no accounts, or no times, leaves it unknown: that is not none and not at once.
    by = (
        Phrase(N_("by {n} {n:account|accounts}"), {"n": accounts})
        if accounts
        else Phrase(N_("(who wrote them is not stored)"))
    )
    pace = Phrase(N_("how fast it grew is not known."))
    if np.isfinite(half_s):
        pace = Phrase(N_("half of it came within {span}."), {"span": duration(half_s)})
    facts = {"n": int(big["n"]), "by": by, "depth": int(big["depth"]), "pace": pace, "stories": len(table)}
    return Finding(
        "spread.size", message, facts, table.head(20), members(graph, int(big["cascade"])), graph.n_posts,
        (PARENTS,), weight=float(big["n"]) / graph.n_posts,
    )  # fmt: skip


def _reach(graph: SpreadGraph, table: pd.DataFrame) -> Finding:
    big = table.iloc[0]
    ids = members(graph, int(big["cascade"]))
    if pd.isna(big["reach_hi"]):
        message = N_("How many people the largest story reached is unknown: no followers and no views are stored.")
        return Finding("spread.reach", message, {}, table.head(1), ids, int(big["n"]), silent=True)
    by_views = N_(
        "The largest story was viewed between {lo} and {hi} times; views are known for {known}% of its posts."
    )
    by_people = N_(
        "The largest story reached between {lo} and {hi} people: from an estimate that corrects for shared "
        "audiences and for posts that followers never see, to the plain sum of followers, known for {known}% of "
        "the accounts."
    )
    message = by_views if big["reach_method"] == VIEWS else by_people
    facts = {
        "lo": f"{int(big['reach_lo']):,}",
        "hi": f"{int(big['reach_hi']):,}",
        "known": round(100 * float(big["known"])),
    }
    columns = ["root_id", "reach_lo", "reach_hi", "reach_method", "known"]
    return Finding("spread.reach", message, facts, table[columns].head(20), ids, int(big["n"]), weight=0.3)


def _certainty(graph: SpreadGraph) -> Finding:
    taken = graph.edges.take(graph.edge[graph.edge >= 0]).select(["dst", "method", "confidence"]).to_pandas()
    by_method = taken.groupby("method")["confidence"].agg(n="size", confidence="mean").reset_index()
    stated = taken["method"] == "explicit"
    lost = pc.is_valid(graph.posts["parent_id"]).to_numpy() & (graph.edge[: graph.n_posts] < 0)
    limits = (_BROKEN,) if lost.any() else ()
    facts: dict[str, object] = {"n": len(taken), "share": round(100 * float(stated.mean()))}
    ids = graph.names(np.flatnonzero(graph.edge[: graph.n_posts] >= 0)[:50])
    if stated.all():
        message = N_("The source itself states every link between posts (n = {n}).")
        del facts["share"]
    else:
        message = N_(
            "{share}% of the links between posts (n = {n}) are stated by the source; about {right}% of the "
            "others name the right post, as measured by hiding known links."
        )
        facts["right"] = round(100 * float(taken["confidence"][~stated].mean()))
    return Finding("spread.certainty", message, facts, by_method, ids, graph.n_posts, limits, weight=0.2)


def _origin(graph: SpreadGraph, table: pd.DataFrame, narratives: Frame | None, zone: tzinfo) -> Finding | None:
    candidates = origins.origins(graph, narratives=narratives)
    candidates = candidates[candidates["root_id"] == table.iloc[0]["root_id"]]
    if not len(candidates):
        return None
    first = candidates.iloc[0]
    if bool(first["held"]):
        message = N_("The largest story begins, in the data we hold, with a post on {platform}; its time is not known.")
        facts: dict[str, object] = {"platform": platform_name(first["platform"])}
        if pd.notna(first["at"]):
            message = N_("The largest story begins, in the data we hold, with a post on {platform} at {at} (± {s}).")
            facts["at"] = f"{first['at'].tz_convert(zone):%Y-%m-%d %H:%M}"
            facts["s"] = duration(float(first["precision_s"]) if pd.notna(first["precision_s"]) else 1.0)
    else:
        message = N_(
            "The post that the largest story began with is not in the data we hold; {n} {n:candidate "
            "is|candidates are} ranked, the first with {share}% of the probability."
        )
        facts = {"n": len(candidates), "share": round(100 * float(first["score"]))}
    ids = [p for p, present in zip(candidates["post_id"], candidates["held"], strict=True) if present]
    return Finding("spread.origin", message, facts, candidates, ids, int(first["n"]), (_EARLIEST,), weight=0.6)


def _crossing(graph: SpreadGraph) -> Finding | None:
    crossed = origins.crossings(graph)
    if not len(crossed):
        return None
    top = crossed.sort_values("n_after", ascending=False, kind="stable").iloc[0]
    message = N_("A story crossed from {src} to {dst}, when is not known; {n} {n:post|posts} followed.")
    facts: dict[str, object] = {
        "src": platform_name(top["from_platform"]), "dst": platform_name(top["to_platform"]), "n": int(top["n_after"]),
    }  # fmt: skip
    if pd.notna(top["lag_s"]):
        message = N_(
            "A story crossed from {src} to {dst} {span} after the post that it came from; {n} {n:post|posts} followed."
        )
        facts["span"] = duration(float(top["lag_s"]))
    return Finding("spread.crossing", message, facts, crossed.head(20), [top["src"], top["dst"]], graph.n_posts,
                   (PARENTS,), weight=0.5)  # fmt: skip
