"""Rumour score: how rumour-like a story is, from its words, the reactions to it and its spread so far."""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.spread.rumour.stories import RumourScores, learn, rumour_score

__all__ = ["RumourScores", "learn", "rumour_score"]

resolve_lazily(__name__)
