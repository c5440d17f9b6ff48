"""The emergency brief: what, since when, how big, who, where it goes, what it may cost. Sentences over facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from crisislib import spread, warn
from crisislib.core.evidence import posts_of
from crisislib.core.finding import Finding, too_few
from crisislib.core.i18n import N_
from crisislib.core.levels import LEVEL_NAMES
from crisislib.core.phrase import Amount, Phrase
from crisislib.core.prevalence import prevalence
from crisislib.engine.context import RunContext
from crisislib.engine.measure import calibration
from crisislib.engine.rendering import KINDS, STATUS, incident_title
from crisislib.engine.trace import Traced

WHAT = N_("What: {title} ({kind}). Level {level}, crisis index {index} of 100, {status}.")
NO_INCIDENT = N_("No incident is open. Level of the watch: {level}. {n} posts in the window.")
UNKNOWN = N_(
    "No incident is open, and the level is unknown: there is too little data to judge. {n} posts in the window."
)
SINCE = N_(
    "Since: the window from {opened} raised the alert; "
    "earliest post of the largest story in the data we hold at {first}."
)
SINCE_ALERT = N_("Since: the window from {opened} raised the alert.")
SIZE = N_(
    "How big: {n} posts since the alert, {peak} in the fullest window (an ordinary one: {usual}); "
    "{share} of the classified posts are negative (95 % interval {lo} to {hi}, n = {judged}, "
    "corrected by {labels} labels)."
)
SIZE_MODEL = N_(
    "How big: {n} posts since the alert, {peak} in the fullest window (an ordinary one: {usual}); "
    "{share} of the classified posts are negative (95 % interval {lo} to {hi}, n = {judged}, not checked by labels)."
)
SIZE_UNJUDGED = N_("How big: {n} posts since the alert, {peak} in the fullest window (an ordinary one: {usual}).")
WHO = N_("Who: {accounts} accounts in the largest story; most came through {name} ({through} of {n} posts).")
GOES = N_("Where it goes: {n} posts so far in the largest story; {lo} to {hi} expected in the end (best guess {mid}).")
GOES_UNSAID = N_(
    "Where it goes: {n} posts so far in the largest story; its end cannot be forecast from the stored posts."
)
RISK = N_("What it may cost: as likely above as below {p50}; one case in ten is worse than {p90}.")
RISK_UNSAID = N_("What it may cost: not known in money, for the watch file gives no ranges of loss.")
NEEDED = 10
"""Posts below which no share is given."""
BEFORE = timedelta(hours=6)
"""How long before an incident was opened its story may have rested: it was opened because of what had come."""
LEAST_STORY = 10
"""Posts below which a chain of replies is a chat, not the story of an incident."""
SHOWN = 50
"""Posts behind a sentence: more than a reader opens."""


@dataclass(frozen=True)
class Situation:
    """What the brief speaks of: the incident that matters, the last decision, its risk and its spread.

    Attributes
    ----------
    incident : mapping or None
        Row of INCIDENTS.
    decision : Decision
        The last one.
    signals : pandas.DataFrame
        SIGNALS rows until now.
    risk : mapping or None
        Row of RISKS.
    traced : Traced
        Edges and cascades of the window.
    """

    incident: Mapping[str, Any] | None
    decision: warn.Decision
    signals: pd.DataFrame
    risk: Mapping[str, Any] | None
    traced: Traced


def brief(ctx: RunContext, now: Situation) -> list[Finding]:
    """The emergency brief as findings, in reading order.

    Parameters
    ----------
    ctx : RunContext
        The run.
    now : Situation
        What the stages have computed.

    Returns
    -------
    list of Finding
        What, since when, how big, who, where it goes, cost; without those that there are no facts for.
    """
    n = now.traced.posts.num_rows
    if now.incident is None:
        return [_calm(n, now)]
    row = dict(now.incident)
    story = _story(now.traced, pd.Timestamp(row["opened_at"]))
    tree = _tree(now.traced, story)
    made = [
        _what(ctx, row, now, n), _since(ctx, row, tree), _size(ctx, row, now), _who(now.traced, tree),
        _goes(story, tree), _cost(row, now),
    ]  # fmt: skip
    return [one for one in made if one is not None]


def _calm(n: int, now: Situation) -> Finding:
    if n == 0:
        return too_few("brief.what", 0, NEEDED)
    level = now.decision.level
    facts: dict[str, object] = {"n": f"{n:,}"}
    if level == "unknown":
        return Finding("brief.what", UNKNOWN, facts, pd.DataFrame(), n=n, silent=True)
    return Finding("brief.what", NO_INCIDENT, facts | {"level": Phrase(LEVEL_NAMES[level])}, pd.DataFrame(), n=n)


def _story(traced: Traced, opened: pd.Timestamp) -> pd.Series | None:
    """The largest story that still spread when the incident was opened or since; None where none is large enough."""
    rows = traced.cascades
    if not len(rows):
        return None
    mine = rows[(pd.to_datetime(rows["last_at"], utc=True) >= opened - BEFORE) & (rows["n"] >= LEAST_STORY)]
    return mine.iloc[0] if len(mine) else None


def _tree(traced: Traced, story: pd.Series | None) -> pd.DataFrame:
    """The tree of a story; empty where there is none."""
    return pd.DataFrame() if story is None else spread.nodes(traced.posts, traced.edges, str(story["root_id"]))


def _local(ctx: RunContext, when: object) -> str:
    return pd.Timestamp(when).tz_convert(ctx.watch.timezone).strftime("%Y-%m-%d %H:%M")  # type: ignore[arg-type]


def _what(ctx: RunContext, row: dict[str, Any], now: Situation, n: int) -> Finding:
    index, level = now.decision.index, now.decision.level
    facts = {
        "title": incident_title(row, ctx.watch),
        "kind": Phrase(KINDS.get(str(row["kind"]), str(row["kind"]))),
        "level": Phrase(LEVEL_NAMES[level]),
        "index": f"{index:.0f}" if np.isfinite(index) else "–",
        "status": Phrase(STATUS.get(str(row["status"]), str(row["status"]))),
    }
    return Finding("brief.what", WHAT, facts, pd.DataFrame(), posts_of(row["evidence"]), n)


def _since(ctx: RunContext, row: dict[str, Any], tree: pd.DataFrame) -> Finding:
    opened = _local(ctx, row["opened_at"])
    known = tree[tree["held"]].sort_values("at") if len(tree) else tree
    if not len(known):
        return Finding("brief.since", SINCE_ALERT, {"opened": opened}, pd.DataFrame(), posts_of(row["evidence"]))
    first = known.head(1)
    facts = {"opened": opened, "first": _local(ctx, first["at"].iloc[0])}
    return Finding("brief.since", SINCE, facts, first[["post_id", "at"]], list(first["post_id"]), len(tree))


def _size(ctx: RunContext, row: dict[str, Any], now: Situation) -> Finding | None:
    volume = now.signals[now.signals["signal"] == "volume"].dropna(subset=["value"])
    opened, until = pd.Timestamp(row["opened_at"]), ctx.window.until
    scope: dict[str, Any] = {"watch": ctx.watch.watch, "since": opened.to_pydatetime(), "until": until}
    posts = ctx.lake.sql("POSTS", **scope)
    n = int(posts.aggregate("count(*)").fetchall()[0][0])
    since = volume[volume["at"] >= opened - timedelta(minutes=ctx.watch.window.step_minutes)]
    if since.empty or not n:
        return None
    ids = [r[0] for r in posts.order("coalesce(n_reposts, 0) DESC, post_id").limit(SHOWN).project("post_id").fetchall()]
    usual = since["expected"].median()
    facts: dict[str, object] = {
        "n": f"{n:,}",
        "peak": f"{since['value'].max():,.0f}",
        "usual": "–" if pd.isna(usual) else f"{usual:,.1f}",
    }
    shown = since[["at", "value", "expected"]]
    labels = ctx.lake.sql("LABELS", **scope).filter("label = 'sentiment' AND score IS NOT NULL")
    score = labels.project("score").to_arrow_table()["score"].to_numpy()
    if len(score) < NEEDED:
        return Finding("brief.size", SIZE_UNJUDGED, facts, shown, ids, n)
    share = prevalence(np.clip(score, 0, 1), calibration(ctx.lake, ctx.watch))
    facts_of = {"share": share.value[0], "lo": share.lo[0], "hi": share.hi[0]}
    facts |= {k: f"{v:.0%}" for k, v in facts_of.items()} | {"judged": f"{len(score):,}"}
    message = SIZE_MODEL
    if share.method == "labels":
        message, facts = SIZE, facts | {"labels": share.n_labels}
    return Finding("brief.size", message, facts, shown, ids, n)


def _who(traced: Traced, tree: pd.DataFrame) -> Finding | None:
    people = traced.spreaders(tree)
    if not len(people):
        return None
    top = people.iloc[0]
    facts = {
        "accounts": f"{tree['account_id'].nunique():,}",
        "name": top["name_masked"] or "?",
        "through": f"{int(top['descendants']):,}",
        "n": f"{len(tree):,}",
    }
    shown = people[["account_id", "n_posts", "descendants", "post_id"]].head(20)
    return Finding("brief.who", WHO, facts, shown, [str(top["post_id"])], len(tree))


def _goes(row: pd.Series | None, tree: pd.DataFrame) -> Finding | None:
    if row is None or tree.empty:
        return None
    facts: dict[str, object] = {"n": f"{int(row['n']):,}"}
    shown = pd.DataFrame([row[["root_id", "n", "forecast_lo", "forecast", "forecast_hi"]]])
    if pd.isna(row["forecast"]):
        return Finding("brief.goes", GOES_UNSAID, facts, shown, [row["root_id"]], len(tree))
    facts |= {k: f"{row[c]:,.0f}" for k, c in (("lo", "forecast_lo"), ("mid", "forecast"), ("hi", "forecast_hi"))}
    return Finding("brief.goes", GOES, facts, shown, [row["root_id"]], len(tree))


def _cost(row: dict[str, Any], now: Situation) -> Finding | None:
    risk = now.risk
    if risk is None:
        return None
    if risk["loss_p50"] is None or pd.isna(risk["loss_p50"]):
        return Finding("brief.risk", RISK_UNSAID, {}, pd.DataFrame(), posts_of(row["evidence"]))
    facts = {k: Amount(float(risk[f"loss_{k}"]), risk["currency"] or "") for k in ("p50", "p90")}
    return Finding("brief.risk", RISK, facts, pd.DataFrame(), posts_of(row["evidence"]))
