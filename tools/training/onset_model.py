"""Train the shipped onset model anew: a reader of headlines from their summaries, a threshold and a probability.

Only a set whose licence allows it may be used; the shipped file was made from weibo_hotsearch (MIT). Every headline of
a labelled burst and every headline that names a brand of the folder is left out of the reader's teaching, so that it
holds no opinion about a brand by its name. Usage: python -m tools.training.onset_model --data DIR --save onset.npz
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import yaml
from sklearn.linear_model import LogisticRegression, Ridge

from benchmarks.harness import parser, say
from benchmarks.onset_sets import Bursts, found
from crisislib.core.errors import NotEnoughData
from crisislib.warn.onset import OnsetModel, Reader, course
from crisislib.warn.onset.headline_classifier import BITS, count, weigh
from crisislib.warn.onset.onset_model import VERSION

Floats = npt.NDArray[np.float64]
FALSE_CALLS = 0.2
"""Share of harmless bursts that may be called."""
JUDGED_AT = 10_800
"""Age in seconds at which scores are turned into probabilities."""
LEAST = 4
"""Bursts of each kind below which no threshold is set."""
LEAST_HEADLINES = 1_000
"""Headlines below which a reader learns nothing that it could use on others."""
ALPHA = 3.0
"""Ridge: few enough to learn words, many enough not to learn names."""
UNTOLD = 0.3
"""Weight of a headline without a summary, whose few words say less."""
BUSINESS = 3.0
"""How much more a headline about a business teaches than any other."""


@cache
def patterns() -> dict[str, str]:
    """Alternations of the words of `onset_words.yml`: crisis, promo, company; longer words first."""
    read = yaml.safe_load((Path(__file__).parent / "onset_words.yml").read_text(encoding="utf-8"))
    groups = {
        "crisis": [w for words in read["crisis"].values() for w in words],
        "promo": [w for words in read["promo"].values() for w in words],
        "company": read["company"],
    }
    return {name: "|".join(sorted(set(words), key=lambda w: (-len(w), w))) for name, words in groups.items()}


def lean(text: pd.Series) -> tuple[Floats, Floats]:
    """How much each text leans to crisis, and how many words of business it holds.

    Parameters
    ----------
    text : pandas.Series of str

    Returns
    -------
    lean, company : numpy.ndarray
        Shape (texts,). `lean` = log(1 + crisis words) - log(1 + promotion words).
    """
    found: dict[str, Floats] = {
        name: np.asarray(text.str.count(pattern), dtype=np.float64) for name, pattern in patterns().items()
    }
    return np.log1p(found["crisis"]) - np.log1p(found["promo"]), found["company"]


def teach(headlines: pd.DataFrame) -> Reader:
    """Teach a reader from headlines and their summaries, without any label.

    Parameters
    ----------
    headlines : pandas.DataFrame
        Columns `title` and `summary` (str; missing where there is none).

    Returns
    -------
    Reader

    Raises
    ------
    NotEnoughData
        Fewer than `LEAST_HEADLINES` headlines, or all of them lean the same way.

    Notes
    -----
    Distant supervision (Mintz et al. 2009, https://aclanthology.org/P09-1113): the target is
    log(1 + crisis words) - log(1 + promotion words) of headline and summary; ridge regression
    learns to say it from the headline alone, so that it also knows headlines without these words.
    """
    told = headlines.summary.notna().to_numpy()
    target, company = lean(headlines.title.astype(str) + " " + headlines.summary.fillna("").astype(str))
    if len(target) < LEAST_HEADLINES or np.ptp(target) == 0:
        raise NotEnoughData(
            f"{len(target)} headlines with {len(np.unique(target))} different leanings; {LEAST_HEADLINES} needed",
            do="teach from a longer history of the list",
        )
    counts = count(headlines.title)
    idf = (np.log((1 + len(target)) / (1 + counts.getnnz(axis=0))) + 1).astype(np.float32)
    grams = weigh(counts, idf)
    weight = np.where(told, 1.0, UNTOLD) * np.where(company > 0, BUSINESS, 1.0)
    fitted = Ridge(alpha=ALPHA, solver="sparse_cg", tol=1e-3, max_iter=60, fit_intercept=True)
    fitted.fit(grams, target.astype(np.float32), sample_weight=weight.astype(np.float32))
    # Half precision: what the shipped file can hold is what every answer is given with.
    weights = np.asarray(fitted.coef_, dtype=np.float16).astype(np.float32)
    raw = np.asarray(grams @ weights, dtype=float)
    return Reader(weights, idf.astype(np.float16).astype(np.float32), float(raw.mean()), float(raw.std()))


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
        Of :func:`crisislib.warn.onset.burst_features`.
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
    scalars = [model.slope, model.offset, model.threshold, model.reader.middle, model.reader.spread]
    about = {"version": VERSION, "bits": BITS, "scalars": scalars, "card": dict(model.card)}
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        path,
        about=np.array(json.dumps(about, ensure_ascii=False)),
        weights=model.reader.weights.astype(np.float16),
        idf=model.reader.idf.astype(np.float16),
    )


def ship(bursts: Bursts, path: Path) -> None:
    """Train on a whole folder and write the model file that the product reads."""
    labelled = bursts.headlines.title.isin(bursts.listings.title[bursts.listings.age >= 0])
    reader = teach(bursts.headlines[~(labelled | bursts.headlines.branded)])
    kinds = bursts.known.label.value_counts()
    card = {
        "trained_on": bursts.folder.name,
        "headlines": len(bursts.headlines),
        "crises": int(kinds.get(1, 0)),
        "harmless": int(kinds.get(0, 0)),
    }
    told = course(bursts.listings[bursts.listings.age >= 0], reader, bursts.listings[bursts.listings.age < 0])
    save(train(reader, told, bursts.known.label, card=card), path)
    say(f"model in {path}")


if __name__ == "__main__":
    options = parser("onset_model", __doc__ or "")
    options.add_argument("--save", type=Path, required=True, help="where the model file goes")
    chosen = options.parse_args()
    ship(next(found(chosen.data)), chosen.save)
