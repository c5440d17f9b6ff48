"""Negativity family: share, posts, index and what lasts, from calibrated probabilities."""

from __future__ import annotations

from statistics import NormalDist

import narwhals as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from crisislib.core.i18n import N_
from crisislib.core.prevalence import Share, prevalence
from crisislib.signals.baseline.calendar_effects import slots
from crisislib.signals.frame_reading import Lazy
from crisislib.signals.frames import Cut
from crisislib.signals.indicators.indicator import Indicator, nothing
from crisislib.signals.indicators.plain_complaints import plain_complaints
from crisislib.signals.indicators.volume import pooled_span, rows_of_grid

Floats = npt.NDArray[np.float64]
NEEDED = 24
"""Effective posts below which the index says `insufficient` instead of a number."""
KAPPA = 30.0
"""Posts that the baseline share weighs in the index."""
PRAISE = 0.1
"""P(negative) up to which what is said of the brand is clear praise, whatever else the post complains of."""
SPANS = (1, 3, 6, 12, 24)
"""Trailing windows that the index pools, the shortest that holds enough posts."""
SUSTAINED_SPAN = 24
"""Windows that sustained negativity pools: a slow rise is plain in their sum long before any one of them stands out."""


def scored_posts(cut: Cut) -> Lazy | None:
    """One row per judged post of the public or the press: window, P(negative) about the brand, story, voice.

    Sentiment towards the brand stands where a competitor is named as well, or where it is clear praise; elsewhere the
    more negative of it and the whole post's: a form names the brand in one sentence and complains in another. Harm
    that lies elsewhere (label `about`) is not negative about the brand; a plain complaint is, without a word of mood.

    Parameters
    ----------
    cut : Cut
        The run's tables.

    Returns
    -------
    narwhals.LazyFrame or None
        `post_id`, `w`, `p` (probability, 0-1), `voice`, `story`; None without labels.
    """
    if cut.labels is None:
        return None
    both = cut.labels.filter(nw.col("label").is_in(("sentiment", "target_sentiment")), ~nw.col("score").is_null())
    aimed = nw.when(nw.col("label") == "target_sentiment").then(nw.col("score"))
    whole = nw.when(nw.col("label") == "sentiment").then(nw.col("score"))
    each = both.group_by("post_id", "w").agg(aimed=aimed.max(), whole=whole.max())
    who = cut.posts.select("post_id", "voice", "names_rival")
    other = cut.labels.filter(nw.col("label") == "about").group_by("post_id").agg(away=nw.len())
    stories = cut.labels.filter(nw.col("label") == "narrative").group_by("post_id").agg(story=nw.col("value").max())
    for table in (who, other, stories, plain_complaints(cut.labels)):
        each = each.join(table, on="post_id", how="left")
    of_brand, of_all = nw.col("aimed"), nw.col("whole")
    stands = nw.col("names_rival").fill_null(False) | (of_brand <= PRAISE)
    worse = nw.when(of_brand > of_all).then(of_brand).otherwise(nw.coalesce(of_all, of_brand))
    about = nw.when(stands & ~of_brand.is_null()).then(of_brand).otherwise(worse)
    about = nw.when((about > PRAISE) & (nw.col("told") > about)).then(nw.col("told")).otherwise(about)
    p = nw.when(nw.col("away").is_null()).then(about).otherwise(nw.lit(0.0))
    voice, story = nw.col("voice").fill_null("original"), nw.coalesce(nw.col("story"), nw.col("post_id"))
    return each.with_columns(p=p, voice=voice, story=story).select("post_id", "w", "p", "voice", "story")


def windows(cut: Cut) -> pd.DataFrame:
    """Per window: posts of the public, their negative share and its 90 % interval; the same for originals.

    Every post of the public counts, reposts and copies too: that many people say so. A text that the press prints in
    many places counts once. Among originals (`original_n`, `original_share`) each text counts once. The share is
    corrected by the stream's own labels where the frames carry them, see :func:`crisislib.core.prevalence.prevalence`;
    without them the interval is the wider one of an untaught model, joined with Wilson's for the chance in few posts.

    Parameters
    ----------
    cut : Cut
        The run's tables.

    Returns
    -------
    pandas.DataFrame
        `w`, `eff` (posts that count), `share`, `lo`, `hi`, `original_n`, `original_share`; shares 0-1.
    """
    return cut.reductions.get("negative", lambda: _windows(cut))


COLUMNS = ("eff", "share", "lo", "hi", "original_n", "original_share")


def _windows(cut: Cut) -> pd.DataFrame:
    posts = scored_posts(cut)
    if posts is None:
        return nothing(*COLUMNS)
    each = posts.group_by("w", "voice", "story").agg(p=nw.col("p").mean(), n=nw.len())
    stories = each.collect("pyarrow").to_native().to_pandas().sort_values(["w", "voice", "story"])
    if stories.empty:
        return nothing(*COLUMNS)
    press = (stories["voice"] == "press").to_numpy()
    counted = stories.loc[np.repeat(stories.index, np.where(press, 1, stories["n"]))]
    first = stories[stories["voice"] != "repost"].groupby(["w", "story"], as_index=False)["p"].mean()
    at = np.unique(stories["w"].to_numpy())
    reduced, once = (_share(cut, rows, at) for rows in (counted, first))
    lo, hi = wilson(reduced.value, reduced.n.astype(float))
    bounds = {"lo": np.minimum(lo, reduced.lo), "hi": np.maximum(hi, reduced.hi)}
    originals = {"original_n": once.n, "original_share": once.value}
    return pd.DataFrame({"w": at, "eff": reduced.n, "share": reduced.value, **bounds, **originals})


def _share(cut: Cut, rows: pd.DataFrame, at: npt.NDArray[np.int64]) -> Share:
    """The negative share of some rows in each of the windows `at`."""
    place = np.searchsorted(at, rows["w"].to_numpy()).astype(np.int64)
    p = np.clip(rows["p"].to_numpy(dtype=float), 0.0, 1.0)
    return prevalence(p, cut.taught, window=place, n_windows=len(at), level=0.9)


def wilson(share: Floats, n: Floats, level: float = 0.9) -> tuple[Floats, Floats]:
    """Wilson interval of a share of n posts.

    Parameters
    ----------
    share : numpy.ndarray
        Observed share p, 0-1.
    n : numpy.ndarray
        Posts, same shape.
    level : float
        Coverage of the interval.

    Returns
    -------
    lo, hi : numpy.ndarray
        Bounds, 0-1, same shape.

    Notes
    -----
    (p + z²/2n ± z·sqrt(p(1−p)/n + z²/4n²)) / (1 + z²/n). Wilson 1927, doi:10.1080/01621459.1927.10502953.
    """
    z = NormalDist().inv_cdf((1 + level) / 2)
    n = np.maximum(n, 1e-9)
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return np.clip(middle - half, 0, 1), np.clip(middle + half, 0, 1)


def negative_share(cut: Cut) -> pd.DataFrame:
    """Share of negative posts per window; parts `lo` and `hi` are its 90 % interval, `original` that of originals.

    Parameters
    ----------
    cut : Cut
        The run's tables.

    Returns
    -------
    pandas.DataFrame
        `w`, `value` (share, 0-1), `k` (negative posts), `n_posts`, `part`.
    """
    each = windows(cut)
    if each.empty:
        return nothing("k", "part")
    base = pd.DataFrame({"w": each["w"], "n_posts": each["eff"], "value": each["share"], "part": ""})
    base["k"] = base["value"] * base["n_posts"]
    bounds = [base.assign(value=each[part], k=np.nan, part=part) for part in ("lo", "hi")]
    once = base.assign(value=each["original_share"], n_posts=each["original_n"], part="original")
    once["k"] = once["value"] * once["n_posts"]
    return pd.concat([base, *bounds, once[once["n_posts"] > 0]], ignore_index=True)


def negative_posts(cut: Cut) -> pd.DataFrame:
    """Expected number of negative posts per window: share times posts; part `original` counts each text once.

    Parameters
    ----------
    cut : Cut
        The run's tables.

    Returns
    -------
    pandas.DataFrame
        `w`, `value` (posts, not whole), `n_posts`, `part`.
    """
    each = windows(cut)
    if each.empty:
        return nothing("part")
    base = pd.DataFrame({"w": each["w"], "value": each["share"] * each["eff"], "n_posts": each["eff"], "part": ""})
    value = (each["original_share"] * each["original_n"]).fillna(0.0)
    once = base.assign(value=value, n_posts=each["original_n"], part="original")
    return pd.concat([base, once], ignore_index=True)


def negative_index(cut: Cut) -> pd.DataFrame:
    """Negative-sentiment index, 0-100, with its interval as parts `lo` and `hi`.

    Parameters
    ----------
    cut : Cut
        The run's tables.

    Returns
    -------
    pandas.DataFrame
        `w`, `value` (index, 0-100), `n_posts` (pooled), `part`.

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
    """Baseline share per window of the grid, learned from held history as well where there is some."""
    past = cut.history_of("negative_share")
    at = pd.DatetimeIndex([*past["at"], *cut.grid.at()])
    n = np.concatenate([past["n_posts"].to_numpy(dtype=float), eff])
    k = np.concatenate([(past["value"] * past["n_posts"]).to_numpy(dtype=float), neg])
    known = np.where(n > 0, n, np.nan)
    week, cache = slots(at, cut.watch.timezone), cut.reductions.cache
    passes = cache.passes if cache is not None else None
    step_s, first = cut.grid.step_s, len(at)
    from crisislib.signals.baseline.ratios import shares  # scipy takes a second, and pages ask for names only

    base = shares(k[None, :], known[None, :], week, step_s=step_s, first=first, passes=passes, name="usual")
    usual: Floats = base.expected[0][len(past) :]
    return usual


def _index(part: str, share: Floats, prior: Floats, n: Floats) -> pd.DataFrame:
    value = 100.0 * (share * n + KAPPA * prior) / (n + KAPPA)
    return pd.DataFrame({"w": np.arange(len(n)), "value": value, "n_posts": n.astype(np.int64), "part": part})


def _trailing(x: Floats, span: int) -> Floats:
    total = np.concatenate([[0.0], np.cumsum(x)])
    pooled: Floats = total[1:] - total[np.maximum(np.arange(len(x)) + 1 - span, 0)]
    return pooled


def sustained_negative(cut: Cut) -> pd.DataFrame:
    """Negative posts of the last twenty-four windows together; silent hours in between count as none.

    Parameters
    ----------
    cut : Cut
        The run's tables.

    Returns
    -------
    pandas.DataFrame
        `w`, `value` (posts, not whole), `n_posts`.
    """
    reduced = negative_posts(cut)
    reduced = reduced[reduced["part"] == ""].drop(columns="part")
    if reduced.empty:
        return reduced
    each = reduced.set_index("w")["value"].reindex(range(cut.grid.n)).to_numpy(dtype=float)
    quiet = (cut.per_window == 0) & (cut.complete > 0.9)
    total = pooled_span(np.where(quiet, 0.0, each), SUSTAINED_SPAN)
    return rows_of_grid(cut, total, total)


NEGATIVE_SHARE = Indicator(
    "negative_share", N_("share of classified posts"), N_("Negative share"), 1, "share", negative_share
)
NEGATIVE_POSTS = Indicator(
    "negative_posts", N_("posts"), N_("Negative posts"), 1, "count", negative_posts, zero="posts"
)
NEGATIVE_INDEX = Indicator(
    "negative_index", N_("index 0-100"), N_("Negative-sentiment index"), 1, "amount", negative_index
)
SUSTAINED_NEGATIVE = Indicator(
    "sustained_negative", N_("posts in 24 windows"), N_("Sustained negative posts"), 1, "amount", sustained_negative
)
