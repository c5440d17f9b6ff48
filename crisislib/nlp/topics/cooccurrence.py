"""Which words stand together, counted over sliding windows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import sparse

WINDOW = 10
"""Words in a sliding window, as gensim's `c_npmi` and so OCTIS count them."""


def windows(texts: Sequence[str], vocabulary: Sequence[str], *, window: int = WINDOW) -> sparse.csr_array:
    """Which words of a vocabulary stand in which sliding window of the texts.

    Parameters
    ----------
    texts : sequence of str
        Words separated by spaces.
    vocabulary : sequence of str
        Words of interest; their order is the order of the columns.
    window : int
        Width in words; a shorter text is one window.

    Returns
    -------
    scipy.sparse.csr_array of int, shape (n_windows, len(vocabulary))
        1 where the word is in the window.
    """
    index = {word: place for place, word in enumerate(vocabulary)}
    words = [text.split() for text in texts]
    lengths = np.array([len(w) for w in words], np.int64)
    ids = np.array([index.get(w, -1) for line in words for w in line], np.int64)
    starts = np.concatenate([[0], np.cumsum(lengths)])[:-1]
    counts = np.maximum(lengths - window + 1, 1) * (lengths > 0)
    first = np.concatenate([[0], np.cumsum(counts)])
    # A word at place p of a text stands in the windows from max(0, p - window + 1) to min(p, last).
    owner = np.repeat(np.arange(len(words)), lengths)
    place = np.arange(len(ids)) - starts[owner]
    low = np.maximum(place - window + 1, 0)
    high = np.minimum(place, counts[owner] - 1)
    hit = ids >= 0
    span = (high - low + 1)[hit]
    rows = np.repeat((first[owner] + low)[hit], span) + np.arange(span.sum()) - np.repeat(np.cumsum(span) - span, span)
    table = sparse.csr_array(
        (np.ones(len(rows), np.int32), (rows, np.repeat(ids[hit], span))), shape=(first[-1], len(index))
    )
    table.sum_duplicates()
    table.data[:] = 1
    return table
