"""Spread: who passed on what from whom, how far it went, where it began, who acted together.

POSTS become EDGES, EDGES become CASCADES; every edge says how it is known and how often such an edge
is right.
"""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.spread.cascades.story_tree import nodes
    from crisislib.spread.cascades.trees import measure_cascades
    from crisislib.spread.coordination.group_detection import detect_coordination
    from crisislib.spread.edges.build_edges import EdgeResult, build_edges, infer_edges
    from crisislib.spread.forecast import Forecast, forecast_stories
    from crisislib.spread.graph_export import EXPORTS, export_graph
    from crisislib.spread.key_spreaders import path, spreaders
    from crisislib.spread.reach_estimate import Audience, audience
    from crisislib.spread.rumour import RumourLesson, RumourScores, rumour_score
    from crisislib.spread.rumour import learn as learn_rumours
    from crisislib.spread.rumour import taught as taught_rumours
    from crisislib.spread.spread_findings import findings
    from crisislib.spread.story_refutation import Refutation, refutation

__all__ = [
    "EXPORTS",
    "Audience",
    "EdgeResult",
    "Forecast",
    "Refutation",
    "RumourLesson",
    "RumourScores",
    "audience",
    "build_edges",
    "detect_coordination",
    "export_graph",
    "findings",
    "forecast_stories",
    "infer_edges",
    "learn_rumours",
    "measure_cascades",
    "nodes",
    "path",
    "refutation",
    "rumour_score",
    "spreaders",
    "taught_rumours",
]

resolve_lazily(__name__)
