"""Teach the reader of headlines without a brand: no name, letter or digit is read, and no headline of a brand teaches.

Three teachers, each a ridge regression over the same grams: the words of summaries (`reading`), the tone of this
project's made-up posts (`stance`) and their kinds of crisis (`kind`). How much each counts, beside a crisis word
(`crisis`) and a question, denial or hearsay (`doubt`) in the headline itself, is fitted on 367 headlines about other
businesses, which a language model labelled (`onset_headlines.tsv`: digest of the headline, 1 harm, 0 none). Features
were chosen by cross-validation on those headlines.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import yaml
from sklearn.linear_model import LogisticRegression, Ridge

from crisislib.core.errors import NotEnoughData
from crisislib.core.ids import short_hash
from crisislib.warn.onset import Reader
from crisislib.warn.onset.headline_classifier import count, holds, mask, weigh

Floats = npt.NDArray[np.float64]
HERE = Path(__file__).parent
LEAST_HEADLINES = 1_000
"""Headlines below which a reader learns nothing that it could use on others."""
LEAST_LABELS = 100
"""Labelled headlines below which the five features count the same: ten of each kind per weight, and no fewer."""
ALPHA = 3.0
"""Ridge: few enough to learn words, many enough not to learn names."""
NO_SUMMARY = 0.3
"""Weight of a headline without a summary, whose few words say less."""
BUSINESS = 3.0
"""How much more a headline about a business teaches than any other."""
TONES = {"negative": 1.0, "neutral": 0.0, "positive": -1.0}
"""What the stance teacher makes of a post's tone."""
COMPLAINT = 0.5
"""What the kind teacher makes of a plain complaint: between a crisis (1) and nothing (-1)."""
LISTS = ("crisis", "doubt")
"""Lists of words that are looked up in headlines."""


@cache
def words() -> dict[str, tuple[str, ...]]:
    """The words of `onset_words.yml`: crisis, promo, company, doubt; longer words first."""
    read = yaml.safe_load((HERE / "onset_words.yml").read_text(encoding="utf-8"))
    groups = {
        "crisis": [w for listed in read["crisis"].values() for w in listed],
        "promo": [w for listed in read["promo"].values() for w in listed],
        "company": read["company"],
        "doubt": read["doubt"],
    }
    return {name: tuple(sorted(set(listed), key=lambda w: (-len(w), w))) for name, listed in groups.items()}


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
    n: dict[str, Floats] = {
        name: np.asarray(text.str.count("|".join(words()[name])), dtype=np.float64)
        for name in ("crisis", "promo", "company")
    }
    return np.log1p(n["crisis"]) - np.log1p(n["promo"]), n["company"]


def labels_of(titles: pd.Series) -> pd.Series:
    """Labels of the headlines that were labelled: 1 harm, 0 none, NaN for all others."""
    read = pd.read_csv(HERE / "onset_headlines.tsv", sep="\t", header=None, names=["digest", "label"], dtype=str)
    known = dict(zip(read.digest, read.label.astype(float), strict=True))
    return titles.map(lambda title: known.get(short_hash(str(title)), float("nan"))).astype(float)


def teach(headlines: pd.DataFrame) -> Reader:
    """Teach a reader from headlines, their summaries and this project's own posts.

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
    Distant supervision (Mintz et al. 2009, https://aclanthology.org/P09-1113): the target of `reading` is
    log(1 + crisis words) - log(1 + promotion words) of headline and summary. Labelled headlines do not teach it, so
    the weights of the features are fitted on headlines that none of them has seen. Without enough labels the
    standardised features count the same (Dawes 1979, https://doi.org/10.1037/0003-066X.34.7.571).
    """
    summarised = headlines.summary.notna().to_numpy()
    target, company = lean(headlines.title.astype(str) + " " + headlines.summary.fillna("").astype(str))
    if len(target) < LEAST_HEADLINES or np.ptp(target) == 0:
        raise NotEnoughData(
            f"{len(target)} headlines with {len(np.unique(target))} different leanings; {LEAST_HEADLINES} needed",
            do="teach from a longer history of the list",
        )
    masked, labels = mask(headlines.title), labels_of(headlines.title)
    counts = count(masked)
    idf = (np.log((1 + len(target)) / (1 + counts.getnnz(axis=0))) + 1).astype(np.float16).astype(np.float32)
    grams = weigh(counts, idf)
    weight = np.where(summarised, 1.0, NO_SUMMARY) * np.where(company > 0, BUSINESS, 1.0)
    free = labels.isna().to_numpy()
    teachers = np.stack(
        [
            _ridge(grams[free], target[free], weight[free]),
            *(_ridge(weigh(count(mask(texts)), idf), goal, np.ones(len(goal))) for texts, goal in (_tones(), _kinds())),
        ]
    )
    features = np.column_stack([grams @ teachers.T, *(holds(masked, words()[name]) for name in LISTS)])
    known = labels.dropna()
    gains, intercept = _weigh_features(features, labels.to_numpy() if len(known) >= LEAST_LABELS else None)
    # Half precision: what the shipped file can hold is what every answer is given with.
    weights = np.asarray(gains[:3] @ teachers).astype(np.float16).astype(np.float32)
    extra = dict(zip(LISTS, map(float, gains[3:]), strict=True))
    return Reader(weights, idf, intercept, {name: words()[name] for name in LISTS}, extra)


def _weigh_features(features: Floats, labels: Floats | None) -> tuple[Floats, float]:
    """Log odds per unit of each feature, and the intercept; both kinds equally frequent."""
    known = features if labels is None else features[~np.isnan(labels)]
    middle, spread = known.mean(axis=0), known.std(axis=0)
    spread[spread == 0] = 1.0
    if labels is None:
        coefficients, offset = np.ones(features.shape[1]), 0.0
    else:
        fitted = LogisticRegression(C=1.0, class_weight="balanced")
        fitted.fit((known - middle) / spread, labels[~np.isnan(labels)].astype(int))
        coefficients, offset = np.asarray(fitted.coef_[0]), float(fitted.intercept_[0])
    gains = coefficients / spread
    return gains, offset - float(gains @ middle)


def _ridge(grams: Any, target: Floats, weight: Floats) -> npt.NDArray[np.float32]:
    """Weights of one teacher."""
    fitted = Ridge(alpha=ALPHA, solver="sparse_cg", tol=1e-3, max_iter=60, fit_intercept=True)
    fitted.fit(grams, target.astype(np.float32), sample_weight=weight.astype(np.float32))
    return np.asarray(fitted.coef_, dtype=np.float32)


def _tones() -> tuple[pd.Series, Floats]:
    """Made-up Chinese posts of this project and their tone."""
    rows = pd.concat([_table(path, ["tone", "text"]) for path in sorted((HERE / "posts").glob("zh_*.tsv"))])
    return rows.text.reset_index(drop=True), np.asarray(rows.tone.map(TONES).fillna(0.0), dtype=np.float64)


def _kinds() -> tuple[pd.Series, Floats]:
    """Made-up Chinese posts of this project and whether they tell of a crisis."""
    rows = _table(HERE / "kind_posts" / "zh.tsv", ["kind", "aspect", "text"])
    goal = np.where(rows.kind != "none", 1.0, np.where(rows.aspect != "none", COMPLAINT, -1.0))
    return rows.text, goal


def _table(path: Path, columns: list[str]) -> pd.DataFrame:
    return pd.read_csv(path, sep="\t", header=None, names=columns, quoting=3, dtype=str, keep_default_na=False)
