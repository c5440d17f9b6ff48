"""Crisis or harmless? A burst of headlines on a hot list, judged from its first listing on."""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.warn.onset.burst_features import course
    from crisislib.warn.onset.headline_classifier import Reader
    from crisislib.warn.onset.onset_findings import HISTORY, onset
    from crisislib.warn.onset.onset_model import OnsetModel, load

__all__ = ["HISTORY", "OnsetModel", "Reader", "course", "load", "onset"]

resolve_lazily(__name__)
