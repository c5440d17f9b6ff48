"""A fitted topic model: BERTopic on offline vectors, kept small, with assignment by nearest centre."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crisislib.nlp.topics.clusters import I64, Nearest
from crisislib.nlp.topics.represent import Words, coherent
from crisislib.nlp.topics.vectors import F32

TOP = 10
"""Words of a topic: as many as topic models usually show."""
CANDIDATES = 30
"""Words by c-TF-IDF from which the coherent ones are picked: three times as many as are shown."""
_FREE = 12.0
"""Effective dimensions of the vectors: how sure an assignment may be. Nearby centres give p near 0.5."""


@dataclass(frozen=True)
class Topics:
    """Topics of some posts.

    Attributes
    ----------
    ids : tuple of str
        Stable identities, largest topic first.
    words : tuple of list of (str, float)
        Words and c-TF-IDF weights of each topic, heaviest first.
    centres : numpy.ndarray of float32, shape (k, dim)
        Unit centre of each topic.
    threshold : float
        Cosine similarity below which a post belongs to no topic.
    """

    ids: tuple[str, ...]
    words: tuple[Words, ...]
    centres: F32
    threshold: float

    def assign(self, vectors: F32) -> tuple[I64, npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Nearest topic of each vector.

        Parameters
        ----------
        vectors : numpy.ndarray of float32, shape (n, dim)
            Unit vectors.

        Returns
        -------
        place : numpy.ndarray of int64, shape (n,)
            Place of the topic, -1 outside.
        p : numpy.ndarray of shape (n,)
            Its probability among all topics.
        similarity : numpy.ndarray of shape (n,)
            Cosine similarity with its centre.

        Notes
        -----
        p is the posterior of a mixture of equal von Mises–Fisher clusters (Banerjee et al. 2005) whose
        concentration is that of _FREE effective dimensions at the threshold; it ranks, it is not calibrated.
        """
        likeness = (vectors @ self.centres.T).astype(np.float64)
        at, best = likeness.argmax(1), likeness.max(1)
        spread = max(1 - self.threshold**2, 0.05)
        chance = 1 / np.exp((likeness - best[:, None]) * _FREE / spread).sum(1)
        return np.where(best >= self.threshold, at, -1), chance, best


def bertopic(clusters: Nearest) -> object:
    """BERTopic with our clustering in the place of UMAP and HDBSCAN.

    Parameters
    ----------
    clusters : Nearest
        The clustering.

    Returns
    -------
    bertopic.BERTopic
    """
    with warnings.catch_warnings():  # its import mutes warnings for the whole process
        from bertopic import BERTopic
        from bertopic.backend import BaseEmbedder
        from bertopic.dimensionality import BaseDimensionalityReduction
        from bertopic.vectorizers import ClassTfidfTransformer
    from sklearn.feature_extraction.text import CountVectorizer

    return BERTopic(
        language="multilingual",  # "english" would delete every Chinese character
        embedding_model=BaseEmbedder(),
        umap_model=BaseDimensionalityReduction(),
        hdbscan_model=clusters,
        vectorizer_model=CountVectorizer(token_pattern=r"\S+", lowercase=False),
        ctfidf_model=ClassTfidfTransformer(bm25_weighting=True, reduce_frequent_words=True),
        top_n_words=CANDIDATES,
    )


def fit(
    texts: Sequence[str], vectors: F32, weights: npt.NDArray[np.float64], *, k: int | None = None, seed: int = 0
) -> Topics:
    """Find the topics of distinct texts.

    Parameters
    ----------
    texts : sequence of str
        Words separated by spaces.
    vectors : numpy.ndarray of float32, shape (len(texts), dim)
        Unit vectors of the texts.
    weights : numpy.ndarray, shape (len(texts),)
        How much each text counts in placing the centres, such as 1 + log copies.
    k : int, optional
        Number of topics; chosen by silhouette when absent.
    seed : int
        Same texts and seed, same topics.

    Returns
    -------
    Topics
        Named t001, t002, … by size.
    """
    clusters = Nearest(k, seed, weights)
    # A word counts once a text: a post that repeats itself is one voice.
    once = [" ".join(dict.fromkeys(text.split())) for text in texts]
    model = bertopic(clusters)
    labels, _ = model.fit_transform(once, embeddings=vectors)  # type: ignore[attr-defined]
    # BERTopic renumbers by size: find which centre became which topic.
    pairs = np.unique(np.stack([np.asarray(labels), clusters.labels_]), axis=1)
    old = dict(pairs[:, pairs[0] >= 0].T.tolist())
    numbers = sorted(old)
    candidates = {n: model.get_topic(n) for n in numbers}  # type: ignore[attr-defined]
    words = coherent(candidates, texts, top=TOP)
    return Topics(
        tuple(f"t{n + 1:03d}" for n in numbers),
        tuple(words[n] for n in numbers),
        clusters.centres_[[old[n] for n in numbers]],
        clusters.threshold_,
    )
