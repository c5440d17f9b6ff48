"""Reads headlines without the names in them: a linear model over hashed character n-grams and two lists of words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from crisislib.core.folding import folded

BITS = 17
"""Hashed grams: 2 ** BITS."""
SHORTEST = 2
"""Characters left after masking below which there is nothing to read: one alone is no statement."""
NOT_READ = re.compile("[^\u3400-\u9fff?]+")
"""All but Chinese characters and the question mark: models, prices and versions are names, too."""


def mask(titles: pd.Series, names: Sequence[str] = ()) -> pd.Series:
    """Headlines without names, Latin letters and digits, so that nothing read hangs on who is meant.

    Parameters
    ----------
    titles : pandas.Series of str
        As collected; traditional characters become simplified.
    names : sequence of str
        How people write the brand and others that must not count.

    Returns
    -------
    pandas.Series of str
        Same index; empty where a headline holds nothing but names.
    """
    texts = pd.Series(folded(titles.astype(str).tolist()).to_pylist(), index=titles.index, dtype="object")
    tokens = {str(name)[1:] for name in folded(list(names)).to_pylist() if str(name).strip()} if names else set()
    if tokens:
        # A folded text is a row of tokens, each followed by a blank: a name begins behind one. Longer names first.
        wanted = "|".join(re.escape(token) for token in sorted(tokens, key=lambda t: (-len(t), t)))
        texts = texts.str.replace(re.compile(f"(?<= )(?:{wanted})"), "", regex=True)
    masked: pd.Series = texts.str.replace(NOT_READ, "", regex=True)
    return masked


@dataclass(frozen=True)
class Reader:
    """A linear reader of masked headlines.

    Attributes
    ----------
    weights, idf : numpy.ndarray
        Shape (2 ** BITS,): weight (log odds) and inverse document frequency of each hashed gram.
    intercept : float
        Log odds of a headline without any known gram or word.
    words : Mapping of str to tuple of str
        Lists of words by name.
    extra : Mapping of str to float
        Log odds that a headline gains by holding a word of that list.
    """

    weights: npt.NDArray[np.float32]
    idf: npt.NDArray[np.float32]
    intercept: float
    words: Mapping[str, tuple[str, ...]]
    extra: Mapping[str, float]

    def read(self, masked: pd.Series) -> npt.NDArray[np.float64]:
        """Log odds that a headline tells of harm done by or to a business, where both kinds are equally frequent.

        Parameters
        ----------
        masked : pandas.Series of str
            Of :func:`mask`.

        Returns
        -------
        numpy.ndarray
            Shape (headlines,); NaN where fewer than :data:`SHORTEST` characters are left to read.
        """
        if not len(masked):
            return np.empty(0)
        odds = np.asarray(weigh(count(masked), self.idf) @ self.weights, dtype=float) + self.intercept
        for name, gain in self.extra.items():
            odds += gain * holds(masked, self.words[name])
        return np.where(masked.str.len().to_numpy() < SHORTEST, np.nan, odds)


def holds(masked: pd.Series, words: Sequence[str]) -> npt.NDArray[np.float64]:
    """Whether each headline holds one of the words.

    Parameters
    ----------
    masked : pandas.Series of str
        Of :func:`mask`.
    words : sequence of str
        At least one.

    Returns
    -------
    numpy.ndarray
        Shape (headlines,); 1 or 0.
    """
    return np.asarray(masked.str.contains("|".join(re.escape(w) for w in words)), dtype=np.float64)


def count(texts: pd.Series) -> Any:
    """Sparse counts of hashed character 1-, 2- and 3-grams; shape (texts, 2 ** BITS).

    Parameters
    ----------
    texts : pandas.Series of str
        Masked headlines, or other texts.

    Returns
    -------
    scipy.sparse.csr_matrix
        float32, not normalised.
    """
    from sklearn.feature_extraction.text import HashingVectorizer

    hashed = HashingVectorizer(
        analyzer="char", ngram_range=(1, 3), n_features=2**BITS, alternate_sign=False, norm=None, dtype=np.float32
    )
    return hashed.transform(texts.astype(str))


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
