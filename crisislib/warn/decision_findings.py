"""What readers are told of a decision, as findings: keys, facts and words that the reader's language renders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from crisislib.core.finding import Finding
from crisislib.core.i18n import N_
from crisislib.core.levels import LEVEL_NAMES, Level, rank
from crisislib.core.phrase import Listing, Phrase
from crisislib.warn import evidence_posts
from crisislib.warn.alerts import BY_BURST
from crisislib.warn.crisis_index import Index
from crisislib.warn.decision_evidence import every_days
from crisislib.warn.detectors import Burst
from crisislib.warn.dimension_labels import SIGNALS, TITLES, duration
from crisislib.warn.hysteresis import level_of, threshold
from crisislib.warn.incidents import incident_title
from crisislib.warn.index_weights import DIMENSIONS

if TYPE_CHECKING:
    from crisislib.warn.decision_evidence import Seen

CALM = N_("No alert: the index is {index} of 100, and blue begins at {blue}.")
LEVEL = N_("Level {level}: the index is {index} of 100; {first} adds most ({points} points).")
BY_VOLUME = N_("Level {level} by a rare burst of volume alone: the index is {index} of 100, and blue begins at {blue}.")
BY_TRIGGER = N_("Level {level} by a hard trigger, whatever the index says ({index} of 100).")
HOLDS = N_("Level {level} still holds, until {calm} windows in a row are calmer; the index is {index} of 100 now.")
DRIVER = N_("{name} ({signal}): {value} in the newest window against {expected} expected (90 % interval {lo} to {hi}).")
DOWN = N_("If {name} were back to its usual range, the index would be {without} and the level {level}.")
FIRED = N_("Red by a hard trigger: {n} posts in six hours speak of {subject}; {usual} are usual.")
OPENED = N_("Incident opened: {title}.")
BURST = N_(
    "{count} posts within {span}, where {usual} are usual: a burst of this size is to be expected once in {wait} here. "
    "What is rarer than once in {every} is told."
)
BURST_HEAT = N_(
    "A heat of {count} within {span}, where {usual} is usual: a burst of this size is to be expected once in {wait} "
    "here. What is rarer than once in {every} is told."
)
MUCH = N_("A burst says that much is said, not that it is bad.")
BEYOND = N_("{held} of collection are held; how rare a burst is beyond that is extrapolated.")
UNMEASURED = N_("Not measured, so hardly counted in the index: {names}.")
SMALL = N_("Under five posts stand behind the newest window.")


def history(made: Index, days: npt.NDArray[np.float64], levels: list[Level]) -> pd.DataFrame:
    """Per window `at`, `index`, `level`, `return_days` and the score of each dimension, for charts and backtests."""
    frame = pd.DataFrame({"at": made.at, "index": made.value, "level": levels, "return_days": days})
    for i, name in enumerate(DIMENSIONS):
        frame[name] = made.scores[:, i] if len(made.at) else np.zeros(0)
    return frame


def findings(
    seen: Seen, level: Level, incident: Mapping[str, Any] | None, alert: Mapping[str, Any] | None
) -> list[Finding]:
    """The sentences of one decision, most important first."""
    found: list[Finding] = []
    packed = (alert or incident or {}).get("evidence")
    ids = evidence_posts.unpacked(packed) or evidence_posts.chosen(seen.labels, seen.posts, seen.onset, seen.at)
    for one in seen.fired:
        facts = {"n": one.n, "subject": Phrase(one.trigger.title), "usual": round(one.usual, 1)}
        found.append(Finding("warn.trigger", FIRED, facts, pd.DataFrame([facts]), one.post_ids, one.n, weight=100.0))
    if level == "unknown":
        facts_now = dict(seen.health.facts)
        found.append(Finding("warn.level", seen.health.reason, facts_now, pd.DataFrame([facts_now]), ids, weight=90.0))
        return found
    if not len(seen.contributions):
        return found
    found.append(_level(seen, level, ids))
    if seen.rare is not None:
        found.append(_burst(seen, seen.rare))
    if level != "none":
        found += _drivers(seen, ids)
        found += _down(seen, ids)
    if incident is not None and incident["status"] == "open" and incident["opened_at"] is not None:
        facts = {"title": incident_title(incident, seen.watch)}
        found.append(Finding("warn.incident", OPENED, facts, pd.DataFrame([facts]), ids, len(ids), weight=60.0))
    return found


def _number(value: float) -> str:
    """A number as people read it: whole when large, two digits when small."""
    if not np.isfinite(value):
        return "–"
    return f"{value:,.0f}" if abs(value) >= 20 else f"{value:.3g}"


def _limits(seen: Seen) -> list[str | Phrase]:
    parts = seen.contributions
    blank = tuple(Phrase(TITLES[d]) for d in parts.loc[~parts["measured"], "dimension"])
    limits: list[str | Phrase] = [Phrase(UNMEASURED, {"names": Listing(blank)})] if blank else []
    if _posts(seen) < 5:
        limits.append(SMALL)
    return limits


def _posts(seen: Seen) -> int:
    behind = seen.contributions["n_posts"].max()
    return 0 if pd.isna(behind) else int(behind)


def _level(seen: Seen, level: Level, ids: list[str]) -> Finding:
    top, levels = seen.contributions.iloc[0], seen.watch.levels
    facts: dict[str, object] = {"index": _number(seen.value)}
    message, weight = CALM, 20.0
    if level == "none":
        facts["blue"] = _number(levels.blue)
    else:
        weight, facts["level"] = 95.0, Phrase(LEVEL_NAMES[level])
        if seen.fired:
            message = BY_TRIGGER
        elif seen.rule == BY_BURST:
            message, facts["blue"] = BY_VOLUME, _number(levels.blue)
        elif rank(level_of(seen.value, levels)) < rank(level):
            message, facts["calm"] = HOLDS, levels.calm_windows
        else:
            message = LEVEL
            facts |= {"first": Phrase(TITLES[top["dimension"]]), "points": _number(float(top["points"]))}
    return Finding("warn.level", message, facts, seen.contributions, ids, _posts(seen), _limits(seen), weight=weight)


def _burst(seen: Seen, burst: Burst) -> Finding:
    """How rare the volume of the newest window is, of what, and what is usual."""
    facts: dict[str, object] = {
        "count": _number(burst.count),
        "span": duration(burst.span_s / 86_400),
        "usual": _number(burst.usual),
        "wait": duration(burst.days),
        "every": duration(every_days(seen.watch)),
    }
    limits: list[str | Phrase] = [MUCH]
    if burst.days > burst.held_days:
        limits.append(Phrase(BEYOND, {"held": duration(burst.held_days)}))
    end = min(seen.at, seen.made.at[-1] + pd.Timedelta(minutes=seen.watch.window.step_minutes))
    ids = evidence_posts.chosen(seen.labels, seen.posts, end - pd.Timedelta(seconds=burst.span_s), end)
    table = pd.DataFrame([vars(burst)])
    counted = burst.signal == "volume"
    return Finding(
        "warn.burst", BURST if counted else BURST_HEAT, facts, table, ids, int(burst.count) if counted else len(ids),
        limits, weight=92.0,
    )  # fmt: skip


def _drivers(seen: Seen, ids: list[str]) -> list[Finding]:
    parts = seen.contributions
    strong = parts[parts["measured"] & (parts["points"] >= 5.0) & parts["value"].notna()].head(3)
    found = []
    for place, row in enumerate(strong.to_dict("records")):
        facts = {
            "name": Phrase(TITLES[row["dimension"]]),
            "signal": Phrase(SIGNALS[row["signal"]]),
            **{c: _number(float(row[c])) for c in ("value", "expected", "lo", "hi")},
        }
        n = 0 if pd.isna(row["n_posts"]) else int(row["n_posts"])
        found.append(Finding("warn.driver", DRIVER, facts, strong, ids, n, weight=50.0 - place))
    return found


def _down(seen: Seen, ids: list[str]) -> list[Finding]:
    parts = seen.contributions
    known = parts[parts["measured"] & parts["without"].notna() & (parts["points"] > 0)]
    if not len(known) or level_of(seen.value, seen.watch.levels) == "none":
        return []
    row = known.sort_values("without").iloc[0]
    after = level_of(float(row["without"]), seen.watch.levels)
    facts = {
        "name": Phrase(TITLES[row["dimension"]]),
        "without": _number(float(row["without"])),
        "level": Phrase(LEVEL_NAMES[after]),
        "threshold": threshold(after, seen.watch.levels),
    }
    return [Finding("warn.down", DOWN, facts, known, ids, _posts(seen), weight=30.0)]
