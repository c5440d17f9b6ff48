"""Negative share and the negative-sentiment index, from calibrated probabilities."""

from __future__ import annotations

import narwhals as nw
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from crisislib.core.i18n import N_
from crisislib.core.prevalence import prevalence
from crisislib.signals.baseline.calendar_effects import slots
from crisislib.signals.baseline.ratios import shares
from crisislib.signals.frames import Cut, Lazy
from crisislib.signals.indicators.indicator import Indicator, nothing

Floats = npt.NDArray[np.float64]
NEEDED = 24
"""Effective posts below which the index says `insufficient` instead of a number."""
KAPPA = 30.0
"""Posts that the baseline share weighs in the index."""
SPANS = (1, 3, 6, 12, 24)
"""Trailing windows that the index pools, the shortest that holds enough posts."""


def judged(cut: Cut) -> Lazy | None:
    """One row per judged post: window, P(negative), and its narrative (itself where it has none).

    Sentiment towards the brand stands where it was judged, else that of the whole post.
    """
    if cut.labels is None:
        return None
    both = cut.labels.filter(nw.col("label").is_in(("sentiment", "target_sentiment")), ~nw.col("score").is_null())
    aimed = nw.when(nw.col("label") == "target_sentiment").then(nw.col("score"))
    whole = nw.when(nw.col("label") == "sentiment").then(nw.col("score"))
    each = both.group_by("post_id", "w").agg(aimed=aimed.max(), whole=whole.max())
    each = each.with_columns(p=nw.coalesce(nw.col("aimed"), nw.col("whole"))).select("post_id", "w", "p")
    told = cut.labels.filter(nw.col("label") == "narrative").group_by("post_id").agg(story=nw.col("value").max())
    joined = each.join(told, on="post_id", how="left")
    return joined.with_columns(story=nw.coalesce(nw.col("story"), nw.col("post_id")))


def windows(cut: Cut) -> pd.DataFrame:
    """Per window: effective posts (copies of one text counted once), their negative share and its 90 % interval.

    The share is corrected by the stream's own labels where the frames carry them, see
    :func:`crisislib.core.prevalence.prevalence`; without them the interval is the wider one of an
    untaught model, joined with Wilson's for the chance in few posts.
    """
    return cut.reductions.get("negative", lambda: _windows(cut))


def _windows(cut: Cut) -> pd.DataFrame:
    posts = judged(cut)
    if posts is None:
        return nothing("eff", "share", "lo", "hi")
    each = posts.group_by("w", "story").agg(p=nw.col("p").mean())
    stories = each.sort("w").collect("pyarrow").to_native().to_pandas()
    if stories.empty:
        return nothing("eff", "share", "lo", "hi")
    at, place = np.unique(stories["w"].to_numpy(), return_inverse=True)
    p = np.clip(stories["p"].to_numpy(dtype=float), 0.0, 1.0)
    found = prevalence(p, cut.taught, window=place.astype(np.int64), n_windows=len(at), level=0.9)
    lo, hi = wilson(found.value, found.n.astype(float))
    bounds = {"lo": np.minimum(lo, found.lo), "hi": np.maximum(hi, found.hi)}
    return pd.DataFrame({"w": at, "eff": found.n, "share": found.value, **bounds})


def wilson(share: Floats, n: Floats, level: float = 0.9) -> tuple[Floats, Floats]:
    """Wilson interval of a share of n posts.

    Notes
    -----
    (p + z²/2n ± z·sqrt(p(1−p)/n + z²/4n²)) / (1 + z²/n). Wilson 1927, doi:10.1080/01621459.1927.10502953.
    """
    z = stats.norm.ppf((1 + level) / 2)
    n = np.maximum(n, 1e-9)
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return np.clip(middle - half, 0, 1), np.clip(middle + half, 0, 1)


def negative_share(cut: Cut) -> pd.DataFrame:
    """Prevalence-corrected share of negative posts per window; parts `lo` and `hi` are its 90 % interval."""
    each = windows(cut)
    if each.empty:
        return nothing("k", "part")
    base = pd.DataFrame({"w": each["w"], "n_posts": each["eff"], "value": each["share"], "part": ""})
    base["k"] = base["value"] * base["n_posts"]
    bounds = [base.assign(value=each[part], k=np.nan, part=part) for part in ("lo", "hi")]
    return pd.concat([base, *bounds], ignore_index=True)


def negative_posts(cut: Cut) -> pd.DataFrame:
    """Expected number of negative posts per window: share times effective posts."""
    each = windows(cut)
    return pd.DataFrame({"w": each["w"], "value": each["share"] * each["eff"], "n_posts": each["eff"]})


def negative_index(cut: Cut) -> pd.DataFrame:
    """Negative-sentiment index, 0-100, with its interval as parts `lo` and `hi`.

    Notes
    -----
    NSI = 100·(p⁻·N + κ·p⁻₀)/(N + κ) with p⁻ the prevalence-corrected share over the shortest
    trailing span (1 to 24 windows) that holds N ≥ 24 effective posts, p⁻₀ the baseline share of the
    same hour of week, and κ = 30. Where even 24 windows hold fewer posts there is no value.
    """
    each = windows(cut).set_index("w").reindex(range(cut.grid.n))
    eff = each["eff"].fillna(0.0).to_numpy(dtype=float)
    parts = {part: (each[part].fillna(0.0) * eff).to_numpy(dtype=float) for part in ("share", "lo", "hi")}
    usual = _usual(cut, parts["share"], eff)
    pooled_n = np.zeros(cut.grid.n)
    pooled = {part: np.zeros(cut.grid.n) for part in parts}
    for span in SPANS:
        short = pooled_n < NEEDED
        pooled_n = np.where(short, _trailing(eff, span), pooled_n)
        pooled = {part: np.where(short, _trailing(k, span), pooled[part]) for part, k in parts.items()}
    enough = (pooled_n >= NEEDED) & (eff > 0)
    share = {part: np.where(enough, k / np.maximum(pooled_n, 1.0), np.nan) for part, k in pooled.items()}
    prior = np.where(np.isfinite(usual), usual, share["share"])
    named = (("", share["share"]), ("lo", share["lo"]), ("hi", share["hi"]))
    rows = [_index(part, v, prior, pooled_n) for part, v in named]
    return pd.concat(rows, ignore_index=True).dropna(subset=["value"])


def _usual(cut: Cut, neg: Floats, eff: Floats) -> Floats:
    """Baseline share per window of the grid, learnt from held history as well where there is some."""
    held = cut.held("negative_share")
    at = pd.DatetimeIndex([*held["at"], *cut.grid.at()])
    n = np.concatenate([held["n_posts"].to_numpy(dtype=float), eff])
    k = np.concatenate([(held["value"] * held["n_posts"]).to_numpy(dtype=float), neg])
    known = np.where(n > 0, n, np.nan)
    week, kept = slots(at, cut.watch.timezone), cut.reductions.kept
    passes = kept.passes if kept is not None else None
    step_s, first = cut.grid.step_s, len(at)
    base = shares(k[None, :], known[None, :], week, step_s=step_s, first=first, passes=passes, name="usual")
    usual: Floats = base.expected[0][len(held) :]
    return usual


def _index(part: str, share: Floats, prior: Floats, n: Floats) -> pd.DataFrame:
    value = 100.0 * (share * n + KAPPA * prior) / (n + KAPPA)
    return pd.DataFrame({"w": np.arange(len(n)), "value": value, "n_posts": n.astype(np.int64), "part": part})


def _trailing(x: Floats, span: int) -> Floats:
    total = np.concatenate([[0.0], np.cumsum(x)])
    pooled: Floats = total[1:] - total[np.maximum(np.arange(len(x)) + 1 - span, 0)]
    return pooled


NEGATIVE_SHARE = Indicator(
    "negative_share", N_("share of judged posts"), N_("Negative share"), 1, "share", negative_share
)
NEGATIVE_POSTS = Indicator(
    "negative_posts", N_("posts"), N_("Negative posts"), 1, "count", negative_posts, zero="posts"
)
NEGATIVE_INDEX = Indicator(
    "negative_index", N_("index 0-100"), N_("Negative-sentiment index"), 1, "amount", negative_index
)
