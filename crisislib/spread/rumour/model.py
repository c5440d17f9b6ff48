"""A rumour model learnt from labelled stories: five views that fail differently, averaged, calibrated on the newest."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from crisislib.core.errors import NotEnoughData
from crisislib.spread.forecast.events import Events, Floats, Ints
from crisislib.spread.forecast.features import day_profile
from crisislib.spread.rumour.features import (
    author_features,
    reaction_features,
    reaction_table,
    source_features,
    spread_features,
)
from crisislib.spread.rumour.ngrams import LastingText, mask, mask_names
from crisislib.spread.rumour.weights import BY_HAND, shipped

NEEDED = 60
"""Labelled stories that a model needs, with at least ten of each kind."""
_NEWEST = 0.25
_CLIP = 4.0


@dataclass(frozen=True)
class Stories:
    """Labelled or new stories with all that is held of them.

    Attributes
    ----------
    text : list of str
        Source posts, length k.
    authors : pandas.DataFrame
        As :func:`~crisislib.spread.rumour.features.author_features` takes it, k rows.
    events : Events
        Their spread, k cascades.
    owner, t : numpy.ndarray
        Story and age (s) of each reaction with words, in any order.
    words : list of str
        The source posts without names, numbers and links.
    said : list of str
        Words of each reaction, without account names, numbers and links.
    hits : pandas.DataFrame
        :func:`~crisislib.spread.rumour.features.reaction_table` of `said`.
    """

    text: list[str]
    words: list[str]
    authors: pd.DataFrame
    events: Events
    owner: Ints
    t: Floats
    said: list[str]
    hits: pd.DataFrame

    def __len__(self) -> int:
        return len(self.text)

    def take(self, which: Ints) -> Stories:
        """Some stories, in the order given."""
        place = np.full(len(self), -1)
        place[which] = np.arange(len(which))
        rows = np.flatnonzero(place[self.owner] >= 0)
        return Stories(
            [self.text[i] for i in which],
            [self.words[i] for i in which],
            self.authors.iloc[which].reset_index(drop=True),
            self.events.take(which),
            place[self.owner[rows]],
            self.t[rows],
            [self.said[i] for i in rows],
            self.hits.iloc[rows].reset_index(drop=True),
        )


def stories(text: list[str], authors: pd.DataFrame, events: Events, owner: Ints, t: Floats, said: list[str]) -> Stories:
    """Gather stories; reads each reaction's words once, for every age."""
    hits = reaction_table(pa.array(said, pa.string()))
    return Stories(text, [mask_names(w) for w in text], authors, events, owner, t, [mask(w) for w in said], hits)


@dataclass
class _Views:
    """The learnt views at one age."""

    columns: list[str]
    middle: pd.Series
    scale: pd.Series
    style: LogisticRegression
    trees: list[HistGradientBoostingClassifier]
    words: LastingText
    both: LastingText | None


@dataclass
class RumourModel:
    """Probability that a story is a rumour, at one age; made by :func:`fit`."""

    age: float
    usual: pd.Series
    profile: Floats
    views: _Views
    centre: Floats = field(default_factory=lambda: np.zeros(4))
    spread: Floats = field(default_factory=lambda: np.ones(4))
    slope: float = 1.0
    offset: float = 0.0

    def table(self, known: Stories) -> pd.DataFrame:
        """Features of the model's age."""
        return _table(known, self.age, self.usual, self.profile)

    def scores(self, known: Stories) -> Floats:
        """Log-odds of each view, shape (k, views)."""
        return _scores(self.views, self.table(known), known, self.age)

    def predict(self, known: Stories) -> Floats:
        """Calibrated probability per story, length k."""
        z = ((self.scores(known) - self.centre) / self.spread).clip(-_CLIP, _CLIP).mean(axis=1)
        return np.asarray(1 / (1 + np.exp(-(self.slope * z + self.offset))))


def _table(known: Stories, age: float, usual: pd.Series, profile: Floats) -> pd.DataFrame:
    seen = known.t <= age if age > 0 else np.zeros(len(known.t), dtype=bool)
    parts = [source_features(pa.array(known.text, pa.string())), author_features(known.authors)]
    if age > 0:
        parts.append(reaction_features(known.owner[seen], known.hits[seen], len(known), usual))
        parts.append(spread_features(known.events, age, profile))
    return pd.concat([part.reset_index(drop=True) for part in parts], axis=1)


def _both(known: Stories, age: float) -> list[str]:
    """The source and all reactions to it until an age, as one masked text per story."""
    rows = np.flatnonzero(known.t <= age)
    said = pd.Series([known.said[i] for i in rows], dtype=object)
    joined = said.groupby(known.owner[rows]).agg("\n".join).reindex(range(len(known))).fillna("")
    return [f"{source}\n{words}" for source, words in zip(known.words, joined, strict=True)]


def _standard(table: pd.DataFrame, views: _Views) -> Floats:
    filled = table[views.columns].fillna(views.middle)
    return np.asarray(((filled - views.middle) / views.scale).clip(-_CLIP, _CLIP).to_numpy(float))


def _fit_views(table: pd.DataFrame, known: Stories, y: Ints, weight: Floats, age: float, seed: int) -> _Views:
    columns = [c for c in table.columns if table[c].notna().any() and table[c].nunique() > 1]
    scale = table[columns].std().replace(0, 1.0).fillna(1.0)
    blank = LogisticRegression(C=0.03, max_iter=2000)
    words = LastingText(min_share=0.003, c=4.0).fit(known.words, y, weight)
    both = LastingText(min_share=0.005, c=4.0).fit(_both(known, age), y, weight) if age > 0 else None
    views = _Views(columns, table[columns].median(), scale, blank, [], words, both)
    blank.fit(_standard(table, views), y, weight)
    views.trees = [
        HistGradientBoostingClassifier(
            max_iter=150, learning_rate=0.05, max_leaf_nodes=8, min_samples_leaf=10, l2_regularization=1.0,
            max_features=0.3, random_state=seed + i,
        ).fit(table[columns].to_numpy(float), y, weight)
        for i in range(2)
    ]  # fmt: skip
    return views


def _scores(views: _Views, table: pd.DataFrame, known: Stories, age: float) -> Floats:
    columns = [
        views.style.decision_function(_standard(table, views)),
        np.mean([tree.decision_function(table[views.columns].to_numpy(float)) for tree in views.trees], axis=0),
        views.words.score(known.words),
        shipped().effects(table.reindex(columns=list(BY_HAND))).sum(axis=1).to_numpy(float),
    ]
    if views.both is not None:
        columns.append(views.both.score(_both(known, age)))
    return np.column_stack(columns)


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
    weight: learnt weights would trust the view that knows this time's words best.
    Slope and offset come from the newest quarter, forecast by views fitted on what came before (Platt
    1999), so that the threshold follows the drift of its time.
    """
    labels = np.asarray(y, dtype=np.int64)
    if len(labels) < NEEDED or min(labels.sum(), (1 - labels).sum()) < 10:
        raise NotEnoughData(
            f"{len(labels)} labelled stories, {labels.sum()} of them rumours; {NEEDED} are needed, ten of each kind",
            do="label more stories, or use the shipped weights",
        )
    usual, profile = known.hits.mean() if len(known.hits) else known.hits.mean().fillna(0.0), day_profile(known.events)
    weight = np.where(labels == 1, len(labels) / 2 / labels.sum(), len(labels) / 2 / (1 - labels).sum())
    table = _table(known, age, usual.fillna(0.0), profile)
    model = RumourModel(age, usual.fillna(0.0), profile, _fit_views(table, known, labels, weight, age, seed))
    cut = int(len(labels) * (1 - _NEWEST))
    old, new = np.arange(cut), np.arange(cut, len(labels))
    if min(labels[old].sum(), (1 - labels[old]).sum()) < 10:
        return model
    early = _fit_views(table.iloc[old], known.take(old), labels[old], weight[old], age, seed)
    fresh = _scores(early, table.iloc[new], known.take(new), age)
    model.centre, model.spread = fresh.mean(axis=0), fresh.std(axis=0) + 1e-9
    z = ((fresh - model.centre) / model.spread).clip(-_CLIP, _CLIP).mean(axis=1)
    if len(np.unique(labels[new])) == 2:
        platt = LogisticRegression(C=10.0).fit(z[:, None], labels[new])
        model.slope, model.offset = float(platt.coef_[0, 0]), float(platt.intercept_[0])
    return model
