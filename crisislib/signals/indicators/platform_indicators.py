"""Platform breadth: over how many platforms the talk is spread."""

from __future__ import annotations

import narwhals as nw
import numpy as np
import pandas as pd

from crisislib.core.i18n import N_
from crisislib.signals.frames import Cut
from crisislib.signals.indicators.indicator import Indicator, collected


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
