"""The engine: each step of a run once, over tables of the lake; the only room that knows every stage."""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.engine.analyst_actions import acknowledge, log_response
    from crisislib.engine.analyst_labels import label_queue, take_labels, teach
    from crisislib.engine.catalogue import KnownLayout, KnownSource, known_layouts, known_sources
    from crisislib.engine.engine_session import compact, copy_lake
    from crisislib.engine.explanation import explain, incident_began, title_topics
    from crisislib.engine.exporting import export_graph
    from crisislib.engine.home import Home
    from crisislib.engine.import_preview import preview_import
    from crisislib.engine.import_questions import ASK, NOT_SAVED, propose_import, save_layout, saved_lines
    from crisislib.engine.ingest import ImportResult, import_files
    from crisislib.engine.live_collection import collect
    from crisislib.engine.period_report import period_findings, period_title
    from crisislib.engine.personal_data import Removal, erase, expire, export_person, find_person, source_files
    from crisislib.engine.progress import Progress, silent
    from crisislib.engine.report_card import report_card_findings
    from crisislib.engine.response_effects import effects
    from crisislib.engine.result import INCIDENT, NEXT, REPORT, RunResult
    from crisislib.engine.story_labels import story_queue, take_stories, teach_rumours
    from crisislib.engine.training import backtest, train
    from crisislib.lake.copying import TableCopy

__all__ = [
    "ASK",
    "INCIDENT",
    "NEXT",
    "NOT_SAVED",
    "REPORT",
    "Home",
    "ImportResult",
    "KnownLayout",
    "KnownSource",
    "Progress",
    "Removal",
    "RunResult",
    "TableCopy",
    "acknowledge",
    "backtest",
    "collect",
    "compact",
    "copy_lake",
    "effects",
    "erase",
    "expire",
    "explain",
    "export_graph",
    "export_person",
    "find_person",
    "import_files",
    "incident_began",
    "known_layouts",
    "known_sources",
    "label_queue",
    "log_response",
    "period_findings",
    "period_title",
    "preview_import",
    "propose_import",
    "report_card_findings",
    "save_layout",
    "saved_lines",
    "silent",
    "source_files",
    "story_queue",
    "take_labels",
    "take_stories",
    "teach",
    "teach_rumours",
    "title_topics",
    "train",
]

resolve_lazily(__name__)
