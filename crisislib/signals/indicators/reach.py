"""Reach family: how many could have seen it, through whom, and what hot lists show."""

from __future__ import annotations

import narwhals as nw
import pandas as pd

from crisislib.core.i18n import N_
from crisislib.signals.frame_reading import Lazy
from crisislib.signals.frames import Cut
from crisislib.signals.indicators.indicator import Indicator, collected, nothing


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
