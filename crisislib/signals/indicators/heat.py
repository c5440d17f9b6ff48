"""Heat of hot-list topics: what a trending list says about how much a subject is looked for."""

from __future__ import annotations

import narwhals as nw
import pandas as pd

from crisislib.core.i18n import N_
from crisislib.signals.frames import Cut
from crisislib.signals.indicators.indicator import Indicator, collected, nothing


def heat(cut: Cut) -> pd.DataFrame:
    """Heat summed over the listed topics per window; each topic counts its highest observation of the window.

    Zero says that nothing was listed, which means below the list's floor and not that nobody looked.

    Parameters
    ----------
    cut : Cut
        The run's tables.

    Returns
    -------
    pandas.DataFrame
        `w`, `value` (heat in the platform's own unit), `n_posts` (topics listed).
    """
    source = cut.observations
    if source is None:
        source = cut.posts.filter(nw.col("kind") == "topic")
    listed = source.filter(nw.col("kind") == "topic", ~nw.col("n_views").is_null())
    each = listed.group_by("w", "post_id").agg(top=nw.col("n_views").max())
    reduced = collected(cut, "heat", lambda: each.group_by("w").agg(value=nw.col("top").sum(), n_posts=nw.len()))
    return reduced if len(reduced) else nothing()


HEAT = Indicator("heat", N_("heat (list units)"), N_("Heat of listed topics"), 1, "amount", heat, zero="topics")
