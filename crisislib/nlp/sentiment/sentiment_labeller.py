"""Sentiment of posts, and of what they say of the brand, with calibrated probabilities."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.core.watch import Watch
from crisislib.nlp.classify.entities import brand_hits
from crisislib.nlp.label_batch import Batch, Part
from crisislib.nlp.preprocess.brand_sentences import about_brand
from crisislib.nlp.preprocess.codepoints import Codes
from crisislib.nlp.preprocess.lexicon import lexicon
from crisislib.nlp.preprocess.lexicon import sentiment_words as words_of_feeling
from crisislib.nlp.sentiment.sentiment_model import CLASSES, F64, logits, probabilities, shipped
from crisislib.nlp.sentiment.teaching import taught_model, version_of


def suffix(watch: Watch, models: Path | None) -> str:
    """What a model taught for the watch adds to the version.

    Parameters
    ----------
    watch : Watch
    models : Path or None
        Folder of the taught models.

    Returns
    -------
    str
        `+<watch>.<number>`, or empty.
    """
    return version_of(watch, models)


def predict(codes: Codes, watch: Watch, models: Path | None) -> F64:
    """Probabilities of the three classes, by the taught model if the watch has one.

    Parameters
    ----------
    codes : Codes
        n texts.
    watch : Watch
    models : Path or None
        Folder of the taught models.

    Returns
    -------
    numpy.ndarray of shape (n, 3)
        P(negative), P(neutral), P(positive).
    """
    taught = taught_model(watch, models)
    return probabilities(logits(shipped(), codes)) if taught is None else taught.probabilities(codes)


def _evidence(codes: Codes, p: F64) -> pa.Array:
    """Evidence: the three probabilities and the words of feeling, the earliest eight."""
    hits = words_of_feeling(codes).hits
    cells: list[object] = []
    for name, column in zip(("neg", "neu", "pos"), p.T, strict=True):
        cells += [f'"{name}": ', pa.array(np.round(column, 3).astype(str), pa.string()), ", "]
    return pc.binary_join_element_wise("{", *cells, '"words": ', lexicon().words.matched_words(hits, codes.n), "}", "")


def label(batch: Batch) -> Iterator[Part]:
    """`sentiment` of every text; p the probability of the value, score P(negative).

    Parameters
    ----------
    batch : Batch

    Yields
    ------
    Part
    """
    p = predict(batch.codes, batch.watch, batch.models)
    yield _part("sentiment", np.arange(batch.n), p, _evidence(batch.codes, p))


def _part(name: str, doc: np.ndarray, p: F64, words: pa.Array) -> Part:
    best = p.argmax(axis=1) if len(p) else np.zeros(0, np.int64)
    value = pa.array(np.array(CLASSES, dtype=object)[best], pa.string())
    return Part(name, doc, value, words, p=p[np.arange(len(p)), best], score=p[:, 0])


def label_target(batch: Batch) -> Iterator[Part]:
    """`target_sentiment` of the texts that name the brand, read from the sentences about it.

    Parameters
    ----------
    batch : Batch

    Yields
    ------
    Part

    Notes
    -----
    A sentence is about the brand if it names it, or follows one that does without naming a competitor. This is
    target sentiment by context window; it does not parse who does what to whom.
    """
    _, hits, own = brand_hits(batch)
    rows, codes = about_brand(batch.codes, hits, own)
    if len(rows):
        p = predict(codes, batch.watch, batch.models)
        yield _part("target_sentiment", rows, p, _evidence(codes, p))
