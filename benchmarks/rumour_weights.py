"""Make the shipped rumour weights anew from a folder of claims with replies, and print them as JSON.

The folder holds claims (columns `label` T/F/U, `content`, `source`) and replies to them (columns `source`,
`comment`). Only a set whose licence allows it may be used; the committed file was made from the MIT-licensed
COVID-19 rumour data set of Cheng et al. 2021. Usage: python -m benchmarks.rumour_weights --data DIR > weights.json
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from benchmarks.harness import parser, say
from crisislib.spread.rumour.features import reaction_features, reaction_table, source_features
from crisislib.spread.rumour.weights import Weights, learn

MADE_OF = (
    "hand-set start; moved by claims found false against claims found true of the COVID-19 rumour data set "
    "(Cheng et al. 2021, MIT licence)"
)


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
    return learn(table, (claims["label"] == "F").to_numpy(), hits.mean().to_dict(), made_of=MADE_OF)


if __name__ == "__main__":
    args = parser("rumour_weights", "make the shipped rumour weights").parse_args()
    json.dump(asdict(make(args.data)), sys.stdout, indent=1)
    sys.stdout.write("\n")
