"""SIGNALS to a level, ALERTS and INCIDENTS: transparent index, rare bursts, hard triggers, outlook, backtest."""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.simulation.series import simulate
    from crisislib.warn.alerts import acknowledge
    from crisislib.warn.backtest import (
        Backtest,
        Event,
        known_events,
        point_in_time,
        record_findings,
        rules_in_use,
        run_backtest,
        thresholds_for,
    )
    from crisislib.warn.decisions import Decision, decide
    from crisislib.warn.detectors import Bursts, bursts, reach, return_period
    from crisislib.warn.dimension_labels import TITLES
    from crisislib.warn.incident_names import KINDS, incident_title, kind_words
    from crisislib.warn.incidents import LEAD_IN, begins_at, change, close_after
    from crisislib.warn.index_weights import DIMENSIONS
    from crisislib.warn.indexed_windows import IndexedWindows, index_windows
    from crisislib.warn.outlook import Model, Outlook, asked, load, predict_outlook, probabilities, save, train
    from crisislib.warn.series_panel import Panel, signals_panel, simulated_panel
    from crisislib.warn.track_record import TrackRecord
    from crisislib.warn.triggers import TRIGGERS
    from crisislib.warn.watch_series import SeriesEvidence, series_evidence

__all__ = [
    "DIMENSIONS",
    "KINDS",
    "LEAD_IN",
    "TITLES",
    "TRIGGERS",
    "Backtest",
    "Bursts",
    "Decision",
    "Event",
    "IndexedWindows",
    "Model",
    "Outlook",
    "Panel",
    "SeriesEvidence",
    "TrackRecord",
    "acknowledge",
    "asked",
    "begins_at",
    "bursts",
    "change",
    "close_after",
    "decide",
    "incident_title",
    "index_windows",
    "kind_words",
    "known_events",
    "load",
    "point_in_time",
    "predict_outlook",
    "probabilities",
    "reach",
    "record_findings",
    "return_period",
    "rules_in_use",
    "run_backtest",
    "save",
    "series_evidence",
    "signals_panel",
    "simulate",
    "simulated_panel",
    "thresholds_for",
    "train",
]

resolve_lazily(__name__)
