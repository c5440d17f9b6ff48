"""The onset model: a reader of headlines, a threshold for a budget of false calls, a probability."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from crisislib.core.errors import ModelError
from crisislib.core.i18n import N_
from crisislib.core.model_file import read_model_file
from crisislib.warn.onset.headline_classifier import BITS, Reader

VERSION = 2
"""Layout of the file; raised when its arrays or their meaning change, so that an older file is refused. 2 reads masked
headlines and lists of words; 1 read names and the brand's past."""


@dataclass(frozen=True)
class OnsetModel:
    """A trained onset model.

    Attributes
    ----------
    reader : Reader
    slope, offset : float
        P(crisis) = 1 / (1 + exp(-(slope x score + offset))), where both kinds are equally frequent.
    threshold : float
        Score above which a burst is called.
    card : Mapping
        What it was trained on.
    """

    reader: Reader
    slope: float
    offset: float
    threshold: float
    card: Mapping[str, Any]

    def probability(self, score: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Probability of a crisis per score, if both kinds are equally frequent.

        Parameters
        ----------
        score : array_like
            Scores of :class:`~crisislib.warn.onset.headline_classifier.Reader`, any shape.

        Returns
        -------
        numpy.ndarray
            Same shape, 0-1.
        """
        odds = self.slope * np.asarray(score, dtype=float) + self.offset
        return np.asarray(1 / (1 + np.exp(-odds)), dtype=float)


def load(path: Path | None = None) -> OnsetModel:
    """Read a model file; the shipped one by default.

    Parameters
    ----------
    path : Path, optional
        An npz file.

    Returns
    -------
    OnsetModel
        Reading it runs no code of the file.

    Raises
    ------
    ModelError
        Missing, broken, or of another version.
    """
    file = path if path is not None else Path(str(resources.files("crisislib.warn") / "models" / "onset.npz"))
    if not file.is_file():
        raise ModelError(N_("there is no onset model"), where=str(file), do=N_("train one, or reinstall the package"))
    arrays, about = read_model_file(file, version=VERSION, remedy=N_("train it again"))
    sizes = {name: len(arrays.get(name, ())) for name in ("weights", "idf")}
    if about.get("bits") != BITS or set(sizes.values()) != {2**BITS}:
        raise ModelError(
            N_("made for {value} bits, {bits} needed"),
            where=str(file),
            do=N_("train it again"),
            facts={"value": about.get("bits"), "bits": BITS},
        )
    weights, idf = (arrays[name].astype(np.float32) for name in ("weights", "idf"))
    slope, offset, threshold, intercept = about["scalars"]
    words = {name: tuple(listed) for name, listed in about["words"].items()}
    reader = Reader(weights, idf, intercept, words, about["extra"])
    return OnsetModel(reader, slope, offset, threshold, about["card"])
