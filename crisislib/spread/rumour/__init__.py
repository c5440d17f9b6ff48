"""Rumour score: how rumour-like a story is, from its words, the reactions to it and its spread so far."""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.spread.rumour.lesson import learn, taught
    from crisislib.spread.rumour.rumour_lesson import RumourLesson
    from crisislib.spread.rumour.story_scores import RumourScores, rumour_score

__all__ = ["RumourLesson", "RumourScores", "learn", "rumour_score", "taught"]

resolve_lazily(__name__)
