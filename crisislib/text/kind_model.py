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
from safetensors.numpy import save_file

from crisislib.core.errors import ModelError
from crisislib.text.codes import Codes
from crisislib.text.grams import BITS, matrix
from crisislib.text.listing import Weighted, simple

F64 = npt.NDArray[np.float64]
LISTS = {"crisis_type": "_crisis_types", "complaint": "_complaints"}
"""Label -> the word list whose sums it reads beside the n-grams."""
NONE = "none"
SHIPPED = "kinds.safetensors"
FAINT = 2
"""Weights of so many 127ths of the largest are left out of the file."""


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
        """Probability of each class, (n_texts, n_classes)."""
        raw = matrix(codes) @ self.grams + inputs(sums) @ self.words[:-1] + self.words[-1]
        raw = np.exp(raw - raw.max(axis=1, keepdims=True))
        found: F64 = raw / raw.sum(axis=1, keepdims=True)
        return found


def inputs(sums: F64) -> F64:
    """What the model reads of the listed words: log(1 + summed weight) per class of the list, (n_texts, n)."""
    return np.log1p(sums)


def lists(label: str) -> Weighted:
    """The word list of a label."""
    return simple(LISTS[label])


def save(models: dict[str, KindModel], path: Path) -> None:
    """Write the models, their n-gram weights in 8 bits with one scale a column."""
    tensors: dict[str, npt.NDArray[np.generic]] = {}
    for label, model in models.items():
        scale = np.maximum(np.abs(model.grams).max(axis=0) / 127, 1e-9)
        weights = np.round(model.grams / scale).astype(np.int8)
        weights[np.abs(weights) <= FAINT] = 0
        used = np.flatnonzero(np.any(weights != 0, axis=1))  # most of the hash space is empty
        tensors |= {f"{label}.used": used.astype(np.int32), f"{label}.grams": weights[used]}
        tensors |= {f"{label}.scale": scale.astype(np.float64), f"{label}.words": model.words.astype(np.float64)}
    about = {label: json.dumps(model.classes) for label, model in models.items()}
    save_file(tensors, str(path), metadata=about | {"bits": str(BITS)})


def load(path: Path) -> dict[str, KindModel]:
    """Read a file of :func:`save`.

    Raises
    ------
    ModelError
        Missing, damaged, or made for other lists.
    """
    remedy = "make it anew with python -m crisislib.text.train_kinds, or install the package again"
    if not path.is_file():
        raise ModelError("the model of kinds is missing", where=path.name, do=remedy)
    try:
        with safe_open(str(path), framework="numpy") as file:
            about = dict(file.metadata() or {})
            held = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
    except (SafetensorError, OSError) as fault:
        raise ModelError(f"the model of kinds cannot be read: {fault}", where=path.name, do=remedy) from fault
    for label in LISTS:
        words = held.get(f"{label}.words")
        classes = len(json.loads(about.get(label, "[]")))
        if words is None or words.shape != (len(lists(label).classes) + 1, classes):
            raise ModelError(f"made for another word list of {label}", where=path.name, do=remedy)
    return {label: _one(held, label, json.loads(about[label])) for label in LISTS}


def _one(held: dict[str, npt.NDArray[Any]], label: str, classes: list[str]) -> KindModel:
    grams = np.zeros((1 << BITS, len(classes)), dtype=np.float32)
    grams[held[f"{label}.used"]] = held[f"{label}.grams"] * held[f"{label}.scale"]
    return KindModel(tuple(classes), grams, held[f"{label}.words"])


@cache
def shipped() -> dict[str, KindModel]:
    """The models that the package brings, by label."""
    with resources.as_file(resources.files("crisislib.text") / "models" / SHIPPED) as path:
        return load(path)
