"""What has happened, since when, and what it may cost."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from crisislib import spread
from crisislib.core.evidence import posts_of
from crisislib.core.finding import Finding
from crisislib.core.i18n import N_
from crisislib.core.levels import LEVEL_NAMES
from crisislib.core.phrase import Amount, Phrase
from crisislib.engine.brief.brief_scope import BriefScope
from crisislib.engine.rendering import STATUS, incident_title, kind_words
from crisislib.engine.trace import Traced
from crisislib.warn import LEAD_IN

WHAT = N_("What: {title} ({kind}). Level {level}, crisis index {index} of 100, {status}.")
WHAT_UNNAMED = N_("What: {title}. Level {level}, crisis index {index} of 100, {status}.")
SINCE = N_(
    "Since: the window from {opened} raised the alert; "
    "earliest post of the largest story in the data we hold at {first}."
)
SINCE_ALERT = N_("Since: the window from {opened} raised the alert.")
RISK = N_("What it may cost: as likely above as below {p50}; one case in ten is worse than {p90}.")
RISK_UNSAID = N_("What it may cost: not known in money, for the watch file gives no ranges of loss.")
LEAST_STORY = 10
"""Posts below which a chain of replies is a chat, not the story of an incident."""


def what(scope: BriefScope) -> Finding:
    """The incident with its kind, level, index and state.

    Parameters
    ----------
    scope : BriefScope
        Has an incident.
    """
    row = _row(scope)
    index, level = scope.now.decision.index, scope.now.decision.level
    facts = {
        "title": incident_title(row, scope.watch),
        "kind": kind_words(row),
        "level": Phrase(LEVEL_NAMES[level]),
        "index": f"{index:.0f}" if np.isfinite(index) else "–",
        "status": Phrase(STATUS.get(str(row["status"]), str(row["status"]))),
        "level_key": level,
        "kind_key": str(row["kind"]),
        "status_key": str(row["status"]),
        "begins_at": scope.since,
    }
    n = scope.now.traced.posts.num_rows
    named = (
        isinstance(row.get("title"), str) and row["title"].strip()
    )  # by a person: it need not say of which kind it is
    return Finding("brief.what", WHAT if named else WHAT_UNNAMED, facts, pd.DataFrame(), posts_of(row["evidence"]), n)


def since(scope: BriefScope) -> list[Finding]:
    """When the alert was raised, and the earliest post of the largest story.

    Parameters
    ----------
    scope : BriefScope
        Has an incident.
    """
    row = _row(scope)
    opened = scope.local(row["opened_at"])
    tree = _tree(scope.now.traced, _story(scope.now.traced, pd.Timestamp(row["opened_at"])))
    known = tree[tree["held"]].sort_values("at") if len(tree) else tree
    if not len(known):
        return [Finding("brief.since", SINCE_ALERT, {"opened": opened}, pd.DataFrame(), posts_of(row["evidence"]))]
    first = known.head(1)
    facts = {"opened": opened, "first": scope.local(first["at"].iloc[0])}
    return [Finding("brief.since", SINCE, facts, first[["post_id", "at"]], list(first["post_id"]), len(tree))]


def cost(scope: BriefScope) -> list[Finding]:
    """What the incident may cost, where a risk was assessed.

    Parameters
    ----------
    scope : BriefScope
        Has an incident.
    """
    risk, evidence = scope.now.risk, posts_of(_row(scope)["evidence"])
    if risk is None:
        return []
    if risk["loss_p50"] is None or pd.isna(risk["loss_p50"]):
        return [Finding("brief.risk", RISK_UNSAID, {}, pd.DataFrame(), evidence)]
    facts = {k: Amount(float(risk[f"loss_{k}"]), risk["currency"] or "") for k in ("p50", "p90")}
    return [Finding("brief.risk", RISK, facts, pd.DataFrame(), evidence)]


def _row(scope: BriefScope) -> dict[str, Any]:
    return dict(scope.now.incident or {})


def _story(traced: Traced, opened: pd.Timestamp) -> pd.Series | None:
    """The largest story that still spread when the incident was opened or since; None where none is large enough."""
    rows = traced.cascades
    if not len(rows):
        return None
    mine = rows[(pd.to_datetime(rows["last_at"], utc=True) >= opened - LEAD_IN) & (rows["n"] >= LEAST_STORY)]
    return mine.iloc[0] if len(mine) else None


def _tree(traced: Traced, story: pd.Series | None) -> pd.DataFrame:
    """The tree of a story; empty where there is none."""
    return pd.DataFrame() if story is None else spread.nodes(traced.posts, traced.edges, str(story["root_id"]))
