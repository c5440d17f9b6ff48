"""Narratives: copies and versions of one text, joined as they come in."""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.nlp.duplicates.duplicate_detection import narratives
    from crisislib.nlp.duplicates.narrative_summary import narrative_table
    from crisislib.nlp.duplicates.stored_sketches import expire, forget

__all__ = ["expire", "forget", "narrative_table", "narratives"]

resolve_lazily(__name__)
