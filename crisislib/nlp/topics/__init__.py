"""Topics: what posts speak about, with names that stay from run to run."""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.nlp.topics.embedders import EMBEDDERS
    from crisislib.nlp.topics.embedders import check as check_embedder
    from crisislib.nlp.topics.topic_discovery import TopicResult, discover_topics
    from crisislib.nlp.topics.topic_store import rename

__all__ = ["EMBEDDERS", "TopicResult", "check_embedder", "discover_topics", "rename"]

resolve_lazily(__name__)
