"""Rumour score: how rumour-like a story is, from its words, the reactions to it and its spread so far."""

from crisislib.spread.rumour.stories import RumourScores, learn, rumour_score

__all__ = ["RumourScores", "learn", "rumour_score"]
