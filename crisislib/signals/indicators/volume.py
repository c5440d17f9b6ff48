"""Volume: how many posts."""

from __future__ import annotations

import narwhals as nw
import pandas as pd

from crisislib.core.i18n import N_
from crisislib.signals.frames import Cut, Lazy
from crisislib.signals.indicators.indicator import Indicator, collected


def volume(cut: Cut) -> pd.DataFrame:
    """Posts per window; a collected window without posts is a true zero.

    Entries of hot lists (`topic`) are not posts and are not counted.

    Parameters
    ----------
    cut : Cut
        The run's tables.

    Returns
    -------
    pandas.DataFrame
        `w`, `value` (posts), `n_posts`.
    """

    def ask() -> Lazy:
        posts = cut.posts.filter(nw.col("kind") != "topic")
        return posts.group_by("w").agg(value=nw.len(), n_posts=nw.len())

    return collected(cut, "volume", ask)


VOLUME = Indicator("volume", N_("posts"), N_("Volume"), 1, "count", volume, zero="posts")
