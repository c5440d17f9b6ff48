"""Texts of an incident as words with weights: what is said now and was not said before."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy import sparse

from crisislib.nlp.topics.tokens import clean, words

MOST_ORDINARY = 5_000
"""Texts of ordinary days that the contrast is taken from: enough for a word that one post in a thousand has."""
SHARPEST = 4.0
"""A word weighs at most as if it were e^4 = 55 times as frequent as usual; beyond that the counts are too small."""
LEAST = 0.15
"""Weight of a word that is no more frequent than usual: it still tells two claims apart, a little."""


@dataclass(frozen=True)
class Vocabulary:
    """Words of an incident with their weight.

    Attributes
    ----------
    place : dict of str to int
        Word or pair of words -> column.
    weight : numpy.ndarray of shape (words,)
        Logarithm of how many times more frequent a word is than on ordinary days, clipped.
    names : tuple of str
        Names of the brand: chosen whole by the segmenter, and without weight, for every claim has them.
    """

    place: dict[str, int]
    weight: npt.NDArray[np.float64]
    names: tuple[str, ...]

    def vectors(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """Weighted words of some texts, each row of length one (or zero where nothing is known).

        Parameters
        ----------
        texts : sequence of str
            Raw texts.

        Returns
        -------
        scipy.sparse.csr_matrix of shape (texts, words)
        """
        rows, columns = [], []
        for row, terms in enumerate(terms_of(texts, self.names)):
            known = [self.place[t] for t in set(terms) if t in self.place]
            rows += [row] * len(known)
            columns += known
        shape = (len(texts), len(self.weight))
        made = sparse.csr_matrix((self.weight[columns], (rows, columns)), shape=shape)
        length = np.sqrt(np.asarray(made.multiply(made).sum(axis=1)).ravel())
        return sparse.csr_matrix(sparse.diags_array(1 / np.maximum(length, 1e-9)) @ made)


def terms_of(texts: Sequence[str], names: Sequence[str]) -> list[list[str]]:
    """Words and pairs of neighbouring words of some texts, without links, names of accounts and stop words.

    Parameters
    ----------
    texts : sequence of str
        Raw texts.
    names : sequence of str
        Names of the brand; they and pairs with them are left out.

    Returns
    -------
    list of list of str
        One list for each text.
    """
    own = {part for name in names for part in name.casefold().split()}
    result = []
    for line in words(clean(pa.array(list(texts), pa.string())), dictionary=names):
        single = [w for w in line.split() if w not in own]
        result.append([*single, *(f"{a} {b}" for a, b in pairwise(single))])
    return result


def vocabulary(
    texts: Sequence[str], counts: Sequence[int], ordinary: Sequence[str], names: Sequence[str], *, least: int = 2
) -> Vocabulary:
    """The words of an incident, by how much more frequent they are than on ordinary days.

    Parameters
    ----------
    texts : sequence of str
        Distinct texts of the incident.
    counts : sequence of int
        How many posts have each.
    ordinary : sequence of str
        Texts from before; where there are none every word weighs alike.
    names : sequence of str
        Names of the brand.
    least : int
        Posts that must have a word.

    Returns
    -------
    Vocabulary

    Notes
    -----
    Weight: log of (posts with it now + 0.5) / (all now + 1) over the same before, between :data:`LEAST` and
    :data:`SHARPEST`. A text that many copy counts by its logarithm, so that one slogan does not rule the words.
    """
    now: Counter[str] = Counter()
    posts_with: Counter[str] = Counter()
    total = 0.0
    for terms, n in zip(terms_of(texts, names), counts, strict=True):
        part = 1 + math.log(max(n, 1))
        total += part
        for term in set(terms):
            now[term] += part  # type: ignore[assignment]
            posts_with[term] += n
    before: Counter[str] = Counter()
    sample = list(ordinary)[:MOST_ORDINARY]
    for terms in terms_of(sample, names):
        before.update(set(terms))
    chosen = sorted(t for t, n in posts_with.items() if n >= least)
    rate = np.array([(now[t] + 0.5) / (total + 1) for t in chosen])
    if sample:
        usual = np.array([(before[t] + 0.5) / (len(sample) + 1) for t in chosen])
        weight = np.clip(np.log(rate / usual), LEAST, SHARPEST)
    else:
        weight = np.clip(-np.log(rate), LEAST, SHARPEST)
    return Vocabulary({t: i for i, t in enumerate(chosen)}, weight, tuple(names))
