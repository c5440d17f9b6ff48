"""How big it is, whether it grows or falls now, and where the whole of it goes in the next day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from crisislib import respond
from crisislib.core.durations import expected_count
from crisislib.core.finding import Finding
from crisislib.core.i18n import N_
from crisislib.core.phrase import Phrase
from crisislib.core.prevalence import prevalence
from crisislib.engine.brief.brief_scope import BriefScope
from crisislib.engine.measure import calibration

NOW = N_("Now: {now:,} posts in the last hour, {times}; {direction}. The busiest hour had {peak:,.0f} ({peak_at}).")
NOW_ALONE = N_("Now: {now:,} posts in the last hour, {times}; {direction}.")
NOW_EMPTY = N_("Now: no posts in the last hour. The last one that is stored is of {last}.")
NOW_NONE = N_("Now: there are no posts in the window.")
TIMES = N_("{ratio:.1f} times the usual {usual}")
TIMES_UNKNOWN = N_("what is usual is not known")
DIRECTIONS: dict[str, str] = {
    "rising": N_("rising"),
    "falling": N_("falling"),
    "steady": N_("neither rising nor falling"),
    "past_peak": N_("past its peak and falling"),
}
"""Which way the volume goes, in words."""
SIZE = N_(
    "How big: {n} {n:post|posts} since it began, {peak} in the busiest window (an ordinary one: "
    "{usual}); {share} of the classified posts are negative (95% interval {lo} to {hi}, n = "
    "{judged}, corrected by {labels} {labels:label|labels})."
)
SIZE_MODEL = N_(
    "How big: {n} {n:post|posts} since it began, {peak} in the busiest window (an ordinary one: "
    "{usual}); {share} of the classified posts are negative (95% interval {lo} to {hi}, n = "
    "{judged}, not checked by labels)."
)
SIZE_UNJUDGED = N_(
    "How big: {n} {n:post|posts} since it began, {peak} in the busiest window (an ordinary one: {usual})."
)
AHEAD = N_(
    "Outlook: {lo:,} to {hi:,} posts in the next {hours} h (80% interval; best estimate {mid:,}); "
    "an ordinary day has {usual:,}; {n:,} so far."
)
AHEAD_UNSAID = N_("Outlook: too few hours are stored for a forecast of the next {hours} h.")
EVENTS = N_("A new event can invalidate any forecast; what the brand does is not included.")
NEEDED = 10
"""Posts below which no share is given."""
SHOWN = 50
"""Posts behind a sentence: more than a reader opens."""
HOUR = timedelta(hours=1)
"""What "now" means."""
TREND_H = 3
"""Hours that are compared with as many before, to tell rising from falling: one hour alone jumps."""
SURE = 1.64
"""Standard errors beyond which a change is no chance: nine times out of ten."""
JITTER = 0.15
"""Relative noise of an hour's volume beside the counting error; quiet brands have about as much."""
HALF = 0.5
"""Of the fullest hour, below which falling volume is past its peak."""
AHEAD_H = 24
"""Hours that the forecast reaches."""
COURSE_DAYS = timedelta(days=7)
"""Before the incident that the course shows, as the band of an ordinary week."""


def course(scope: BriefScope) -> list[Finding]:
    """Posts in the last hour against the usual, the direction, and the fullest hour.

    Parameters
    ----------
    scope : BriefScope
        With or without an incident.

    Returns
    -------
    list of Finding
        One; its table is the hourly course `at`, `value`, `expected`, `lo`, `hi`.
    """
    hours = hourly(scope)
    frame = scope.frame
    if frame.empty and hours["value"].fillna(0).sum() == 0:
        return [Finding("brief.now", NOW_NONE, {"now": 0}, hours, silent=True)]
    inside = frame[(frame["created_at"] > scope.at - HOUR) & (frame["created_at"] <= scope.at)]
    now = len(inside)
    usual = _usual(hours, scope.at)
    inc = hours[hours["at"] >= scope.opened.floor("h")].dropna(subset=["value"])
    peak = inc.sort_values("value", kind="stable").iloc[-1] if len(inc) else None
    way = _direction(frame, scope.at, now, None if peak is None else float(peak["value"]))
    facts: dict[str, Any] = {
        "now": now, "usual": usual, "ratio": now / usual if usual else None, "direction": Phrase(DIRECTIONS[way]),
        "direction_key": way,
        "times": Phrase(TIMES, {"ratio": now / usual, "usual": expected_count(usual)})
        if usual else Phrase(TIMES_UNKNOWN),
    }  # fmt: skip
    message = NOW_ALONE
    if peak is not None and peak["value"] > 0:
        message = NOW
        facts |= {
            "peak": float(peak["value"]),
            "peak_at": scope.local(peak["at"], "%m-%d %H:%M"),
            "peak_time": peak["at"],
        }
    if now == 0 and len(frame):
        message, facts["last"] = NOW_EMPTY, scope.local(frame["created_at"].iloc[-1])
    ids = list((inside if now else frame)["post_id"].tail(SHOWN)[::-1])
    return [Finding("brief.now", message, facts, hours, ids, now, weight=90.0)]


def hourly(scope: BriefScope) -> pd.DataFrame:
    """Posts an hour with the usual band, from a week before the incident.

    Parameters
    ----------
    scope : BriefScope
        Its SIGNALS: windows shorter than an hour are added up, longer ones are given per hour.

    Returns
    -------
    pandas.DataFrame
        `at`, `value` (null where collection has a hole), `expected`, `lo`, `hi`.
    """
    step = scope.watch.window.step_minutes
    rows = scope.now.signals
    rows = rows[(rows["signal"] == "volume") & (rows["step_s"] == step * 60) & (rows["at"] < scope.at)]
    # A window that is still running reads as a fall.
    rows = rows[rows["at"] + timedelta(minutes=step) <= scope.at]
    rows = rows[rows["at"] >= scope.since - COURSE_DAYS].sort_values("at")
    columns = ["value", "expected", "lo", "hi"]
    if rows.empty:
        return pd.DataFrame(columns=["at", *columns])
    if step >= 60:
        made = rows[["at", *columns]].copy()
        made[columns] = made[columns] * 60 / step
        return made.reset_index(drop=True)
    grouped = rows.groupby(rows["at"].dt.floor("h"))[columns]
    summed: pd.DataFrame = grouped.sum(min_count=60 // step)
    return summed.rename_axis("at").reset_index()


def _usual(hours: pd.DataFrame, at: pd.Timestamp) -> float | None:
    """What is usual in the hour that ends now."""
    known = hours.dropna(subset=["expected"])
    known = known[known["at"] <= at]
    return float(known["expected"].iloc[-1]) if len(known) and known["expected"].iloc[-1] > 0 else None


def _direction(frame: pd.DataFrame, at: pd.Timestamp, now: int, peak: float | None) -> str:
    """Whether the last hours rise or fall against as many before, beyond chance."""
    span = TREND_H * HOUR
    times = frame["created_at"]
    late = int(((times > at - span) & (times <= at)).sum())
    early = int(((times > at - 2 * span) & (times <= at - span)).sum())
    change = np.log((late + 0.5) / (early + 0.5))
    noise = SURE * np.sqrt(1 / (late + 0.5) + 1 / (early + 0.5) + 2 * JITTER**2 / TREND_H)
    way = "rising" if change > noise else "falling" if change < -noise else "steady"
    past = way == "falling" and peak is not None and now < HALF * peak
    return "past_peak" if past else way


def size(scope: BriefScope) -> list[Finding]:
    """Posts since it began, the fullest window, and the share of negative ones.

    Parameters
    ----------
    scope : BriefScope
        Has an incident.
    """
    ctx, now, opened = scope.ctx, scope.now, scope.opened
    volume = now.signals[now.signals["signal"] == "volume"].dropna(subset=["value"])
    reach: dict[str, Any] = {"watch": ctx.watch.watch, "since": scope.since.to_pydatetime(), "until": ctx.window.until}
    posts = ctx.lake.sql("POSTS", **reach)
    n = int(posts.aggregate("count(*)").fetchall()[0][0])
    since = volume[volume["at"] >= opened - timedelta(minutes=ctx.watch.window.step_minutes)]
    if since.empty or not n:
        return []
    ids = [r[0] for r in posts.order("coalesce(n_reposts, 0) DESC, post_id").limit(SHOWN).project("post_id").fetchall()]
    usual = since["expected"].median()
    facts: dict[str, object] = {
        "n": f"{n:,}", "posts": n, "peak": f"{since['value'].max():,.0f}",
        "usual": expected_count(float(usual)),
    }  # fmt: skip
    shown = since.sort_values("at")[["at", "value", "expected"]]
    labels = ctx.lake.sql("LABELS", **reach).filter("label = 'sentiment' AND score IS NOT NULL")
    score = labels.project("score").to_arrow_table()["score"].to_numpy()
    if len(score) < NEEDED:
        return [Finding("brief.size", SIZE_UNJUDGED, facts, shown, ids, n)]
    share = prevalence(np.clip(score, 0, 1), calibration(ctx.lake, ctx.watch))
    raw = {"share": share.value[0], "lo": share.lo[0], "hi": share.hi[0]}
    facts |= {k: f"{v:.0%}" for k, v in raw.items()} | {"judged": f"{len(score):,}"}
    facts |= {"negative": float(raw["share"]), "negative_lo": float(raw["lo"]), "negative_hi": float(raw["hi"])}
    message = SIZE_MODEL
    if share.method == "labels":
        message, facts = SIZE, facts | {"labels": share.n_labels}
    return [Finding("brief.size", message, facts, shown, ids, n)]


def ahead(scope: BriefScope) -> list[Finding]:
    """Posts of the whole incident in the next day, with an interval.

    Parameters
    ----------
    scope : BriefScope
        Has an incident.
    """
    hours = hourly(scope)
    step_h = max(scope.watch.window.step_minutes / 60, 1.0)
    made = respond.volume_ahead(hours, step_h=step_h, hours_ahead=AHEAD_H, since=scope.opened)
    n = scope.posts.num_rows
    if made is None:
        return [Finding("brief.goes", AHEAD_UNSAID, {"hours": AHEAD_H, "n": n}, pd.DataFrame(), n=n, silent=True)]
    facts = {
        "lo": made.lo, "mid": made.mid, "hi": made.hi, "hours": AHEAD_H, "usual": made.usual, "n": n,
    }  # fmt: skip
    ids = list(scope.frame["post_id"].tail(SHOWN)[::-1])
    shown = pd.DataFrame([facts])
    return [Finding("brief.goes", AHEAD, facts, shown, ids, n, (EVENTS,), weight=60.0)]
