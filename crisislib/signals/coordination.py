"""Coordination share: how much of the talk comes from accounts that act together."""

from __future__ import annotations

import narwhals as nw
import pandas as pd

from crisislib.core.i18n import N_
from crisislib.signals.frames import Cut
from crisislib.signals.indicator import Indicator, collected, nothing


def coordination(cut: Cut) -> pd.DataFrame:
    """Share of a window's posts by accounts found in a coordinated group while the group was at work.

    It speaks of coordinated behaviour among accounts, never of what an account is.
    """
    if cut.groups is None:
        return nothing("k")
    span = cut.groups.group_by("account_id").agg(first=nw.col("first_at").min(), last=nw.col("last_at").max())
    posts = cut.posts.filter(~nw.col("account_id").is_null()).join(span, on="account_id", how="left")
    inside = (nw.col("created_at") >= nw.col("first")) & (nw.col("created_at") <= nw.col("last"))
    hit = nw.when(inside).then(nw.lit(1)).otherwise(nw.lit(0))
    found = collected(
        cut,
        "coordination",
        lambda: posts.with_columns(hit=hit).group_by("w").agg(k=nw.col("hit").sum(), n_posts=nw.len()),
    )
    return found.assign(value=found["k"] / found["n_posts"])


COORDINATION = Indicator("coordination", N_("share of posts"), N_("Coordination share"), 1, "share", coordination)
