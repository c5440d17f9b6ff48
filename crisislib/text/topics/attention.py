"""How much attention sensitive subjects get, as one index and subject by subject."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.core.tables import conform

PREFIX = "sensitive."
TOTAL = "total"
COLUMNS = ("subject", "n", "n_posts", "grade", "share", "attention", "expected", "growth", "post_ids")


def _newest(posts: pa.Table | pd.DataFrame) -> pd.DataFrame:
    """Newest observation of each post with a time: post_id, created_at, reach weight."""
    table = conform(posts, "POSTS").select(
        ["post_id", "collected_at", "created_at", "n_views", "n_likes", "n_reposts", "n_replies"]
    )
    frame = table.to_pandas().sort_values("collected_at", kind="stable").drop_duplicates("post_id", keep="last")
    acted = frame[["n_likes", "n_reposts", "n_replies"]].sum(axis=1)
    reach = frame["n_views"].astype(float).fillna(acted).clip(lower=0)
    # One post weighs one even where nobody is known to have seen it.
    weighed: pd.DataFrame = frame.assign(weight=1 + np.log1p(reach)).dropna(subset="created_at")
    return weighed[["post_id", "created_at", "weight"]]


def attention(
    labels: pa.Table | pd.DataFrame,
    posts: pa.Table | pd.DataFrame,
    *,
    now: datetime,
    window: timedelta = timedelta(hours=24),
    baseline: timedelta = timedelta(days=7),
) -> pd.DataFrame:
    """Attention that sensitive subjects get in a window, and how it has grown.

    Parameters
    ----------
    labels : pyarrow.Table or pandas.DataFrame
        LABELS; rows `sensitive.<subject>` with the grade (1-4) as score.
    posts : pyarrow.Table or pandas.DataFrame
        POSTS of the window and the baseline, with and without sensitive subjects.
    now : datetime.datetime
        End of the window, UTC.
    window, baseline : datetime.timedelta
        Length of the window, and of the stretch before it that gives the expected number.

    Returns
    -------
    pandas.DataFrame
        One row a subject and one row `total`: n posts on it, n_posts in the window; grade (mean of
        its posts); share of the talk, weighted by reach (0-1, null without posts); attention (share weighted by
        grade over all subjects, 0-1); expected number of posts by the baseline; growth = ln((n + 1)/(expected + 1)),
        null without any post in the baseline; post_ids.

    Notes
    -----
    SA = Σ_k s_k·r_k / Σ_k s_k with s_k the grade and r_k the share of the window's posts on subject k, each post
    weighted by 1 + ln(1 + reach); reach is the views where known, else likes, reposts and replies
    together, which undercounts and makes platforms comparable only with themselves.
    """
    until = pd.Timestamp(now)
    frame = _newest(posts)
    here = frame[(frame["created_at"] > until - window) & (frame["created_at"] <= until)]
    past = frame[(frame["created_at"] > until - window - baseline) & (frame["created_at"] <= until - window)]
    said = conform(labels, "LABELS")
    said = said.filter(pc.starts_with(said["label"], PREFIX))
    hits = said.select(["post_id", "label", "at", "score"]).to_pandas().sort_values("at", kind="stable")
    hits = hits.drop_duplicates(["post_id", "label"], keep="last").assign(
        subject=lambda rows: rows["label"].str.removeprefix(PREFIX)
    )
    now_hits, then_hits = hits.merge(here, on="post_id"), hits.merge(past, on="post_id")
    if now_hits.empty and then_hits.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    subjects = sorted({*now_hits["subject"], *then_hits["subject"]})
    grouped = now_hits.groupby("subject")
    table = pd.DataFrame(index=pd.Index(subjects, name="subject"))
    table["n"] = grouped.size().reindex(subjects, fill_value=0)
    table["n_posts"] = len(here)
    both = pd.concat([now_hits, then_hits])
    table["grade"] = both.groupby("subject")["score"].mean()
    whole = here["weight"].sum()
    table["share"] = grouped["weight"].sum().reindex(subjects, fill_value=0.0) / whole if whole else np.nan
    table["attention"] = table["share"] * table["grade"] / table["grade"].sum()
    table["expected"] = then_hits.groupby("subject").size().reindex(subjects, fill_value=0) * (window / baseline)
    table["post_ids"] = grouped["post_id"].agg(list).reindex(subjects).map(lambda ids: ids if type(ids) is list else [])
    table.loc[TOTAL] = _total(table, now_hits, then_hits, len(here), window / baseline)
    grown = np.log((table["n"].to_numpy(float) + 1) / (table["expected"].to_numpy(float) + 1))
    table["growth"] = grown if len(past) else np.nan
    return table.reset_index()[list(COLUMNS)]


def _total(
    table: pd.DataFrame, now_hits: pd.DataFrame, then_hits: pd.DataFrame, n_posts: int, lengths: float
) -> pd.Series:
    """The row over all subjects; a post on two subjects counts once in n, share and expected."""
    once = now_hits.drop_duplicates("post_id")
    part = once["weight"].sum() / now_hits["weight"].sum() if len(now_hits) else 1.0
    return pd.Series(
        {
            "n": len(once),
            "n_posts": n_posts,
            "grade": table["grade"].mean(),
            "share": table["share"].sum(min_count=1) * part,
            "attention": table["attention"].sum(min_count=1),
            "expected": then_hits["post_id"].nunique() * lengths,
            "post_ids": once["post_id"].tolist(),
        }
    )
