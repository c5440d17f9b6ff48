"""Character and word n-grams of a batch, hashed, as array passes and as a sparse matrix."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from crisislib.nlp.preprocess.codepoints import CJK, I64, U64, WORD, Codes

F64 = npt.NDArray[np.float64]
BITS = 18
"""Hash space: 262,144 features; with some 200,000 frequent n-grams, one in two shares its place with a rare one."""
CJK_ORDERS = (1, 2, 3, 4)
"""Lengths of Chinese n-grams: words have one to four characters."""
LATIN_ORDERS = (4,)
"""Length of n-grams of letters: four tell word stems apart; other lengths would fill the hash space."""
_BIGRAM = np.uint64(0x9E3779B97F4A7C15)


def _pieces(codes: Codes) -> Iterator[tuple[I64, U64, I64, I64]]:
    """Text index, hash, begin and end of every n-gram, one order at a time.

    Chinese: characters 1-4. Other scripts: words, word pairs, and four characters inside a word and its borders.
    """
    kinds, docs = codes.kinds, codes.docs
    for family, orders in (((CJK,), CJK_ORDERS), ((WORD,), LATIN_ORDERS)):
        inside = np.isin(kinds, family)
        total = np.concatenate([[0], np.cumsum(inside)])
        for order in orders:
            if len(kinds) < order:
                continue
            # for letters the borders of a word belong to it, so all but the outermost must be letters
            slack = 1 if WORD in family else 0
            whole = (total[order:] - total[:-order]) >= order - slack
            at = np.flatnonzero(whole)
            at = at[docs[at] == docs[at + order - 1]]
            yield docs[at].astype(np.int64), codes.runs(order)[at], at, at + order
    word = kinds == WORD
    edge = np.diff(word.astype(np.int8), prepend=0, append=0)
    start, end = np.flatnonzero(edge == 1).astype(np.int64), np.flatnonzero(edge == -1).astype(np.int64)
    hashed = codes.hashes(start, end)
    yield docs[start].astype(np.int64), hashed, start, end
    same = docs[start[:-1]] == docs[start[1:]] if len(start) else np.zeros(0, dtype=bool)
    near = same & (start[1:] - end[:-1] <= 2) if len(start) else same
    with np.errstate(over="ignore"):
        pair = hashed[:-1] * _BIGRAM + hashed[1:]
    spread = pair[near] ^ (pair[near] >> np.uint64(31))
    yield docs[start[:-1]][near].astype(np.int64), spread, start[:-1][near], end[1:][near]


def slots(codes: Codes) -> Iterator[tuple[I64, I64]]:
    """Text index and place in the hash space of every n-gram, one order at a time.

    Parameters
    ----------
    codes : Codes
    """
    for doc, hashed, _, _ in _pieces(codes):
        yield doc, _place(hashed)


def _place(hashed: U64) -> I64:
    return np.asarray(hashed >> np.uint64(64 - BITS), dtype=np.int64)


def strongest(codes: Codes, weights: npt.NDArray[np.float32], column: I64) -> tuple[I64, I64]:
    """Where the n-gram stands that says most for a class of each text.

    Parameters
    ----------
    codes : Codes
        The folded batch.
    weights : numpy.ndarray, (2**BITS, n_outputs)
        Weight of each place of the hash space.
    column : numpy.ndarray of int64, (n_texts,)
        The output that each text is asked about.

    Returns
    -------
    start, end : numpy.ndarray of int64, (n_texts,)
        Span in the batch's array; empty where no n-gram speaks for the class.
    """
    best, start, end = np.zeros(codes.n), codes.starts.copy(), codes.starts.copy()
    for doc, hashed, begins, ends in _pieces(codes):
        weighted = weights[_place(hashed), column[doc]]
        order = np.lexsort((-weighted, doc))
        first = order[np.unique(doc[order], return_index=True)[1]]
        better = first[weighted[first] > best[doc[first]]]
        best[doc[better]], start[doc[better]], end[doc[better]] = weighted[better], begins[better], ends[better]
    return start, end


def matrix(codes: Codes) -> sp.csr_matrix:
    """Counts of the hashed n-grams over the square root of their number in the text.

    Parameters
    ----------
    codes : Codes
        n texts.

    Returns
    -------
    scipy.sparse.csr_matrix of shape (n, 2**BITS)
    """
    docs, places = [], []
    for doc, place in slots(codes):
        docs.append(doc)
        places.append(place)
    doc, place = np.concatenate(docs), np.concatenate(places)
    scale = 1 / np.sqrt(np.maximum(np.bincount(doc, minlength=codes.n), 1))
    return sp.coo_matrix((scale[doc], (doc, place)), shape=(codes.n, 1 << BITS)).tocsr()


def scores(codes: Codes, weights: npt.NDArray[np.float32]) -> F64:
    """What :func:`matrix` times `weights` would give, without building the matrix.

    Parameters
    ----------
    codes : Codes
        The folded batch.
    weights : numpy.ndarray, (2**BITS, n_outputs)
        Weight of each place of the hash space.

    Returns
    -------
    numpy.ndarray, (n_texts, n_outputs)
    """
    out = np.zeros((codes.n, weights.shape[1]))
    number = np.zeros(codes.n)
    for doc, place in slots(codes):
        number += np.bincount(doc, minlength=codes.n)
        for column in range(weights.shape[1]):
            out[:, column] += np.bincount(doc, weights=weights[place, column], minlength=codes.n)
    return np.asarray(out / np.sqrt(np.maximum(number, 1))[:, None])
