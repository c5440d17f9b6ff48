"""Make the frozen entropy weights of the index anew from simulated series, and print them as JSON.

Entropy weights: p = x/Σx, e = −(1/ln n) Σ p ln p, w = (1 − e)/Σ(1 − e), over the scores x of a dimension in [0, 1].
Columns are rescaled to their 99th percentile first, since entropy weights otherwise reward a single outlier. `--data`
is not read. Usage: python -m tools.training.index_weights
"""

from __future__ import annotations

import json
import sys

import numpy as np
import numpy.typing as npt

from crisislib.signals import expect
from crisislib.warn import DIMENSIONS, simulate, simulated_panel

SERIES, SEED = 240, 100
Floats = npt.NDArray[np.float64]


def entropy_weights(scores: Floats) -> Floats:
    """Weights by how unevenly each dimension is spread over the windows, shape (windows, dimensions); NaN is zero."""
    x = np.nan_to_num(np.asarray(scores, dtype=float))
    top = np.quantile(x, 0.99, axis=0)
    x = np.clip(x / np.where(top > 0, top, 1.0), 0.0, 1.0) + 1e-9
    p = x / x.sum(axis=0)
    spread = 1.0 + (p * np.log(p)).sum(axis=0) / np.log(len(x))
    weights: Floats = spread / spread.sum()
    return weights


if __name__ == "__main__":
    found = entropy_weights(simulated_panel(simulate(SERIES, seed=SEED), expect).scores.reshape(-1, len(DIMENSIONS)))
    json.dump({name: round(float(w), 3) for name, w in zip(DIMENSIONS, found, strict=True)}, sys.stdout, indent=1)
    sys.stdout.write("\n")
