"""What the reader is told about spread: sentences over computed facts, with the posts behind them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pandas as pd
import pyarrow as pa

from crisislib.core.finding import Finding, too_few
from crisislib.core.i18n import N_
from crisislib.core.tables import conform
from crisislib.spread import people, sources, trees
from crisislib.spread.posts import Frame, Web, weave

NEEDED = 10
"""Posts below which nothing is said about how a story spread."""

_EARLIEST = N_("“Earliest” means the earliest post in the data we hold, not the first on the internet.")
_PARENTS = N_("Part of the path is reconstructed; each edge carries how it is known and how often that is right.")
_WITHOUT = N_("Without them is an upper bound: some of these people would have met the story elsewhere.")
_EVIDENCE = N_("Acting together is not proof of a common purpose: fans and newsrooms do it too.")


def findings(posts: Frame, edges: Frame, accounts: Frame, groups: Frame, *, now: datetime) -> list[Finding]:
    """Findings of the spread room.

    Parameters
    ----------
    posts, edges, accounts, groups : POSTS, EDGES, ACCOUNTS, GROUPS
    now : datetime

    Returns
    -------
    list of Finding
        `spread.size`, `spread.path`, `spread.origin`, `spread.crossing`, `spread.spreader`,
        `spread.coordination`; where there is too little, a finding says so.
    """
    web = weave(posts, edges)
    if web.n_posts < NEEDED:
        return [too_few("spread.size", web.n_posts, NEEDED)]
    table = trees.table(web, accounts, now=now)
    if not len(table):
        return [_alone(web)]
    makers: tuple[Callable[[], Finding | None], ...] = (
        lambda: _size(web, table),
        lambda: _origin(web, table),
        lambda: _crossing(posts, edges, web),
        lambda: _spreader(web, accounts),
    )
    told = [made for make in makers if (made := make()) is not None]
    return [*told, _coordination(conform(groups, "GROUPS"), web)]


def _alone(web: Web) -> Finding:
    message = N_("None of the {n} posts held can be linked to another: no path can be shown.")
    return Finding("spread.size", message, {"n": web.n_posts}, pd.DataFrame(), n=web.n_posts, silent=True)


def _size(web: Web, table: pd.DataFrame) -> Finding:
    message = N_(
        "The largest story reached {n} posts by {accounts} accounts in {depth} steps; half of it came within "
        "{half} minutes. {stories} stories spread in all."
    )
    big = table.iloc[0]
    facts = {
        "n": int(big["n"]), "accounts": int(big["n_accounts"]), "depth": int(big["depth"]),
        "half": round(float(big["half_s"]) / 60), "stories": len(table),
    }  # fmt: skip
    return Finding(
        "spread.size", message, facts, table.head(20), _members(web, int(big["cascade"])), web.n_posts,
        (_PARENTS,), weight=float(big["n"]) / web.n_posts,
    )  # fmt: skip


def _members(web: Web, cascade: int, most: int = 50) -> list[str]:
    import numpy as np

    inside = np.flatnonzero(web.forest.cascade[: web.n_posts] == cascade)[:most]
    return web.names(inside)


def _origin(web: Web, table: pd.DataFrame) -> Finding | None:
    found = sources.rank(web, top=5)
    found = found[found["root_id"] == table.iloc[0]["root_id"]]
    if not len(found):
        return None
    first = found.iloc[0]
    if bool(first["held"]):
        message = N_("The largest story begins, in the data we hold, with a post on {platform} at {at} (UTC, ± {s} s).")
        facts: dict[str, object] = {
            "platform": first["platform"] or "?", "at": f"{first['at']:%Y-%m-%d %H:%M}",
            "s": int(first["precision_s"]) if pd.notna(first["precision_s"]) else 1,
        }  # fmt: skip
    else:
        message = N_(
            "The post that the largest story began with is not in the data we hold; {n} candidates are ranked, "
            "the first with {share} % of the belief."
        )
        facts = {"n": len(found), "share": round(100 * float(first["score"]))}
    ids = [p for p, held in zip(found["post_id"], found["held"], strict=True) if held]
    return Finding("spread.origin", message, facts, found, ids, int(first["n"]), (_EARLIEST,), weight=0.6)


def _crossing(posts: Frame, edges: Frame, web: Web) -> Finding | None:
    found = sources.crossings(posts, edges)
    if not len(found):
        return None
    top = found.sort_values("n_after", ascending=False, kind="stable").iloc[0]
    message = N_(
        "A story crossed from {src} to {dst} {minutes} minutes after the post that it came from; {n} followed."
    )
    facts = {
        "src": top["from_platform"], "dst": top["to_platform"], "minutes": round(float(top["lag_s"]) / 60),
        "n": int(top["n_after"]),
    }  # fmt: skip
    return Finding("spread.crossing", message, facts, found.head(20), [top["src"], top["dst"]], web.n_posts,
                   (_PARENTS,), weight=0.5)  # fmt: skip


def _spreader(web: Web, accounts: Frame) -> Finding | None:
    found = people.rank(web, accounts, top=20)
    if not len(found):
        return None
    top = found.iloc[0]
    message = N_("Most came through one account: {n} posts, {share} % of the stories it took part in.")
    facts = {"n": int(top["descendants"]), "share": round(100 * float(top["share_without"]))}
    return Finding("spread.spreader", message, facts, found, [top["post_id"]], web.n_posts, (_WITHOUT,), weight=0.4)


def _coordination(groups: pa.Table, web: Web) -> Finding:
    frame = groups.to_pandas()
    if not len(frame):
        message = N_("No group of accounts acted together beyond chance in the {n} posts held.")
        return Finding("spread.coordination", message, {"n": web.n_posts}, frame, n=web.n_posts, limits=(_EVIDENCE,))
    message = N_(
        "Coordinated behaviour among {accounts} accounts in {groups} groups: they shared the same things within "
        "{window} seconds more often than chance allows."
    )
    facts = {
        "accounts": int(frame["account_id"].nunique()), "groups": int(frame["group_id"].nunique()),
        "window": round(float(frame["window_s"].iloc[0])),
    }  # fmt: skip
    ids = [i for cell in frame["evidence"].head(10) for i in _proof(cell)]
    return Finding("spread.coordination", message, facts, frame, ids[:50], web.n_posts, (_EVIDENCE,), weight=0.7)


def _proof(cell: str) -> list[str]:
    import json

    found: list[str] = json.loads(cell)["post_ids"]
    return found
