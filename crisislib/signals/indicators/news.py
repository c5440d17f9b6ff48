"""Crossing to news: whether the press has picked it up."""

from __future__ import annotations

import narwhals as nw
import pandas as pd

from crisislib.core.i18n import N_
from crisislib.signals.frames import Cut
from crisislib.signals.indicators.indicator import Indicator, collected


def news(cut: Cut) -> pd.DataFrame:
    """News items per window, over the windows that hold any post.

    Parameters
    ----------
    cut : Cut
        The run's tables.

    Returns
    -------
    pandas.DataFrame
        `w`, `value` (items), `n_posts`.
    """
    item = (nw.col("kind") == "news").cast(nw.Int64)
    posts = cut.posts.with_columns(item=item)
    return collected(cut, "news", lambda: posts.group_by("w").agg(value=nw.col("item").sum(), n_posts=nw.len()))


NEWS = Indicator("news", N_("news items"), N_("Crossing to news"), 1, "count", news, zero="posts")
