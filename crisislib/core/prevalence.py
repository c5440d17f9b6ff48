"""How many posts are negative, from a classifier that errs: shares corrected by labels, with intervals.

A classifier's own count is biased wherever it misses more of one class than of the other, and the bias moves with
the true share. Labels of an analyst on the same stream tell how it errs; this module turns them into corrected
shares per window. Arithmetic only: arrays in, arrays out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crisislib.core.errors import NotEnoughData
from crisislib.core.i18n import N_
from crisislib.core.recalibration import Calibration, logit, recalibrate, sigmoid

F64 = npt.NDArray[np.float64]

_EDGES = np.linspace(-7, 7, 71)
"""Logits between -7 and 7 (0.1 % and 99.9 %) in steps of 0.2, finer than some dozen labels tell."""
_MIDDLES = np.concatenate([[-7.0], (_EDGES[1:] + _EDGES[:-1]) / 2, [7.0]])
"""Logit that stands for each bin; what lies outside the edges is taken as lying on them."""
UNTAUGHT_SD = 1.0
"""Spread, in logits, by which a general model's share may be off on a stream that nobody has labelled; the shipped
model's share of negative airline tweets is off by 1.2."""

_THIRDS = np.array([-2.0, -0.7, 0.7, 2.0])
"""Cells, in logits, by which the classifier's answers are compared: sure and leaning on either side, and undecided."""
MOOD = 0.75
"""Weight of the correction for a changed mood against that for changed words, in the point: in a crisis the share
moves first, and what people mean by their words hardly does. The interval holds both alike."""
BLOCKS = 5
"""Blocks of time that the labels are cut into to see how far the classifier's error moves by itself."""
STEADY_SD = 0.2
"""Spread, in logits, by which that error moves between windows where the labels say nothing of it: about 5 points of
share, half of what human raters differ by."""


@dataclass(frozen=True)
class Share:
    """Share of negative posts per window.

    Attributes
    ----------
    value, lo, hi : numpy.ndarray, (n_windows,)
        Corrected share and its interval, 0-1; NaN where a window holds no post.
    raw : numpy.ndarray, (n_windows,)
        Share that the classifier calls negative, uncorrected; NaN where a window holds no post.
    n : numpy.ndarray of int64, (n_windows,)
        Posts.
    method : str
        `labels` (corrected by labels of this stream) or `model` (nobody has labelled enough of it).
    n_labels : int
        Labels that the correction rests on.
    """

    value: F64
    lo: F64
    hi: F64
    raw: F64
    n: npt.NDArray[np.int64]
    method: str
    n_labels: int


def prevalence(
    p_neg: F64,
    calibration: Calibration | None = None,
    *,
    window: npt.NDArray[np.int64] | None = None,
    n_windows: int = 1,
    level: float = 0.95,
    draws: int = 200,
    seed: int = 0,
) -> Share:
    """Share of negative posts in each window, corrected for the classifier's errors.

    Parameters
    ----------
    p_neg : numpy.ndarray, (n_posts,)
        P(negative) of each post, 0-1.
    calibration : Calibration, optional
        Labels of the same stream. Left out, or too few: the mean probability with a wide interval.
    window : numpy.ndarray of int64, optional
        Window of each post, 0 to n_windows − 1; one window when left out.
    n_windows : int
        Number of windows.
    level : float
        Nominal coverage of the interval.
    draws, seed : int
        Bootstrap of the labels.

    Returns
    -------
    Share

    Raises
    ------
    NotEnoughData
        A probability is missing or outside 0-1.

    Notes
    -----
    Labels give a logistic recalibration (Platt 1999) with a weak prior on slope 1 and shift 0. Two
    corrections are combined (:data:`MOOD`), since nobody knows which shift a stream undergoes: the mean recalibrated
    probability (right where what is said changes but P(negative | text) does not) and the EM of Saerens, Latinne and
    Decaestecker (2002, 10.1162/089976602753284446; right where only the share changes). The interval holds the
    bootstrap of the labels, both corrections, the chance in a window of n posts, how far the classifier's error moved
    between blocks of time of the labels, and the distance of the window from the labelled posts: a stream wholly
    unlike them is as uncertain as one that nobody has labelled.
    """
    p = np.asarray(p_neg, dtype=float)
    if p.size and not ((p >= 0) & (p <= 1)).all():
        raise NotEnoughData(N_("a P(negative) is missing or outside 0-1"), do=N_("leave posts without a label out"))
    where = np.zeros(len(p), dtype=np.int64) if window is None else np.asarray(window, dtype=np.int64)
    calls = p >= 0.5
    n = np.bincount(where, minlength=n_windows)
    with np.errstate(invalid="ignore", divide="ignore"):
        raw = np.bincount(where, weights=calls.astype(float), minlength=n_windows) / n
    bins = np.digitize(logit(p), _EDGES)
    counts = np.bincount(where * len(_MIDDLES) + bins, minlength=n_windows * len(_MIDDLES)).astype(float)
    counts = counts.reshape(n_windows, len(_MIDDLES))
    rng = np.random.default_rng(seed)
    taught = calibration is not None and calibration.enough
    if calibration is not None and taught:
        slopes, shifts, priors = recalibrate(calibration, draws, rng)
    else:
        slopes, priors = np.ones(draws + 1), np.full(draws + 1, np.nan)
        shifts = np.concatenate([[0.0], rng.normal(0, UNTAUGHT_SD, draws)])
    moves = np.zeros(n_windows)
    if calibration is not None and taught:
        moves = np.hypot(_unsteady(calibration, slopes[0], shifts[0]), UNTAUGHT_SD * _distance(counts, calibration))
    value, lo, hi = _spread(counts, slopes, shifts, priors, level, rng, moves)
    empty = n == 0
    for column in (value, lo, hi):
        column[empty] = np.nan
    labels = len(calibration.p) if calibration is not None else 0
    return Share(value, lo, hi, raw, n.astype(np.int64), "labels" if taught else "model", labels)


def _spread(
    counts: F64, slopes: F64, shifts: F64, priors: F64, level: float, rng: np.random.Generator, moves: F64
) -> tuple[F64, F64, F64]:
    """Value, lower and upper end per window, from the counts per bin of probability; `moves` widens, in logits."""
    q = sigmoid(slopes[:, None] * _MIDDLES + shifts[:, None])  # draws × bins
    total = np.maximum(counts.sum(axis=1), 1)
    mean = counts @ q.T / total[:, None]  # windows × draws
    noise = np.sqrt(np.maximum(counts @ (q * (1 - q)).T, 0)) / total[:, None]
    if np.isnan(priors).any():
        both = mean[:, :, None]
    else:
        both = np.stack([mean, _saerens(counts / total[:, None], q, priors, mean)], axis=2)
    weight = np.array([1 - MOOD, MOOD]) if both.shape[2] == 2 else np.ones(1)
    value = np.clip(both[:, 0, :] @ weight, 0, 1)
    spread = moves[:, None, None] * rng.normal(size=(1, both.shape[1] - 1, 1))
    moved = sigmoid(logit(np.clip(both[:, 1:, :], 0.005, 0.995)) + spread) if moves.any() else both[:, 1:, :]
    drawn = moved + noise[:, 1:, None] * rng.normal(size=(1, both.shape[1] - 1, 1))
    flat = np.clip(drawn.reshape(len(counts), drawn.shape[1] * drawn.shape[2]), 0, 1)
    tail = (1 - level) / 2
    lo, hi = np.quantile(flat, [tail, 1 - tail], axis=1)
    return value, np.minimum(lo, value), np.maximum(hi, value)


def _distance(counts: F64, labels: Calibration) -> F64:
    """How unlike the labelled posts each window is, 0-1: total variation between the classifier's answers.

    What chance alone would give between two samples of these sizes is taken off first.
    """
    fold = np.eye(len(_THIRDS) + 1)[np.searchsorted(_THIRDS, _MIDDLES)]
    mine = np.bincount(np.searchsorted(_THIRDS, logit(labels.p)), minlength=len(_THIRDS) + 1) / len(labels.p)
    n = np.maximum(counts.sum(axis=1), 1)
    theirs = counts @ fold / n[:, None]
    apart = 0.5 * np.abs(theirs - mine).sum(axis=1)
    both = np.sqrt(mine * (1 - mine))[None, :] * np.sqrt(1 / n + 1 / len(labels.p))[:, None]
    chance = 0.5 * np.sqrt(2 / np.pi) * both.sum(axis=1)
    return np.asarray(np.clip(apart - chance, 0, 1))


def _unsteady(labels: Calibration, slope: float, shift: float) -> float:
    """Spread, in logits, of the classifier's error between blocks of time beyond what chance gives.

    Notes
    -----
    DerSimonian & Laird (1986) over the blocks' one-step shifts, doi:10.1016/0197-2456(86)90046-2, with one block's
    worth of weight on :data:`STEADY_SD`.
    """
    if labels.at is None or np.isnan(labels.at).all():
        return STEADY_SD
    order = np.argsort(labels.at, kind="stable")
    order = order[np.isfinite(labels.at[order])]
    off, known = [], []
    for block in np.array_split(order, BLOCKS):
        if not len(block):
            continue
        q = sigmoid(slope * logit(labels.p[block]) + shift)
        bend = float((q * (1 - q)).sum()) + 1e-9
        off.append(float((labels.negative[block] - q).sum()) / bend)
        known.append(bend)
    if len(off) < 2:
        return STEADY_SD
    w, d = np.array(known), np.array(off)
    mean = (w * d).sum() / w.sum()
    excess = (w * (d - mean) ** 2).sum() - (len(d) - 1)
    between = max(0.0, excess / (w.sum() - (w**2).sum() / w.sum()))
    return float(np.sqrt((len(d) * between + STEADY_SD**2) / (len(d) + 1)))


def _saerens(share: F64, q: F64, prior: F64, start: F64, steps: int = 30) -> F64:
    """EM for the share under a changed prior, a few steps from the mean; windows × draws.

    Few steps are a brake: in a small window the fixed point runs to 0 or 1.
    """
    now = np.clip(start, 0.01, 0.99)
    up, down = q / prior[:, None], (1 - q) / (1 - prior)[:, None]  # draws × bins
    for _ in range(steps):
        # windows × draws × bins would be large: take windows one block at a time
        blocks = []
        for low in range(0, len(share), 64):
            pi = now[low : low + 64, :, None]
            odds = pi * up[None] / (pi * up[None] + (1 - pi) * down[None])
            blocks.append(np.einsum("wb,wdb->wd", share[low : low + 64], odds))
        now = np.clip(np.concatenate(blocks), 0.001, 0.999) if blocks else now
    return now
