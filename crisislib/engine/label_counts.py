"""How many labels analysts have given, of which classes, and how far they agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from crisislib import nlp
from crisislib.core.watch import Watch
from crisislib.engine.home import Home
from crisislib.lake import AsOf
from crisislib.nlp.sentiment.adapt import EACH, NEEDED

CLASSES = ("negative", "neutral", "positive")


@dataclass(frozen=True)
class LabelCounts:
    """How many labels there are and how many are needed.

    Attributes
    ----------
    n : int
        Posts labelled; the newest label of each counts.
    of : Mapping[str, int]
        Class to its posts.
    by : Mapping[str, int]
        Analyst to the posts that they labelled.
    """

    n: int
    of: Mapping[str, int]
    by: Mapping[str, int]

    @property
    def lacking(self) -> int:
        """Labels that are missing before a model can be taught; 0 where there are enough."""
        sizes = sorted(self.of.values(), reverse=True)
        return max(NEEDED - self.n, EACH - (sizes[1] if len(sizes) > 1 else 0), 0)


def count_labels(home: Home, watch: Watch, *, as_of: AsOf = None) -> LabelCounts:
    """How many labels there are, of each class and by whom.

    Parameters
    ----------
    home : Home
        The workbench.
    watch : Watch
        The watch.
    as_of : None, datetime or Mapping[str, int], default None
        Data version of LABELS.

    Returns
    -------
    LabelCounts
        Labelled posts (the newest label of each counts), and labels by each person.
    """
    given = nlp.by_whom(analysts_labels(home, watch, as_of))
    newest = given.sort_values("at", kind="stable").drop_duplicates("post_id", keep="last")
    of = {name: int((newest["value"] == name).sum()) for name in CLASSES}
    return LabelCounts(len(newest), of, {str(k): int(v) for k, v in given["by"].value_counts().items()})


def agreement(home: Home, watch: Watch, *, as_of: AsOf = None) -> nlp.Agreement:
    """How far analysts who labelled the same posts agree.

    Parameters
    ----------
    home : Home
        The workbench.
    watch : Watch
        The watch.
    as_of : None, datetime or Mapping[str, int], default None
        Data version of LABELS.

    Returns
    -------
    Agreement
        See :func:`crisislib.nlp.agreement`.
    """
    return nlp.agreement(analysts_labels(home, watch, as_of))


def analysts_labels(home: Home, watch: Watch, as_of: AsOf) -> pd.DataFrame:
    """Every sentiment that an analyst gave, repeated ones of one post too.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    as_of : int, datetime or None
        State of the lake.

    Returns
    -------
    pandas.DataFrame
        LABELS.
    """
    rows = home.lake.sql("LABELS", watch=watch.watch, present=False, as_of=as_of)
    result: pd.DataFrame = rows.filter("label = 'sentiment' AND model = 'analyst'").to_arrow_table().to_pandas()
    return result
