"""Crisis or harmless? A burst of headlines on a hot list, judged from its first listing on."""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.warn.onset.answer import onset
    from crisislib.warn.onset.course import at, called, course, tone
    from crisislib.warn.onset.model import OnsetModel, load, save, threshold_for, train
    from crisislib.warn.onset.reader import Reader, teach

__all__ = [
    "OnsetModel",
    "Reader",
    "at",
    "called",
    "course",
    "load",
    "onset",
    "save",
    "teach",
    "threshold_for",
    "tone",
    "train",
]

resolve_lazily(__name__)
