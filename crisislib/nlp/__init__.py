"""Text: POSTS to LABELS. What people say, in Chinese and English, with its accuracy shown."""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.core.prevalence import Share, prevalence
    from crisislib.core.recalibration import Calibration
    from crisislib.nlp.claims import ClaimResult, claim_table
    from crisislib.nlp.duplicates import narrative_table, narratives
    from crisislib.nlp.duplicates.narrative_findings import findings as narrative_findings
    from crisislib.nlp.label_posts import label, models_of
    from crisislib.nlp.label_queue import queue
    from crisislib.nlp.labeller_registry import LABELLERS
    from crisislib.nlp.sentiment.agreement import Agreement, agreement, by_whom
    from crisislib.nlp.sentiment.teaching import Lesson, calibration, lesson, teach
    from crisislib.nlp.sentiment.teaching_report import Change, ReportCard, reliability, report_card
    from crisislib.nlp.topics import TopicResult, check_embedder, discover_topics

__all__ = [
    "LABELLERS",
    "Agreement",
    "Calibration",
    "Change",
    "ClaimResult",
    "Lesson",
    "ReportCard",
    "Share",
    "TopicResult",
    "agreement",
    "by_whom",
    "calibration",
    "check_embedder",
    "claim_table",
    "discover_topics",
    "label",
    "lesson",
    "models_of",
    "narrative_findings",
    "narrative_table",
    "narratives",
    "prevalence",
    "queue",
    "reliability",
    "report_card",
    "teach",
]

resolve_lazily(__name__)
