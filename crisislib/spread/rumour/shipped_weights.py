"""The shipped rumour weights: a short readable list, moved a little by data that may be used."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
import pandas as pd

from crisislib.spread.forecast.events import Floats

BY_HAND: Mapping[str, float] = {
    "re_doubt": 0.6, "re_denial": 0.8, "re_asks": 0.2, "re_asking": 0.1, "re_surprise": 0.2, "re_fear": 0.2,
    "re_anger": 0.15, "re_authority": 0.1, "re_forward": 0.1, "re_liking": -0.4, "re_laughter": -0.15,
    "src_forward": 0.4, "src_urgency": 0.3, "src_hearsay": 0.4, "src_sensation": 0.3, "src_harm": 0.2,
    "src_cure": 0.2, "src_exclaims": 0.2, "src_capitals": 0.1, "src_doubt": 0.1, "src_denial": 0.1,
    "src_attributed": -0.3, "src_links": -0.4, "src_promotion": -0.3, "src_advice": -0.2, "src_liking": -0.2,
    "src_laughter": -0.2, "src_hashtags": -0.1,
}  # fmt: skip
"""Prior assumptions, before any data: sign and size per unit of the feature, from what the field says of rumours
(doubt, denial and questions in reactions; urgency, hearsay and appeals in the post; named sources against)."""


@dataclass(frozen=True)
class Weights:
    """Linear weights in log-odds, the usual share of reactions per list, and where they come from."""

    weight: Mapping[str, float]
    usual: Mapping[str, float]
    offset: float
    made_of: str

    def effects(self, table: pd.DataFrame) -> pd.DataFrame:
        """Log-odds that each feature adds.

        Parameters
        ----------
        table : pandas.DataFrame
            Features, k rows; missing values add nothing.

        Returns
        -------
        pandas.DataFrame
            k rows, one column for each weight.
        """
        names = list(self.weight)
        return table[names].fillna(0.0) * pd.Series(self.weight)[names]

    def predict(self, table: pd.DataFrame) -> Floats:
        """Score of each story.

        Parameters
        ----------
        table : pandas.DataFrame
            Features, k rows.

        Returns
        -------
        numpy.ndarray of shape (k,)
            0-1, logistic of the summed effects.
        """
        return np.asarray(1 / (1 + np.exp(-(self.effects(table).sum(axis=1).to_numpy(float) + self.offset))))


@cache
def shipped() -> Weights:
    """The weights of `weights.json`; see `CARD.md` beside it for what they were measured to do."""
    raw = json.loads((resources.files("crisislib.spread.rumour") / "weights.json").read_text(encoding="utf-8"))
    return Weights(raw["weight"], raw["usual"], raw["offset"], raw["made_of"])
