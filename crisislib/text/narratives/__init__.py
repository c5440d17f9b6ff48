"""Narratives: copies and versions of one text, joined as they come in."""

from crisislib.text.narratives.find import narratives

__all__ = ["narratives"]
