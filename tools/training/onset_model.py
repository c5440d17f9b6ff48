"""Train the shipped onset model anew: a reader of masked headlines, a threshold and a probability.

Only a set whose licence allows it may be used; the shipped file was made from weibo_hotsearch (MIT). Every headline of
a labelled burst and every headline that names a brand of the folder is left out of the reader's teaching
(`tools.training.onset_reader`); the labelled bursts set the threshold and the probability only.
Usage: python -m tools.training.onset_model --data DIR --save onset.npz
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.linear_model import LogisticRegression

from benchmarks.harness import parser, say
from benchmarks.onset_sets import Bursts, found
from crisislib.core.errors import NotEnoughData
from crisislib.warn.onset import OnsetModel, Reader, course
from crisislib.warn.onset.headline_classifier import BITS
from crisislib.warn.onset.onset_model import VERSION
from tools.training.onset_reader import teach

FALSE_CALLS = 0.2
"""Share of harmless bursts that may be called."""
JUDGED_AT = 10_800
"""Age in seconds at which scores are turned into probabilities."""
LEAST = 4
"""Bursts of each kind below which no threshold is set."""


def at(told: pd.DataFrame, age: float) -> pd.DataFrame:
    """What a course had come to by an age.

    Parameters
    ----------
    told : pandas.DataFrame
        Of :func:`course`.
    age : float
        Seconds since the first listing.

    Returns
    -------
    pandas.DataFrame
        Index burst; columns age (of the last new headline), score, n. Bursts without a headline by
        then are absent: they are unknown, not harmless.
    """
    return told[told.age <= age].groupby("burst").last()


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
        Of :func:`crisislib.warn.onset.course`.
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
    reader = model.reader
    about = {
        "version": VERSION,
        "bits": BITS,
        "scalars": [model.slope, model.offset, model.threshold, reader.intercept],
        "words": {name: list(words) for name, words in reader.words.items()},
        "extra": dict(reader.extra),
        "card": dict(model.card),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        path,
        about=np.array(json.dumps(about, ensure_ascii=False)),
        weights=reader.weights.astype(np.float16),
        idf=reader.idf.astype(np.float16),
    )


def ship(bursts: Bursts, path: Path) -> None:
    """Train on a whole folder and write the model file that the product reads."""
    labelled = bursts.headlines.title.isin(bursts.listings.title)
    reader = teach(bursts.headlines[~(labelled | bursts.headlines.branded)])
    kinds = bursts.known.label.value_counts()
    card = {
        "trained_on": bursts.folder.name,
        "headlines": len(bursts.headlines),
        "crises": int(kinds.get(1, 0)),
        "harmless": int(kinds.get(0, 0)),
    }
    told = course(bursts.listings, reader, bursts.known.names.to_dict())
    save(train(reader, told, bursts.known.label, card=card), path)
    say(f"model in {path}")


if __name__ == "__main__":
    options = parser("onset_model", __doc__ or "")
    options.add_argument("--save", type=Path, required=True, help="where the model file goes")
    chosen = options.parse_args()
    ship(next(found(chosen.data)), chosen.save)
