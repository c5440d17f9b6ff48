"""A rumour model trained on labelled stories: five views that fail differently, averaged, calibrated on the newest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from crisislib.core.errors import NotEnoughData
from crisislib.core.i18n import N_
from crisislib.spread.forecast.cascade_features import day_profile
from crisislib.spread.forecast.events import Floats, Ints
from crisislib.spread.rumour.labelled_stories import Stories
from crisislib.spread.rumour.story_features import (
    author_features,
    reaction_features,
    source_features,
    spread_features,
)
from crisislib.spread.rumour.story_views import CLIP, Views, learn_views

NEEDED = 60
"""Labelled stories that a model needs."""
EACH = 10
"""Of each kind."""
NEWEST = 0.25
"""Share of the stories, the newest, that set the threshold."""


@dataclass(frozen=True)
class RumourModel:
    """Probability that a story is a rumour, at one age; made by :func:`fit`.

    Attributes
    ----------
    age : float
        Seconds since the source post.
    usual : pandas.Series
        Usual share of reactions that hit each list.
    profile : numpy.ndarray
        Share of activity by hour of day.
    views : Views
    centre, spread : numpy.ndarray
        Mean and standard deviation of each view's answers, by which they are put on one scale.
    slope, offset : float
        From the mean of the views to log-odds.
    """

    age: float
    usual: pd.Series
    profile: Floats
    views: Views
    centre: Floats
    spread: Floats
    slope: float = 1.0
    offset: float = 0.0

    def predict(self, known: Stories) -> Floats:
        """Calibrated probability that each story is a rumour.

        Parameters
        ----------
        known : Stories
            k stories; what came after the model's age is not used.

        Returns
        -------
        numpy.ndarray of shape (k,)
            Probability 0-1.
        """
        scores = _scores(self.views, _table(known, self.age, self.usual, self.profile), known, self.age)
        z = ((scores - self.centre) / self.spread).clip(-CLIP, CLIP).mean(axis=1)
        return np.asarray(1 / (1 + np.exp(-(self.slope * z + self.offset))))

    def arrays(self, prefix: str) -> dict[str, npt.NDArray[Any]]:
        """The model as arrays for a model file.

        Parameters
        ----------
        prefix : str
            First part of each array's name.

        Returns
        -------
        dict of str to numpy.ndarray
        """
        numbers = {"age": self.age, "slope": self.slope, "offset": self.offset}
        out = {f"{prefix}_{name}": np.asarray(value, dtype=float) for name, value in numbers.items()}
        out |= {f"{prefix}_{name}": getattr(self, name) for name in ("profile", "centre", "spread")}
        out |= {f"{prefix}_lists": np.array(self.usual.index, dtype=np.str_), f"{prefix}_usual": self.usual.to_numpy()}
        return out | self.views.arrays(f"{prefix}_views")

    @classmethod
    def read(cls, arrays: Mapping[str, npt.NDArray[Any]], prefix: str) -> RumourModel:
        """Read a model from the arrays of a model file.

        Parameters
        ----------
        arrays : Mapping of str to numpy.ndarray
            Of the whole file.
        prefix : str
            First part of the names of this model's arrays.

        Returns
        -------
        RumourModel
        """
        usual = pd.Series(arrays[f"{prefix}_usual"], index=[str(n) for n in arrays[f"{prefix}_lists"]])
        views = Views.read(arrays, f"{prefix}_views")
        profile, centre, spread = (arrays[f"{prefix}_{name}"] for name in ("profile", "centre", "spread"))
        age, slope, offset = (float(arrays[f"{prefix}_{name}"]) for name in ("age", "slope", "offset"))
        return cls(age, usual, profile, views, centre, spread, slope, offset)


def _table(known: Stories, age: float, usual: pd.Series, profile: Floats) -> pd.DataFrame:
    visible = known.t <= age if age > 0 else np.zeros(len(known.t), dtype=bool)
    parts = [source_features(pa.array(known.text, pa.string())), author_features(known.authors)]
    if age > 0:
        parts.append(reaction_features(known.owner[visible], known.hits[visible], len(known), usual))
        parts.append(spread_features(known.events, age, profile))
    return pd.concat([part.reset_index(drop=True) for part in parts], axis=1)


def _both(known: Stories, age: float) -> list[str]:
    """The source and all reactions to it until an age, as one masked text per story."""
    rows = np.flatnonzero(known.t <= age)
    reactions = pd.Series([known.reactions[i] for i in rows], dtype=object)
    joined = reactions.groupby(known.owner[rows]).agg("\n".join).reindex(range(len(known))).fillna("")
    return [f"{source}\n{words}" for source, words in zip(known.words, joined, strict=True)]


def _learn(table: pd.DataFrame, known: Stories, y: Ints, weight: Floats, age: float, seed: int) -> Views:
    return learn_views(table, known.words, _both(known, age) if age > 0 else None, y, weight, seed)


def _scores(views: Views, table: pd.DataFrame, known: Stories, age: float) -> Floats:
    # A feature that no story of these has has no column here; its median stands for it.
    return views.scores(table.reindex(columns=list(dict.fromkeys([*table, *views.columns]))), known.words,
                        _both(known, age) if views.both is not None else [])  # fmt: skip


def enough(labels: Ints) -> bool:
    """Whether labels suffice for a model.

    Parameters
    ----------
    labels : numpy.ndarray of shape (k,)
        1 = rumour, 0 = not.

    Returns
    -------
    bool
        At least :data:`NEEDED` labels and :data:`EACH` of each kind.
    """
    return len(labels) >= NEEDED and min(int(labels.sum()), int((1 - labels).sum())) >= EACH


def fit(known: Stories, y: npt.ArrayLike, age: float, *, seed: int = 0) -> RumourModel:
    """Learn from labelled stories what was visible at an age.

    Parameters
    ----------
    known : Stories
        In the order of their time.
    y : array_like of int
        1 = rumour, length k.
    age : float
        Seconds since the source post; 0 uses the post and its author only.
    seed : int
        Of the boosted trees.

    Raises
    ------
    NotEnoughData
        Fewer than :data:`NEEDED` stories, or fewer than ten of a kind.

    Notes
    -----
    Views: (1) ridge logistic regression and (2) boosted trees on style, reactions, author and spread,
    (3) lasting n-grams of the source and (4) of source and reactions so far, (5) the shipped weights,
    which no set of one time has taught. Each is put on one scale and they are averaged with equal
    weight: learned weights would trust the view that knows this time's words best.
    Slope and offset come from the newest quarter, forecast by views fitted on what came before (Platt
    1999), so that the threshold follows the drift of its time.
    """
    labels = np.asarray(y, dtype=np.int64)
    if not enough(labels):
        raise NotEnoughData(
            N_(
                "{n} {n:labelled story|labelled stories}, {value} of them rumours; {needed} are "
                "needed, ten of each kind"
            ),
            do=N_("label more stories, or use the shipped weights"),
            facts={"n": len(labels), "value": labels.sum(), "needed": NEEDED},
        )
    usual, profile = known.hits.mean() if len(known.hits) else known.hits.mean().fillna(0.0), day_profile(known.events)
    weight = np.where(labels == 1, len(labels) / 2 / labels.sum(), len(labels) / 2 / (1 - labels).sum())
    table = _table(known, age, usual.fillna(0.0), profile)
    views = _learn(table, known, labels, weight, age, seed)
    blank = np.zeros(4 + (age > 0))
    model = RumourModel(age, usual.fillna(0.0), profile, views, blank, blank + 1.0)
    cut = int(len(labels) * (1 - NEWEST))
    old, new = np.arange(cut), np.arange(cut, len(labels))
    if min(labels[old].sum(), (1 - labels[old]).sum()) < EACH:
        return model
    early = _learn(table.iloc[old], known.take(old), labels[old], weight[old], age, seed)
    fresh = _scores(early, table.iloc[new], known.take(new), age)
    model = replace(model, centre=fresh.mean(axis=0), spread=fresh.std(axis=0) + 1e-9)
    if len(np.unique(labels[new])) < 2:
        return model
    from sklearn.linear_model import LogisticRegression

    z = ((fresh - model.centre) / model.spread).clip(-CLIP, CLIP).mean(axis=1)
    platt = LogisticRegression(C=10.0).fit(z[:, None], labels[new])
    return replace(model, slope=float(platt.coef_[0, 0]), offset=float(platt.intercept_[0]))
