"""Stance towards what is claimed: support, deny or query, by the phrases with which people mark it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.nlp.classify.phrases import first_words, matches
from crisislib.nlp.label_batch import Batch, Part
from crisislib.nlp.preprocess.word_lists import read


def label(batch: Batch) -> Iterator[Part]:
    """`stance` on hits: value `query`, `deny` or `support`; a text without a mark has no row.

    A query outranks a denial, and a denial a support, since doubt is often worded over the claim itself.

    Parameters
    ----------
    batch : Batch

    Yields
    ------
    Part
    """
    taken = np.zeros(batch.n, dtype=bool)
    for kind in sorted(read("_stances"), key=("query", "deny", "support").index):
        which = matches(batch.folded, "_stances", kind)
        rows = np.flatnonzero(which & ~taken)
        taken |= which
        if len(rows):
            words = first_words(batch.folded.take(pa.array(rows)), "_stances", kind)
            value = pa.array([kind] * len(rows), pa.string())
            yield Part("stance", rows, value, pc.binary_join_element_wise('{"words": ', words, "}", ""))
