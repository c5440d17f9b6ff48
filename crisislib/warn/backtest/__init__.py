"""Replaying history as if live: every rule and the model, at equal numbers of false alarms."""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.warn.backtest.alarms import Event, known_events
    from crisislib.warn.backtest.replay import Backtest, point_in_time, run_backtest, thresholds_for
    from crisislib.warn.backtest.replayed_rules import record_findings, rules_in_use

__all__ = [
    "Backtest",
    "Event",
    "known_events",
    "point_in_time",
    "record_findings",
    "rules_in_use",
    "run_backtest",
    "thresholds_for",
]

resolve_lazily(__name__)
