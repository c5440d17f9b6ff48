"""Unique authors: how many accounts post, which a single loud account cannot raise."""

from __future__ import annotations

import narwhals as nw
import pandas as pd

from crisislib.core.i18n import N_
from crisislib.signals.frames import Cut
from crisislib.signals.indicators.indicator import Indicator, collected


def authors(cut: Cut) -> pd.DataFrame:
    """Distinct accounts per window, over the posts whose account is known."""
    known = cut.posts.filter(~nw.col("account_id").is_null())
    return collected(
        cut, "authors", lambda: known.group_by("w").agg(value=nw.col("account_id").n_unique(), n_posts=nw.len())
    )


AUTHORS = Indicator("authors", N_("accounts"), N_("Unique authors"), 1, "count", authors, zero="posts")
