"""Offline text vectors, learned from the posts themselves: word co-occurrence and character n-grams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.preprocessing import normalize
from sklearn.utils.extmath import randomized_svd

from crisislib.core.errors import NotEnoughData
from crisislib.core.i18n import N_
from crisislib.nlp.topics.cooccurrence import windows

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]

WINDOW = 8
"""Words of a sliding window: wide enough for the theme of a short post."""
WORDS, CHARS = 20_000, 30_000
"""Words and character n-grams of the vocabulary at most: bounds time and memory; rarer ones change few texts."""
DIM = 100
"""Dimensions of each half of a vector: the usual size for latent semantic spaces of short texts."""
CHAR_WEIGHT = 0.5
"""Set on disaster tweets by event and hot-search descriptions by category, not on what is reported."""
SAMPLE, SHAPE_SAMPLE = 40_000, 12_000
"""Texts that co-occurrence and character weights are learned from; more change the vectors little."""
COMMON = 0.3
"""Character n-grams in a larger share of the texts separate nothing."""
NEEDED = 5
"""Words that several texts share, below which there is nothing to learn."""
_POWER = 3
"""Power iterations of the randomised SVD: enough where singular values fall slowly only far out."""


@dataclass(frozen=True)
class Space:
    """A learned vector space for texts of words separated by spaces.

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
        """Unit vectors of texts.

        Parameters
        ----------
        texts : sequence of str
            n texts of words separated by spaces.

        Returns
        -------
        numpy.ndarray of float32, shape (n, 2 * dim)
            All zero for a text without a known word or n-gram.
        """
        counts, words = bag(texts)
        damped = counts.astype(np.float32)
        damped.data = 1 + np.log(damped.data)
        known = pd.Index(self.words).get_indexer(pd.Index(words))
        table = np.where((known >= 0)[:, None], self.word_vectors[known], 0)
        meaning = normalize(damped @ table)
        # Each distinct word is cut into n-grams once, however often it is said.
        shapes = _grammer(self.grams).transform(words) @ (self.gram_weights[:, None] * self.gram_axes)
        shape = normalize(counts.astype(np.float32) @ shapes)
        return np.asarray(normalize(np.hstack([meaning, CHAR_WEIGHT * shape])), np.float32)


def bag(texts: Sequence[str]) -> tuple[sparse.csr_array, list[str]]:
    """Counts of words in texts.

    Parameters
    ----------
    texts : sequence of str
        n texts of words separated by spaces.

    Returns
    -------
    counts : scipy.sparse.csr_array of shape (n, n_words)
    words : list of str
    """
    split = pc.utf8_split_whitespace(pa.array(list(texts), pa.string()))
    offsets = split.offsets.to_numpy()
    coded = pc.list_flatten(split).dictionary_encode()
    words = [str(word) for word in coded.dictionary.to_pylist()]
    table = sparse.csr_array(
        (np.ones(len(coded), np.int32), coded.indices.to_numpy().copy(), offsets.copy()), shape=(len(texts), len(words))
    )
    table.sum_duplicates()
    return table, words


def _grammer(grams: Sequence[str] | None) -> CountVectorizer:
    return CountVectorizer(analyzer="char_wb", ngram_range=(2, 4), lowercase=False, vocabulary=grams)


def _latent(table: sparse.csr_array, dim: int, seed: int) -> tuple[F64, F64, F64]:
    """Randomised truncated SVD (Halko, Martinsson & Tropp 2011, doi:10.1137/090771806): U·S, S, V."""
    left, scale, right = randomized_svd(table, max(1, min(dim, min(table.shape) - 1)), n_iter=_POWER, random_state=seed)
    return left * scale, scale, right.T


def _word_vectors(
    texts: Sequence[str], present: sparse.csr_array, words: list[str], dim: int, seed: int
) -> tuple[tuple[str, ...], F32]:
    """Word vectors from positive pointwise mutual information within WINDOW words.

    Notes
    -----
    PPMI with context counts to the power 0.75, factorised with symmetric weighting (U·√S): Levy,
    Goldberg & Dagan 2015, doi:10.1162/tacl_a_00134. A text is the idf-weighted sum of its words.
    """
    least = 2 if len(texts) < 2000 else 3 if len(texts) < 20_000 else 5
    counts_of = np.bincount(present.indices, minlength=len(words))
    frequent = np.flatnonzero(counts_of >= least)
    frequent = np.sort(frequent[np.argsort(-counts_of[frequent], kind="stable")[:WORDS]])
    vocabulary = tuple(words[i] for i in frequent)
    if len(vocabulary) < NEEDED:
        raise NotEnoughData(
            N_("{vocabulary} words are shared by texts, {needed} needed"),
            do=N_("collect more posts before asking for topics"),
            facts={"vocabulary": len(vocabulary), "needed": NEEDED},
        )
    windowed = windows(texts, vocabulary, window=WINDOW)
    together = sparse.coo_array(windowed.T @ windowed)
    alone = np.asarray(windowed.sum(0), float).ravel()
    context = alone**0.75 / (alone**0.75).sum()
    ratio = together.data / (alone[together.row] * context[together.col]) * windowed.shape[0] / alone.sum()
    positive = (ratio > 1) & (together.row != together.col)
    table = sparse.csr_array(
        (np.log(ratio[positive]), (together.row[positive], together.col[positive])), shape=together.shape
    )
    scores, scale, _ = _latent(table, dim, seed)
    vectors = scores / np.sqrt(np.maximum(scale, 1e-9))
    weights = np.log(len(texts) / np.maximum(counts_of[frequent], 1))
    return vocabulary, (vectors * weights[:, None]).astype(np.float32)


def _gram_axes(counts: sparse.csr_array, words: list[str], dim: int, seed: int) -> tuple[tuple[str, ...], F32, F32]:
    """Latent axes of character n-grams (TF-IDF, truncated SVD)."""
    grammer = _grammer(None)
    of_word = sparse.csr_array(grammer.fit_transform(words))
    of_text = sparse.csr_array(counts @ of_word)
    counts_of = np.bincount(of_text.indices, minlength=of_text.shape[1])
    n = counts.shape[0]
    frequent = counts_of >= (2 if n < 2000 else 5)
    chosen = np.flatnonzero(frequent & (counts_of <= COMMON * n))
    if len(chosen) < NEEDED:  # texts so alike that everything in them is common
        chosen = np.flatnonzero(frequent)
    chosen = np.sort(chosen[np.argsort(-counts_of[chosen], kind="stable")[:CHARS]])
    weights = (np.log((1 + n) / (1 + counts_of[chosen])) + 1).astype(np.float32)
    table = of_text[:, chosen].astype(np.float32)
    table.data = (1 + np.log(table.data)) * weights[table.indices]
    _, _, axes = _latent(normalize(table), dim, seed)
    names = grammer.get_feature_names_out()[chosen]
    return tuple(str(name) for name in names), weights, axes.astype(np.float32)


def _some(texts: Sequence[str], most: int, seed: int) -> Sequence[str]:
    if len(texts) <= most:
        return texts
    return [texts[i] for i in np.sort(np.random.default_rng(seed).choice(len(texts), most, replace=False))]


def learn(texts: Sequence[str], *, seed: int, dim: int = DIM) -> Space:
    """Learn a vector space from texts of words separated by spaces.

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

    Raises
    ------
    NotEnoughData
        Fewer than NEEDED words occur in more than one text.
    """
    texts = _some(texts, SAMPLE, seed)
    words, word_vectors = _word_vectors(texts, *bag(texts), dim, seed)
    grams, weights, axes = _gram_axes(*bag(_some(texts, SHAPE_SAMPLE, seed)), dim, seed)
    return Space(words, word_vectors, grams, weights, axes)
