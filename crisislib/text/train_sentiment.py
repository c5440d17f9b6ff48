"""Make the shipped sentiment model: `python -m crisislib.text.train_sentiment --data DIR`.

Deterministic: the same data and code give the same file. Reads only the sets that `training.sources` names.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from crisislib.core.errors import InputError
from crisislib.text.grams import BITS
from crisislib.text.lexicon import FEATURES
from crisislib.text.model import HEADS, SHIPPED, Model, save
from crisislib.text.training.fit import design, logistic
from crisislib.text.training.sources import SOURCES, Source, by_head

DENSE_SCALE = 1.0
STRENGTH = {"good": 1.0, "felt": 0.3}
"""Inverse penalty of the two regressions."""


def say(text: str) -> None:
    """One line of progress."""
    sys.stderr.write(text + "\n")


def fit(sources: list[Source], version: str) -> Model:
    """Both regressions for both language heads."""
    side = [by_head(source) for source in sources]
    grams = np.zeros((1 << BITS, 2))
    dense = np.zeros((len(HEADS), len(FEATURES) + 1, 2))
    for head, name in enumerate(HEADS):
        which = [mine == head for mine in side]
        for column, target in enumerate(("good", "felt")):
            rows = design(sources, which, target, DENSE_SCALE)
            say(f"{name} {target}: {rows.x.shape[0]} rows, {rows.x.nnz} cells")
            weights, gram_weights = logistic(rows, STRENGTH[target], DENSE_SCALE)
            dense[head, :, column] = weights
            grams[:, column] += gram_weights
    calibration = np.tile(np.array([1.0, 0.0]), (len(HEADS), 2, 1))
    return Model(version, grams.astype(np.float32), dense, calibration)


def main() -> None:
    """Read, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", type=Path, required=True, help="folder of the public data sets")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "models" / SHIPPED)
    parser.add_argument("--version", default="1")
    options = parser.parse_args()
    if not options.data.is_dir():
        raise InputError("no such folder", where=str(options.data), do="give the folder of the public data sets")
    sources = []
    for name, make in SOURCES.items():
        sources.append(make(options.data))
        say(f"{name}: {len(sources[-1])} texts")
    save(fit(sources, options.version), options.out)
    say(f"written {options.out.name}, {options.out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
