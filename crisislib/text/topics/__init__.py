"""Topics: what posts speak about, with names that stay from run to run."""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.text.topics.attention import attention
    from crisislib.text.topics.embedders import EMBEDDERS
    from crisislib.text.topics.find import TopicResult, topics
    from crisislib.text.topics.quality import diversity, npmi
    from crisislib.text.topics.time import emerging, over_time

__all__ = [
    "EMBEDDERS",
    "TopicResult",
    "attention",
    "diversity",
    "emerging",
    "npmi",
    "over_time",
    "topics",
]

resolve_lazily(__name__)
