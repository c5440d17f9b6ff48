"""The onset model: a reader of headlines, a threshold for a budget of false calls, a probability."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from crisislib.core.errors import ModelError, NotEnoughData
from crisislib.warn.model_file import read_model_file
from crisislib.warn.onset.course import at
from crisislib.warn.onset.reader import BITS, Reader

VERSION = 1
FALSE_CALLS = 0.2
"""Share of harmless bursts that may be called."""
JUDGED_AT = 10_800
"""Age in seconds at which scores are turned into probabilities."""
LEAST = 4
"""Bursts of each kind below which no threshold is set."""


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
        """Probability of a crisis per score, if both kinds are equally frequent."""
        odds = self.slope * np.asarray(score, dtype=float) + self.offset
        return np.asarray(1 / (1 + np.exp(-odds)), dtype=float)


def threshold_for(highest: npt.ArrayLike, share: float = FALSE_CALLS) -> float:
    """The lowest threshold that keeps false calls of new harmless bursts within a share.

    Parameters
    ----------
    highest : array-like of float
        Highest score that each known harmless burst ever came to.
    share : float
        False calls per harmless burst, 0 to 1.

    Returns
    -------
    float
        Infinite where there are too few bursts to promise the share.

    Notes
    -----
    The ceil((n + 1)(1 - share))-th smallest of n (split conformal; Vovk et al. 2005,
    https://doi.org/10.1007/b106715): exchangeable new bursts exceed it with probability <= share.
    """
    found = np.sort(np.asarray(highest, dtype=float))
    # Rounded first: 20 x 0.8 is a little above 16 in binary, and must not become 17.
    rank = math.ceil(round((len(found) + 1) * (1 - share), 9))
    return float(found[rank - 1]) if rank <= len(found) else math.inf


def calibrate(told: pd.DataFrame, labels: pd.Series) -> tuple[float, float, float]:
    """Threshold, slope and offset from bursts whose kind is known.

    Parameters
    ----------
    told : pandas.DataFrame
        Of :func:`crisislib.warn.onset.course.course`.
    labels : pandas.Series of int
        Index burst; 1 crisis, 0 harmless.

    Returns
    -------
    threshold, slope, offset : float

    Raises
    ------
    NotEnoughData
        Fewer than `LEAST` bursts of a kind.
    """
    then = at(told, JUDGED_AT)
    known = labels.reindex(then.index)
    score, kind = then.score[known.notna()].to_numpy(), known.dropna().astype(int).to_numpy()
    n_crisis, n_harmless = int(kind.sum()), int((1 - kind).sum())
    if min(n_crisis, n_harmless) < LEAST:
        raise NotEnoughData(
            f"{n_crisis} crises and {n_harmless} harmless bursts; {LEAST} of each needed",
            do="label more bursts, or use the shipped model",
        )
    highest = told.groupby("burst").score.max()
    threshold = threshold_for(highest[labels.reindex(highest.index) == 0])
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=1.0, class_weight="balanced").fit(score.reshape(-1, 1), kind)
    # Never against the sign that the words were written with: few bursts must not turn the reader round.
    return threshold, max(float(fitted.coef_[0, 0]), 0.0), float(fitted.intercept_[0])


def train(
    reader: Reader, told: pd.DataFrame, labels: pd.Series, *, card: Mapping[str, Any] | None = None
) -> OnsetModel:
    """An onset model from a taught reader and labelled bursts.

    Parameters
    ----------
    reader : Reader
    told : pandas.DataFrame
        Courses of the bursts under this reader.
    labels : pandas.Series of int
        Index burst; 1 crisis, 0 harmless.
    card : Mapping, optional
        What to remember about the training.

    Returns
    -------
    OnsetModel

    Raises
    ------
    NotEnoughData
        Too few labelled bursts.
    """
    threshold, slope, offset = calibrate(told, labels)
    return OnsetModel(reader, slope, offset, threshold, dict(card or {}))


def save(model: OnsetModel, path: Path) -> None:
    """Write one npz file: half-precision arrays and JSON, so that reading it runs no code."""
    scalars = [model.slope, model.offset, model.threshold, model.reader.middle, model.reader.spread]
    about = {"version": VERSION, "bits": BITS, "scalars": scalars, "card": dict(model.card)}
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        path,
        about=np.array(json.dumps(about, ensure_ascii=False)),
        weights=model.reader.weights.astype(np.float16),
        idf=model.reader.idf.astype(np.float16),
    )


def load(path: Path | None = None) -> OnsetModel:
    """Read a model file; the shipped one by default.

    Raises
    ------
    ModelError
        Missing, broken, or of another version.
    """
    file = path if path is not None else Path(str(resources.files("crisislib.warn") / "models" / "onset.npz"))
    if not file.is_file():
        raise ModelError("there is no onset model", where=str(file), do="train one, or reinstall the package")
    arrays, about = read_model_file(file, version=VERSION, remedy="train it again")
    sizes = {name: len(arrays.get(name, ())) for name in ("weights", "idf")}
    if about.get("bits") != BITS or set(sizes.values()) != {2**BITS}:
        raise ModelError(f"made for {about.get('bits')} bits, {BITS} needed", where=str(file), do="train it again")
    weights, idf = (arrays[name].astype(np.float32) for name in ("weights", "idf"))
    slope, offset, threshold, middle, spread = about["scalars"]
    return OnsetModel(Reader(weights, idf, middle, spread), slope, offset, threshold, about["card"])
