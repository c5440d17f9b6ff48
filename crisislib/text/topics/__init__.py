"""Topics: what posts speak about, with names that stay from run to run."""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.text.topics.embedders import EMBEDDERS
    from crisislib.text.topics.embedders import check as check_embedder
    from crisislib.text.topics.find import TopicResult, topics
    from crisislib.text.topics.store import rename

__all__ = ["EMBEDDERS", "TopicResult", "check_embedder", "rename", "topics"]

resolve_lazily(__name__)
