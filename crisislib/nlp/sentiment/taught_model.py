"""A model taught by an analyst, as it labels texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from crisislib.nlp.preprocess.codepoints import Codes, fold
from crisislib.nlp.preprocess.lexicon import features
from crisislib.nlp.preprocess.ngrams import scores
from crisislib.nlp.sentiment.sentiment_model import Model, logits, probabilities

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Taught:
    """A general model and what labels add to it.

    Attributes
    ----------
    base : Model
        The general model that it stands on.
    classes : tuple of int
        Classes that the labels hold: 0 negative, 1 neutral, 2 positive. Others get the probability that the general
        model gives them.
    offset : numpy.ndarray, (n_classes, 2)
        Weights of the general model's logits.
    dense : numpy.ndarray, (n_classes, len(FEATURES) + 1)
        Weights of the lexicon's features and, last, the intercept.
    grams : numpy.ndarray of float32, (2**BITS, n_classes)
        Weights of the n-grams.
    heat : float
        Temperature of the calibration; above 1 the raw fit was too sure.
    predicted : numpy.ndarray, (n_labels, 3)
        Out-of-fold probabilities of the labelled posts.
    truth : numpy.ndarray of int64, (n_labels,)
        Their labels.
    rest : float
        Factor on what the general model gives to classes that the labels do not hold: at most 1.
    """

    base: Model
    classes: tuple[int, ...]
    offset: F64
    dense: F64
    grams: npt.NDArray[np.float32]
    heat: float
    predicted: F64
    truth: I64
    rest: float = 1.0

    def probabilities(self, codes: Codes) -> F64:
        """Probabilities of the three classes.

        Parameters
        ----------
        codes : Codes
            n texts.

        Returns
        -------
        numpy.ndarray of shape (n, 3)
            P(negative), P(neutral), P(positive).
        """
        two = logits(self.base, codes)
        raw = two @ self.offset.T + features(codes) @ self.dense[:, :-1].T + self.dense[:, -1]
        return spread_out(raw + scores(codes, self.grams), self.heat, self.classes, two, self.rest)

    def predict(self, texts: Sequence[str] | pa.Array) -> F64:
        """As :meth:`probabilities`, from texts.

        Parameters
        ----------
        texts : sequence of str or pyarrow.Array of shape (n,)

        Returns
        -------
        numpy.ndarray of shape (n, 3)
        """
        return self.probabilities(fold(texts))


def softmax(x: F64) -> F64:
    """Scores as probabilities.

    Parameters
    ----------
    x : numpy.ndarray
        Shape (texts, classes).

    Returns
    -------
    numpy.ndarray
        Same shape; each row sums to 1.
    """
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return np.asarray(e / e.sum(axis=1, keepdims=True))


def spread_out(raw: F64, heat: float, classes: tuple[int, ...], two: F64, rest: float) -> F64:
    """Probabilities over all three classes; one that the labels do not hold keeps a part of the general model's share.

    Parameters
    ----------
    raw : numpy.ndarray
        Scores, shape (texts, taught classes).
    heat : float
        Temperature of the scores.
    classes : tuple of int
        The taught classes.
    two : numpy.ndarray
        The general model's two scores, shape (texts, 2).
    rest : float
        Part that a class without labels keeps, 0-1.

    Returns
    -------
    numpy.ndarray
        Shape (texts, 3).
    """
    general = probabilities(two)
    if not classes:
        return general
    p = np.zeros_like(general)
    missing = [c for c in range(3) if c not in classes]
    p[:, missing] = general[:, missing] * rest
    p[:, list(classes)] = softmax(raw / heat) * (1 - p[:, missing].sum(axis=1, keepdims=True))
    return p
