"""Replaying history as if live: every rule and the model, at equal numbers of false alarms."""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.warn.backtest.alarms import Event, Outcome, alarms, cost_curve, matched, outcome, summary
    from crisislib.warn.backtest.known import known_events
    from crisislib.warn.backtest.replay import Backtest, as_seen, backtest, statistics

__all__ = [
    "Backtest",
    "Event",
    "Outcome",
    "alarms",
    "as_seen",
    "backtest",
    "cost_curve",
    "known_events",
    "matched",
    "outcome",
    "statistics",
    "summary",
]

resolve_lazily(__name__)
