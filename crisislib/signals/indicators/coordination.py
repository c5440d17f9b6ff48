"""Coordination share: how much of the talk comes from accounts that act together."""

from __future__ import annotations

import narwhals as nw
import pandas as pd

from crisislib.core.i18n import N_
from crisislib.signals.frames import Cut
from crisislib.signals.indicators.indicator import Indicator, collected, nothing

MEMBER_S = 7 * 86_400
"""A group counts for a week after the last run that found it: campaigns last days, and come back in waves."""


def coordination(cut: Cut) -> pd.DataFrame:
    """Share of a window's posts by accounts known to be in a coordinated group.

    A group counts from the run that found it: a window of the past keeps the value that it had, and a replay decides
    as the monitor did. It speaks of coordinated behaviour among accounts, never of what an account is.

    Parameters
    ----------
    cut : Cut
        The run's tables.

    Returns
    -------
    pandas.DataFrame
        `w`, `value` (share, 0-1), `k` (posts by members), `n_posts`.
    """
    if cut.groups is None:
        return nothing("k")
    named = cut.groups.filter(nw.col("grade").is_null() | (nw.col("grade") != "weak"))  # older lakes have no grade
    span = named.group_by("account_id").agg(known=nw.col("as_of").min(), newest=nw.col("as_of").max())
    posts = cut.posts.filter(~nw.col("account_id").is_null()).join(span, on="account_id", how="left")
    at = nw.col("created_at")
    inside = (at >= nw.col("known")) & ((at - nw.col("newest")).dt.total_seconds() <= MEMBER_S)
    hit = nw.when(inside).then(nw.lit(1)).otherwise(nw.lit(0))
    reduced = collected(
        cut,
        "coordination",
        lambda: posts.with_columns(hit=hit).group_by("w").agg(k=nw.col("hit").sum(), n_posts=nw.len()),
    )
    return reduced.assign(value=reduced["k"] / reduced["n_posts"])


COORDINATION = Indicator("coordination", N_("share of posts"), N_("Coordination share"), 1, "share", coordination)
