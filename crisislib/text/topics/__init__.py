"""Topics: what posts speak about, with names that stay from run to run."""

from crisislib.text.topics.embedders import EMBEDDERS
from crisislib.text.topics.find import TopicResult, topics
from crisislib.text.topics.quality import diversity, npmi

__all__ = ["EMBEDDERS", "TopicResult", "diversity", "npmi", "topics"]
