"""SIGNALS to a level, ALERTS and INCIDENTS: transparent index, hard triggers, hysteresis, outlook, backtest."""

from crisislib.warn.alerts import acknowledge
from crisislib.warn.backtest import Backtest, Event, as_seen, backtest, known_events
from crisislib.warn.decide import Decision, decide
from crisislib.warn.detectors import Burst, Bursts, bursts, reach, return_period
from crisislib.warn.incidents import change, close_after, incident_title
from crisislib.warn.index import Index, contributions, index
from crisislib.warn.ladder import level_of, threshold, walk
from crisislib.warn.outlook import Model, Outlook, load, outlook, save, train
from crisislib.warn.triggers import TRIGGERS, Trigger
from crisislib.warn.vendors import RULES, Rule
from crisislib.warn.weights import DIMENSIONS, SHIPPED, Weights, ahp, entropy_weights, weigh
from crisislib.warn.words import TITLES

__all__ = [
    "DIMENSIONS",
    "RULES",
    "SHIPPED",
    "TITLES",
    "TRIGGERS",
    "Backtest",
    "Burst",
    "Bursts",
    "Decision",
    "Event",
    "Index",
    "Model",
    "Outlook",
    "Rule",
    "Trigger",
    "Weights",
    "acknowledge",
    "ahp",
    "as_seen",
    "backtest",
    "bursts",
    "change",
    "close_after",
    "contributions",
    "decide",
    "entropy_weights",
    "incident_title",
    "index",
    "known_events",
    "level_of",
    "load",
    "outlook",
    "reach",
    "return_period",
    "save",
    "threshold",
    "train",
    "walk",
    "weigh",
]
