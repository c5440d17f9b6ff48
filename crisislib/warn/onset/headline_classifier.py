"""Reads headlines: a linear model over hashed character n-grams, taught by word counts of summaries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

BITS = 17
"""Hashed grams: 2 ** BITS."""


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
        grams = weigh(count(titles), self.idf)
        raw = np.asarray(grams @ self.weights, dtype=float)
        return (raw - self.middle) / self.spread


def count(titles: pd.Series) -> Any:
    """Sparse counts of hashed character 1-, 2- and 3-grams; shape (titles, 2 ** BITS).

    Parameters
    ----------
    titles : pandas.Series
        Headlines.

    Returns
    -------
    scipy.sparse.csr_matrix
        float32, not normalised.
    """
    from sklearn.feature_extraction.text import HashingVectorizer

    hashed = HashingVectorizer(
        analyzer="char", ngram_range=(1, 3), n_features=2**BITS, alternate_sign=False, norm=None, dtype=np.float32
    )
    return hashed.transform(titles.astype(str))


def weigh(counts: Any, idf: npt.NDArray[np.float32]) -> Any:
    """Sublinear tf times idf, each row of length 1.

    Parameters
    ----------
    counts : scipy.sparse.csr_matrix
        As :func:`count` gives them.
    idf : numpy.ndarray of float32
        Inverse document frequency of every hash, shape (2 ** BITS,).

    Returns
    -------
    scipy.sparse.csr_matrix
        (1 + ln tf)·idf, rows scaled to Euclidean length 1.
    """
    from sklearn.preprocessing import normalize

    grams = counts.copy()
    grams.data = (np.log(grams.data) + 1) * idf[grams.indices]
    return normalize(grams, copy=False)
