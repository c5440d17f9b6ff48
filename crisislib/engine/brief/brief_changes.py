"""What has changed since the last brief, and what would bring the level down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from crisislib.core.evidence import posts_of
from crisislib.core.finding import Finding
from crisislib.core.i18n import N_
from crisislib.core.levels import LEVEL_NAMES, LEVELS, rank
from crisislib.core.phrase import Listing, Phrase
from crisislib.core.platforms import platform_name
from crisislib.engine.brief.brief_scope import BriefScope
from crisislib.engine.findings import newest_rows, revived
from crisislib.warn.hysteresis import threshold

FIRST = N_("Nothing to compare with: this is the first brief.")
CHANGED = N_("Changed since the brief of {at}: {list}.")
UNCHANGED = N_("Since the brief of {at} nothing of note has changed: {list}.")
LEVEL_FROM = N_("level {before} to {after}")
SAME_LEVEL = N_("level kept at {after}")
VOLUME = N_("posts an hour {before:,} to {after:,} ({change:+.0%})")
VOLUME_FROM_NONE = N_("posts an hour {before:,} to {after:,}")
NEW_POSTS = N_("{n:,} more posts")
NEGATIVE = N_("negative share {points:+d} points")
NEW_CLAIM = N_("a new claim, “{claim}”")
NEW_PLATFORM = N_("now on {platform} too")
NEW_ANSWER = N_("the brand has answered")
GROUPS = N_("groups acting together {before} to {after}")
LOWER = N_(
    "To {to} when the index falls below {threshold:.0f} (now {index:.0f}) and stays there for {windows} "
    "{windows:window|windows}."
)
LOWER_TRIGGER = N_(
    "To {to} when the hard trigger ({subject}) no longer holds and the index stays below {threshold:.0f} (now "
    "{index:.0f}) for {windows} {windows:window|windows}."
)
LOWER_HOLDS = N_(
    "To {to} when {windows} {windows:window|windows} in a row stay below index {threshold:.0f}; it is {index:.0f} now."
)
LOWER_BY = N_("{lower} What weighs most is {name}: back in its usual range the index would be {without}.")
POINTS = 2
"""Percentage points of the negative share below which it has not changed."""
SHARE = 0.15
"""Relative change of the hourly volume below which it has not changed: about the noise of an hour."""


def changes(scope: BriefScope, made: Sequence[Finding] = ()) -> list[Finding]:
    """What differs from the brief before, of the same incident (or of the watch where none is open).

    Parameters
    ----------
    scope : BriefScope
        With or without an incident.
    made : sequence of Finding
        The findings of this brief.

    Returns
    -------
    list of Finding
        One; its table has `what`, `before`, `after`.
    """
    before = _earlier(scope)
    if not before:
        return [Finding("brief.changed", FIRST, {"n": 0}, pd.DataFrame(), silent=True)]
    old = {one.key: one for one in before[1]}
    new = {one.key: one for one in made}
    rows = [*_levels(old, new), *_volumes(old, new), *_contents(before[1], made), *_groups(old, new)]
    words = [words for _, words, _, _, _ in rows]
    real = [row for row in rows if row[4]]
    table = pd.DataFrame([{"what": w, "before": b, "after": a} for w, _, b, a, _ in rows])
    facts = {
        "at": scope.local(before[0], "%m-%d %H:%M"),
        "since": before[0],
        "list": Listing(tuple(words)),
        "n": len(real),
    }
    ids = [p for one in made if one.key in ("brief.now", "brief.size") for p in one.post_ids]
    message = CHANGED if real else UNCHANGED
    if not words:
        return []
    return [Finding("brief.changed", message, facts, table, ids, len(real), weight=55.0)]


def _earlier(scope: BriefScope) -> tuple[pd.Timestamp, list[Finding]] | None:
    """The newest brief of the same incident that was judged earlier."""
    just_before = (scope.at - pd.Timedelta(seconds=1)).to_pydatetime()
    incident = "" if scope.row is None else str(scope.row["incident_id"])
    rows = newest_rows(scope.ctx.lake, scope.watch.watch, ["brief."], now=just_before, incident=incident)
    if rows.empty:
        return None
    return pd.Timestamp(rows["at"].iloc[0]), [revived(row) for row in rows.to_dict("records")]


Change = tuple[str, Phrase, Any, Any, bool]


def _levels(old: dict[str, Finding], new: dict[str, Finding]) -> list[Change]:
    keys = [f["brief.what"].facts.get("level_key") if "brief.what" in f else None for f in (old, new)]
    if None in keys:
        return []
    names = [Phrase(LEVEL_NAMES.get(str(k), str(k))) for k in keys]
    if keys[0] == keys[1]:
        return [("level", Phrase(SAME_LEVEL, {"after": names[1]}), keys[0], keys[1], False)]
    return [("level", Phrase(LEVEL_FROM, {"before": names[0], "after": names[1]}), keys[0], keys[1], True)]


def _volumes(old: dict[str, Finding], new: dict[str, Finding]) -> list[Change]:
    """Hourly volume, all posts, and the negative share."""
    rows: list[Change] = []
    before, after = (_fact(f, "brief.now", "now") for f in (old, new))
    if before is not None and after is not None:
        facts: dict[str, object] = {"before": int(before), "after": int(after)}
        words, real = Phrase(VOLUME_FROM_NONE, facts), after != before
        if before:
            change = after / before - 1
            words, real = Phrase(VOLUME, {**facts, "change": change}), abs(change) >= SHARE
        rows.append(("posts_per_hour", words, before, after, bool(real)))
    before, after = (_fact(f, "brief.size", "posts") for f in (old, new))
    if before is not None and after is not None and after > before:
        rows.append(("posts", Phrase(NEW_POSTS, {"n": int(after - before)}), before, after, False))
    before, after = (_fact(f, "brief.size", "negative") for f in (old, new))
    if before is not None and after is not None:
        points = round(100 * (after - before))
        if abs(points) >= POINTS:
            rows.append(("negative_share", Phrase(NEGATIVE, {"points": points}), before, after, True))
    return rows


def _fact(findings: dict[str, Finding], key: str, name: str) -> float | None:
    value = findings[key].facts.get(name) if key in findings else None
    return float(value) if isinstance(value, int | float) and np.isfinite(value) else None


def _contents(old: Sequence[Finding], new: Sequence[Finding]) -> list[Change]:
    """Claims, platforms and answers that were not there before."""
    rows: list[Change] = []
    known = {p for one in old if one.key in ("brief.claim", "brief.claims.one") for p in one.post_ids}
    texts = {_text(one) for one in old if one.key == "brief.claims.one"}
    if any(one.key == "brief.claims" for one in old):
        for one in new:
            fresh = one.key == "brief.claims.one" and not known & set(one.post_ids) and _text(one) not in texts
            if fresh:
                rows.append(("claim", Phrase(NEW_CLAIM, {"claim": one.facts["claim"]}), None, one.facts["claim"], True))
    places = [{str(v) for f in side if f.key == "brief.where" for v in f.table["platform"]} for side in (old, new)]
    if places[0]:
        rows += [
            ("platform", Phrase(NEW_PLATFORM, {"platform": platform_name(code)}), None, code, True)
            for code in sorted(places[1] - places[0])
        ]
    answers = [sum(f.n for f in side if f.key == "brief.answered") for side in (old, new)]
    if answers[1] > answers[0]:
        rows.append(("answers", Phrase(NEW_ANSWER), answers[0], answers[1], True))
    return rows


def _text(one: Finding) -> str:
    return str(one.facts.get("claim", ""))


def _groups(old: dict[str, Finding], new: dict[str, Finding]) -> list[Change]:
    before, after = (_fact(f, "brief.together", "groups") for f in (old, new))
    if before is None or after is None or before == after:
        return []
    return [("groups", Phrase(GROUPS, {"before": int(before), "after": int(after)}), before, after, True)]


def lowering(scope: BriefScope) -> list[Finding]:
    """What would bring the level down by one step.

    Parameters
    ----------
    scope : BriefScope
        Has an incident.
    """
    decision, levels = scope.now.decision, scope.watch.levels
    level, index = decision.level, decision.index
    if rank(level) < rank("blue") or not np.isfinite(index):
        return []
    to = LEVELS[LEVELS.index(level) - 1]
    facts: dict[str, object] = {
        "to": Phrase(LEVEL_NAMES[to]), "to_key": to, "threshold": threshold(level, levels), "index": float(index),
        "windows": levels.calm_windows,
    }  # fmt: skip
    known = {one.key: one for one in decision.findings}
    fired = known.get("warn.trigger")
    message = LOWER if index >= threshold(level, levels) else LOWER_HOLDS
    if fired is not None:
        message, facts["subject"] = LOWER_TRIGGER, fired.facts["subject"]
    down = known.get("warn.down")
    ids = list(down.post_ids) if down is not None else posts_of((scope.row or {}).get("evidence"))
    table = down.table if down is not None else pd.DataFrame()
    if down is not None and index >= threshold(level, levels):
        facts = {
            **facts,
            "lower": Phrase(message, dict(facts)),
            "name": down.facts["name"],
            "without": down.facts["without"],
        }
        message = LOWER_BY
    return [Finding("brief.down", message, facts, table, ids, len(ids), weight=50.0)]
