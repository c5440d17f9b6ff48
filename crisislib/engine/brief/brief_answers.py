"""Whether the brand has answered: which statements, when, and what they changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pandas as pd

from crisislib.core.evidence import posts_of
from crisislib.core.finding import Finding
from crisislib.core.i18n import N_
from crisislib.core.phrase import Listing, Phrase
from crisislib.engine.brief.brief_scope import BriefScope
from crisislib.respond.response_kinds import NOT_PUBLIC, RESPONSE_KINDS

ANSWERED = N_("The brand has answered {n} {n:time|times}: {list}. {effect}")
ANSWERED_TWICE = N_("The brand has answered twice: {list}. {effect}")
ANSWERED_ONCE = N_("The brand has answered once: {list}. {effect}")
SILENT = N_("The brand has not answered in public, as far as its log and its own accounts show.")
ONE = N_("{kind} at {at}")
POSTED = N_("post of its own at {at} that {stand}")
STANDS: dict[str, str] = {"deny": N_("denies it"), "admit": N_("admits it"), "": N_("says neither")}
"""What a post of the brand's own says of the claim."""
FELL = N_("After the {kind} there were {change:.0%} fewer posts than expected without it ({lo:.0%} to {hi:.0%}).")
ROSE = N_("After the {kind} there were {change:.0%} more posts than expected without it ({lo:.0%} to {hi:.0%}).")
UNSURE = N_("Whether that changed the course is not known yet.")
SAME = timedelta(minutes=30)
"""A post of the brand's own so near to a logged statement is that statement."""


def answered(scope: BriefScope) -> list[Finding]:
    """What the brand has said in public since the incident began, and its effect.

    Parameters
    ----------
    scope : BriefScope
        Has an incident.
    """
    logged, own = _logged(scope), _own_posts(scope)
    theirs = list(own["post_id"])
    if len(logged) and len(own):
        near = own["at"].map(lambda t: bool(((logged["at"] - t).abs() <= SAME).any()))
        own = own[~near.astype(bool)]
    table = pd.concat([logged, own], ignore_index=True).sort_values("at") if len(logged) + len(own) else logged
    if table.empty:
        return [Finding("brief.answered", SILENT, {"n": 0}, pd.DataFrame(), weight=65.0, silent=True)]
    table = _with_effects(scope, table).reset_index(drop=True)
    words = [_words(scope, row) for row in table.to_dict("records")]
    facts = {
        "n": len(table), "list": Listing(tuple(words[-5:])), "effect": _effect(table), "last_at": table["at"].iloc[-1],
    }  # fmt: skip
    message = {1: ANSWERED_ONCE, 2: ANSWERED_TWICE}.get(len(table), ANSWERED)
    ids = theirs or posts_of((scope.row or {}).get("evidence"))
    return [Finding("brief.answered", message, facts, table, ids, len(table), weight=65.0)]


def _logged(scope: BriefScope) -> pd.DataFrame:
    """Public statements of the response log since the incident began."""
    columns = ["at", "kind", "channel", "strategy", "response_id", "url", "post_id", "stand"]
    rows = scope.ctx.lake.read("RESPONSES", watch=scope.watch.watch)
    mine = rows[(rows["at"] > scope.since) & (rows["at"] <= scope.at) & ~rows["kind"].isin(NOT_PUBLIC)]
    if mine.empty:
        return pd.DataFrame(columns=columns)
    return mine.assign(post_id="", stand="")[columns]


def _own_posts(scope: BriefScope) -> pd.DataFrame:
    """Posts of the brand's own accounts that deny or admit what is claimed."""
    columns = ["at", "kind", "channel", "strategy", "response_id", "url", "post_id", "stand"]
    accounts = scope.watch.brand.accounts
    frame = scope.frame[scope.frame["account_id"].isin(accounts)] if accounts else scope.frame.head(0)
    says = scope.labels[scope.labels["label"] == "statement"].drop_duplicates("post_id", keep="last")
    merged = frame.merge(says[["post_id", "value"]], on="post_id")
    if merged.empty:
        return pd.DataFrame(columns=columns)
    made = merged.rename(columns={"created_at": "at", "platform": "channel", "value": "stand"})
    return made.assign(kind="own_post", strategy="", response_id="", url="")[columns]


def _with_effects(scope: BriefScope, table: pd.DataFrame) -> pd.DataFrame:
    """The estimated change of the volume after each, where one was estimated."""
    parts = [one.table for one in scope.now.effects if one.key == "respond.effect" and len(one.table)]
    columns = ["status", "change", "lo", "hi", "claimed"]
    if not parts:
        return table.assign(**dict.fromkeys(columns, None))
    known = pd.concat(parts, ignore_index=True)
    known = known[known["signal"] == "volume"].drop_duplicates("response_id", keep="last")
    return table.merge(known[["response_id", *columns]], on="response_id", how="left")


def _words(scope: BriefScope, row: dict[Any, Any]) -> Phrase:
    at = scope.local(row["at"], "%m-%d %H:%M")
    if row["kind"] == "own_post":
        return Phrase(POSTED, {"at": at, "stand": Phrase(STANDS.get(str(row["stand"]), STANDS[""]))})
    return Phrase(ONE, {"kind": Phrase(RESPONSE_KINDS.get(str(row["kind"]), str(row["kind"]))), "at": at})


def _effect(table: pd.DataFrame) -> Phrase:
    """The newest effect that is distinguishable from chance; that none is, where there is none."""
    sure = table[table["claimed"].fillna(False).astype(bool)] if len(table) else table
    if sure.empty:
        return Phrase(UNSURE)
    row = sure.iloc[-1]
    kind = Phrase(RESPONSE_KINDS.get(str(row["kind"]), str(row["kind"])))
    ends = sorted(abs(float(row[k])) for k in ("lo", "hi"))
    facts = {"kind": kind, "change": abs(float(row["change"])), "lo": ends[0], "hi": ends[1]}
    return Phrase(FELL if float(row["change"]) < 0 else ROSE, facts)
