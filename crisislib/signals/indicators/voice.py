"""Share of voice: the brand's part of the talk about it and its competitors."""

from __future__ import annotations

import narwhals as nw
import pandas as pd

from crisislib.core.i18n import N_
from crisislib.signals.frames import Cut
from crisislib.signals.indicators.indicator import Indicator, collected, nothing


def voice(cut: Cut) -> pd.DataFrame:
    """Own / (own + competitors) mentions per window; without competitors in the watch there is no value."""
    if not cut.watch.brand.competitors:
        return nothing("k")
    own, rival = nw.col("names_own").cast(nw.Int64), nw.col("names_rival").cast(nw.Int64)
    posts = cut.posts.with_columns(own=own, rival=rival)
    each = posts.group_by("w").agg(k=nw.col("own").sum(), other=nw.col("rival").sum())
    found = collected(cut, "voice", lambda: each)
    found = found.assign(n_posts=found["k"] + found["other"])
    found = found[found["n_posts"] > 0].reset_index(drop=True)
    return found.assign(value=found["k"] / found["n_posts"]).drop(columns="other")


VOICE = Indicator("share_of_voice", N_("share of mentions"), N_("Share of voice"), 0, "share", voice)
