"""Optional: titles, summaries and drafts by a language model that the user has set; off by default."""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.nlp.llm.cited_evidence import Evidence, gather
    from crisislib.nlp.llm.endpoint import MODEL, URL, Endpoint, endpoint_from
    from crisislib.nlp.llm.generated_titles import retitle
    from crisislib.nlp.llm.generation import TASKS, Sentence, Written, as_finding, write

__all__ = [
    "MODEL",
    "TASKS",
    "URL",
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
