"""Features of a story that do not hang on its names or its time: style, reactions, author, spread."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.spread.forecast.cascade_features import features as growth_features
from crisislib.spread.forecast.events import Events, Floats
from crisislib.spread.rumour.rumour_terms import count, has, lists_for

MARKS = {
    "exclaims": r"[!！]",
    "asks": r"[?？]",
    "headline": r"【|\[BREAKING",
    "quotes": r"[“”「」『』\"]",
    "ellipsis": r"…|\.\.\.|。。",
    "digits": r"[0-9]",
    "emoticons": r"\[[^\[\]\s]{1,6}\]|[\x{1F300}-\x{1FAFF}\x{2600}-\x{27BF}]",
    "mentions": r"@",
    "hashtags": r"#[^#\s]+",
    "links": r"https?://|\bURL\b|\bt\.cn/",
    "dates": r"[0-9]+ ?[年月日号时点]|今天|昨天|刚刚|today|yesterday",
    "capitals": r"\b[A-Z]{3,}\b",
    "stops": r"[。；;]|\. ",
    "commas": r"[,，、]",
}
"""Punctuation and form counted in a source post."""

EMPTY = r"^\s*(?:转发微博[。.]?|轉發微博[。.]?|转发|转|Repost|RT)?\s*$"
REACTION_MARKS = {
    "asks": r"[?？]",
    "exclaims": r"[!！]{1}",
    "many_marks": r"[!！?？]{2,}",
    "calls_someone": r"@",
    "only_emoticon": r"^(?:\s*\[[^\[\]\s]{1,6}\]\s*)+$",
    "empty": EMPTY,
    "link": r"https?://",
    "long": r"^.{40,}",
    "short": r"^.{1,6}$",
}
"""Form of a reaction, as the share of reactions that have it."""

LENGTH = 140
"""Characters that source counts are taken per."""

PRIOR = 20.0
"""Weight in reactions of the usual share: a story with few reactions looks usual, not extreme."""

SPREAD = (
    "at_0.500", "at_0.250", "log_t_mean", "log_t_sd", "recent_10", "silence", "depth_max", "depth_mean", "direct",
    "second", "persons", "p_0",
)  # fmt: skip
"""Which growth and tree features of the forecast also tell stories apart: shape only. The clock of the post and
absolute counts are left out on purpose, as they follow how a set was collected and how large a platform is."""


def source_features(texts: pa.Array) -> pd.DataFrame:
    """Style of the source posts: list hits and marks, as log counts per 140 characters.

    Shorter posts are not scaled up. Platforms once held posts to 140 characters and now do not: counts per
    that length carry over.

    Parameters
    ----------
    texts : pyarrow.Array of string
        Null reads as empty.

    Returns
    -------
    pandas.DataFrame
        One row per text, columns `src_*`.
    """
    clean = pc.fill_null(texts, "")
    length = pc.utf8_length(clean).to_numpy()
    share = LENGTH / np.maximum(length, LENGTH)
    columns: dict[str, Floats] = {}
    for words in lists_for("source"):
        columns[f"src_{words.name}"] = np.log1p(share * count(clean, words.pattern).to_numpy())
    for name, pattern in MARKS.items():
        columns[f"src_{name}"] = np.log1p(share * count(clean, pattern).to_numpy())
    columns["src_length"] = np.log1p(np.minimum(length, LENGTH))
    columns["src_chinese"] = (count(clean, r"\p{Han}").to_numpy() > 0).astype(float)
    return pd.DataFrame(columns)


def reaction_table(texts: pa.Array) -> pd.DataFrame:
    """Which word lists and forms each reaction matches; computed once, summed for any moment.

    Parameters
    ----------
    texts : pyarrow.Array of shape (n,)
        Words of the reactions.

    Returns
    -------
    pandas.DataFrame
        n rows, columns `re_*` of 0 and 1.
    """
    clean = pc.fill_null(texts, "")
    # What others said before stands after //@: it is not this person's reaction.
    own = pc.replace_substring_regex(clean, r"//\s?@.*$", "")
    # What the button writes by itself is no appeal to forward.
    own = pc.replace_substring_regex(own, EMPTY, "")
    columns = {f"re_{w.name}": has(own, w.pattern).to_numpy(zero_copy_only=False) for w in lists_for("reaction")}
    columns |= {f"re_{name}": has(own, p).to_numpy(zero_copy_only=False) for name, p in REACTION_MARKS.items()}
    return pd.DataFrame(columns).astype(np.float32)


def reaction_features(owner: npt.NDArray[np.int64], hits: pd.DataFrame, k: int, usual: pd.Series) -> pd.DataFrame:
    """Share of reactions that hit each list, shrunk to the usual share, as a difference of log-odds.

    Parameters
    ----------
    owner : numpy.ndarray of int
        Story of each reaction so far.
    hits : pandas.DataFrame
        Rows of :func:`reaction_table` for the same reactions.
    k : int
        Stories.
    usual : pandas.Series
        Usual share per column.

    Returns
    -------
    pandas.DataFrame
        k rows; 0 means as usual, which is also what no reactions give.
    """
    n = np.bincount(owner, minlength=k).astype(float)
    out: dict[str, Floats] = {}
    for name in hits.columns:
        share = float(np.clip(usual[name], 1e-3, 1 - 1e-3))
        total = np.bincount(owner, weights=hits[name].to_numpy(), minlength=k)
        p = (total + PRIOR * share) / (n + PRIOR)
        p = np.clip(p, 1e-4, 1 - 1e-4)
        out[name] = np.log(p / (1 - p)) - np.log(share / (1 - share))
    return pd.DataFrame(out)


def author_features(authors: pd.DataFrame) -> pd.DataFrame:
    """Who posted the source: audience, following, activity, verification, age of the account.

    Parameters
    ----------
    authors : pandas.DataFrame
        Any of followers, friends, messages (counts), verified (bool), age_days, pictures, link; others null.

    Returns
    -------
    pandas.DataFrame
        Columns `au_*`; NaN where unknown.
    """

    def number(name: str) -> Floats:
        if name not in authors:
            return np.full(len(authors), np.nan)
        return np.asarray(pd.to_numeric(authors[name], errors="coerce").to_numpy(dtype=float, na_value=np.nan))

    followers, friends, messages = (np.maximum(number(c), 0) for c in ("followers", "friends", "messages"))
    return pd.DataFrame(
        {
            "au_followers": np.log1p(followers), "au_friends": np.log1p(friends), "au_messages": np.log1p(messages),
            "au_ratio": np.log1p(followers) - np.log1p(friends), "au_verified": number("verified"),
            "au_age": np.log1p(np.maximum(number("age_days"), 0)), "au_pictures": number("pictures"),
        }
    )  # fmt: skip


def spread_features(events: Events, age_s: float, profile: Floats) -> pd.DataFrame:
    """Shape and speed of the spread so far.

    Parameters
    ----------
    events : Events
        k cascades; what came after `age_s` is not used.
    age_s : float
        Seconds since the source post.
    profile : numpy.ndarray of shape (24,)
        Activity by clock hour, mean 1.

    Returns
    -------
    pandas.DataFrame
        k rows, columns `sp_*`; NaN before anything has spread.
    """
    from crisislib.spread.forecast.size_model import KERNELS

    table = growth_features(events, max(age_s, 1.0), profile=profile, kernels=KERNELS[:1])
    out = table[list(SPREAD)].add_prefix("sp_").reset_index(drop=True)
    out.loc[table["n"].to_numpy() == 0, :] = np.nan
    return out
