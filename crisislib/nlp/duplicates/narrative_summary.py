"""Narratives as a table: first post, versions, size, share and growth, with the posts to read."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.core.tables import conform
from crisislib.nlp.duplicates.duplicate_detection import FORM, LABEL
from crisislib.nlp.proportions import growth, share_interval

COLUMNS = (
    "narrative",
    "kind",
    "n",
    "share",
    "share_lo",
    "share_hi",
    "n_variants",
    "n_accounts",
    "first_post",
    "first_at",
    "last_at",
    "hours",
    "n_recent",
    "n_before",
    "growth",
    "growth_lo",
    "growth_hi",
    "q_value",
    "text",
    "posts",
)

COPIES = "copies"
"""Kind of a narrative whose posts repeat one text; the other kind is :data:`FORM`."""


def _rows(labels: pa.Table | pd.DataFrame, posts: pa.Table | pd.DataFrame) -> pd.DataFrame:
    """One row for each labelled post, in order of time."""
    labelled = conform(labels, "LABELS")
    chosen = pc.is_in(labelled["label"], pa.array([LABEL, FORM]))
    labelled = labelled.filter(chosen).select(["post_id", "at", "created_at", "label", "value", "evidence"])
    frame = labelled.to_pandas().sort_values("at", kind="stable")
    newest = frame[frame["label"] == LABEL].drop_duplicates("post_id", keep="last").drop(columns="label")
    # What was filled into a form stands under the form, whatever its own text is called.
    form = frame[frame["label"] == FORM].drop_duplicates("post_id", keep="last").set_index("post_id")["value"]
    of_form = newest["post_id"].map(form)
    newest["kind"] = np.where(of_form.notna(), FORM, COPIES)
    newest["value"] = of_form.fillna(newest["value"])
    newest["variant"] = newest["evidence"].str.extract(r'"text": "(\d+)"', expand=False)
    table = conform(posts, "POSTS").select(
        ["post_id", "collected_at", "account_id", "text", "n_likes", "n_reposts", "n_replies"]
    )
    latest = table.to_pandas().sort_values("collected_at", kind="stable").drop_duplicates("post_id", keep="last")
    rows: pd.DataFrame = newest.drop(columns=["at", "evidence"]).merge(latest, on="post_id", how="left")
    rows["heat"] = rows[["n_likes", "n_reposts", "n_replies"]].sum(axis=1)
    return rows.sort_values(["created_at", "post_id"], na_position="last", kind="stable").reset_index(drop=True)


def narrative_table(
    labels: pa.Table | pd.DataFrame,
    posts: pa.Table | pd.DataFrame,
    *,
    now: datetime,
    window: timedelta = timedelta(hours=24),
    least: int = 2,
    shown: int = 5,
) -> pd.DataFrame:
    """Narratives of some posts, largest first.

    Parameters
    ----------
    labels : pyarrow.Table or pandas.DataFrame
        LABELS; rows other than `narrative` are ignored, and of several rows of a post the newest counts.
    posts : pyarrow.Table or pandas.DataFrame
        POSTS with those posts.
    now : datetime.datetime
        End of the recent window, UTC.
    window : datetime.timedelta
        Length of the recent window and of the one before it.
    least : int
        Fewest posts of a narrative that is listed.
    shown : int
        Posts to read for each narrative.

    Returns
    -------
    pandas.DataFrame
        One row a narrative: kind, `copies` of one text or `form` (each post filled in by its author); n posts;
        share of all posts that say enough to compare, with its 95 % interval; n_variants distinct texts; n_accounts
        (null where accounts are not known); first_post, first_at the earliest post in the data, which need not be
        the first on the internet; last_at; hours
        between them; n_recent and n_before in the two windows; growth their ratio with
        interval, q_value of the test that it did not grow (false discovery rate over the rows); text of
        the commonest version; posts to read: the earliest of each of the commonest versions.
    """
    rows = _rows(labels, posts)
    total = len(rows)
    sizes = rows.groupby("value")["post_id"].transform("size")
    rows = rows[sizes >= least]
    if rows.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    until = pd.Timestamp(now)
    recent = rows["created_at"].gt(until - window) & rows["created_at"].le(until)
    before = rows["created_at"].gt(until - 2 * window) & rows["created_at"].le(until - window)
    grouped = rows.assign(recent=recent, before=before).groupby("value", sort=False)
    table = grouped.agg(
        kind=("kind", "first"),
        n=("post_id", "size"),
        n_variants=("variant", "nunique"),
        n_accounts=("account_id", "nunique"),
        first_post=("post_id", "first"),
        first_at=("created_at", "first"),
        last_at=("created_at", "max"),
        n_recent=("recent", "sum"),
        n_before=("before", "sum"),
    )
    table["n_accounts"] = table["n_accounts"].astype("Int64").mask(table["n_accounts"] == 0)
    table["share"] = table["n"] / total
    table["share_lo"], table["share_hi"] = share_interval(table["n"], total)
    table["hours"] = (table["last_at"] - table["first_at"]).dt.total_seconds() / 3600
    table = table.join(growth(table["n_recent"], table["n_before"]).drop(columns="p_value")).join(_to_read(rows, shown))
    table = table.reset_index(names="narrative").sort_values(["n", "narrative"], ascending=[False, True])
    return table[list(COLUMNS)].reset_index(drop=True)


def _to_read(rows: pd.DataFrame, shown: int) -> pd.DataFrame:
    """The commonest version's text, and the earliest post of each of the commonest versions."""
    versions = rows.groupby(["value", "variant"], sort=False).agg(
        n=("post_id", "size"), post=("post_id", "first"), text=("text", "first"), heat=("heat", "max")
    )
    versions = versions.reset_index().sort_values(["n", "heat"], ascending=False, kind="stable")
    first = versions.drop_duplicates("value").set_index("value")["text"]
    posts = versions.groupby("value").head(shown).groupby("value")["post"].agg(list)
    return pd.DataFrame({"text": first, "posts": posts})
