"""Narratives: copies and versions of one text, joined as they come in."""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.text.narratives.find import narratives
    from crisislib.text.narratives.findings import findings as narrative_findings
    from crisislib.text.narratives.state import expire, forget
    from crisislib.text.narratives.summary import narrative_table

__all__ = ["expire", "forget", "narrative_findings", "narrative_table", "narratives"]

resolve_lazily(__name__)
