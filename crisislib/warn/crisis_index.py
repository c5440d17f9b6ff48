"""The crisis index, 0-100: what each dimension adds, and what would bring it down."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from crisislib.warn.index_weights import DIMENSIONS, SHIPPED, Weights

Floats = npt.NDArray[np.float64]

FROM, FULL = 1.0, 3.5
"""Surprise (−log10 p) from which a signal counts, and at which it counts in full."""
STEADY = 4.0
"""Posts at which a window's surprise counts half: three posts on a quiet day are not a crisis."""
STANDS_FOR = {"heat": 25.0}
"""Posts that one row of a signal stands for: a topic is on a trending list because thousands looked for it."""
FADE = (1.0, 0.85, 0.7)
"""How a dimension's score is remembered over the next windows, so that its parts may come one by one."""
WHOLE = 0.65
"""Weight that makes 100 when it is full: no crisis shows in every dimension at once."""
UNMEASURED = 0.15
"""A dimension that nobody measured is taken at this part of the mean of the measured ones."""


@dataclass(frozen=True)
class Index:
    """The index over all windows.

    Attributes
    ----------
    at : pandas.DatetimeIndex
        Starts of the windows, in order.
    value : numpy.ndarray
        0-100, NaN where it cannot be judged.
    scores : numpy.ndarray
        Shape (windows, dimensions) in [0, 1], NaN where a dimension was not measured.
    leaders : numpy.ndarray
        Shape (windows, dimensions): the signal that speaks for the dimension, empty where none.
    complete : numpy.ndarray
        Share of the window that was collected.
    weights : Weights
        In use.
    """

    at: pd.DatetimeIndex
    value: Floats
    scores: Floats
    leaders: npt.NDArray[np.object_]
    complete: Floats
    weights: Weights


def score(surprise: Floats, n_posts: Floats) -> Floats:
    """Surprise and the posts behind it as a score in [0, 1]; NaN stays NaN.

    Parameters
    ----------
    surprise : numpy.ndarray
        Decades: −log10 of the tail probability.
    n_posts : numpy.ndarray
        Posts behind it, same shape.

    Returns
    -------
    numpy.ndarray
        Same shape.

    Notes
    -----
    clip((s − FROM)/(FULL − FROM), 0, 1) · n/(n + STEADY).
    """
    rise = np.clip((surprise - FROM) / (FULL - FROM), 0.0, 1.0)
    sure: Floats = rise * n_posts / (n_posts + STEADY)
    return sure


def index(signals: pd.DataFrame, *, weights: Weights = SHIPPED) -> Index:
    """Index of every window of one watch.

    Parameters
    ----------
    signals : pandas.DataFrame
        SIGNALS rows of one watch and one step, one row per signal and window.
    weights : Weights
        Frozen weights of the dimensions.

    Returns
    -------
    Index
        A dimension speaks with 0.7 of its strongest signal and 0.3 of the mean of its signals; a
        window in which heat was not measured has no index.
    """
    named = [name for names in DIMENSIONS.values() for name in names]
    rows = signals[signals["signal"].isin(named)]
    at = pd.DatetimeIndex(np.sort(signals["at"].unique()))
    if len(at) == 0:
        return Index(at, np.zeros(0), np.zeros((0, 6)), np.empty((0, 6), dtype=object), np.zeros(0), weights)
    column = {name: i for i, name in enumerate(named)}
    row_of, col_of = at.get_indexer(pd.DatetimeIndex(rows["at"])), rows["signal"].map(column).to_numpy()
    surprise, posts = (np.full((len(at), len(named)), np.nan) for _ in range(2))
    surprise[row_of, col_of] = rows["surprise"].to_numpy(dtype=float, na_value=np.nan)
    posts[row_of, col_of] = rows["n_posts"].to_numpy(dtype=float, na_value=0.0)
    complete = signals.groupby("at")["complete"].min().reindex(at).to_numpy(dtype=float, na_value=np.nan)
    posts = np.nan_to_num(posts) * np.array([STANDS_FOR.get(name, 1.0) for name in named])
    scores, best = dimensions(score(surprise, posts), named)
    leaders = np.where(best >= 0, np.array([*named, ""], dtype=object)[best], "")
    return Index(at, combine(scores, weights), scores, leaders, complete, weights)


def dimensions(each: Floats, named: list[str]) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Scores of signals to scores of dimensions, with memory.

    Parameters
    ----------
    each : numpy.ndarray
        Shape (..., windows, signals), NaN where a signal has no surprise.
    named : list of str
        The signals, of :data:`~crisislib.warn.index_weights.DIMENSIONS`.

    Returns
    -------
    scores : numpy.ndarray
        Shape (..., windows, dimensions).
    leaders : numpy.ndarray
        Position in `named` of the strongest signal, -1 where a dimension was not measured.
    """
    shape = (*each.shape[:-1], len(DIMENSIONS))
    scores, leaders = np.full(shape, np.nan), np.full(shape, -1, dtype=np.int64)
    for d, names in enumerate(DIMENSIONS.values()):
        mine = np.array([i for i, name in enumerate(named) if name in names], dtype=np.int64)
        if not len(mine):
            continue
        part = each[..., mine]
        known = np.isfinite(part)
        counted = known.sum(axis=-1)
        filled = np.where(known, part, -1.0)
        mean = np.where(known, part, 0.0).sum(axis=-1) / np.maximum(counted, 1)
        scores[..., d] = np.where(counted > 0, 0.7 * filled.max(axis=-1) + 0.3 * mean, np.nan)
        leaders[..., d] = np.where(counted > 0, mine[filled.argmax(axis=-1)], -1)
    return _remember(scores), leaders


def _remember(scores: Floats) -> Floats:
    """Each score or what is left of it from the windows before, whichever is more.

    A dimension that is not measured now is remembered too, but not heat: silence is not calm.
    """
    highest = scores.copy()
    for back, left in enumerate(FADE[1:], start=1):
        before = np.full(scores.shape, np.nan)
        before[..., back:, :] = scores[..., :-back, :] * left
        highest = np.fmax(highest, before)
    highest[..., 0] = np.where(np.isnan(scores[..., 0]), np.nan, highest[..., 0])
    return highest


def combine(scores: Floats, weights: Weights) -> Floats:
    """Dimension scores to the index: min(100, 100·Σ w·d / WHOLE), see :func:`used` for what was not measured.

    Parameters
    ----------
    scores : numpy.ndarray
        Shape (…, dimensions), 0-1; NaN where not measured.
    weights : Weights
        In the order of the dimensions.

    Returns
    -------
    numpy.ndarray
        Shape (…,), 0-100; NaN where heat was not measured.
    """
    value = np.minimum(100.0, 100.0 * (used(scores, weights) @ np.asarray(weights.combined)) / WHOLE)
    result: Floats = np.where(np.isfinite(scores[..., 0]), value, np.nan)
    return result


def used(scores: Floats, weights: Weights) -> Floats:
    """The scores as they enter: what was not measured at a part of the weighted mean of the measured.

    Parameters
    ----------
    scores : numpy.ndarray
        Shape (…, dimensions), 0-1; NaN where not measured.
    weights : Weights
        In the order of the dimensions.

    Returns
    -------
    numpy.ndarray
        Same shape, without NaN.
    """
    w, known = np.asarray(weights.combined), np.isfinite(scores)
    mean = (np.where(known, scores, 0.0) @ w) / np.maximum(known @ w, 1e-9)
    filled: Floats = np.where(known, scores, UNMEASURED * mean[..., None])
    return filled


def contributions(made: Index, signals: pd.DataFrame, *, window: int = -1) -> pd.DataFrame:
    """What the index of one window is made of; `points` sum to the index.

    Parameters
    ----------
    made : Index
        From :func:`index`.
    signals : pandas.DataFrame
        The same rows.
    window : int
        Position of the window; the last by default.

    Returns
    -------
    pandas.DataFrame
        `dimension`, `signal` (that leads it; empty where none was measured), `value`, `expected`, `lo`, `hi`,
        `surprise`, `n_posts`, `score`, `weight`, `points`, `measured`, `without` (the index if this dimension
        were back to normal), most points first. Dimensions and signals are keys, in words by
        :data:`~crisislib.warn.dimension_labels.TITLES` and :data:`~crisislib.warn.dimension_labels.SIGNALS`.
    """
    at, scores = made.at[window], made.scores[window]
    rows = signals[signals["at"] == at].drop_duplicates("signal", keep="last").set_index("signal")
    w = np.asarray(made.weights.combined)
    known = np.isfinite(scores)
    entered = used(scores[None, :], made.weights)[0]
    table = pd.DataFrame({"dimension": list(DIMENSIONS), "signal": made.leaders[window], "score": entered})
    table["weight"], table["measured"] = w, known
    points = 100.0 * w * entered / WHOLE
    table["points"] = points * min(1.0, 100.0 / max(points.sum(), 1e-9))
    facts = rows.reindex(table["signal"])[["value", "expected", "lo", "hi", "surprise", "n_posts"]]
    for column in facts:
        table[column] = facts[column].to_numpy(dtype=float, na_value=np.nan)
    calm = np.array(
        [combine(np.where(np.arange(len(w)) == d, 0.0, scores)[None, :], made.weights)[0] for d in range(len(w))]
    )
    table["without"] = np.where(known, calm, np.nan)
    return table.sort_values("points", ascending=False, kind="stable").reset_index(drop=True)
