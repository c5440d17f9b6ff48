"""Participants family: which platforms, press, groups and competitors share the talk."""

from __future__ import annotations

import narwhals as nw
import numpy as np
import pandas as pd

from crisislib.core.brand_match import competitors_asked
from crisislib.core.i18n import N_
from crisislib.signals.frames import Cut
from crisislib.signals.indicators.indicator import Indicator, collected, nothing


def platforms(cut: Cut) -> pd.DataFrame:
    """Effective number of platforms per window: exp of the Shannon entropy of their shares of posts.

    Parameters
    ----------
    cut : Cut
        The run's tables.

    Returns
    -------
    pandas.DataFrame
        `w`, `value` (platforms, 1 and above), `n_posts`.

    Notes
    -----
    exp(−Σ s ln s), s the share of each platform: the Hill number of order 1 (Hill 1973, doi:10.2307/1934352).
    """
    each = collected(cut, "platforms", lambda: cut.posts.group_by("w", "platform").agg(n=nw.len()))
    share = each["n"] / each.groupby("w")["n"].transform("sum")
    reduced = (
        each.assign(h=-share * np.log(share.clip(lower=1e-12)))
        .groupby("w", as_index=False)
        .agg(h=("h", "sum"), n_posts=("n", "sum"))
    )
    return pd.DataFrame({"w": reduced["w"], "value": np.exp(reduced["h"].astype(float)), "n_posts": reduced["n_posts"]})


PLATFORMS = Indicator("platforms", N_("effective platforms"), N_("Platform breadth"), 1, "amount", platforms)


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


def voice(cut: Cut) -> pd.DataFrame:
    """Posts that name the brand among those that name it or a competitor, per window.

    Originals of the public and the press count; bare reposts do not, nor does the brand's own voice, and a post that
    names both is one post. Without competitors there is no value; nor where the watch's query does not let through what
    names only one of them and no post does, for then they were filtered out.

    Parameters
    ----------
    cut : Cut
        The run's tables.

    Returns
    -------
    pandas.DataFrame
        `w`, `value` (share, 0-1), `k` (posts that name the brand), `n_posts` (that name it or a competitor).
    """
    if not cut.watch.brand.competitors:
        return nothing("k")
    asked = competitors_asked(cut.watch)
    own, rival = nw.col("names_own").cast(nw.Int64), nw.col("names_rival").cast(nw.Int64)
    posts = cut.posts.filter(nw.col("voice").is_in(("original", "press")))
    each = posts.with_columns(own=own, either=nw.max_horizontal(own, rival)).group_by("w")
    reduced = collected(cut, "share_of_voice", lambda: each.agg(k=nw.col("own").sum(), n_posts=nw.col("either").sum()))
    reduced = reduced[reduced["n_posts"] > (0 if asked else reduced["k"])].reset_index(drop=True)
    return reduced.assign(value=reduced["k"] / reduced["n_posts"])


VOICE = Indicator("share_of_voice", N_("share of mentions"), N_("Share of voice"), 0, "share", voice)
