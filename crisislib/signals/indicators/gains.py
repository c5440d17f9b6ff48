"""Gains: what the counters of posts rose by between two observations, at the hour when that was observed."""

from __future__ import annotations

import narwhals as nw
import numpy as np
import pandas as pd

from crisislib.core.i18n import N_
from crisislib.signals.frames import ACTS, VIEW, Cut, Lazy
from crisislib.signals.indicators.indicator import Indicator, collected, nothing


def top_gain(cut: Cut) -> pd.DataFrame:
    """The most that one post gained per window: reposts, comments and likes, or a hundredth of its views if more.

    A post's first counters count in the window in which it was written; nobody knows better. What they rose by later
    counts in the window in which that was observed. The brand's own posts are left out.

    Parameters
    ----------
    cut : Cut
        The run's tables.

    Returns
    -------
    pandas.DataFrame
        `w`, `value` (acts), `n_posts` (always 1).
    """
    first = collected(cut, "top_gain", lambda: _first(cut).group_by("w").agg(gain=nw.col("gain").max()))
    moved = cut.movements
    moved = moved[(moved["w"] >= 0) & (moved["w"] < cut.grid.n)]
    moved = moved[~moved["account_id"].isin(list(cut.watch.brand.accounts))]
    both = pd.concat([first, moved[["w", "gain"]]], ignore_index=True) if len(moved) else first
    if both.empty:
        return nothing()
    top = both.groupby("w")["gain"].max().sort_index()
    one = np.ones(len(top), dtype=np.int64)
    return pd.DataFrame({"w": top.index.to_numpy(), "value": top.to_numpy(dtype=float), "n_posts": one})


def _first(cut: Cut) -> Lazy:
    """The first counters of every post of the public: the present ones less what they rose by since."""
    posts = cut.posts.filter(nw.col("kind") != "topic", nw.col("voice") != "own")
    posts = posts.join(cut.put_moved(), on="post_id", how="left")
    acts = [nw.col(c).fill_null(0).cast(nw.Float64) - nw.col(f"moved_{c}").fill_null(0.0) for c in ACTS]
    views = (nw.col("n_views").fill_null(0).cast(nw.Float64) - nw.col("moved_n_views").fill_null(0.0)) * VIEW
    return posts.with_columns(gain=nw.max_horizontal(sum(acts[1:], acts[0]), views))


TOP_GAIN = Indicator("top_gain", N_("acts"), N_("Largest gain of a post"), 1, "amount", top_gain, zero="posts")
