"""How good topics are, by their words: coherence (NPMI) and diversity; no labels needed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from crisislib.nlp.topics.cooccurrence import WINDOW, windows

TOP = 10
_EPSILON = 1e-12


def npmi(
    topics: Sequence[Sequence[str]], texts: Sequence[str], *, window: int = WINDOW, top: int = TOP
) -> npt.NDArray[np.float64]:
    """Coherence of each topic: mean normalised pointwise mutual information of its words' pairs.

    Parameters
    ----------
    topics : sequence of sequence of str
        Words of each topic, best first.
    texts : sequence of str
        Reference corpus, words parted by blanks.
    window, top : int
        Width of the sliding window in words, and how many words of a topic count.

    Returns
    -------
    numpy.ndarray of float64, shape (len(topics),)
        −1 (never together) to 1 (always together); NaN for a topic of fewer than two words of the corpus.

    Notes
    -----
    NPMI(i, j) = ln((p_ij + ε) / (p_i p_j)) / −ln(p_ij + ε), p over sliding windows, ε = 1e-12, mean over
    pairs: gensim's `c_npmi` (window 10), which OCTIS reports. Bouma 2009; Röder, Both & Hinneburg 2015,
    doi:10.1145/2684822.2685324. Comparable only over one reference corpus, window and number of words.
    """
    chosen = [list(words[:top]) for words in topics]
    vocabulary = sorted({word for words in chosen for word in words})
    index = {word: place for place, word in enumerate(vocabulary)}
    table = windows(texts, vocabulary, window=window)
    together = (table.T @ table).toarray() / max(table.shape[0], 1)
    alone = np.diag(together)
    out = np.full(len(chosen), np.nan)
    for place, words in enumerate(chosen):
        at = np.array([index[w] for w in words], np.int64)
        # A word that is nowhere, or in every window, tells nothing about its company.
        at = at[(alone[at] > 0) & (alone[at] < 1)]
        i, j = np.triu_indices(len(at), 1)
        if len(i):
            joint = together[at[i], at[j]] + _EPSILON
            out[place] = np.mean(np.log(joint / (alone[at[i]] * alone[at[j]])) / -np.log(joint))
    return out


def diversity(topics: Sequence[Sequence[str]], *, top: int = TOP) -> float:
    """Share of distinct words among the first `top` words of all topics, 0-1.

    Notes
    -----
    Dieng, Ruiz & Blei 2020, doi:10.1162/tacl_a_00325.
    """
    every = [word for words in topics for word in words[:top]]
    return len(set(every)) / len(every) if every else float("nan")
