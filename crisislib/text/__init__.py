"""Text: POSTS to LABELS. What people say, in Chinese and English, with its accuracy shown."""

from crisislib.text.label import label, models_of
from crisislib.text.narratives import narratives
from crisislib.text.registry import LABELLERS
from crisislib.text.topics import TopicResult, topics

__all__ = ["LABELLERS", "TopicResult", "label", "models_of", "narratives", "topics"]
