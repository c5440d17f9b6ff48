"""Where it is spread and since when, who carries it, how many could have seen it, and who acts together."""

from __future__ import annotations

import pandas as pd

from crisislib import spread
from crisislib.core.finding import Finding
from crisislib.core.i18n import N_
from crisislib.core.membership import is_among
from crisislib.core.phrase import Listing, Phrase
from crisislib.core.platforms import platform_name
from crisislib.engine.brief.brief_scope import BriefScope

WHERE = N_("Where: {places}; first on {first} ({at}).")
PLACE = N_("{platform} {n:,}")
WHO = N_(
    "Who: {accounts:,} accounts; {top} of them drove most of it: {through:,} of {n:,} posts came "
    "through them, most through {name}."
)
WHO_PLAIN = N_("Who: {accounts:,} accounts wrote {n:,} posts; none of them drove many others.")
WHO_UNKNOWN = N_("Who: the export names no accounts.")
REACH = N_(
    "Possible audience: {lo:,} to {hi:,} people, each counted once, from the follower counts of "
    "{known:.0%} of the accounts."
)
REACH_UNKNOWN = N_("Possible audience: unknown, because no follower counts are stored.")
REACH_LIMIT = N_(
    "From those who see a post of an account that they follow (6 to 15%) to all who follow; overlap as if followers "
    "were drawn at random."
)
TOGETHER = N_(
    "{accounts} {accounts:account|accounts} in {groups} {groups:group|groups} act together (within {window} s, "
    "more often than chance allows); they wrote {share:.0%} of the posts."
)
TOGETHER_ONE = N_(
    "{accounts} {accounts:account|accounts} in one group act together (within {window} s, more often than "
    "chance allows); they wrote {share:.0%} of the posts."
)
ALONE = N_("No accounts act together more often than chance allows.")
NO_VERDICT = N_("Acting together is evidence, not a verdict: fans and newsrooms act together too.")
NAMED = 5
"""Platforms that the sentence names, and carriers that it speaks of."""
SHOWN = 20
"""Accounts in the table behind the sentence."""


def places(scope: BriefScope, members: pd.DataFrame) -> list[Finding]:
    """Platforms by posts, each with the time of its first post that tells a claim (of any post where none is known).

    Parameters
    ----------
    scope : BriefScope
        Has an incident.
    members : pandas.DataFrame
        `post_id` of the posts that tell a claim.
    """
    frame = scope.frame
    if frame.empty:
        return []
    grouped = frame.groupby(frame["platform"].fillna(""), sort=False)
    table = grouped.agg(n=("post_id", "size"))
    telling = frame[is_among(frame["post_id"], members["post_id"])] if len(members) else frame
    begins = telling.groupby(telling["platform"].fillna(""), sort=False)
    table = table.join(begins.agg(first_at=("created_at", "first"), first_post=("post_id", "first")))
    table = table.rename_axis("platform").reset_index().sort_values(["n", "platform"], ascending=[False, True])
    begin = table["first_at"].min()
    table["minutes_after_first"] = (table["first_at"] - begin).dt.total_seconds() / 60
    table["share"] = table["n"] / len(frame)
    first = table.sort_values("first_at", kind="stable").iloc[0]
    named = [
        Phrase(PLACE, {"platform": platform_name(r["platform"]), "n": int(r["n"])})
        for r in table.head(NAMED).to_dict("records")
    ]
    facts = {
        "places": Listing(tuple(named)), "first": platform_name(first["platform"]),
        "at": scope.local(first["first_at"]), "platforms": len(table),
    }  # fmt: skip
    ids = list(table["first_post"].dropna())
    return [Finding("brief.where", WHERE, facts, table.reset_index(drop=True), ids, len(frame), weight=40.0)]


def carriers(scope: BriefScope) -> list[Finding]:
    """The accounts through whom most posts of the incident came.

    Parameters
    ----------
    scope : BriefScope
        Has an incident.
    """
    frame, traced = scope.frame, scope.now.traced
    if frame.empty:
        return []
    accounts, n = int(frame["account_id"].nunique()), len(frame)
    if not accounts:
        return [Finding("brief.who", WHO_UNKNOWN, {"accounts": 0, "n": n}, pd.DataFrame(), n=n, silent=True)]
    people = traced.spreaders(frame[~frame["account_id"].isin(scope.watch.brand.accounts)])
    if not len(people):
        ids = list(frame["post_id"].head(SHOWN))
        return [Finding("brief.who", WHO_PLAIN, {"accounts": accounts, "n": n}, pd.DataFrame(), ids, n)]
    top = people.head(NAMED)
    through = int(min(top["descendants"].sum(), n))
    name = top.iloc[0]["name_masked"] or "?"
    facts = {"accounts": accounts, "top": len(top), "through": through, "n": n, "name": name}
    columns = ["account_id", "name_masked", "n_posts", "descendants", "n_followers", "post_id"]
    shown = people[columns].head(SHOWN)
    return [Finding("brief.who", WHO, facts, shown, list(top["post_id"].dropna()), n, weight=35.0)]


def reach(scope: BriefScope) -> list[Finding]:
    """How many could have seen it, as an interval.

    Parameters
    ----------
    scope : BriefScope
        Has an incident.
    """
    if scope.frame.empty:
        return []
    made = spread.audience(scope.frame["account_id"], scope.now.traced.accounts)
    n = len(scope.frame)
    if made is None:
        return [Finding("brief.reach", REACH_UNKNOWN, {"known": 0.0}, pd.DataFrame(), n=n, silent=True)]
    facts = {"lo": _round(made.lo), "hi": _round(made.hi), "known": made.known}
    top = scope.frame.sort_values("n_reposts", ascending=False, kind="stable")["post_id"].head(SHOWN)
    shown = pd.DataFrame([{**facts, "sum": made.total}])
    return [Finding("brief.reach", REACH, facts, shown, list(top), n, (REACH_LIMIT,), weight=30.0)]


def _round(people: float) -> int:
    """To two digits: more would be made up."""
    return int(float(f"{people:.2g}"))


def together(scope: BriefScope) -> list[Finding]:
    """How many accounts act together in how many groups, and their share of the posts.

    Parameters
    ----------
    scope : BriefScope
        Has an incident.
    """
    frame = scope.frame
    if frame.empty or not frame["account_id"].notna().any():
        return []
    groups = scope.ctx.lake.read("GROUPS", watch=scope.watch.watch)
    groups = groups[(groups["grade"] != "weak") & (groups["as_of"] <= scope.at)]
    groups = groups[groups["as_of"] == groups["as_of"].max()] if len(groups) else groups
    merged = frame.merge(groups[["account_id", "group_id", "window_s"]], on="account_id")
    if merged.empty:
        none = {"accounts": 0, "groups": 0, "share": 0.0}
        return [Finding("brief.together", ALONE, none, pd.DataFrame(), n=len(frame), silent=True)]
    table = merged.groupby("group_id").agg(
        accounts=("account_id", "nunique"), n=("post_id", "nunique"), first_at=("created_at", "min"),
        last_at=("created_at", "max"), window_s=("window_s", "first"),
    )  # fmt: skip
    table = table.reset_index().sort_values(["n", "group_id"], ascending=[False, True])
    posts = int(merged["post_id"].nunique())
    facts = {
        "accounts": int(merged["account_id"].nunique()), "groups": len(table), "share": posts / len(frame),
        "window": int(table["window_s"].iloc[0]), "posts": posts,
    }  # fmt: skip
    ids = list(dict.fromkeys(merged.sort_values("created_at")["post_id"]))[:50]
    message = TOGETHER if len(table) > 1 else TOGETHER_ONE
    return [Finding("brief.together", message, facts, table, ids, posts, (NO_VERDICT,), weight=75.0)]
