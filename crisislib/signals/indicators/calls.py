"""Call-to-action share: how many posts call for a boycott, refunds, the regulator, a lawsuit."""

from __future__ import annotations

import narwhals as nw
import pandas as pd

from crisislib.core.i18n import N_
from crisislib.signals.frames import Cut
from crisislib.signals.indicators.indicator import Indicator, collected, nothing


def calls(cut: Cut) -> pd.DataFrame:
    """Share of labelled posts with any call to action; windows that nobody has labelled have no value.

    Parameters
    ----------
    cut : Cut
        The run's tables.

    Returns
    -------
    pandas.DataFrame
        `w`, `value` (share, 0-1), `k` (posts that call), `n_posts` (labelled).
    """
    if cut.labels is None:
        return nothing("k")
    read = cut.labels.filter(nw.col("label").is_in(("sentiment", "call_to_action")))
    call = (nw.col("label") == "call_to_action").cast(nw.Int64)
    each = read.with_columns(call=call).group_by("w", "post_id").agg(call=nw.col("call").max())
    reduced = collected(cut, "calls", lambda: each.group_by("w").agg(k=nw.col("call").sum(), n_posts=nw.len()))
    return reduced.assign(value=reduced["k"] / reduced["n_posts"])


CALLS = Indicator("call_to_action", N_("share of labelled posts"), N_("Call-to-action share"), 1, "share", calls)
