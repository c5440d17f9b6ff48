"""The model of crisis types and complaints: a linear one over the listed words and hashed n-grams, and its file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open

from crisislib.core.errors import ModelError
from crisislib.core.i18n import N_
from crisislib.nlp.preprocess.codepoints import Codes
from crisislib.nlp.preprocess.ngrams import BITS, matrix
from crisislib.nlp.preprocess.word_lists import Weighted, simple

F64 = npt.NDArray[np.float64]
LISTS = {"crisis_type": "_crisis_types", "complaint": "_complaints"}
"""Label -> the word list whose sums it reads beside the n-grams."""
NONE = "none"
SHIPPED = "kinds.safetensors"


@dataclass(frozen=True)
class KindModel:
    """One classifier.

    Attributes
    ----------
    classes : tuple of str
        Its classes, `none` among them.
    grams : numpy.ndarray of float32, (2**BITS, n_classes)
        Weights of the n-grams.
    words : numpy.ndarray, (n_list_classes + 1, n_classes)
        Weights of the listed words' sums and, last, the intercept.
    """

    classes: tuple[str, ...]
    grams: npt.NDArray[np.float32]
    words: F64

    def probabilities(self, codes: Codes, sums: F64) -> F64:
        """Probability of each class.

        Parameters
        ----------
        codes : Codes
            n texts.
        sums : numpy.ndarray of shape (n, n_list_classes)
            Summed weights of the listed words.

        Returns
        -------
        numpy.ndarray of shape (n, n_classes)
            Rows sum to one.
        """
        raw = matrix(codes) @ self.grams + inputs(sums) @ self.words[:-1] + self.words[-1]
        raw = np.exp(raw - raw.max(axis=1, keepdims=True))
        out: F64 = raw / raw.sum(axis=1, keepdims=True)
        return out


def inputs(sums: F64) -> F64:
    """Features of the listed words: log(1 + summed weight) per class of the list.

    Parameters
    ----------
    sums : numpy.ndarray of shape (n, n_list_classes)
        Summed weights.

    Returns
    -------
    numpy.ndarray of shape (n, n_list_classes)
    """
    return np.log1p(sums)


def lists(label: str) -> Weighted:
    """The word list of a label.

    Parameters
    ----------
    label : str
        `crisis_type` or `complaint`.

    Returns
    -------
    Weighted
    """
    return simple(LISTS[label])


def load(path: Path) -> dict[str, KindModel]:
    """Read the file that `tools.training.kinds` writes.

    Parameters
    ----------
    path : Path
        The safetensors file.

    Returns
    -------
    dict of str to KindModel
        By label.

    Raises
    ------
    ModelError
        Missing, damaged, or made for other lists.
    """
    remedy = N_("install the package again")
    if not path.is_file():
        raise ModelError(N_("the model of kinds is missing"), where=path.name, do=remedy)
    try:
        with safe_open(str(path), framework="numpy") as file:
            about = dict(file.metadata() or {})
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
    except (SafetensorError, OSError) as fault:
        raise ModelError(
            N_("the model of kinds cannot be read: {fault}"), where=path.name, do=remedy, facts={"fault": fault}
        ) from fault
    for label in LISTS:
        words = tensors.get(f"{label}.words")
        classes = len(json.loads(about.get(label, "[]")))
        if words is None or words.shape != (len(lists(label).classes) + 1, classes):
            raise ModelError(
                N_("made for another word list of {label}"), where=path.name, do=remedy, facts={"label": label}
            )
    return {label: _one(tensors, label, json.loads(about[label])) for label in LISTS}


def _one(tensors: dict[str, npt.NDArray[Any]], label: str, classes: list[str]) -> KindModel:
    grams = np.zeros((1 << BITS, len(classes)), dtype=np.float32)
    grams[tensors[f"{label}.used"]] = tensors[f"{label}.grams"] * tensors[f"{label}.scale"]
    return KindModel(tuple(classes), grams, tensors[f"{label}.words"])


@cache
def shipped() -> dict[str, KindModel]:
    """The models that the package brings, by label."""
    with resources.as_file(resources.files("crisislib.nlp") / "models" / SHIPPED) as path:
        return load(path)
