"""Every chart by name, with its title and the columns that its tables need."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import altair as alt

from crisislib.charts import (
    axis_labels,
    propagation,
    quality,
    response_charts,
    risk_charts,
    sentiment_charts,
    spread_charts,
    timeline,
    topic_charts,
    warning,
)


@dataclass(frozen=True)
class ChartSpec:
    """One chart: the function, its title, its main table's argument and the columns of that table.

    Attributes
    ----------
    draw : Callable[..., altair.Chart]
        Keyword-only function.
    title : str
        Marked title (English gettext id).
    table : str
        Name of the argument that takes the main table.
    columns : tuple[str, ...]
        What that table needs.
    more : Mapping[str, object]
        Other arguments without a default, with a value to try the chart with.
    """

    draw: Callable[..., alt.Chart]
    title: str
    table: str
    columns: tuple[str, ...]
    more: Mapping[str, object]


def _spec(draw: Callable[..., alt.Chart], title: str, table: str, columns: str, **more: object) -> ChartSpec:
    return ChartSpec(draw, title, table, tuple(columns.split()), more)


_NOW = datetime(2026, 1, 2, tzinfo=UTC)
_SIGNAL = "signal at step_s value expected lo hi surprise n_posts complete"

CHARTS: dict[str, ChartSpec] = {
    "volume": _spec(timeline.volume, timeline.TITLE, "signals", _SIGNAL),
    "signal_panel": _spec(warning.signal_panel, warning.PANEL, "signals", _SIGNAL),
    "level_strip": _spec(warning.level_strip, warning.STRIP, "levels", "row at until level"),
    "waterfall": _spec(warning.waterfall, warning.WATERFALL, "contributions", "name points n_posts"),
    "sentiment_share": _spec(sentiment_charts.sentiment_share, sentiment_charts.SHARE, "shares", "at share lo hi n"),
    "sentiment_classes": _spec(
        sentiment_charts.sentiment_classes, sentiment_charts.CLASSES, "classes", "group value n"
    ),
    "topic_bars": _spec(topic_charts.topic_bars, topic_charts.BARS, "topics", "title words n share"),
    "topics_over_time": _spec(topic_charts.topics_over_time, topic_charts.OVER_TIME, "counts", "at title n"),
    "emerging": _spec(topic_charts.emerging, topic_charts.EMERGING, "growth", "title ratio lo hi n_now n_before"),
    "narratives": _spec(
        topic_charts.narratives, topic_charts.NARRATIVES, "stories", "text first_at last_at n n_platforms"
    ),
    "tree": _spec(propagation.tree, propagation.TITLE, "nodes", "post_id parent_id at label"),
    "layers": _spec(spread_charts.layers, spread_charts.LAYERS, "counts", "depth n"),
    "reach": _spec(spread_charts.reach, spread_charts.REACH, "growth", "at n reach_lo reach_hi"),
    "reproduction": _spec(
        spread_charts.reproduction, spread_charts.GROWTH, "spans", "at n r_growth lo hi r_case complete"
    ),
    "crossings": _spec(spread_charts.crossings, spread_charts.CROSSINGS, "bridges", "platform first_at n source lag_h"),
    "spreaders": _spec(
        spread_charts.spreaders, spread_charts.SPREADERS, "people", "name platform n_through n_own n_followers"
    ),
    "exceedance": _spec(risk_charts.exceedance, risk_charts.EXCEEDANCE, "curve", "loss p"),
    "tornado": _spec(risk_charts.tornado, risk_charts.TORNADO, "drivers", "name low high", base=100.0),
    "action_clock": _spec(
        response_charts.action_clock, response_charts.CLOCK, "actions", "step owner opened_at due_at done_at", now=_NOW
    ),
    "race": _spec(response_charts.race, response_charts.RACE, "race", "at story correction"),
    "effect": _spec(response_charts.effect, response_charts.EFFECT, "series", "at value expected lo hi"),
    "reliability": _spec(quality.reliability, quality.RELIABILITY, "bins", "p observed lo hi n"),
    "confusion": _spec(axis_labels.confusion, axis_labels.CONFUSION, "counts", "labelled said n"),
    "corrected": _spec(axis_labels.corrected, axis_labels.CORRECTED, "shares", "model value lo hi n"),
    "lead_time": _spec(
        quality.lead_time, quality.LEAD, "runs", "method threshold false_per_week lead_h recall n_events"
    ),
    "data_health": _spec(quality.data_health, quality.HEALTH, "coverage", "source at until state n"),
}
