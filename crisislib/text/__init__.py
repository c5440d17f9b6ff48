"""Text: POSTS to LABELS. What people say, in Chinese and English, with its accuracy shown."""

from crisislib.core.prevalence import Calibration, Share, prevalence
from crisislib.text.label import label, models_of
from crisislib.text.narratives import narrative_findings, narrative_table, narratives
from crisislib.text.registry import LABELLERS
from crisislib.text.report import ReportCard, report_card
from crisislib.text.teach import Lesson, calibration, queue, teach
from crisislib.text.topics import TopicResult, attention, emerging, over_time, topics

__all__ = [
    "LABELLERS",
    "Calibration",
    "Lesson",
    "ReportCard",
    "Share",
    "TopicResult",
    "attention",
    "calibration",
    "emerging",
    "label",
    "models_of",
    "narrative_findings",
    "narrative_table",
    "narratives",
    "over_time",
    "prevalence",
    "queue",
    "report_card",
    "teach",
    "topics",
]
