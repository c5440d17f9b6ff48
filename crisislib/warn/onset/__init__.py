"""Crisis or harmless? A burst of headlines on a hot list, judged from its first listing on."""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.warn.onset.answer import HISTORY, onset
    from crisislib.warn.onset.course import course
    from crisislib.warn.onset.model import OnsetModel, load
    from crisislib.warn.onset.reader import Reader

__all__ = ["HISTORY", "OnsetModel", "Reader", "course", "load", "onset"]

resolve_lazily(__name__)
