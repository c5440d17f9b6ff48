"""Text: POSTS to LABELS. What people say, in Chinese and English, with its accuracy shown."""

from crisislib.text.label import label, models_of
from crisislib.text.registry import LABELLERS

__all__ = ["LABELLERS", "label", "models_of"]
