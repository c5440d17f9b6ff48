"""Influencer involvement: how many widely followed accounts take part."""

from __future__ import annotations

import narwhals as nw
import pandas as pd

from crisislib.core.i18n import N_
from crisislib.signals.frames import Cut
from crisislib.signals.indicators.indicator import Indicator, collected, nothing
from crisislib.signals.indicators.reach import heard

FOLLOWERS = 100_000
"""From here on an account alone reaches a public: the usual line between micro and macro influencers."""
VERIFIED_FOLLOWERS = 10_000
"""A platform vouches for a verified account, so a tenth of the followers is enough; a round setting."""


def influencers(cut: Cut) -> pd.DataFrame:
    """Distinct accounts with at least 100,000 followers, or verified with 10,000, per window.

    Windows in which no account's followers are known have no value.

    Parameters
    ----------
    cut : Cut
        The run's tables.

    Returns
    -------
    pandas.DataFrame
        `w`, `value` (accounts), `n_posts` (whose account's followers are known).
    """
    if cut.accounts is None:
        return nothing()
    posts = heard(cut).filter(~nw.col("n_followers").is_null())
    size = nw.col("n_followers")
    loud = (size >= FOLLOWERS) | ((size >= VERIFIED_FOLLOWERS) & (nw.col("is_verified").fill_null(0) == 1))
    marked = posts.with_columns(who=nw.when(loud).then(nw.col("account_id")))
    counted = marked.group_by("w", "who").agg(n=nw.len())
    counted = counted.with_columns(named=(~nw.col("who").is_null()).cast(nw.Int64))
    each = counted.group_by("w").agg(value=nw.col("named").sum(), n_posts=nw.col("n").sum())
    return collected(cut, "influencers", lambda: each)


INFLUENCERS = Indicator(
    "influencers", N_("accounts"), N_("Influencer involvement"), 1, "count", influencers, zero="posts"
)
