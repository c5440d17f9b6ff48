"""Spread: who passed on what from whom, how far it went, where it began, who acted together.

POSTS become EDGES, EDGES become CASCADES; every edge says how it is known and how often such an edge
is right.
"""

from crisislib.spread.coordination.detect import coordination
from crisislib.spread.findings import findings
from crisislib.spread.links.build import Built, build, edges
from crisislib.spread.people import path, spreaders
from crisislib.spread.sources import crossings, origins
from crisislib.spread.trees import cascades

__all__ = [
    "Built",
    "build",
    "cascades",
    "coordination",
    "crossings",
    "edges",
    "findings",
    "origins",
    "path",
    "spreaders",
]
