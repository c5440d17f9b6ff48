"""Crisis type and kind of complaint, from the listed words and the n-grams of a post."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.nlp.classify.kind_model import NONE, lists, shipped
from crisislib.nlp.label_batch import Batch, Part, evidence, quoted, strings
from crisislib.nlp.preprocess.codepoints import Codes
from crisislib.nlp.preprocess.ngrams import strongest

I64 = npt.NDArray[np.int64]
VERSION = "4"
LEAST = 2.0
"""Summed weight of listed words from which some class holds: one plain word, or two hints."""
SURE = 0.6
"""Probability that it is any of the classes, from which one holds without listed words."""


def _label(batch: Batch, name: str) -> Iterator[Part]:
    listed, model, codes = lists(name), shipped()[name], batch.codes
    sums, hits = listed.sums(codes)
    p = model.probabilities(codes, sums)
    none, place = model.classes.index(NONE), [model.classes.index(kind) for kind in listed.classes]
    applies = (sums.max(axis=1, initial=0.0) >= LEAST) | (1 - p[:, none] >= SURE)
    # where listed words speak they decide, and the model between those that speak alike; elsewhere the model does
    combined = p.copy()
    combined[:, place] += sums
    combined[:, none] = -1.0
    best = combined.argmax(axis=1) if codes.n else np.zeros(0, np.int64)
    speaks = cache(lambda: strongest(codes, model.grams, best))  # once for all classes, where a text has no listed word
    for column in np.unique(best[applies]):
        kind = model.classes[column]
        rows = np.flatnonzero(applies & (best == column))
        words = listed.words.matched_words(listed.hits_for(hits, listed.classes.index(kind)), codes.n).take(
            pa.array(rows)
        )
        bare = words.to_numpy(zero_copy_only=False) == "[]"
        if bare.any():
            words = pa.array(np.where(bare, _stretches(codes, rows, *speaks()), words), pa.string())
        yield Part(name, rows, pa.repeat(kind, len(rows)), evidence(words), score=combined[rows, column])


def _stretches(codes: Codes, rows: I64, start: I64, end: I64) -> npt.NDArray[np.object_]:
    """The spans of each of these texts, as a JSON list each."""
    size = (end - start)[rows]
    ends = np.cumsum(size + 1) - 1
    # every stretch followed by a line break, as a folded batch of its own
    points = np.full(int(ends[-1]) + 1, ord("\n"), dtype=np.uint32)
    inside = np.ones(len(points), dtype=bool)
    inside[ends] = False
    first = np.repeat(ends - size, size)
    points[inside] = codes.points[np.repeat(start[rows], size) + np.flatnonzero(inside) - first]
    combined = pc.utf8_trim_whitespace(strings(Codes(points, ends.astype(np.int64))))
    each: npt.NDArray[np.object_] = pc.binary_join_element_wise("[", quoted(combined), "]", "").to_numpy(
        zero_copy_only=False
    )
    return each


def crisis_type(batch: Batch) -> Iterator[Part]:
    """`crisis_type` of the texts that speak of a crisis.

    score is the summed weight of its listed words, and the model's part below 1.

    Parameters
    ----------
    batch : Batch

    Yields
    ------
    Part
    """
    return _label(batch, "crisis_type")


def complaint(batch: Batch) -> Iterator[Part]:
    """`complaint`: what a consumer complains of; score as for the crisis type.

    Parameters
    ----------
    batch : Batch

    Yields
    ------
    Part
    """
    return _label(batch, "complaint")
