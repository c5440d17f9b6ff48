"""Words of a topic: heavy in it by c-TF-IDF, and at home together in the posts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from crisislib.nlp.topics.cooccurrence import WINDOW, windows

Words = list[tuple[str, float]]

TOGETHER = 2.0
"""Weight of coherence against log c-TF-IDF; set on disaster tweets and hot-search descriptions."""
SAMPLE = 20_000
"""Texts that co-occurrence of words is counted on; more change it little."""


def association(texts: Sequence[str], vocabulary: Sequence[str]) -> npt.NDArray[np.float64]:
    """Normalised pointwise mutual information of every pair of words over sliding windows.

    Parameters
    ----------
    texts : sequence of str
        Words separated by spaces.
    vocabulary : sequence of str
        v words.

    Returns
    -------
    numpy.ndarray of shape (v, v)
        -1 to 1; 0 on the diagonal.

    Notes
    -----
    NPMI = ln(p(a, b) / (p(a) p(b))) / -ln p(a, b). Bouma 2009.
    """
    counts = windows(texts, vocabulary, window=WINDOW)
    together = (counts.T @ counts).toarray() / max(counts.shape[0], 1)
    alone = np.maximum(np.diag(together), 1e-12)
    joint = np.clip(together, 1e-12, 1 - 1e-12)
    out = np.log(joint / np.outer(alone, alone)) / -np.log(joint)
    np.fill_diagonal(out, 0)
    return np.asarray(out)


def pick(weights: npt.NDArray[np.float64], alike: npt.NDArray[np.float64], top: int) -> list[int]:
    """Places of the words picked: the one that fits worst goes until `top` are left.

    The fit of a word is its log weight plus TOGETHER times its mean NPMI with those still there.

    Parameters
    ----------
    weights : numpy.ndarray of shape (v,)
        c-TF-IDF of the candidates, largest first, positive.
    alike : numpy.ndarray of shape (v, v)
        Their NPMI, from :func:`association`.
    top : int
        Words to pick.

    Returns
    -------
    list of int
        Places, rising.
    """
    left = list(range(len(weights)))
    while len(left) > top:
        fit = np.log(weights[left] / weights[0]) + TOGETHER * alike[np.ix_(left, left)].sum(1) / (len(left) - 1)
        left.pop(int(np.argmin(fit)))
    return left


def coherent(topics: Mapping[int, Words], texts: Sequence[str], *, top: int = 10) -> dict[int, Words]:
    """Of each topic's candidate words those that are heavy and occur together, heaviest first.

    Parameters
    ----------
    topics : mapping
        Topic to candidates, (word, c-TF-IDF weight), heaviest first.
    texts : sequence of str
        The posts, words separated by spaces.
    top : int
        Words to keep.

    Notes
    -----
    Since the choice looks at the co-occurrences that NPMI measures, a topic's NPMI over the same posts
    is optimistic about other posts.
    """
    heavy = {topic: [(w, v) for w, v in words if w and v > 0] for topic, words in topics.items()}
    vocabulary = sorted({word for words in heavy.values() for word, _ in words})
    index = {word: place for place, word in enumerate(vocabulary)}
    alike = association(texts[:: -(-len(texts) // SAMPLE)], vocabulary)
    chosen = {}
    for topic, words in heavy.items():
        at = [index[word] for word, _ in words]
        picked = pick(np.array([v for _, v in words]), alike[np.ix_(at, at)], top)
        chosen[topic] = [words[place] for place in picked]
    return chosen
