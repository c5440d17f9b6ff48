"""Reads headlines: a linear model over hashed character n-grams, taught by word counts of summaries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from crisislib.core.errors import NotEnoughData
from crisislib.warn.onset.words import lean

BITS = 17
"""Hashed grams: 2 ** BITS."""
LEAST = 1_000
"""Headlines below which a reader learns nothing that it could use on others."""
ALPHA = 3.0
UNTOLD = 0.3
"""Weight of a headline without a summary, whose few words say less."""
BUSINESS = 3.0
"""How much more a headline about a business teaches than any other."""


@dataclass(frozen=True)
class Reader:
    """A linear reader of headlines.

    Attributes
    ----------
    weights, idf : numpy.ndarray
        Shape (2 ** BITS,): weight and inverse document frequency of each hashed gram.
    middle, spread : float
        Mean and standard deviation of its answers over the headlines it was taught on.
    """

    weights: npt.NDArray[np.float32]
    idf: npt.NDArray[np.float32]
    middle: float
    spread: float

    def read(self, titles: pd.Series) -> npt.NDArray[np.float64]:
        """How far each headline reads like a crisis, in standard deviations of all headlines.

        Parameters
        ----------
        titles : pandas.Series of str

        Returns
        -------
        numpy.ndarray
            Shape (titles,); 0 is the average headline of the list.
        """
        if not len(titles):
            return np.empty(0)
        grams = _weigh(count(titles), self.idf)
        raw = np.asarray(grams @ self.weights, dtype=float)
        return (raw - self.middle) / self.spread


def count(titles: pd.Series) -> Any:
    """Sparse counts of hashed character 1-, 2- and 3-grams; shape (titles, 2 ** BITS)."""
    from sklearn.feature_extraction.text import HashingVectorizer

    hashed = HashingVectorizer(
        analyzer="char", ngram_range=(1, 3), n_features=2**BITS, alternate_sign=False, norm=None, dtype=np.float32
    )
    return hashed.transform(titles.astype(str))


def _weigh(counts: Any, idf: npt.NDArray[np.float32]) -> Any:
    """Sublinear tf times idf, each row of length 1."""
    from sklearn.preprocessing import normalize

    grams = counts.copy()
    grams.data = (np.log(grams.data) + 1) * idf[grams.indices]
    return normalize(grams, copy=False)


def teach(headlines: pd.DataFrame) -> Reader:
    """Teach a reader from headlines and their summaries, without any label.

    Parameters
    ----------
    headlines : pandas.DataFrame
        Columns `title` and `summary` (str; missing where there is none).

    Returns
    -------
    Reader

    Raises
    ------
    NotEnoughData
        Fewer than `LEAST` headlines, or all of them lean the same way.

    Notes
    -----
    Distant supervision (Mintz et al. 2009, https://aclanthology.org/P09-1113): the target is
    log(1 + crisis words) - log(1 + promotion words) of headline and summary; ridge regression
    learns to say it from the headline alone, so that it also knows headlines without these words.
    """
    told = headlines.summary.notna().to_numpy()
    target, company = lean(headlines.title.astype(str) + " " + headlines.summary.fillna("").astype(str))
    if len(target) < LEAST or np.ptp(target) == 0:
        raise NotEnoughData(
            f"{len(target)} headlines with {len(np.unique(target))} different leanings; {LEAST} needed",
            do="teach from a longer history of the list",
        )
    from sklearn.linear_model import Ridge

    counts = count(headlines.title)
    idf = (np.log((1 + len(target)) / (1 + counts.getnnz(axis=0))) + 1).astype(np.float32)
    grams = _weigh(counts, idf)
    weight = np.where(told, 1.0, UNTOLD) * np.where(company > 0, BUSINESS, 1.0)
    fitted = Ridge(alpha=ALPHA, solver="sparse_cg", tol=1e-3, max_iter=60, fit_intercept=True)
    fitted.fit(grams, target.astype(np.float32), sample_weight=weight.astype(np.float32))
    # Half precision: what the shipped file can hold is what every answer is given with.
    weights = np.asarray(fitted.coef_, dtype=np.float16).astype(np.float32)
    raw = np.asarray(grams @ weights, dtype=float)
    return Reader(weights, idf.astype(np.float16).astype(np.float32), float(raw.mean()), float(raw.std()))
