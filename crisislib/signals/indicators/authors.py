"""Unique authors: how many accounts post, which a single loud account cannot raise."""

from __future__ import annotations

import narwhals as nw
import pandas as pd

from crisislib.core.i18n import N_
from crisislib.signals.frames import Cut, Lazy
from crisislib.signals.indicators.indicator import Indicator, collected


def authors(cut: Cut) -> pd.DataFrame:
    """Distinct accounts per window, over the posts whose account is known; part `original` without bare reposts.

    The brand's own accounts are not counted.

    Parameters
    ----------
    cut : Cut
        The run's tables.

    Returns
    -------
    pandas.DataFrame
        `w`, `value` (accounts), `n_posts`, `part`.
    """
    public = cut.posts.filter(~nw.col("account_id").is_null(), nw.col("voice") != "own")

    def counted(name: str, posts: Lazy) -> pd.DataFrame:
        grouped = posts.group_by("w")
        return collected(cut, name, lambda: grouped.agg(value=nw.col("account_id").n_unique(), n_posts=nw.len()))

    every = counted("authors", public)
    once = counted("authors.original", public.filter(nw.col("voice") == "original"))
    return pd.concat([every.assign(part=""), once.assign(part="original")], ignore_index=True)


AUTHORS = Indicator("authors", N_("accounts"), N_("Unique authors"), 1, "count", authors, zero="posts")
