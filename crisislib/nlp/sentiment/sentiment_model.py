"""The sentiment model: a linear one over the lexicon's features and hashed n-grams, and its file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open

from crisislib.core.errors import ModelError
from crisislib.core.i18n import N_
from crisislib.nlp.preprocess.codepoints import CJK, WORD, Codes
from crisislib.nlp.preprocess.lexicon import FEATURES, features, sentiment_words
from crisislib.nlp.preprocess.ngrams import BITS, scores
from crisislib.nlp.sentiment.turns_of_phrase import corrected

F64 = npt.NDArray[np.float64]
CLASSES = ("negative", "neutral", "positive")
COLUMNS = ("good", "felt", "review", "gate")
"""Outputs of the linear readers: good against bad, felt against plain, what a reader of reviews would add to the
first, and how like a review the text is."""
SHIPPED = "sentiment.safetensors"
VERSION = "2.1"
"""Of what the shipped model (2) and the turns of phrase say together: labels of another version are made anew."""


@dataclass(frozen=True)
class Model:
    """Two linear scores per text, one for good against bad and one for felt against plain.

    Attributes
    ----------
    version : str
        Of the shipped model.
    grams : numpy.ndarray of float32, (2**BITS, len(COLUMNS))
        Weights of the n-grams.
    dense : numpy.ndarray, (n_heads, len(FEATURES) + 1, len(COLUMNS))
        Weights of the lexicon's features and, last, the intercept, for each language head.
    calibration : numpy.ndarray, (n_heads, 2, 2)
        Slope and intercept that turn each score into a calibrated logit.
    """

    version: str
    grams: npt.NDArray[np.float32]
    dense: F64
    calibration: F64


def heads(codes: Codes) -> npt.NDArray[np.int64]:
    """Which head reads each text: 0 where Chinese characters carry at least as much as letters, else 1.

    Parameters
    ----------
    codes : Codes
        n texts.

    Returns
    -------
    numpy.ndarray of int64, shape (n,)
    """
    chinese = np.bincount(codes.docs[codes.kinds == CJK], minlength=codes.n)
    letters = np.bincount(codes.docs[codes.kinds == WORD], minlength=codes.n)
    return np.where(chinese * 2.5 >= letters, 0, 1)


def logits(model: Model, codes: Codes) -> F64:
    """Calibrated logits: good against bad, opinion against plain.

    Parameters
    ----------
    model : Model
    codes : Codes
        n texts.

    Returns
    -------
    numpy.ndarray of shape (n, 2)

    Notes
    -----
    Good against bad is a mixture of two experts, good + σ(gate) · review (Jacobs et al. 1991,
    doi:10.1162/neco.1991.3.1.79). Turns of phrase that no sum of words shows are read by themselves
    (:mod:`crisislib.nlp.sentiment.turns_of_phrase`).
    """
    head = heads(codes)
    dense = features(codes, sentiment_words(codes))
    dense = np.concatenate([dense, np.ones((codes.n, 1))], axis=1)
    raw = np.einsum("nf,nfk->nk", dense, model.dense[head]) + scores(codes, model.grams)
    with np.errstate(over="ignore"):
        good = raw[:, 0] + raw[:, 2] / (1 + np.exp(-raw[:, 3]))
    slope, intercept = model.calibration[head, :, 0], model.calibration[head, :, 1]
    return corrected(np.asarray(np.stack([good, raw[:, 1]], axis=1) * slope + intercept), codes)


def probabilities(two: F64) -> F64:
    """Probabilities of the three classes from the two logits.

    Parameters
    ----------
    two : numpy.ndarray of shape (n, 2)
        From :func:`logits`.

    Returns
    -------
    numpy.ndarray of shape (n, 3)
        P(negative), P(neutral), P(positive).

    Notes
    -----
    P(neutral) = 1 − σ(felt); the rest is divided by σ(good against bad).
    """
    with np.errstate(over="ignore"):
        good, plain = 1 / (1 + np.exp(-two[:, 0])), 1 / (1 + np.exp(two[:, 1]))
    return np.stack([(1 - plain) * (1 - good), plain, (1 - plain) * good], axis=1)


def load(path: Path) -> Model:
    """Read a model file.

    Parameters
    ----------
    path : Path
        The safetensors file.

    Returns
    -------
    Model

    Raises
    ------
    ModelError
        The file is missing, damaged, or was made for other features.
    """
    remedy = N_("install the package again")
    if not path.is_file():
        raise ModelError(N_("the sentiment model is missing"), where=path.name, do=remedy)
    try:
        with safe_open(str(path), framework="numpy") as file:
            about = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in ("grams", "scale", "dense", "calibration")}
    except (SafetensorError, OSError) as fault:
        raise ModelError(
            N_("the sentiment model cannot be read: {fault}"), where=path.name, do=remedy, facts={"fault": fault}
        ) from fault
    if (
        about.get("features") != json.dumps(FEATURES)
        or about.get("bits") != str(BITS)
        or len(tensors["scale"]) != len(COLUMNS)
    ):
        raise ModelError(N_("the sentiment model was made for other features"), where=path.name, do=remedy)
    weights = (tensors["grams"] * tensors["scale"]).astype(np.float32)
    return Model(about["version"], weights, tensors["dense"], tensors["calibration"])


@cache
def shipped() -> Model:
    """The model that the package brings."""
    with resources.as_file(resources.files("crisislib.nlp") / "models" / SHIPPED) as path:
        return load(path)
