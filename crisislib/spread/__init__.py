"""Spread: who passed on what from whom, how far it went, where it began, who acted together.

POSTS become EDGES, EDGES become CASCADES; every edge says how it is known and how often such an edge
is right.
"""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.spread.circles import communities
    from crisislib.spread.coordination.detect import coordination
    from crisislib.spread.export import coortweet, csv, gexf, graph, graphml
    from crisislib.spread.findings import findings
    from crisislib.spread.forecast import Forecast, forecast
    from crisislib.spread.links.build import Built, build, edges
    from crisislib.spread.people import path, spreaders
    from crisislib.spread.rumour import RumourScores, rumour_score
    from crisislib.spread.rumour import learn as learn_rumours
    from crisislib.spread.sources import crossings, origins
    from crisislib.spread.story import layers, nodes, reproduction
    from crisislib.spread.trees import cascades

__all__ = [
    "Built",
    "Forecast",
    "RumourScores",
    "build",
    "cascades",
    "communities",
    "coordination",
    "coortweet",
    "crossings",
    "csv",
    "edges",
    "findings",
    "forecast",
    "gexf",
    "graph",
    "graphml",
    "layers",
    "learn_rumours",
    "nodes",
    "origins",
    "path",
    "reproduction",
    "rumour_score",
    "spreaders",
]

resolve_lazily(__name__)
