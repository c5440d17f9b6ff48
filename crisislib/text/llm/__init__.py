"""Optional: titles, summaries and drafts by a language model that the user has set; off by default."""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.text.llm.endpoint import Endpoint, endpoint_from
    from crisislib.text.llm.evidence import Evidence, gather
    from crisislib.text.llm.titles import retitle
    from crisislib.text.llm.write import TASKS, Sentence, Written, as_finding, write

__all__ = [
    "TASKS",
    "Endpoint",
    "Evidence",
    "Sentence",
    "Written",
    "as_finding",
    "endpoint_from",
    "gather",
    "retitle",
    "write",
]

resolve_lazily(__name__)
