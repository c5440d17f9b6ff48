"""Make the shipped rumour weights anew from a folder of claims with replies, and print them as JSON.

The folder holds claims (columns `label` T/F/U, `content`, `source`) and replies to them (columns `source`,
`comment`). Only a set whose licence allows it may be used; the committed file was made from the MIT-licensed
COVID-19 rumour data set of Cheng et al. 2021. Usage: python -m tools.training.rumour_weights --data DIR > weights.json
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from scipy.optimize import minimize

from benchmarks.harness import parser, say
from crisislib.spread.forecast.events import Floats
from crisislib.spread.rumour.shipped_weights import BY_HAND, Weights
from crisislib.spread.rumour.story_features import reaction_features, reaction_table, source_features

MADE_OF = (
    "hand-set start; moved by claims found false against claims found true of the COVID-19 rumour data set "
    "(Cheng et al. 2021, MIT licence)"
)

PULL = 200.0
"""How strongly weights are held to :data:`BY_HAND`, as a ridge."""

ORDINARY = 0.2
"""Score of a story with nothing remarkable, before labels of the watch's own tell better; a convention."""


def learn(
    table: pd.DataFrame, y: npt.ArrayLike, usual: Mapping[str, float], *, made_of: str, pull: float = PULL
) -> Weights:
    """Move the weights from their start by hand towards labelled stories.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns of :data:`BY_HAND`, one row per story.
    y : array_like of int
        1 = false or rumour.
    usual : Mapping[str, float]
        Share of reactions that hit each list in the same data.
    made_of : str
        What the labels are and under which licence; goes into the file.
    pull : float
        Ridge towards the start by hand.

    Returns
    -------
    Weights
        The offset is set so that the mean story of `table` scores :data:`ORDINARY`: the share of rumours in
        a collection of rumours says nothing about a watch.
    """
    names = list(BY_HAND)
    start = np.array([BY_HAND[name] for name in names])
    x = table[names].fillna(0.0).to_numpy(float)
    sign = np.where(np.asarray(y) == 1, 1.0, -1.0)

    def loss(theta: Floats) -> tuple[float, Floats]:
        margin = sign * (x @ theta[:-1] + theta[-1])
        slope = -sign / (1 + np.exp(margin))
        gap = theta[:-1] - start
        value = np.logaddexp(0, -margin).sum() + pull / 2 * (gap**2).sum()
        return float(value), np.append(slope @ x + pull * gap, slope.sum())

    best = minimize(loss, np.append(start, 0.0), jac=True, method="L-BFGS-B").x
    ordinary = np.log(ORDINARY / (1 - ORDINARY)) - float((x @ best[:-1]).mean())
    rounded = {name: round(float(w), 3) for name, w in zip(names, best, strict=False)}
    return Weights(rounded, {k: round(float(v), 4) for k, v in usual.items()}, round(ordinary, 3), made_of)


def _find(folder: Path, *columns: str) -> Path:
    for path in sorted([*folder.glob("*.csv"), *folder.glob("*.csv.gz")]):
        if set(columns) <= set(pd.read_csv(path, nrows=0).columns):
            return path
    raise SystemExit(f"no file with columns {columns} in {folder}")


def make(folder: Path) -> Weights:
    """Weights from one folder."""
    claims = pd.read_csv(_find(folder, "label", "content", "source"), dtype={"source": str})
    replies = pd.read_csv(_find(folder, "source", "comment"), dtype={"source": str}).dropna(subset=["comment"])
    claims = claims[claims["label"].isin(["T", "F"])].drop_duplicates("source").reset_index(drop=True)
    place = pd.Series(claims.index, index=claims["source"])
    replies = replies[replies["source"].isin(place.index)]
    hits = reaction_table(pa.array(replies["comment"].astype(str).tolist(), pa.string()))
    owner = place.loc[replies["source"]].to_numpy(np.int64)
    table = pd.concat(
        [
            source_features(pa.array(claims["content"].fillna("").tolist(), pa.string())),
            reaction_features(owner, hits, len(claims), hits.mean()),
        ],
        axis=1,
    )
    say(f"{len(claims)} claims, {len(replies)} replies")
    return learn(
        table, (claims["label"] == "F").to_numpy(), {str(k): float(v) for k, v in hits.mean().items()}, made_of=MADE_OF
    )


if __name__ == "__main__":
    args = parser("rumour_weights", "make the shipped rumour weights").parse_args()
    json.dump(asdict(make(args.data)), sys.stdout, indent=1)
    sys.stdout.write("\n")
