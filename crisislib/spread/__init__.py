"""Spread: who passed on what from whom, how far it went, where it began, who acted together.

POSTS become EDGES, EDGES become CASCADES; every edge says how it is known and how often such an edge
is right.
"""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.spread.coordination.detect import coordination
    from crisislib.spread.export import EXPORTS, export_graph
    from crisislib.spread.findings import findings
    from crisislib.spread.forecast import Forecast, forecast
    from crisislib.spread.links.build import Built, build, edges
    from crisislib.spread.people import path, spreaders
    from crisislib.spread.rumour import RumourLesson, RumourScores, rumour_score
    from crisislib.spread.rumour import learn as learn_rumours
    from crisislib.spread.rumour import taught as taught_rumours
    from crisislib.spread.story import nodes
    from crisislib.spread.trees import cascades

__all__ = [
    "EXPORTS",
    "Built",
    "Forecast",
    "RumourLesson",
    "RumourScores",
    "build",
    "cascades",
    "coordination",
    "edges",
    "export_graph",
    "findings",
    "forecast",
    "learn_rumours",
    "nodes",
    "path",
    "rumour_score",
    "spreaders",
    "taught_rumours",
]

resolve_lazily(__name__)
