"""SIGNALS to a level, ALERTS and INCIDENTS: transparent index, hard triggers, hysteresis, outlook, backtest."""

from crisislib.warn.alerts import acknowledge
from crisislib.warn.decide import Decision, decide
from crisislib.warn.incidents import change
from crisislib.warn.index import Index, contributions, index
from crisislib.warn.ladder import level_of, threshold, walk
from crisislib.warn.triggers import TRIGGERS, Trigger
from crisislib.warn.weights import DIMENSIONS, SHIPPED, Weights, ahp, entropy_weights, weigh

__all__ = [
    "DIMENSIONS",
    "SHIPPED",
    "TRIGGERS",
    "Decision",
    "Index",
    "Trigger",
    "Weights",
    "acknowledge",
    "ahp",
    "change",
    "contributions",
    "decide",
    "entropy_weights",
    "index",
    "level_of",
    "threshold",
    "walk",
    "weigh",
]
