"""Reach: how many could have seen it."""

from __future__ import annotations

import narwhals as nw
import pandas as pd

from crisislib.core.i18n import N_
from crisislib.signals.frames import Cut, Lazy
from crisislib.signals.indicators.indicator import Indicator, collected


def heard(cut: Cut) -> Lazy:
    """Posts with `n_followers`, `is_verified` and `audience` (followers, else views; null where neither is known).

    Parameters
    ----------
    cut : Cut
        The run's tables.

    Returns
    -------
    narwhals.LazyFrame
        Posts, one row each.
    """
    posts = cut.posts
    if cut.accounts is not None:
        known = cut.accounts.with_columns(is_verified=nw.col("is_verified").cast(nw.Int64))
        who = known.group_by("account_id").agg(nw.col("n_followers").max(), nw.col("is_verified").max())
        posts = posts.join(who, on="account_id", how="left")
    else:
        posts = posts.with_columns(n_followers=nw.lit(None).cast(nw.Int64), is_verified=nw.lit(None).cast(nw.Int64))
    return posts.with_columns(audience=nw.coalesce(nw.col("n_followers"), nw.col("n_views")))


def reach(cut: Cut) -> pd.DataFrame:
    """Estimated impressions per window, each account counted once.

    Parameters
    ----------
    cut : Cut
        The run's tables.

    Returns
    -------
    pandas.DataFrame
        `w`, `value` (impressions), `n_posts` (whose audience is known).

    Notes
    -----
    Σ over distinct accounts of followers × f, with the published discount f = 0.15 up to 100,000
    followers falling linearly to 0.06 at ten million (Sprinklr's); views where followers are not
    known. A window where neither is known for any post has no value.
    """
    posts = heard(cut).filter(nw.col("kind") != "topic", ~nw.col("audience").is_null())
    whose = nw.coalesce(nw.col("account_id"), nw.col("post_id"))
    once = posts.with_columns(whose=whose).group_by("w", "whose").agg(size=nw.col("audience").max(), n=nw.len())
    size = nw.col("size").cast(nw.Float64)
    over = (size - 1e5) / (1e7 - 1e5)
    share = nw.when(size <= 1e5).then(nw.lit(0.15)).otherwise(0.15 - 0.09 * over)
    share = nw.when(size >= 1e7).then(nw.lit(0.06)).otherwise(share)
    once = once.with_columns(impressions=size * share)
    each = once.group_by("w").agg(value=nw.col("impressions").sum(), n_posts=nw.col("n").sum())
    return collected(cut, "reach", lambda: each)


REACH = Indicator("reach", N_("estimated impressions"), N_("Reach"), 1, "amount", reach)
