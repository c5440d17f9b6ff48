"""Make the shipped model of crisis types and complaints: `python -m tools.training.kinds`.

Deterministic, and reads nothing but this project's own made-up posts (`kind_posts`). Prints how
well it does on blocks of posts held back.
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
from sklearn.metrics import f1_score
from threadpoolctl import threadpool_limits

from crisislib import nlp as text
from crisislib.nlp.classify.kind_model import LISTS, NONE, SHIPPED, KindModel, inputs, lists
from crisislib.nlp.preprocess.codepoints import fold
from crisislib.nlp.preprocess.ngrams import BITS, matrix

F64 = npt.NDArray[np.float64]
STRENGTH = 100.0
"""Inverse penalty; chosen on blocks of posts held back."""
BLOCKS = 40
"""Lines of a file that are held back together: neighbours were written in one go."""
FOLDS = 5

FAINT = 2
"""Weights of so many 127ths of the largest are left out of the file."""


def say(line: str) -> None:
    """One line of progress."""
    sys.stderr.write(line + "\n")


def read() -> tuple[list[str], dict[str, list[str]], npt.NDArray[np.int64]]:
    """Texts, their class by label, and the fold of each."""
    texts: list[str] = []
    classes: dict[str, list[str]] = {label: [] for label in LISTS}
    folds: list[int] = []
    for file in sorted((Path(__file__).parent / "kind_posts").iterdir()):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines()):
            crisis, complaint, text = line.split("\t")
            texts.append(text)
            classes["crisis_type"].append(crisis)
            classes["complaint"].append(complaint)
            folds.append(number // BLOCKS % FOLDS)
    return texts, classes, np.array(folds)


def fit(texts: list[str], truth: list[str], label: str) -> KindModel:
    """One classifier."""
    codes = fold(texts)
    words = inputs(lists(label).sums(codes)[0])
    x = sp.hstack([sp.csr_matrix(words), matrix(codes)]).tocsr()
    used = np.unique(x.indices)
    with threadpool_limits(1):
        model = LogisticRegression(C=STRENGTH, max_iter=500, tol=1e-3).fit(x[:, used], truth)
    weights = np.zeros((x.shape[1], len(model.classes_)))
    weights[used] = model.coef_.T
    n = words.shape[1]
    grams = weights[n:].astype(np.float32)
    assert len(grams) == 1 << BITS  # the hash space
    return KindModel(tuple(map(str, model.classes_)), grams, np.vstack([weights[:n], model.intercept_]))


def held_back(texts: list[str], truth: list[str], label: str, folds: npt.NDArray[np.int64]) -> float:
    """Macro-F1 over the classes but none, on blocks held back."""
    said = np.empty(len(texts), dtype=object)
    for part in range(FOLDS):
        test = np.flatnonzero(folds == part)
        rest = np.flatnonzero(folds != part)
        model = fit([texts[i] for i in rest], [truth[i] for i in rest], label)
        codes = fold([texts[i] for i in test])
        p = model.probabilities(codes, lists(label).sums(codes)[0])
        said[test] = np.array(model.classes)[p.argmax(axis=1)]
    kinds = [name for name in sorted(set(truth)) if name != NONE]
    return float(f1_score(truth, said.astype(str), labels=kinds, average="macro"))


def save(models: dict[str, KindModel], path: Path) -> None:
    """Write the models, their n-gram weights in 8 bits with one scale a column."""
    tensors: dict[str, npt.NDArray[np.generic]] = {}
    for label, model in models.items():
        scale = np.maximum(np.abs(model.grams).max(axis=0) / 127, 1e-9)
        weights = np.round(model.grams / scale).astype(np.int8)
        weights[np.abs(weights) <= FAINT] = 0
        used = np.flatnonzero(np.any(weights != 0, axis=1))  # most of the hash space is empty
        tensors |= {f"{label}.used": used.astype(np.int32), f"{label}.grams": weights[used]}
        tensors |= {f"{label}.scale": scale.astype(np.float64), f"{label}.words": model.words.astype(np.float64)}
    about = {label: json.dumps(model.classes) for label, model in models.items()}
    tensors = {name: np.ascontiguousarray(array) for name, array in tensors.items()}  # written as they lie
    save_file(tensors, str(path), metadata=about | {"bits": str(BITS)})


def main() -> None:
    """Read, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--out", type=Path, default=Path(text.__file__).parent / "models" / SHIPPED)
    options = parser.parse_args()
    texts, classes, folds = read()
    models = {}
    for label, truth in classes.items():
        say(f"{label}: {len(texts)} posts, macro-F1 on held-back blocks {held_back(texts, truth, label, folds):.3f}")
        models[label] = fit(texts, truth, label)
    save(models, options.out)
    say(f"written {options.out.name}, {options.out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
