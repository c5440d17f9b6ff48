"""The emergency brief: what, since when, how big, who, where it goes, what it may cost. Sentences over facts."""

from __future__ import annotations

import pandas as pd

from crisislib.charts import level_name
from crisislib.core.finding import Finding, too_few
from crisislib.core.i18n import N_
from crisislib.core.phrase import short_amount
from crisislib.workbench import incidents, queries, shares
from crisislib.workbench.desk import Desk
from crisislib.workbench.words import word

WHAT = N_("What: {title} ({kind}). Level {level}, crisis index {index} of 100, {status}.")
NO_INCIDENT = N_("No incident is open. Level of the watch: {level}. {n} posts in the window.")
UNKNOWN = N_(
    "No incident is open, and the level is unknown: there is too little data to judge. {n} posts in the window."
)
SINCE = N_("Since: alert at {opened}; earliest post of the largest story in the data we hold at {first}.")
SINCE_ALERT = N_("Since: alert at {opened}.")
SIZE = N_(
    "How big: {n} posts since the alert, {peak} in the fullest window (an ordinary one: {usual}); "
    "{share} of the judged posts are negative (95 % interval {lo} to {hi}, n = {judged}, corrected by {labels} labels)."
)
SIZE_MODEL = N_(
    "How big: {n} posts since the alert, {peak} in the fullest window (an ordinary one: {usual}); "
    "{share} of the judged posts are negative (95 % interval {lo} to {hi}, n = {judged}, not checked by labels)."
)
SIZE_UNJUDGED = N_("How big: {n} posts since the alert, {peak} in the fullest window (an ordinary one: {usual}).")
WHO = N_("Who: {accounts} accounts in the largest story; most came through {name} ({through} of {n} posts).")
GOES = N_("Where it goes: {n} posts so far in the largest story; {lo} to {hi} expected in the end (best guess {mid}).")
GOES_UNSAID = N_("Where it goes: {n} posts so far in the largest story; its end cannot be forecast from what is held.")
RISK = N_(
    "What it may cost: as likely above as below {p50} {currency}; one case in ten is worse than {p90} {currency}."
)
RISK_UNSAID = N_("What it may cost: not known in money, for the watch file gives no ranges of loss.")
NEEDED = 10


def brief(desk: Desk, incident: str = "") -> list[Finding]:
    """The sentences of the brief, in reading order; each with the posts behind it."""
    n = desk.counted("POSTS")
    chosen = incidents.chosen(desk, incident)
    if n == 0 and chosen is None:
        return [too_few("brief.what", 0, NEEDED)]
    if chosen is None:
        level = incidents.level(desk)
        message = UNKNOWN if level == "unknown" else NO_INCIDENT
        facts = {"n": f"{n:,}"} if level == "unknown" else {"n": f"{n:,}", "level": level_name(level, desk.language)}
        return [Finding("brief.what", message, facts, pd.DataFrame(), n=n, silent=True)]
    tree = _tree(desk)
    found = [
        _what(desk, chosen),
        _since(desk, chosen, tree),
        _size(desk, chosen),
        _who(tree),
        _goes(desk, tree),
        _cost(desk, chosen),
    ]
    return [f for f in found if f is not None]


def _tree(desk: Desk) -> pd.DataFrame:
    roots = queries.cascades(desk)["root_id"]
    return queries.members(desk, str(roots.iloc[0])) if len(roots) else pd.DataFrame()


def _local(desk: Desk, when: object) -> str:
    return pd.Timestamp(when).tz_convert(desk.zone).strftime("%Y-%m-%d %H:%M")  # type: ignore[arg-type]


def _what(desk: Desk, row: pd.Series) -> Finding:
    language = desk.language
    facts = {
        "title": row["title"] or row["incident_id"],
        "kind": word(row["kind"], language) if pd.notna(row["kind"]) else "?",
        "level": level_name(str(row["level"]), language),
        "index": "?" if pd.isna(row["index"]) else f"{row['index']:.0f}",
        "status": word(row["status"], language),
    }
    return Finding("brief.what", WHAT, facts, row.to_frame().T, posts_of(row["evidence"]), desk.counted("POSTS"))


def posts_of(cell: object) -> list[str]:
    """Post ids in an evidence cell: a JSON list, or an object with a list under `post_ids` or `posts`."""
    import json

    if not isinstance(cell, str) or not cell.strip().startswith(("[", "{")):
        return []
    held = json.loads(cell)
    if isinstance(held, dict):
        held = held.get("post_ids", held.get("posts", []))
    return [p for p in held if isinstance(p, str)] if isinstance(held, list) else []


def _since(desk: Desk, row: pd.Series, tree: pd.DataFrame) -> Finding:
    opened = _local(desk, row["opened_at"])
    if tree.empty:
        return Finding("brief.since", SINCE_ALERT, {"opened": opened}, pd.DataFrame(), posts_of(row["evidence"]))
    first = tree[~tree["ghost"]].sort_values("at").head(1)
    facts = {"opened": opened, "first": _local(desk, first["at"].iloc[0])}
    return Finding("brief.since", SINCE, facts, first, list(first["post_id"]), len(tree))


def _size(desk: Desk, row: pd.Series) -> Finding | None:
    volume = queries.signals(desk, ["volume"]).dropna(subset=["value"])
    after = desk.sql(
        """SELECT post_id FROM posts WHERE created_at >= $opened ORDER BY coalesce(n_reposts, 0) DESC, post_id""",
        "POSTS",
        opened=row["opened_at"],
    )["post_id"]
    since = volume[volume["at"] >= row["opened_at"] - pd.Timedelta(hours=1)]
    if since.empty or after.empty:
        return None
    usual = since["expected"].median()
    facts: dict[str, object] = {
        "n": f"{len(after):,}",
        "peak": f"{since['value'].max():,.0f}",
        "usual": "?" if pd.isna(usual) else f"{usual:,.1f}",
    }
    found = shares.negative_since(desk, row["opened_at"])
    judged = int(found.n[0])
    if judged < NEEDED:
        return Finding("brief.size", SIZE_UNJUDGED, facts, since, list(after[:50]), len(after))
    share = {"share": found.value[0], "lo": found.lo[0], "hi": found.hi[0]}
    facts |= {k: f"{v:.0%}" for k, v in share.items()} | {"judged": f"{judged:,}"}
    message = SIZE_MODEL
    if found.method == "labels":
        message, facts = SIZE, facts | {"labels": found.n_labels}
    return Finding("brief.size", message, facts, since, list(after[:50]), len(after))


def _who(tree: pd.DataFrame) -> Finding | None:
    people = queries.carriers(tree) if len(tree) else tree
    if len(people) == 0 or people["n_through"].max() == 0:
        return None
    top = people.iloc[0]
    facts = {
        "accounts": f"{len(people):,}",
        "name": top["name"] or "?",
        "through": f"{int(top['n_through']):,}",
        "n": f"{len(tree):,}",
    }
    return Finding("brief.who", WHO, facts, people.head(20), [top["post_id"]], len(tree))


def _goes(desk: Desk, tree: pd.DataFrame) -> Finding | None:
    if tree.empty:
        return None
    row = queries.cascades(desk).iloc[0]
    n = f"{int(row['n']):,}"
    if pd.isna(row["forecast"]):
        return Finding("brief.goes", GOES_UNSAID, {"n": n}, row.to_frame().T, [row["root_id"]], len(tree))
    facts = {"n": n, "lo": row["forecast_lo"], "mid": row["forecast"], "hi": row["forecast_hi"]}
    facts = {k: v if isinstance(v, str) else f"{v:,.0f}" for k, v in facts.items()}
    return Finding("brief.goes", GOES, facts, row.to_frame().T, [row["root_id"]], len(tree))


def _cost(desk: Desk, chosen: pd.Series) -> Finding | None:
    row = incidents.risk(desk, chosen["incident_id"])
    if row is None:
        return None
    if pd.isna(row["loss_p50"]):
        return Finding("brief.risk", RISK_UNSAID, {}, row.to_frame().T, posts_of(chosen["evidence"]))
    facts = {
        "p50": short_amount(row["loss_p50"], desk.language),
        "p90": short_amount(row["loss_p90"], desk.language),
        "currency": row["currency"] or "",
    }
    return Finding("brief.risk", RISK, facts, row.to_frame().T, posts_of(chosen["evidence"]))
