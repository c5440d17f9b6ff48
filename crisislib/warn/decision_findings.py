"""What readers are shown of a decision, as findings: keys, facts and words that the reader's language renders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from crisislib.core.durations import duration, expected_count
from crisislib.core.finding import Finding
from crisislib.core.i18n import N_
from crisislib.core.levels import LEVEL_NAMES, Level, rank
from crisislib.core.phrase import Listing, Phrase
from crisislib.core.window_times import window_end
from crisislib.warn import evidence_posts
from crisislib.warn.alerts import BY_BURST, BY_DRIFT, BY_GAIN, BY_MOOD
from crisislib.warn.bad_stories import STORY_S, every_days
from crisislib.warn.classification import STANDINGS
from crisislib.warn.crisis_index import Index
from crisislib.warn.detectors import Burst
from crisislib.warn.dimension_labels import SIGNALS, TITLES, shown_number, signal_value
from crisislib.warn.hysteresis import level_of, threshold
from crisislib.warn.incident_names import KINDS, incident_title
from crisislib.warn.index_weights import DIMENSIONS
from crisislib.warn.mood import DAY_S

if TYPE_CHECKING:
    from crisislib.warn.decision_evidence import DecisionBasis
from crisislib.warn.mood_findings import about_what, first_day, mood_drift

CALM = N_("No alert: the index is {index} of 100, and blue begins at {blue}.")
COMMON = N_(
    "No alert: the index alone ({index} of 100) would be blue, but nothing shows harm and such bursts are common here."
)
NO_INDEX = N_("No alert: too little was posted in the newest window to give it an index.")
BEFORE = N_("Level {level} by the hours before: too little was posted in the newest window to give it an index.")
LEVEL = N_("Level {level}: the index is {index} of 100; {first} adds most ({points} {points:point|points}).")
BY_VOLUME = N_("Level {level} by a rare burst of volume alone: the index is {index} of 100, and blue begins at {blue}.")
CAPPED = N_(
    "Level {level}: the index is {index} of 100, but nothing shows harm, and without harm no level is above blue."
)
ALONE: dict[str, str] = {
    BY_BURST: BY_VOLUME,
    BY_GAIN: N_("Level {level} by what the counters of one post rose by: the index is {index} of 100."),
    BY_MOOD: N_("Level {level} by the mood of the last day alone: the index is {index} of 100."),
    BY_DRIFT: N_("Level {level} by a mood that has changed for days: the index is {index} of 100."),
}
"""The sentence of a level that one rule gives without the index."""
HARMFUL = N_("Level {level} by a rare burst of harm: the index is {index} of 100.")
BY_TRIGGER = N_("Level {level} by a hard trigger, whatever the index says ({index} of 100).")
HOLDS = N_(
    "Level {level} stays until {calm} {calm:window is|windows in a row are} calmer; the index is now {index} of 100."
)
DRIVER = N_("{name} ({signal}): {value} in the newest window against {expected} expected (90% interval {lo} to {hi}).")
DOWN = N_("If {name} were back to its usual range, the index would be {without} and the level {level}.")
FIRED = N_(
    "Red by a hard trigger, {subject}: {n} {n:post|posts} in six hours, {share} of the public's, report harm "
    "of this kind; {usual} {usual:is|are} usual."
)
GAIN = N_(
    "The reposts, comments and likes of one post rose by {count} within {span}; {usual} is usual for "
    "the most moved post. A rise of this size is to be expected once in {wait} here. Bursts rarer "
    "than once in {every} are reported."
)
NEGATIVES = N_(
    "{count} {count:negative post|negative posts} within {span}, where {usual} {usual:is|are} usual: "
    "a burst of this size is to be expected once in {wait} here. Bursts rarer than once in {every} "
    "are reported."
)
OPENED = N_("Incident opened: {title}.")
CLASSIFIED = N_("What is known of it: subject {subject}; what is claimed is {standing}.")
BURST = N_(
    "{count} {count:post|posts} within {span}, where {usual} {usual:is|are} usual: a burst of this "
    "size is to be expected once in {wait} here. Bursts rarer than once in {every} are reported."
)
BURST_HEAT = N_(
    "A heat of {count} within {span}, where {usual} is usual: a burst of this size is to be expected "
    "once in {wait} here. Bursts rarer than once in {every} are reported."
)
STANDS = N_("The counters rose in the window from {at}; such a story stands for {hours} after.")
MUCH = N_("A burst means that much is posted, not that it is bad.")
BEYOND = N_("Collected data cover {held}; rarity beyond that is extrapolated.")
UNMEASURED = N_("Not measured, so hardly counted in the index: {names}.")
SMALL = N_("The newest window has fewer than five posts.")


def history(made: Index, days: npt.NDArray[np.float64], levels: list[Level]) -> pd.DataFrame:
    """Per window `at`, `index`, `level`, `return_days` and the score of each dimension, for charts and backtests.

    Parameters
    ----------
    made : Index
        Index and scores of the windows.
    days : numpy.ndarray
        Return periods, shape (windows,), days.
    levels : list of str
        Level of every window.

    Returns
    -------
    pandas.DataFrame
        One row a window.
    """
    frame = pd.DataFrame({"at": made.at, "index": made.value, "level": levels, "return_days": days})
    for i, name in enumerate(DIMENSIONS):
        frame[name] = made.scores[:, i] if len(made.at) else np.zeros(0)
    return frame


def findings(
    basis: DecisionBasis, level: Level, incident: Mapping[str, Any] | None, alert: Mapping[str, Any] | None
) -> list[Finding]:
    """The sentences of one decision, most important first.

    Parameters
    ----------
    basis : DecisionBasis
        What was computed for the newest window.
    level : str
        The level decided.
    incident : Mapping or None
        The INCIDENTS row that this decision writes.
    alert : Mapping or None
        The ALERTS row that it sends.

    Returns
    -------
    list of Finding
        Each with its facts and the posts behind it.
    """
    out: list[Finding] = []
    packed = (alert or incident or {}).get("evidence")
    ids = evidence_posts.unpacked(packed) or basis.evidence(basis.onset)
    for one in basis.fired:
        facts = {
            "n": one.n, "subject": Phrase(one.trigger.title), "usual": expected_count(one.usual),
            "share": f"{one.share:.0%}",
        }  # fmt: skip
        out.append(Finding("warn.trigger", FIRED, facts, pd.DataFrame([facts]), one.post_ids, one.n, weight=100.0))
    if level == "unknown":
        facts_now = dict(basis.health.facts)
        out.append(Finding("warn.level", basis.health.reason, facts_now, pd.DataFrame([facts_now]), ids, weight=90.0))
        return [*out, *first_day(basis)]
    if not len(basis.contributions):
        return out
    out.append(_level(basis, level, ids))
    if basis.rare is not None:
        out.append(_burst(basis, basis.rare))
    elif basis.story is not None:
        out.append(_burst(basis, basis.story[1], [_since(basis, basis.story[0])]))
    if level != "none":
        out += [*about_what(basis), *mood_drift(basis, ids), *_drivers(basis, ids), *_down(basis, ids)]
    if incident is not None and incident["status"] == "open" and incident["opened_at"] is not None:
        facts = {"title": incident_title(incident, basis.watch)}
        out.append(Finding("warn.incident", OPENED, facts, pd.DataFrame([facts]), ids, len(ids), weight=60.0))
    if incident is not None and incident.get("standing"):
        what = {"subject": Phrase(KINDS[incident["subject"]]), "standing": Phrase(STANDINGS[incident["standing"]])}
        out.append(Finding("warn.classified", CLASSIFIED, what, pd.DataFrame([what]), ids, len(ids), weight=59.0))
    return out


def _limits(basis: DecisionBasis) -> list[str | Phrase]:
    parts = basis.contributions
    blank = tuple(Phrase(TITLES[d]) for d in parts.loc[~parts["measured"], "dimension"])
    limits: list[str | Phrase] = [Phrase(UNMEASURED, {"names": Listing(blank)})] if blank else []
    if _posts(basis) < 5:
        limits.append(SMALL)
    known = basis.record.limit(basis.rule, basis.watch.timezone) if basis.record and rank(basis.level) > 0 else None
    return [*limits, *([known] if known else [])]


def _posts(basis: DecisionBasis) -> int:
    behind = basis.contributions["n_posts"].max()
    return 0 if pd.isna(behind) else int(behind)


def _level(basis: DecisionBasis, level: Level, ids: list[str]) -> Finding:
    top, levels = basis.contributions.iloc[0], basis.watch.levels
    facts: dict[str, object] = {"index": shown_number(basis.value)}
    message, weight = CALM, 20.0
    by_index = rank(level_of(basis.value, levels))
    if not np.isfinite(basis.value) and not basis.fired:
        message = NO_INDEX if level == "none" else BEFORE
        facts = {} if level == "none" else {"level": Phrase(LEVEL_NAMES[level])}
        weight = 20.0 if level == "none" else 95.0
    elif level == "none":
        # The index alone makes nothing blue where nothing shows harm.
        message = COMMON if by_index > rank("none") else CALM
        facts |= {} if by_index > rank("none") else {"blue": shown_number(levels.blue)}
    else:
        weight, facts["level"] = 95.0, Phrase(LEVEL_NAMES[level])
        if basis.fired:
            message = BY_TRIGGER
        elif basis.rule == BY_BURST and rank(level) > rank("blue"):
            message = HARMFUL
        elif basis.rule in ALONE:
            message, facts["blue"] = ALONE[basis.rule], shown_number(levels.blue)
        elif by_index < rank(level) or top["points"] < 1.0:
            message, facts["calm"] = HOLDS, levels.calm_windows
        elif by_index > rank(level):
            message = CAPPED
        else:
            message = LEVEL
            facts |= {"first": Phrase(TITLES[top["dimension"]]), "points": shown_number(float(top["points"]))}
    return Finding("warn.level", message, facts, basis.contributions, ids, _posts(basis), _limits(basis), weight=weight)


def _since(basis: DecisionBasis, at: pd.Timestamp) -> Phrase:
    """When the counters rose that a level still stands on."""
    here = at.tz_convert(basis.watch.timezone).strftime("%Y-%m-%d %H:%M")
    return Phrase(STANDS, {"at": here, "hours": duration(STORY_S)})


def _burst(basis: DecisionBasis, burst: Burst, known: Sequence[Phrase] = ()) -> Finding:
    """How rare the volume of the newest window is, of what, and what is usual."""
    facts: dict[str, object] = {
        "count": shown_number(burst.count),
        "span": duration(burst.span_s),
        "usual": expected_count(burst.usual),
        "wait": duration(burst.days * DAY_S),
        "every": duration(every_days(basis.watch) * DAY_S),
    }
    limits: list[str | Phrase] = [*known, *([MUCH] if not basis.harm else [])]
    if burst.days > burst.known_days:
        limits.append(Phrase(BEYOND, {"held": duration(burst.known_days * DAY_S)}))
    end = min(basis.at, pd.Timestamp(window_end(basis.watch, basis.made.at[-1])))
    # Counters rise on posts of any age.
    span = pd.Timedelta(days=14) if burst.signal == "top_gain" else pd.Timedelta(seconds=burst.span_s)
    ids = evidence_posts.moved(basis.posts, burst, end) or evidence_posts.chosen(
        basis.labels, basis.posts, end - span, end
    )
    table = pd.DataFrame([vars(burst)])
    message = {"volume": BURST, "heat": BURST_HEAT, "top_gain": GAIN, "negative_posts": NEGATIVES}[burst.signal]
    n = int(burst.count) if burst.signal in ("volume", "negative_posts") else len(ids)
    return Finding("warn.burst", message, facts, table, ids, n, limits, weight=92.0)


def _drivers(basis: DecisionBasis, ids: list[str]) -> list[Finding]:
    parts = basis.contributions
    strong = parts[parts["measured"] & (parts["points"] >= 5.0) & parts["value"].notna()].head(3)
    out = []
    for place, row in enumerate(strong.to_dict("records")):
        facts = {
            "name": Phrase(TITLES[row["dimension"]]),
            "signal": Phrase(SIGNALS[row["signal"]]),
            **{c: signal_value(row["signal"], float(row[c])) for c in ("value", "expected", "lo", "hi")},
        }
        n = 0 if pd.isna(row["n_posts"]) else int(row["n_posts"])
        out.append(Finding("warn.driver", DRIVER, facts, strong, ids, n, weight=50.0 - place))
    return out


def _down(basis: DecisionBasis, ids: list[str]) -> list[Finding]:
    parts = basis.contributions
    known = parts[parts["measured"] & parts["without"].notna() & (parts["points"] > 0)]
    if not len(known) or level_of(basis.value, basis.watch.levels) == "none":
        return []
    row = known.sort_values("without").iloc[0]
    after = level_of(float(row["without"]), basis.watch.levels)
    facts = {
        "name": Phrase(TITLES[row["dimension"]]),
        "without": shown_number(float(row["without"])),
        "level": Phrase(LEVEL_NAMES[after]),
        "threshold": threshold(after, basis.watch.levels),
    }
    return [Finding("warn.down", DOWN, facts, known, ids, _posts(basis), weight=30.0)]
