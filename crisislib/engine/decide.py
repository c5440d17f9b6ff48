"""Warn: the decisions of a span, window by window, as they would have been taken live."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd
import pyarrow as pa

from crisislib import warn
from crisislib.core.levels import Level, rank
from crisislib.core.tables import conform
from crisislib.core.watch import Watch
from crisislib.engine.enrich import Span
from crisislib.engine.home import Home
from crisislib.engine.progress import Told

LOOK_BACK = timedelta(days=14)
"""Labels and posts that a decision may look at: what the hard triggers call usual."""
AFTERMATH = 48
"""Windows after a raised one that are still visited, so that an incident can be closed."""
TRIGGER_POSTS = 5
"""Sensitive posts of grade 3 and more within six hours that make a window worth a visit; below any trigger's need."""
MOST_ENGAGED = 5000


@dataclass(frozen=True)
class Judged:
    """The last decision of a span, the highest level on the way, and what was written."""

    last: warn.Decision
    peak: Level
    peak_at: pd.Timestamp | None
    alerts: pa.Table
    incidents: pa.Table


def judge(home: Home, watch: Watch, span: Span, signals: pd.DataFrame, told: Told) -> Judged:
    """Decide at the end of every window that could matter, and at the end of the span.

    The baselines of the signals look back only, so that a window's decision is the one that a
    monitor would have taken then; what was collected later is in it all the same, and is said.
    """
    labels, posts = labels_read(home, watch, span), posts_read(home, watch, span)
    incidents = home.lake.read("INCIDENTS", watch=watch.watch, present=False)
    alerts = home.lake.read("ALERTS", watch=watch.watch, present=False)
    overview = warn.decide(signals, watch, now=span.at, labels=labels, posts=posts)
    moments = list(_moments(overview.history, labels, watch, span))
    decisions: list[tuple[pd.Timestamp, warn.Decision]] = []
    for number, at in enumerate(moments):
        told("warn", number, len(moments))
        one = warn.decide(
            signals, watch, now=at.to_pydatetime(), incidents=incidents, alerts=alerts, labels=labels, posts=posts
        )
        decisions.append((at, one))
        incidents, alerts = _with(incidents, one.incidents), _with(alerts, one.alerts)
    told("warn", len(moments), len(moments))
    written = {
        "ALERTS": pa.concat_tables([d.alerts for _, d in decisions]),
        "INCIDENTS": pa.concat_tables([d.incidents for _, d in decisions]),
    }
    for name, rows in written.items():
        home.lake.append(name, rows)
    # The first of the highest: `max` keeps the earliest of equals.
    peak_at, peak = max(decisions, key=lambda d: rank(d[1].level))
    reached = peak_at if rank(peak.level) > 0 else None
    return Judged(decisions[-1][1], peak.level, reached, written["ALERTS"], written["INCIDENTS"])


def _with(frame: pd.DataFrame, rows: pa.Table) -> pd.DataFrame:
    if rows.num_rows == 0:
        return frame
    new: pd.DataFrame = rows.to_pandas()
    return new if frame.empty else pd.concat([frame, new], ignore_index=True)


def _moments(history: pd.DataFrame, labels: pd.DataFrame, watch: Watch, span: Span) -> Iterator[pd.Timestamp]:
    """Ends of the windows to visit, in order; the end of the span always is one."""
    step = pd.Timedelta(minutes=watch.window.step_minutes)
    inside = history[(history["at"] >= pd.Timestamp(span.since)) & (history["at"] + step <= pd.Timestamp(span.at))]
    at = pd.DatetimeIndex(inside["at"])
    raised = np.array([rank(level) > 0 for level in inside["level"]], dtype=bool)
    grave = labels[labels["label"].str.startswith("sensitive.") & (labels["score"].fillna(1.0) >= 3)]
    times = np.sort(grave["created_at"].to_numpy())
    ends = (at + step).tz_localize(None).to_numpy()
    times = pd.DatetimeIndex(times).tz_localize(None).to_numpy() if len(times) else ends[:0]
    recent = np.searchsorted(times, ends) - np.searchsorted(times, ends - np.timedelta64(6, "h"))
    wanted = raised | (recent >= TRIGGER_POSTS)
    for back in range(1, AFTERMATH + 1):
        wanted[back:] |= raised[:-back]
    yield from (pd.Timestamp(t) + step for t in at[wanted] if t + step < pd.Timestamp(span.at))
    yield pd.Timestamp(span.at)


def labels_read(home: Home, watch: Watch, span: Span) -> pd.DataFrame:
    """Labels that decisions and evidence read: subjects, kinds, and what is clearly negative."""
    rows = home.lake.sql("LABELS", watch=watch.watch, since=span.since - LOOK_BACK, until=span.until)
    chosen = rows.filter(
        "starts_with(label, 'sensitive.') OR label = 'crisis_type' "
        "OR (label IN ('sentiment', 'target_sentiment') AND score >= 0.8)"
    )
    frame: pd.DataFrame = conform(chosen.to_arrow_table(), "LABELS").to_pandas()
    return frame


def posts_read(home: Home, watch: Watch, span: Span) -> pd.DataFrame:
    """The most engaged posts of the span: evidence is chosen among them."""
    rows = home.lake.sql("POSTS", watch=watch.watch, since=span.since - LOOK_BACK, until=span.until)
    engaged = "coalesce(n_likes, 0) + coalesce(n_reposts, 0) + coalesce(n_replies, 0) DESC, post_id"
    frame: pd.DataFrame = conform(rows.order(engaged).limit(MOST_ENGAGED).to_arrow_table(), "POSTS").to_pandas()
    return frame
