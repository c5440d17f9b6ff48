"""The sentences of a text that speak of the brand."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from crisislib.nlp.preprocess.codepoints import I64, Codes
from crisislib.nlp.preprocess.term_matcher import Hits

_SENTENCE_ENDS = [ord(mark) for mark in "\n.。!！?？;；…"]


def about_brand(codes: Codes, hits: Hits, own: npt.NDArray[np.bool_]) -> tuple[I64, Codes]:
    """Cut texts down to the sentences about the brand.

    Parameters
    ----------
    codes : Codes
        The folded batch.
    hits : Hits
        Where names of the brand and of its competitors stand in it.
    own : numpy.ndarray of bool
        Which of the words name the brand.

    Returns
    -------
    tuple of numpy.ndarray and Codes
        Index of the texts that name the brand, and as many texts of what they say about it: the sentences that
        name it, and the one after each of these unless it names a competitor.
    """
    brand = own[hits.word]
    rows = np.unique(hits.doc[brand])
    if not len(rows):
        return rows, Codes(np.zeros(0, np.uint32), np.zeros(0, np.int64))
    ends = np.isin(codes.points, _SENTENCE_ENDS)
    sentence: I64 = np.cumsum(ends) - ends  # the closing mark belongs to the sentence that it ends
    n = int(sentence[-1]) + 2
    named, rival = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    named[sentence[hits.start[brand]]] = True
    rival[sentence[hits.start[~brand]]] = True
    after = np.zeros(n, dtype=bool)
    doc_of = np.full(n, -1, dtype=np.int64)
    doc_of[sentence] = codes.docs
    after[1:] = named[:-1] & ~rival[1:] & (doc_of[1:] == doc_of[:-1])
    keep = (named | after)[sentence] & np.isin(codes.docs, rows)
    keep[codes.ends] = np.isin(np.arange(codes.n), rows)
    position = np.cumsum(keep) - 1
    return rows, Codes(codes.points[keep], position[codes.ends[rows]].astype(np.int64))
