"""Engagement family: how strongly people act on what they see, and what single posts gain."""

from __future__ import annotations

import narwhals as nw
import numpy as np
import pandas as pd

from crisislib.core.i18n import N_
from crisislib.signals.frame_reading import Lazy
from crisislib.signals.frames import ACTS, VIEW, Cut
from crisislib.signals.indicators.indicator import Indicator, collected, nothing
from crisislib.signals.indicators.negative import PRAISE, scored_posts
from crisislib.signals.indicators.post_subjects import LISTED, subjects


def engagement(cut: Cut) -> pd.DataFrame:
    """Interaction heat per window, in the manner of the Weibo communication index (BCI).

    Parameters
    ----------
    cut : Cut
        The run's tables.

    Returns
    -------
    pandas.DataFrame
        `w`, `value` (index, 0 and above), `n_posts`.

    Notes
    -----
    BCI = 160·(0.2·W1 + 0.8·W2), W1 = ln(posts + 1), W2 = 0.4 ln(reposts + 1) + 0.4 ln(comments + 1)
    + 0.2 ln(likes + 1). Windows whose posts carry no counts at all have no value. What counters rose by after the
    first observation of a post counts in the window in which that was observed, not in that of the post.
    """
    counts = ACTS
    posts = cut.posts.filter(nw.col("kind") != "topic")
    posts = posts.with_columns(*[(~nw.col(c).is_null()).cast(nw.Int64).alias(f"k_{c}") for c in counts])
    sums = [nw.col(c).sum() for c in (*counts, *(f"k_{c}" for c in counts))]
    reduced = collected(cut, "engagement", lambda: posts.group_by("w").agg(*sums, n_posts=nw.len()))
    reduced = _at_the_hour(reduced, cut)
    reduced = reduced[reduced[[f"k_{c}" for c in counts]].sum(axis=1) > 0]
    logs = {c: np.log1p(reduced[c].fillna(0).clip(lower=0).astype(float)) for c in counts}
    acted = 0.4 * logs["n_reposts"] + 0.4 * logs["n_replies"] + 0.2 * logs["n_likes"]
    value = 160.0 * (0.2 * np.log1p(reduced["n_posts"].astype(float)) + 0.8 * acted)
    return pd.DataFrame({"w": reduced["w"], "value": value, "n_posts": reduced["n_posts"]})


def _at_the_hour(reduced: pd.DataFrame, cut: Cut) -> pd.DataFrame:
    """Sums per window with the rises of counters moved to where they were observed."""
    moved = cut.movements
    if moved.empty:
        return reduced
    rise = moved.groupby("w")[list(ACTS)].sum()
    rise = rise[(rise.index >= 0) & (rise.index < cut.grid.n)]
    each = reduced.set_index("w")
    each = each.reindex(each.index.union(rise.index)).fillna(0)
    back = moved.groupby("created_w")[list(ACTS)].sum().reindex(each.index, fill_value=0.0)
    for c in ACTS:
        more = rise[c].reindex(each.index, fill_value=0.0)
        each[c] = (each[c].astype(float) - back[c] + more).clip(lower=0.0)
        each[f"k_{c}"] = each[f"k_{c}"] + (more > 0)
    return each.rename_axis("w").reset_index()


ENGAGEMENT = Indicator("engagement", N_("index (BCI form)"), N_("Engagement heat"), 1, "amount", engagement)


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
    return _largest(first, _moved_here(cut))


def bad_gain(cut: Cut) -> pd.DataFrame:
    """The most that one post of bad news gained per window, counted as by :func:`top_gain`.

    Bad news is a negative post, or one that is no praise and names the harm plainly (:func:`names_harm`): who tells
    what happened to somebody often does so without a word of mood.

    Parameters
    ----------
    cut : Cut
        The run's tables.

    Returns
    -------
    pandas.DataFrame
        `w`, `value` (acts), `n_posts` (always 1), `part`: `negative`, and the subject that such a post names plainly.
    """
    posts = scored_posts(cut)
    if posts is None or cut.labels is None:
        return nothing("part")
    posts = posts.join(names_harm(cut.labels), on="post_id", how="left")
    named = nw.col("harm_named").fill_null(False) & (nw.col("p") > PRAISE)
    bad = posts.filter((nw.col("p") >= BAD) | named).select("post_id")
    of = subjects(cut.labels).filter(nw.col("score") >= LISTED).select("post_id", subject="value")

    def ask() -> Lazy:
        rows = _first(cut).join(bad, on="post_id", how="inner").join(of, on="post_id", how="left")
        return (
            rows.with_columns(subject=nw.col("subject").fill_null(""))
            .group_by("w", "subject")
            .agg(nw.col("gain").max())
        )

    first, moved = collected(cut, "bad_gain", ask), _moved_here(cut)
    told = moved["harm_named"] & (moved["p_negative"] > PRAISE)
    moved = moved[(moved["p_negative"] >= BAD) | told]
    parts = [_largest(first, moved).assign(part="negative")]
    for subject in sorted({*first["subject"], *moved["subject"]} - {""}):
        mine = (frame[frame["subject"] == subject] for frame in (first, moved))
        parts.append(_largest(*mine).assign(part=subject))
    return pd.concat(parts, ignore_index=True)


def names_harm(labels: Lazy) -> Lazy:
    """Posts whose listed words name a harm plainly: a grave subject or a type of crisis, and not one of the world.

    Parameters
    ----------
    labels : narwhals.LazyFrame
        LABELS.

    Returns
    -------
    narwhals.LazyFrame
        `post_id`, `harm_named` (always true), one row a post.
    """
    plain = nw.col("score") >= PLAIN
    grave = nw.col("label").str.starts_with("sensitive.") & plain
    kind = (nw.col("label") == "crisis_type") & (nw.col("value") != "rumour") & plain
    elsewhere = (nw.col("label") == "about") & ~nw.col("value").is_null()
    each = labels.with_columns(found=(grave | kind).fill_null(False).cast(nw.Int64), away=elsewhere.cast(nw.Int64))
    each = each.group_by("post_id").agg(found=nw.col("found").max(), away=nw.col("away").max())
    return each.filter((nw.col("found") > 0) & (nw.col("away") == 0)).select("post_id", harm_named=nw.lit(True))


def _moved_here(cut: Cut) -> pd.DataFrame:
    """Rises that were observed within the grid, on posts that are not the brand's."""
    moved = cut.movements
    moved = moved[(moved["w"] >= 0) & (moved["w"] < cut.grid.n)]
    return moved[~moved["account_id"].isin(list(cut.watch.brand.accounts))]


def _largest(first: pd.DataFrame, moved: pd.DataFrame) -> pd.DataFrame:
    both = pd.concat([first[["w", "gain"]], moved[["w", "gain"]]], ignore_index=True) if len(moved) else first
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


BAD = 0.6
"""P(negative) from which a single post is bad news, with room for the classifier's errors, which no other post evens
out."""
PLAIN = 3.0
"""Grade of a grave subject, and summed weight of a type of crisis, from which words name the harm itself and not its
circumstances."""
BAD_GAIN = Indicator(
    "gain", N_("interactions"), N_("Largest gain of a negative post"), 1, "tally", bad_gain, zero="posts"
)
TOP_GAIN = Indicator("top_gain", N_("interactions"), N_("Largest gain of a post"), 1, "amount", top_gain, zero="posts")
