"""Complaint kinds: what people complain about, one series per kind."""

from __future__ import annotations

import narwhals as nw
import pandas as pd

from crisislib.core.i18n import N_
from crisislib.signals.frames import Cut
from crisislib.signals.indicators.indicator import Indicator, collected, nothing

KINDS = 12
"""The most frequent kinds that get a series of their own."""


def complaints(cut: Cut) -> pd.DataFrame:
    """Complaints per window (all kinds) and, as parts, per kind; zero where posts were labelled and none complains.

    Parameters
    ----------
    cut : Cut
        The run's tables.

    Returns
    -------
    pandas.DataFrame
        `w`, `value` (complaints), `n_posts`, `part` (kind; the most frequent only).
    """
    if cut.labels is None:
        return nothing("part")
    mood = cut.labels.filter(nw.col("label") == "sentiment")
    labelled = collected(cut, "complaints.labelled", lambda: mood.group_by("w").agg(n_posts=nw.len()))
    hits = cut.labels.filter(nw.col("label") == "complaint", ~nw.col("value").is_null())
    each = collected(cut, "complaints", lambda: hits.group_by("w", "value").agg(n=nw.len()))
    top: list[str] = list(each.groupby("value")["n"].sum().nlargest(KINDS).index) if len(each) else []
    windows = labelled.set_index("w")["n_posts"]
    windows = windows.reindex(windows.index.union(pd.Index(each["w"].unique()))).fillna(0)
    parts = [("", each), *((kind, each[each["value"] == kind]) for kind in top)]
    rows = []
    for part, mine in parts:
        n = mine.groupby("w")["n"].sum().reindex(windows.index, fill_value=0)
        rows.append(pd.DataFrame({"w": windows.index, "value": n.to_numpy(), "n_posts": n.to_numpy(), "part": part}))
    return pd.concat(rows, ignore_index=True)


COMPLAINTS = Indicator("complaint", N_("posts"), N_("Complaints"), 1, "count", complaints, zero="posts")
