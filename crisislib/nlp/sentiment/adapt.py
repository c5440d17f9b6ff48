"""A model taught by an analyst: the general one, bent by some labels of the same stream.

The general model's two logits enter as features that are hardly penalised (an offset whose slope is learned); the
lexicon's features, the n-grams of the labelled posts, and the company that n-grams keep in the whole stream carry what
the general model does not know, under a ridge that the labels choose by cross-validation. Out-of-fold probabilities
calibrate it and make its report card.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from threadpoolctl import threadpool_limits

from crisislib.core.errors import NotEnoughData
from crisislib.core.i18n import N_
from crisislib.nlp.preprocess.codepoints import fold
from crisislib.nlp.preprocess.lexicon import FEATURES, features
from crisislib.nlp.preprocess.ngrams import BITS, matrix
from crisislib.nlp.sentiment.latent_features import OFTEN, LatentSpace, company
from crisislib.nlp.sentiment.sentiment_model import CLASSES, Model, logits, probabilities, shipped
from crisislib.nlp.sentiment.taught_model import F64, I64, Taught, softmax, spread_out

NEEDED, EACH = 50, 5
"""Labels from which a model is taught, and of each class that is to be separated."""
FREE = 3.0
"""Factor on the general logits, so that the ridge hardly holds them."""
RIDGES = (0.03, 0.1, 0.3, 1.0)
"""Inverse penalties tried."""
FOLDS = 5
"""Of the cross-validation that chooses a ridge: the usual number, with ten labels in each at least."""
EARLIER = 0.7
"""Share of the labels, the oldest, from which a model is taught to be tried on the others: the usual split."""
LEAST = 0.01
"""Probability below which an answer is not punished further: one odd label must not decide between two models."""
"""Folds of the cross-validation: four fifths of few labels still teach nearly what all would."""


def adapt(texts: Sequence[str], labels: I64, *, others: Sequence[str] = (), seed: int = 0) -> Taught:
    """Teach the shipped model.

    Parameters
    ----------
    texts : sequence of str
        Labelled posts of the stream.
    labels : numpy.ndarray of int64
        0 negative, 1 neutral, 2 positive.
    others : sequence of str
        Unlabelled posts of the stream: they tell which n-grams are common there and which keep the same company.
    seed : int
        Of the folds and of the latent directions.

    Returns
    -------
    Taught

    Raises
    ------
    NotEnoughData
        Fewer than 50 labels, or fewer than two classes with 5 each.
    """
    y = np.asarray(labels, dtype=np.int64)
    counts = np.bincount(y, minlength=3)
    classes = tuple(int(c) for c in np.flatnonzero(counts >= EACH))
    if len(y) < NEEDED or len(classes) < 2:
        per_class = ", ".join(f"{counts[c]} {CLASSES[c]}" for c in range(3))
        raise NotEnoughData(
            N_("{n} {n:label|labels} ({per_class}), {needed} needed with at least {each} of two classes"),
            do=N_("label more posts"),
            facts={"n": len(y), "per_class": per_class, "needed": NEEDED, "each": EACH},
        )
    keep = np.isin(y, classes)
    known = shipped()
    read = _inputs([t for t, k in zip(texts, keep, strict=True) if k], others, known, seed)
    target = np.searchsorted(classes, y[keep])
    with threadpool_limits(1):  # small fits: threads only wait for each other
        ridge, raw, heat = _choose(read.x, target, seed)
        fitted = LogisticRegression(C=ridge, max_iter=500).fit(read.x, target)
    weights, intercept = _both_sides(fitted)
    n = 2 + len(FEATURES)
    dense = np.concatenate([weights[:, 2:n], intercept[:, None]], axis=1)
    rest = _rest(probabilities(read.two), counts, classes)
    predicted = spread_out(raw, heat, classes, read.two, rest)
    return Taught(
        known, classes, weights[:, :2] * FREE, dense, read.grams(weights[:, n:]), heat, predicted, y[keep], rest
    )


def untaught(texts: Sequence[str], labels: I64) -> Taught:
    """The general model as it is, with its answers on the labelled posts: they still tell how it errs.

    Parameters
    ----------
    texts : sequence of str
        Labelled posts of the stream.
    labels : numpy.ndarray of int64
        0 negative, 1 neutral, 2 positive.

    Returns
    -------
    Taught
        Without classes of its own, so that it answers as the general model does.
    """
    base, y = shipped(), np.asarray(labels, dtype=np.int64)
    held = probabilities(logits(base, fold(list(texts))))
    dense = np.zeros((0, len(FEATURES) + 1))
    return Taught(base, (), np.zeros((0, 2)), dense, np.zeros((1 << BITS, 0), np.float32), 1.0, held, y)


def better_later(texts: Sequence[str], labels: I64, *, others: Sequence[str] = (), seed: int = 0) -> bool:
    """Whether a model taught by the earlier labels does better than the general one on the later ones.

    Parameters
    ----------
    texts : sequence of str
        Labelled posts in the order of their time.
    labels : numpy.ndarray of int64
        0 negative, 1 neutral, 2 positive.
    others : sequence of str
        Unlabelled posts of the stream.
    seed : int
        Of the folds.

    Returns
    -------
    bool
        By mean log loss over the last 30 % of the labels. Where the first 70 % are too few to teach from, False:
        what cannot be shown to be better is not put in the place of what is known.

    Notes
    -----
    A stream moves on from its labels, so that folds at random flatter what is taught. Log loss, a proper score,
    needs fewer labels than a share of right answers to tell two models apart.
    """
    y = np.asarray(labels, dtype=np.int64)
    cut = round(EARLIER * len(y))
    try:
        taught = adapt(texts[:cut], y[:cut], others=others, seed=seed)
    except NotEnoughData:
        return False
    later, truth = fold(list(texts[cut:])), y[cut:]
    rows = np.arange(len(truth))
    ours = np.log(np.maximum(taught.probabilities(later)[rows, truth], LEAST)).mean()
    general = np.log(np.maximum(probabilities(logits(taught.base, later))[rows, truth], LEAST)).mean()
    return bool(ours > general)


def _rest(general: F64, counts: I64, classes: tuple[int, ...]) -> float:
    """How much of the general model's share of the missing classes the labels leave.

    Laplace's rule: of n labels with k of the missing classes, (k + 1)/(n + 3) for each is still to be expected.
    """
    missing = [c for c in range(3) if c not in classes]
    expected = sum((counts[c] + 1) / (counts.sum() + 3) for c in missing)
    return float(min(1.0, expected / max(general[:, missing].sum(axis=1).mean(), 1e-9))) if missing else 1.0


@dataclass(frozen=True)
class _Inputs:
    """What labelled posts are fitted on: general logits, lexicon features, latent directions, n-grams by rarity."""

    x: sp.csr_matrix
    two: F64
    near: LatentSpace
    used: I64
    rarity: F64

    def grams(self, weights: F64) -> npt.NDArray[np.float32]:
        """Weight of every n-gram, (2**BITS, n_classes), from those of the directions and of the n-grams."""
        directions = self.near.weights.shape[1]
        grams = np.zeros((1 << BITS, len(weights)))
        grams[self.near.used] = self.near.weights @ weights[:, :directions].T
        grams[self.used] += (weights[:, directions:] * self.rarity).T
        return grams.astype(np.float32)


def _inputs(texts: Sequence[str], others: Sequence[str], base: Model, seed: int) -> _Inputs:
    """What the posts say; rarity and company of the n-grams are those of the whole stream."""
    codes = fold(list(texts))
    grams = matrix(codes)
    rest = sorted(set(others) - set(texts))
    pool = sp.vstack([grams, matrix(fold(rest))]).tocsr() if rest else grams
    stands_in = np.bincount(pool.indices, minlength=1 << BITS)
    # what stands in one post of the whole stream cannot help with another
    used = np.unique(grams.indices[stands_in[grams.indices] >= (OFTEN if rest else 1)]).astype(np.int64)
    rarity = np.log((1 + pool.shape[0]) / (1 + stands_in[used]))
    two = logits(base, codes)
    with threadpool_limits(1):
        near = company(pool, seed)
    known = sp.csr_matrix(np.concatenate([two * FREE, features(codes), near.of(grams)], axis=1))
    return _Inputs(sp.hstack([known, grams[:, used] @ sp.diags_array(rarity)]).tocsr(), two, near, used, rarity)


def _choose(x: sp.csr_matrix, y: I64, seed: int) -> tuple[float, F64, float]:
    """The ridge with the least out-of-fold log loss, its out-of-fold scores, the temperature."""
    fewest = int(np.bincount(y).min())
    folds = list(StratifiedKFold(min(FOLDS, fewest), shuffle=True, random_state=seed).split(np.zeros(len(y)), y))
    best: tuple[float, float, F64, float] | None = None
    for ridge in RIDGES:
        raw = np.zeros((len(y), int(y.max()) + 1))
        for learn, test in folds:
            weights, intercept = _both_sides(
                LogisticRegression(C=ridge, max_iter=200, tol=1e-3).fit(x[learn], y[learn])
            )
            raw[test] = x[test] @ weights.T + intercept
        for heat in (0.5, 0.7, 1.0, 1.4, 2.0, 2.8):
            p = softmax(raw / heat)
            loss = -float(np.log(p[np.arange(len(y)), y] + 1e-12).mean())
            if best is None or loss < best[0]:
                best = (loss, ridge, raw, heat)
    assert best is not None  # RIDGES is not empty
    return best[1], best[2], best[3]


def _both_sides(fitted: LogisticRegression) -> tuple[F64, F64]:
    """Weights and intercept per class; a two-class fit has one row, the other side is zero."""
    weights, intercept = np.asarray(fitted.coef_), np.asarray(fitted.intercept_)
    if len(weights) == 1:
        weights, intercept = np.concatenate([0 * weights, weights]), np.concatenate([0 * intercept, intercept])
    return weights, intercept
