"""Subjects family: sensitive subjects, complaints, calls to action."""

from __future__ import annotations

import narwhals as nw
import numpy as np
import pandas as pd

from crisislib.core.i18n import N_
from crisislib.signals.frame_reading import Lazy
from crisislib.signals.frames import Cut
from crisislib.signals.indicators.indicator import Indicator, collected, nothing
from crisislib.signals.indicators.reach import heard

WEEK = 168
"""Windows that the growth term looks back over: a week of hours."""
SPAN = 24
"""Windows in which a subject that was met still counts in the weights: a day of hours, and what an increment reads."""


def weighted(cut: Cut) -> Lazy:
    """Every post with its window and weight 1 + ln(1 + reach).

    Parameters
    ----------
    cut : Cut
        The run's tables.

    Returns
    -------
    narwhals.LazyFrame
        `post_id`, `w`, `audience`, `weight` (1 and above).
    """
    posts = heard(cut).select("post_id", "w", "audience")
    return posts.with_columns(weight=1.0 + (1.0 + nw.col("audience").fill_null(0).cast(nw.Float64)).log())


def per_subject(cut: Cut) -> pd.DataFrame:
    """Posts per window and subject, with their summed weight and the subject's grade.

    Parameters
    ----------
    cut : Cut
        The run's tables.

    Returns
    -------
    pandas.DataFrame
        `w`, `label`, `value` (posts), `weight`, `grade` (1-4).
    """
    labels = cut.labels
    if labels is None:
        return nothing("label", "weight", "grade")

    def ask() -> Lazy:
        hits = labels.filter(nw.col("label").str.starts_with("sensitive."))
        hits = hits.select("post_id", "label", grade=nw.col("score").fill_null(1.0))
        hits = hits.join(weighted(cut), on="post_id", how="inner")
        grouped = hits.group_by("w", "label")
        return grouped.agg(value=nw.len(), weight=nw.col("weight").sum(), grade=nw.col("grade").max())

    return collected(cut, "subjects", ask)


def labelled(cut: Cut) -> pd.Series:
    """Posts that somebody has labelled, per window: a window without any has no answer, which is not zero.

    Parameters
    ----------
    cut : Cut
        The run's tables.

    Returns
    -------
    pandas.Series
        Posts, indexed by window; windows without any are missing.
    """
    if cut.labels is None:
        return pd.Series(dtype="int64")
    labels = cut.labels

    def ask() -> Lazy:
        each = labels.filter(~nw.col("label").is_in(("narrative",))).group_by("w", "post_id").agg(one=nw.len())
        return each.group_by("w").agg(n=nw.len())

    return collected(cut, "labelled", ask).set_index("w")["n"]


def sensitive_posts(cut: Cut) -> pd.DataFrame:
    """Posts in any sensitive subject (by subject as parts), over the labelled windows.

    Parameters
    ----------
    cut : Cut
        The run's tables.

    Returns
    -------
    pandas.DataFrame
        `w`, `value` (posts), `n_posts`, `part` (subject).
    """
    windows = labelled(cut)
    if windows.empty:
        return nothing("part")
    reduced = per_subject(cut)
    rows = []
    for label in ["", *sorted(reduced["label"].unique())]:
        # The whole counts hits, a post in two subjects twice: it is a load, not a number of posts.
        mine = reduced if label == "" else reduced[reduced["label"] == label]
        n = mine.groupby("w")["value"].sum().reindex(windows.index, fill_value=0)
        part = str(label).removeprefix("sensitive.")
        rows.append(pd.DataFrame({"w": windows.index, "value": n.to_numpy(), "n_posts": n.to_numpy(), "part": part}))
    return pd.concat(rows, ignore_index=True)


def sensitive(cut: Cut) -> pd.DataFrame:
    """Sensitive-topic attention per window, 0-100 before growth.

    Parameters
    ----------
    cut : Cut
        The run's tables.

    Returns
    -------
    pandas.DataFrame
        `w`, `value` (index, 0-100 and above in growth), `n_posts`.

    Notes
    -----
    SA = 100·Σ s_k·r_k·g_k / Σ s_k over the subjects k met in the last 24 windows; s is the grade (1-4), r the
    share of the window's posts in subject k weighted by log reach, and
    g = 1 + max(0, log10((N_k + 1)/(mean of N_k over the week before + 1))) the growth term.
    """
    measured = labelled(cut)
    if measured.empty:
        return nothing()
    reduced = per_subject(cut)
    posts = weighted(cut)
    whole = collected(cut, "weights", lambda: posts.group_by("w").agg(n_posts=nw.len(), weight=nw.col("weight").sum()))
    whole = whole.set_index("w")
    value = pd.Series(0.0, index=whole.index)
    if len(reduced):
        value = _attention(reduced, whole["weight"], cut).reindex(whole.index, fill_value=0.0)
    out = pd.DataFrame({"w": whole.index, "value": value.to_numpy(), "n_posts": whole["n_posts"].to_numpy()})
    return out[out["w"].isin(measured.index)].reset_index(drop=True)


def _attention(reduced: pd.DataFrame, total: pd.Series, cut: Cut) -> pd.Series:
    """The formula, from the windows of the grid and what earlier runs counted before it; whatever the grid's begin."""
    windows = range(cut.grid.n)
    per = reduced.pivot(index="w", columns="label", values="value").reindex(windows).fillna(0.0)
    share = reduced.pivot(index="w", columns="label", values="weight").fillna(0.0).div(total, axis=0).fillna(0.0)
    met = reduced.pivot(index="w", columns="label", values="grade").reindex(windows).clip(1, 4)
    grade = met.rolling(SPAN, min_periods=1).max().fillna(0.0)
    usual = pd.DataFrame({label: _usual(cut, str(label), per[label]) for label in per.columns})
    growth = 1.0 + ((per + 1.0) / (usual + 1.0)).clip(lower=1.0).apply(np.log10)
    weighted_share = (share * growth.reindex(share.index) * grade.reindex(share.index)).sum(axis=1)
    weight = grade.sum(axis=1).reindex(share.index)
    attention: pd.Series = 100.0 * weighted_share / weight.where(weight > 0, 1.0)  # nothing met: no attention
    return attention


def _usual(cut: Cut, label: str, counts: pd.Series) -> pd.Series:
    """Mean of a subject's posts over the week of windows before each; a window that was not measured counts none."""
    earlier = cut.history_of(f"sensitive_posts.{label.removeprefix('sensitive.')}")
    back = (pd.to_datetime(earlier["at"], utc=True) - pd.Timestamp(cut.grid.start)).dt.total_seconds()
    place = (back / cut.grid.step_s).round().astype(int)
    before = pd.Series(earlier["value"].to_numpy(dtype=float), index=place)
    before = before[~before.index.duplicated(keep="last")]
    whole = pd.concat([before.reindex(range(-WEEK, 0)).fillna(0.0), counts])
    return whole.rolling(WEEK, min_periods=WEEK).mean().shift(1).loc[0:].fillna(0.0)


SENSITIVE_POSTS = Indicator(
    "sensitive_posts", N_("posts"), N_("Posts on sensitive subjects"), 1, "count", sensitive_posts, zero="posts"
)
SENSITIVE = Indicator(
    "sensitive_attention",
    N_("index 0-100 and above in growth"),
    N_("Sensitive-topic attention"),
    1,
    "amount",
    sensitive,
)


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
