"""SIGNALS to a level, ALERTS and INCIDENTS: transparent index, hard triggers, hysteresis, outlook, backtest."""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.warn.alerts import acknowledge
    from crisislib.warn.backtest import Backtest, Event, as_seen, backtest, known_events
    from crisislib.warn.decide import Decision, decide
    from crisislib.warn.incidents import change
    from crisislib.warn.index import Index, contributions, index
    from crisislib.warn.ladder import level_of, threshold, walk
    from crisislib.warn.outlook import Model, Outlook, load, outlook, save, train
    from crisislib.warn.triggers import TRIGGERS, Trigger
    from crisislib.warn.vendors import RULES, Rule
    from crisislib.warn.weights import DIMENSIONS, SHIPPED, Weights, ahp, entropy_weights, weigh

__all__ = [
    "DIMENSIONS",
    "RULES",
    "SHIPPED",
    "TRIGGERS",
    "Backtest",
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
    "change",
    "contributions",
    "decide",
    "entropy_weights",
    "index",
    "known_events",
    "level_of",
    "load",
    "outlook",
    "save",
    "threshold",
    "train",
    "walk",
    "weigh",
]

resolve_lazily(__name__)
