"""Which topics have really come up."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.core.errors import NotEnoughData
from crisislib.core.i18n import N_
from crisislib.core.tables import conform
from crisislib.nlp.proportions import growth

LABEL = "topic"
OUTSIDE_VALUE = "outside"
NEEDED = 20
"""Fewest posts before, and in the recent window, to compare them."""
LEAST = 5
"""Fewest recent posts of a topic that may be called emerging."""
CHANCE = 0.05
"""False discovery rate of the topics that are called emerging: the usual 5 %."""


def _rows(labels: pa.Table | pd.DataFrame) -> pd.DataFrame:
    """Newest topic of each post whose time is known: post_id, created_at, value."""
    labelled = conform(labels, "LABELS")
    labelled = labelled.filter(pc.and_(pc.equal(labelled["label"], LABEL), pc.is_valid(labelled["created_at"])))
    frame = labelled.select(["post_id", "at", "created_at", "value"]).to_pandas()
    newest: pd.DataFrame = frame.sort_values("at", kind="stable").drop_duplicates("post_id", keep="last")
    return newest.drop(columns="at")


def _dispersion(table: pd.DataFrame) -> pd.Series[float]:
    """How many times more a topic's share swings between windows than a fair lottery would let it (at least 1).

    Notes
    -----
    Pearson's χ² over windows divided by its degrees of freedom (quasi-likelihood, McCullagh & Nelder 1989).
    """
    total = table.sum(axis=1)
    table, total = table[total > 0], total[total > 0]
    share = table.sum() / total.sum()
    expected = np.outer(total, share)
    spread = expected * (1 - share.to_numpy())
    squares = ((table - expected) ** 2 / np.maximum(spread, 1e-9)).sum()
    swing: pd.Series[float] = (squares / max(len(table) - 1, 1)).clip(lower=1.0)
    return swing


def emerging(
    labels: pa.Table | pd.DataFrame,
    *,
    now: datetime,
    recent: timedelta = timedelta(days=1),
    before: timedelta = timedelta(days=7),
    step: timedelta = timedelta(hours=6),
) -> pd.DataFrame:
    """Topics whose share of the talk has grown beyond chance.

    Parameters
    ----------
    labels : pyarrow.Table or pandas.DataFrame
        LABELS with `topic` rows.
    now : datetime.datetime
        End of the recent window, UTC.
    recent, before : datetime.timedelta
        Lengths of the recent window and of the stretch before it that it is compared with.
    step : datetime.timedelta
        Windows over which the ordinary swing of a share is learned.

    Returns
    -------
    pandas.DataFrame
        One row a topic: topic_id, n_recent, n_before, share_recent, share_before, growth of the share with
        growth_lo and growth_hi (95 %), dispersion, p_value, q_value (false discovery rate), emerging (True where
        q_value < 0.05 and at least LEAST posts are recent); surest first.

    Raises
    ------
    NotEnoughData
        Fewer than NEEDED posts in one of the two windows.

    Notes
    -----
    Exact conditional test of two rates; both counts are first divided by the dispersion of the topic's
    share over the windows before, so that a topic which always comes in bursts must burst harder.
    """
    rows = _rows(labels)
    until = pd.Timestamp(now)
    late = rows[(rows["created_at"] > until - recent) & (rows["created_at"] <= until)]
    early = rows[(rows["created_at"] > until - recent - before) & (rows["created_at"] <= until - recent)]
    for name, part in (("recent window", late), ("stretch before it", early)):
        if len(part) < NEEDED:
            raise NotEnoughData(
                N_("{n} {n:post|posts} with a topic in the {name}, {needed} needed"),
                do=N_("collect more, or widen the window"),
                facts={"n": len(part), "name": name, "needed": NEEDED},
            )
    names = sorted(set(rows["value"]) - {OUTSIDE_VALUE})
    now_n = late["value"].value_counts().reindex(names, fill_value=0)
    then_n = early["value"].value_counts().reindex(names, fill_value=0)
    windows = early.assign(window=early["created_at"].dt.floor(pd.Timedelta(step)))
    swing = _dispersion(windows.groupby(["window", "value"]).size().unstack(fill_value=0)).reindex(
        names, fill_value=1.0
    )
    # Rounded towards "no growth", so that dividing never makes a topic look surer than it is.
    less, more = (now_n / swing).apply(np.floor).astype(int), (then_n / swing).apply(np.ceil).astype(int)
    tested = growth(less, more, exposure=len(late) / len(early))
    table = pd.DataFrame({"n_recent": now_n, "n_before": then_n})
    table["share_recent"], table["share_before"] = now_n / len(late), then_n / len(early)
    table = table.join(tested.drop(columns="growth")).assign(dispersion=swing)
    table["growth"] = (table["share_recent"] / table["share_before"]).where(table["n_before"] > 0)
    table["emerging"] = (table["q_value"] < CHANCE) & (table["n_recent"] >= LEAST)
    return table.rename_axis("topic_id").reset_index().sort_values(["p_value", "topic_id"]).reset_index(drop=True)
