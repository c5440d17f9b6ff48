"""Volume family: how many posts and authors, how fast that changes, and whether it lasts."""

from __future__ import annotations

import narwhals as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from crisislib.core.i18n import N_
from crisislib.signals.frame_reading import Lazy
from crisislib.signals.frames import Cut
from crisislib.signals.indicators.indicator import Indicator, collected


def volume(cut: Cut) -> pd.DataFrame:
    """Posts per window; a collected window without posts is a true zero.

    Entries of hot lists (`topic`) are not posts and are not counted.

    Parameters
    ----------
    cut : Cut
        The run's tables.

    Returns
    -------
    pandas.DataFrame
        `w`, `value` (posts), `n_posts`.
    """

    def ask() -> Lazy:
        posts = cut.posts.filter(nw.col("kind") != "topic")
        return posts.group_by("w").agg(value=nw.len(), n_posts=nw.len())

    return collected(cut, "volume", ask)


VOLUME = Indicator("volume", N_("posts"), N_("Volume"), 1, "count", volume, zero="posts")


def authors(cut: Cut) -> pd.DataFrame:
    """Distinct accounts per window, over the posts whose account is known; part `original` without bare reposts.

    The brand's own accounts are not counted.

    Parameters
    ----------
    cut : Cut
        The run's tables.

    Returns
    -------
    pandas.DataFrame
        `w`, `value` (accounts), `n_posts`, `part`.
    """
    public = cut.posts.filter(~nw.col("account_id").is_null(), nw.col("voice") != "own")

    def counted(name: str, posts: Lazy) -> pd.DataFrame:
        grouped = posts.group_by("w")
        return collected(cut, name, lambda: grouped.agg(value=nw.col("account_id").n_unique(), n_posts=nw.len()))

    every = counted("authors", public)
    once = counted("authors.original", public.filter(nw.col("voice") == "original"))
    return pd.concat([every.assign(part=""), once.assign(part="original")], ignore_index=True)


AUTHORS = Indicator("authors", N_("accounts"), N_("Unique authors"), 1, "count", authors, zero="posts")


def per_window(cut: Cut) -> pd.DataFrame:
    """Volume of every window of the grid: zero where collected, null where not (less than nine tenths).

    Parameters
    ----------
    cut : Cut
        The run's tables.

    Returns
    -------
    pandas.DataFrame
        `w`, `value` (posts), `n_posts`; one row for every window of the grid.
    """
    reduced = volume(cut).set_index("w")
    n = reduced["n_posts"].reindex(range(cut.grid.n), fill_value=0)
    value = n.astype(float).where(cut.complete > 0.9, np.nan)
    return pd.DataFrame({"w": n.index, "value": value.to_numpy(), "n_posts": n.to_numpy()})


def velocity(cut: Cut) -> pd.DataFrame:
    """First difference of the volume, posts per hour per window.

    Parameters
    ----------
    cut : Cut
        The run's tables.

    Returns
    -------
    pandas.DataFrame
        `w`, `value` (posts per hour per window), `n_posts`.
    """
    each = per_window(cut)
    hours = cut.grid.step_s / 3600.0
    return each.assign(value=each["value"].diff() / hours).dropna(subset=["value"])


VELOCITY = Indicator("velocity", N_("posts per hour, change"), N_("Velocity"), 1, "change", velocity)


def acceleration(cut: Cut) -> pd.DataFrame:
    """Second difference of the volume, posts per hour per window squared.

    Parameters
    ----------
    cut : Cut
        The run's tables.

    Returns
    -------
    pandas.DataFrame
        `w`, `value` (posts per hour per window²), `n_posts`.
    """
    each = per_window(cut)
    hours = cut.grid.step_s / 3600.0
    return each.assign(value=each["value"].diff().diff() / hours).dropna(subset=["value"])


ACCELERATION = Indicator(
    "acceleration", N_("posts per hour, change of change"), N_("Acceleration"), 1, "change", acceleration
)


Floats = npt.NDArray[np.float64]
VOLUME_SPAN = 6
"""Windows that are pooled: a slow rise is plain in their sum long before any one of them stands out."""
COLLECTED = 0.75
"""Share of the span that must have been collected."""


def pooled_span(x: Floats, span: int) -> Floats:
    """Mean of the known windows of a trailing span, times the span; NaN where too few are known.

    Parameters
    ----------
    x : numpy.ndarray
        Shape (windows,); NaN where not known.
    span : int
        Windows, the newest included.

    Returns
    -------
    numpy.ndarray
        Same shape, in the unit of `x` summed over the span.
    """
    known = np.isfinite(x)
    total, n = (np.concatenate([[0.0], np.cumsum(part)]) for part in (np.where(known, x, 0.0), known.astype(float)))
    first = np.maximum(np.arange(len(x)) + 1 - span, 0)
    count = n[1:] - n[first]
    mean = (total[1:] - total[first]) / np.maximum(count, 1.0)
    sums: Floats = np.where(count >= COLLECTED * span, mean * span, np.nan)
    return sums


def rows_of_grid(cut: Cut, value: Floats, n_posts: Floats) -> pd.DataFrame:
    """Rows of the windows that have a value.

    Parameters
    ----------
    cut : Cut
        The run's tables.
    value, n_posts : numpy.ndarray
        One of each window of the grid; NaN where not known.

    Returns
    -------
    pandas.DataFrame
        `w`, `value`, `n_posts`.
    """
    frame = pd.DataFrame({"w": np.arange(cut.grid.n), "value": value, "n_posts": np.nan_to_num(n_posts)})
    return frame.dropna(subset=["value"])


def sustained_volume(cut: Cut) -> pd.DataFrame:
    """Posts of the last six windows together.

    Parameters
    ----------
    cut : Cut
        The run's tables.

    Returns
    -------
    pandas.DataFrame
        `w`, `value` (posts), `n_posts`.
    """
    each = per_window(cut)["value"].to_numpy(dtype=float)
    total = pooled_span(each, VOLUME_SPAN)
    return rows_of_grid(cut, total, total)


SUSTAINED_VOLUME = Indicator(
    "sustained_volume", N_("posts in six windows"), N_("Sustained volume"), 1, "amount", sustained_volume
)
