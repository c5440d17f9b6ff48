"""Pictures: small tables in, `altair.Chart` out, one theme, Chinese and English."""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.charts.axis_labels import confusion, corrected
    from crisislib.charts.chart_registry import CHARTS, ChartSpec
    from crisislib.charts.course_drawing import course_drawings
    from crisislib.charts.event_marks import event_list
    from crisislib.charts.propagation import tree
    from crisislib.charts.quality import data_health, lead_time, reliability
    from crisislib.charts.response_charts import action_clock, effect, race
    from crisislib.charts.risk_charts import exceedance, tornado
    from crisislib.charts.sentiment_charts import sentiment_classes, sentiment_share
    from crisislib.charts.spread_charts import crossings, layers, reach, reproduction, spreaders
    from crisislib.charts.theme import FONTS, LEVEL_COLOURS, LEVEL_NAMES, level_name
    from crisislib.charts.timeline import volume
    from crisislib.charts.topic_charts import emerging, narratives, topic_bars, topics_over_time
    from crisislib.charts.warning import level_strip, signal_panel, waterfall

__all__ = [
    "CHARTS",
    "FONTS",
    "LEVEL_COLOURS",
    "LEVEL_NAMES",
    "ChartSpec",
    "action_clock",
    "confusion",
    "corrected",
    "course_drawings",
    "crossings",
    "data_health",
    "effect",
    "emerging",
    "event_list",
    "exceedance",
    "layers",
    "lead_time",
    "level_name",
    "level_strip",
    "narratives",
    "race",
    "reach",
    "reliability",
    "reproduction",
    "sentiment_classes",
    "sentiment_share",
    "signal_panel",
    "spreaders",
    "topic_bars",
    "topics_over_time",
    "tornado",
    "tree",
    "volume",
    "waterfall",
]

resolve_lazily(__name__)
