"""Engagement heat: how strongly people act on what they see."""

from __future__ import annotations

import narwhals as nw
import numpy as np
import pandas as pd

from crisislib.core.i18n import N_
from crisislib.signals.frames import Cut
from crisislib.signals.indicators.indicator import Indicator, collected


def engagement(cut: Cut) -> pd.DataFrame:
    """Interaction heat per window, in the manner of the Weibo communication index (BCI).

    Notes
    -----
    BCI = 160·(0.2·W1 + 0.8·W2), W1 = ln(posts + 1), W2 = 0.4 ln(reposts + 1) + 0.4 ln(comments + 1)
    + 0.2 ln(likes + 1). Windows whose posts carry no counts at all have no value.
    """
    counts = ("n_reposts", "n_replies", "n_likes")
    posts = cut.posts.filter(nw.col("kind") != "topic")
    posts = posts.with_columns(*[(~nw.col(c).is_null()).cast(nw.Int64).alias(f"k_{c}") for c in counts])
    sums = [nw.col(c).sum() for c in (*counts, *(f"k_{c}" for c in counts))]
    found = collected(cut, "engagement", lambda: posts.group_by("w").agg(*sums, n_posts=nw.len()))
    found = found[found[[f"k_{c}" for c in counts]].sum(axis=1) > 0]
    logs = {c: np.log1p(found[c].fillna(0).clip(lower=0).astype(float)) for c in counts}
    acted = 0.4 * logs["n_reposts"] + 0.4 * logs["n_replies"] + 0.2 * logs["n_likes"]
    value = 160.0 * (0.2 * np.log1p(found["n_posts"].astype(float)) + 0.8 * acted)
    return pd.DataFrame({"w": found["w"], "value": value, "n_posts": found["n_posts"]})


ENGAGEMENT = Indicator("engagement", N_("index (BCI form)"), N_("Engagement heat"), 1, "amount", engagement)
