"""What readers are told of a decision, as findings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from crisislib.core.finding import Finding
from crisislib.core.i18n import N_, tr
from crisislib.core.levels import LEVEL_NAMES, Level
from crisislib.warn import evidence
from crisislib.warn.index import Index
from crisislib.warn.ladder import level_of, threshold
from crisislib.warn.weights import DIMENSIONS

if TYPE_CHECKING:
    from crisislib.warn.seen import Seen

CALM = N_("No alert: the index is {index} of 100, and blue begins at {blue}.")
LEVEL = N_("Level {level}: the index is {index} of 100; {first} adds most ({points} points).")
DRIVER = N_("{name} ({signal}): {value} in the newest window against {expected} expected (90 % interval {lo} to {hi}).")
DOWN = N_("If {name} were back to its usual range, the index would be {without} and the level {level}.")
FIRED = N_("Red by a hard trigger: {n} posts in six hours speak of {subject}; {usual} are usual.")
OPENED = N_("Incident opened: {title}.")
UNMEASURED = N_("Not measured, so hardly counted in the index: {names}.")
SMALL = N_("Under five posts stand behind the newest window.")


def history(made: Index, levels: list[Level]) -> pd.DataFrame:
    """Per window `at`, `index`, `level` and the score of each dimension, for charts and backtests."""
    frame = pd.DataFrame({"at": made.at, "index": made.value, "level": levels})
    for i, name in enumerate(DIMENSIONS):
        frame[name] = made.scores[:, i] if len(made.at) else np.zeros(0)
    return frame


def findings(
    seen: Seen, level: Level, incident: Mapping[str, Any] | None, alert: Mapping[str, Any] | None
) -> list[Finding]:
    """The sentences of one decision, most important first."""
    language = seen.watch.language
    said: list[Finding] = []
    packed = (alert or incident or {}).get("evidence")
    ids = evidence.unpacked(packed) or evidence.chosen(seen.labels, seen.posts, seen.onset, seen.at)
    for one in seen.fired:
        facts = {"n": one.n, "subject": tr(one.trigger.title, language), "usual": round(one.usual, 1)}
        said.append(Finding("warn.trigger", FIRED, facts, pd.DataFrame([facts]), one.post_ids, one.n, weight=100.0))
    if level == "unknown":
        facts_now = dict(seen.health.facts)
        said.append(Finding("warn.level", seen.health.reason, facts_now, pd.DataFrame([facts_now]), ids, weight=90.0))
        return said
    if not len(seen.contributions):
        return said
    said.append(_level(seen, level, ids))
    if level != "none":
        said += _drivers(seen, ids)
        said += _down(seen, ids)
    if incident is not None and incident["status"] == "open" and incident["opened_at"] is not None:
        facts = {"title": incident["title"]}
        said.append(Finding("warn.incident", OPENED, facts, pd.DataFrame([facts]), ids, len(ids), weight=60.0))
    return said


def _number(value: float) -> str:
    """A number as people read it: whole when large, two digits when small."""
    if not np.isfinite(value):
        return "–"
    return f"{value:,.0f}" if abs(value) >= 20 else f"{value:.3g}"


def _limits(seen: Seen) -> list[str]:
    language = seen.watch.language
    parts = seen.contributions
    blank = list(parts.loc[~parts["measured"], "name"])
    limits = [tr(UNMEASURED, language, names=", ".join(blank))] if blank else []
    if _posts(seen) < 5:
        limits.append(tr(SMALL, language))
    return limits


def _posts(seen: Seen) -> int:
    behind = seen.contributions["n_posts"].max()
    return 0 if pd.isna(behind) else int(behind)


def _level(seen: Seen, level: Level, ids: list[str]) -> Finding:
    language, top = seen.watch.language, seen.contributions.iloc[0]
    n = _posts(seen)
    if level == "none":
        facts: dict[str, object] = {"index": _number(seen.value), "blue": _number(seen.watch.levels.blue)}
        return Finding("warn.level", CALM, facts, seen.contributions, ids, n, _limits(seen), weight=20.0)
    facts = {
        "level": tr(LEVEL_NAMES[level], language),
        "index": _number(seen.value),
        "first": top["name"],
        "points": _number(float(top["points"])),
    }
    return Finding("warn.level", LEVEL, facts, seen.contributions, ids, n, _limits(seen), weight=95.0)


def _drivers(seen: Seen, ids: list[str]) -> list[Finding]:
    parts = seen.contributions
    strong = parts[parts["measured"] & (parts["points"] >= 5.0) & parts["value"].notna()].head(3)
    said = []
    for place, row in enumerate(strong.to_dict("records")):
        facts = {
            "name": row["name"],
            "signal": row["signal_name"],
            **{c: _number(float(row[c])) for c in ("value", "expected", "lo", "hi")},
        }
        n = 0 if pd.isna(row["n_posts"]) else int(row["n_posts"])
        said.append(Finding("warn.driver", DRIVER, facts, strong, ids, n, weight=50.0 - place))
    return said


def _down(seen: Seen, ids: list[str]) -> list[Finding]:
    parts = seen.contributions
    known = parts[parts["measured"] & parts["without"].notna() & (parts["points"] > 0)]
    if not len(known):
        return []
    row = known.sort_values("without").iloc[0]
    after = level_of(float(row["without"]), seen.watch.levels)
    facts = {
        "name": row["name"],
        "without": _number(float(row["without"])),
        "level": tr(LEVEL_NAMES[after], seen.watch.language),
        "threshold": threshold(after, seen.watch.levels),
    }
    return [Finding("warn.down", DOWN, facts, known, ids, _posts(seen), weight=30.0)]
