"""The fit: two ridge-penalised logistic regressions over the lexicon's features and the n-grams."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from crisislib.nlp.preprocess.codepoints import fold
from crisislib.nlp.preprocess.lexicon import FEATURES, features
from crisislib.nlp.preprocess.ngrams import matrix
from tools.training.sentiment_sources import Source

F64 = npt.NDArray[np.float64]
STYLE = ("length", "trail")
"""Features of form that say nothing of good or bad outside the set they were learnt from; 0 for polarity."""
HABITS = ("length", "trail", "ask", "exclaim")
"""Features of form that tell the habits of those who made posts up; 0 in their rows for both targets."""


@dataclass(frozen=True)
class Design:
    """Rows of one regression: a text may stand twice, once for each side, with shared weight."""

    x: sp.csr_matrix
    y: npt.NDArray[np.int64]
    weight: F64


def design(sources: list[Source], which: list[npt.NDArray[np.bool_]], target: str) -> Design:
    """Rows of the texts chosen of each source, for `good` or `felt`.

    A graded target g enters as one row for each side with weights g and 1 − g.
    """
    blocks, ys, weights = [], [], []
    for source, rows in zip(sources, which, strict=True):
        grade = getattr(source, target)
        keep = np.flatnonzero(rows & ~np.isnan(grade))
        if target == "good":  # what is not felt has no side
            certain = np.nan_to_num(source.felt, nan=1.0)
            keep = keep[certain[keep] > 0.3]
        if not len(keep):
            continue
        x = inputs([source.texts[i] for i in keep], target, written=source.written)
        g, w = grade[keep], source.weight[keep]
        if target == "good":
            w = w * certain[keep]
        for side, share in ((1, g), (0, 1 - g)):
            some = np.flatnonzero(share > 0.02)
            blocks.append(x[some])
            ys.append(np.full(len(some), side))
            weights.append(w[some] * share[some])
    y, weight = np.concatenate(ys), np.concatenate(weights)
    if target == "good":  # both sides weigh the same: the shipped model knows no stream's share
        whole = weight.sum()
        for side in (0, 1):
            weight[y == side] *= whole / 2 / weight[y == side].sum()
    return Design(sp.vstack(blocks).tocsr(), y, weight)


def inputs(texts: list[str], target: str, *, written: bool = False) -> sp.csr_matrix:
    """Lexicon features beside the n-grams."""
    codes = fold(texts)
    dense = features(codes)
    blank = (STYLE if target == "good" else ()) + (HABITS if written else ())
    dense[:, [FEATURES.index(name) for name in blank]] = 0.0
    return sp.hstack([sp.csr_matrix(dense), matrix(codes)]).tocsr()


def logistic(rows: Design, c: float) -> F64:
    """Weights of the lexicon's features, of the n-grams, and last the intercept; `c` is the inverse penalty."""
    used = np.unique(rows.x.indices)  # a column that no text has would stay 0 anyway
    model = LogisticRegression(C=c, max_iter=1000, tol=1e-3)
    with threadpool_limits(1):
        model.fit(rows.x[:, used], rows.y, sample_weight=rows.weight)
    weights = np.zeros(rows.x.shape[1] + 1)
    weights[used] = model.coef_[0]
    weights[-1] = model.intercept_[0]
    return weights
