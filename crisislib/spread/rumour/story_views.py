"""Five views of a story that fail differently, each as plain arrays, so that reading a model runs no code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from crisislib.core.boosted_trees import Trees, extract_trees
from crisislib.spread.forecast.events import Floats, Ints
from crisislib.spread.rumour.ngram_model import LastingText, learn_text
from crisislib.spread.rumour.shipped_weights import BY_HAND, shipped

BOOSTERS = 2
"""Boosters whose answers are averaged: they draw other columns, so that one draw decides less."""
CLIP = 4.0
"""Standard deviations beyond which a feature or a view says nothing more."""


@dataclass(frozen=True)
class Views:
    """The fitted views at one age; made by :func:`learn_views`.

    Attributes
    ----------
    columns : tuple of str
        Features in use.
    middle, scale, style : numpy.ndarray
        Median, standard deviation and weight of each feature.
    offset : float
        Of the log-odds by style.
    trees : tuple of Trees
    words : LastingText
        Of the source post.
    both : LastingText or None
        Of the source post and the reactions; None at age 0.
    """

    columns: tuple[str, ...]
    middle: Floats
    scale: Floats
    style: Floats
    offset: float
    trees: tuple[Trees, ...]
    words: LastingText
    both: LastingText | None

    def scores(self, table: pd.DataFrame, sources: list[str], whole: list[str]) -> Floats:
        """Log-odds of each view, shape (k, views).

        Parameters
        ----------
        table : pandas.DataFrame
            Features, k rows.
        sources, whole : list of str
            Masked source posts, and these with the reactions so far.
        """
        x = table[list(self.columns)].to_numpy(float)
        columns = [
            _standard(x, self.middle, self.scale) @ self.style + self.offset,
            np.mean([tree.log_odds(x) for tree in self.trees], axis=0) if self.trees else np.zeros(len(x)),
            self.words.score(sources),
            shipped().effects(table.reindex(columns=list(BY_HAND))).sum(axis=1).to_numpy(float),
        ]
        if self.both is not None:
            columns.append(self.both.score(whole))
        return np.column_stack(columns)

    def arrays(self, prefix: str) -> dict[str, npt.NDArray[Any]]:
        """The views as arrays for a model file.

        Parameters
        ----------
        prefix : str
            First part of each array's name.

        Returns
        -------
        dict of str to numpy.ndarray
        """
        out: dict[str, npt.NDArray[Any]] = {f"{prefix}_columns": np.array(self.columns, dtype=np.str_)}
        out |= {f"{prefix}_{name}": getattr(self, name) for name in ("middle", "scale", "style")}
        out |= {f"{prefix}_offset": np.asarray(self.offset)} | self.words.arrays(f"{prefix}_words")
        for i, tree in enumerate(self.trees):
            out |= tree.arrays(f"{prefix}_trees{i}")
        return out | (self.both.arrays(f"{prefix}_both") if self.both is not None else {})

    @classmethod
    def read(cls, arrays: Mapping[str, npt.NDArray[Any]], prefix: str) -> Views:
        """Read views from the arrays of a model file.

        Parameters
        ----------
        arrays : Mapping of str to numpy.ndarray
            Of the whole file.
        prefix : str
            First part of the names of these arrays.

        Returns
        -------
        Views
        """
        middle, scale, style = (arrays[f"{prefix}_{name}"] for name in ("middle", "scale", "style"))
        both = LastingText.read(arrays, f"{prefix}_both") if f"{prefix}_both_idf" in arrays else None
        return cls(
            tuple(str(c) for c in arrays[f"{prefix}_columns"]),
            middle,
            scale,
            style,
            float(arrays[f"{prefix}_offset"]),
            tuple(
                Trees.read(arrays, f"{prefix}_trees{i}") for i in range(BOOSTERS) if f"{prefix}_trees{i}_root" in arrays
            ),
            LastingText.read(arrays, f"{prefix}_words"),
            both,
        )


def _standard(x: Floats, middle: Floats, scale: Floats) -> Floats:
    return np.asarray(((np.where(np.isnan(x), middle, x) - middle) / scale).clip(-CLIP, CLIP))


def learn_views(
    table: pd.DataFrame, sources: list[str], whole: list[str] | None, y: Ints, weight: Floats, seed: int
) -> Views:
    """Learn all views.

    Parameters
    ----------
    table : pandas.DataFrame
        Features, k rows in the order of their time.
    sources : list of str
        Masked source posts.
    whole : list of str or None
        These with the reactions so far; None at age 0.
    y : numpy.ndarray of int
        1 = rumour.
    weight : numpy.ndarray
        Of each story.
    seed : int
        Of the boosted trees.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    text = learn_text(sources, y, weight, min_share=0.003, c=4.0)
    both = learn_text(whole, y, weight, min_share=0.005, c=4.0) if whole is not None else None
    columns = [c for c in table.columns if table[c].notna().any() and table[c].nunique() > 1]
    if not columns:  # stories that differ in nothing but their words
        none = np.zeros(0)
        return Views((), none, none, none, 0.0, (), text, both)
    x = table[columns].to_numpy(float)
    middle = table[columns].median().to_numpy(float)
    scale = table[columns].std().replace(0, 1.0).fillna(1.0).to_numpy(float)
    style = LogisticRegression(C=0.03, max_iter=2000).fit(_standard(x, middle, scale), y, weight)
    boosters = [
        HistGradientBoostingClassifier(
            max_iter=150, learning_rate=0.05, max_leaf_nodes=8, min_samples_leaf=10, l2_regularization=1.0,
            max_features=0.3, random_state=seed + i,
        )
        for i in range(BOOSTERS)
    ]  # fmt: skip
    # Thousands of stories are few: threads would wait for one another longer than they work.
    with threadpool_limits(1):
        boosted = [booster.fit(x, y, weight) for booster in boosters]
    return Views(
        tuple(columns), middle, scale, np.asarray(style.coef_[0]), float(style.intercept_[0]),
        tuple(extract_trees(one) for one in boosted), text, both,
    )  # fmt: skip
