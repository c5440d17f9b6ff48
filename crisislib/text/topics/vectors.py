"""Offline text vectors, learned from the posts themselves: word co-occurrence and character n-grams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.preprocessing import normalize

from crisislib.text.topics.quality import windows

F32 = npt.NDArray[np.float32]

WINDOW = 8
WORDS, CHARS = 20_000, 30_000
DIM = 100
CHAR_WEIGHT = 0.5
"""Set on disaster tweets by event and hot-search descriptions by category, not on what is reported."""
SAMPLE = 40_000
"""Texts that co-occurrence and character weights are learned from; more change the vectors little."""


@dataclass(frozen=True)
class Space:
    """A learned vector space for texts of words parted by blanks.

    Attributes
    ----------
    words : tuple of str
    word_vectors : numpy.ndarray of float32, shape (len(words), dim)
        Inverse document frequency times the word's vector.
    grams : tuple of str
        Character n-grams within words.
    gram_weights : numpy.ndarray of float32, shape (len(grams),)
        Inverse document frequencies.
    gram_axes : numpy.ndarray of float32, shape (len(grams), dim)
    """

    words: tuple[str, ...]
    word_vectors: F32
    grams: tuple[str, ...]
    gram_weights: F32
    gram_axes: F32

    def encode(self, texts: Sequence[str]) -> F32:
        """Unit vectors of texts, shape (len(texts), 2·dim); a text of unknown words only is all zero."""
        counts = _counter(self.words).transform(texts).astype(np.float32)
        counts.data = 1 + np.log(counts.data)
        meaning = normalize(counts @ self.word_vectors)
        grams = _grammer(self.grams).transform(texts).astype(np.float32)
        grams.data = (1 + np.log(grams.data)) * self.gram_weights[grams.indices]
        shape = normalize(normalize(grams) @ self.gram_axes)
        return np.asarray(normalize(np.hstack([meaning, CHAR_WEIGHT * shape])), np.float32)


def _counter(words: Sequence[str] | None) -> CountVectorizer:
    return CountVectorizer(analyzer=str.split, vocabulary=words)


def _grammer(grams: Sequence[str] | None, least: int = 1) -> CountVectorizer:
    return CountVectorizer(
        analyzer="char_wb", ngram_range=(2, 4), lowercase=False, vocabulary=grams, min_df=least, max_features=CHARS
    )


def _word_vectors(texts: Sequence[str], dim: int, seed: int) -> tuple[tuple[str, ...], F32]:
    """Word vectors from positive pointwise mutual information within WINDOW words.

    Notes
    -----
    PPMI with context counts to the power 0.75, factorised with symmetric weighting (U·√S): Levy,
    Goldberg & Dagan 2015, doi:10.1162/tacl_a_00134. A text is the idf-weighted sum of its words.
    """
    least = 2 if len(texts) < 2000 else 3 if len(texts) < 20_000 else 5
    counter = CountVectorizer(analyzer=str.split, min_df=least, max_features=WORDS)
    present = counter.fit_transform(texts)
    vocabulary = tuple(counter.get_feature_names_out())
    seen = windows(texts, vocabulary, window=WINDOW)
    together = sparse.coo_array(seen.T @ seen)
    alone = np.asarray(seen.sum(0), float).ravel()
    context = alone**0.75 / (alone**0.75).sum()
    ratio = together.data / (alone[together.row] * context[together.col]) * seen.shape[0] / alone.sum()
    positive = (ratio > 1) & (together.row != together.col)
    table = sparse.csr_array(
        (np.log(ratio[positive]), (together.row[positive], together.col[positive])), shape=together.shape
    )
    dim = min(dim, len(vocabulary) - 1)
    svd = TruncatedSVD(dim, random_state=seed)
    vectors = svd.fit_transform(table) / np.sqrt(np.maximum(svd.singular_values_, 1e-9))
    held = np.bincount(present.indices, minlength=len(vocabulary))
    weights = np.log(len(texts) / np.maximum(held, 1))
    return vocabulary, (vectors * weights[:, None]).astype(np.float32)


def _gram_axes(texts: Sequence[str], dim: int, seed: int) -> tuple[tuple[str, ...], F32, F32]:
    """Latent axes of character n-grams (TF-IDF, truncated SVD)."""
    least = 2 if len(texts) < 2000 else 5
    grammer = TfidfVectorizer(
        analyzer="char_wb",
        ngram_range=(2, 4),
        lowercase=False,
        min_df=least,
        max_df=0.3,
        max_features=CHARS,
        sublinear_tf=True,
    )
    table = grammer.fit_transform(texts)
    svd = TruncatedSVD(min(dim, table.shape[1] - 1), random_state=seed).fit(table)
    return tuple(grammer.get_feature_names_out()), grammer.idf_.astype(np.float32), svd.components_.T.astype(np.float32)


def learn(texts: Sequence[str], *, seed: int, dim: int = DIM) -> Space:
    """Learn a vector space from texts of words parted by blanks.

    Parameters
    ----------
    texts : sequence of str
        Distinct texts, at least a few dozen.
    seed : int
        Same texts and seed, same space.
    dim : int
        Dimensions of each of the two halves.

    Returns
    -------
    Space
    """
    if len(texts) > SAMPLE:
        chosen = np.sort(np.random.default_rng(seed).choice(len(texts), SAMPLE, replace=False))
        texts = [texts[i] for i in chosen]
    words, word_vectors = _word_vectors(texts, dim, seed)
    grams, weights, axes = _gram_axes(texts, dim, seed)
    return Space(words, word_vectors, grams, weights, axes)
