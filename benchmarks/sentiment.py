"""Sentiment, with no label of the set and after 50, 200 and 1,000: `python -m benchmarks.sentiment --data DIR`.

Reads `eval.json` of each folder. Two-class sets are decided by P(negative) against P(positive). Brier is the mean of
the squared differences summed over the set's classes (0 perfect, 2 worst). posts_per_s is one process on one core,
folding included. The labels of the @ figures are drawn by seed from the set's train part only; mean over the seeds.
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks import labelled
from benchmarks.harness import Figures, finish, parser, say, write_predictions
from benchmarks.sentiment_peers import PEERS
from crisislib.nlp.preprocess.codepoints import fold
from crisislib.nlp.sentiment.sentiment_model import logits, probabilities, shipped

F64 = npt.NDArray[np.float64]
LABELS = (50, 200, 1000)
SEEDS = 3


def figures_of(p: F64, y: npt.NDArray[np.int64], classes: list[int], name: str) -> Figures:
    """Accuracy and the like of probabilities over negative, neutral, positive."""
    mine = p[:, classes] + 1e-12
    mine = mine / mine.sum(axis=1, keepdims=True)
    said = np.array(classes)[mine.argmax(axis=1)]
    recall = {c: float((said[y == c] == c).mean()) for c in classes}
    hit = {c: int(((said == c) & (y == c)).sum()) for c in classes}
    f1 = [2 * hit[c] / max(int((said == c).sum() + (y == c).sum()), 1) for c in classes]
    found = {
        "accuracy": float((said == y).mean()),
        "macro_f1": float(np.mean(f1)),
        "macro_recall": float(np.mean(list(recall.values()))),
        "brier": float(((mine - (y[:, None] == np.array(classes))) ** 2).sum(axis=1).mean()),
    }
    if 0 in recall:
        found["negative_recall"] = recall[0]
    return {f"{name}.{key}": value for key, value in found.items()}


def general(texts: list[str]) -> F64:
    """The shipped model."""
    return probabilities(logits(shipped(), fold(texts)))


def after_labels(score: labelled.Labelled, train: labelled.Labelled) -> Figures:
    """Accuracy after some labels of the train part."""
    from crisislib.nlp.sentiment.adapt import adapt

    found = {}
    for n in LABELS:
        if n > len(train.y):
            continue
        accuracies = []
        for seed in range(SEEDS):
            some = np.random.default_rng(seed).choice(len(train.y), n, replace=False)
            taught = adapt([train.texts[i] for i in some], train.y[some], others=train.texts, seed=seed)
            p = taught.predict(score.texts)[:, score.classes]
            accuracies.append(float((np.array(score.classes)[p.argmax(axis=1)] == score.y).mean()))
        found[f"{score.name}.accuracy@{n}"] = float(np.mean(accuracies))
        say(f"{score.name}: {n} labels, accuracy {found[f'{score.name}.accuracy@{n}']:.3f}")
    return found


def main() -> None:
    """Measure every set."""
    options = parser("sentiment", __doc__ or "")
    options.add_argument("--labels-from", type=Path, help="folder with train parts; --data itself when left out")
    given = options.parse_args()
    scored = labelled.sets(given.data)
    trains = labelled.sets(given.labels_from or given.data, "train")
    figures: Figures = {}
    peers: dict[str, Figures] = {name: {} for name in PEERS}
    rows: list[tuple[object, ...]] = []
    seconds, posts = 0.0, 0
    general(["预热", "warm up"])
    for name, held in scored.items():
        start = time.perf_counter()
        p = general(held.texts)
        seconds, posts = seconds + time.perf_counter() - start, posts + len(held.texts)
        figures |= figures_of(p, held.y, held.classes, name)
        say(f"{name}: {len(held.y)} rows, accuracy {figures[f'{name}.accuracy']:.3f}")
        best = np.array(held.classes)[p[:, held.classes].argmax(axis=1)]
        rows += [
            (f"{name}/{i}", labelled.SENTIMENTS[b], *np.round(q, 5)) for i, b, q in zip(held.ids, best, p, strict=True)
        ]
        for peer, (langs, judge) in PEERS.items():
            if held.lang in langs:
                peers[peer] |= figures_of(judge(held.texts), held.y, held.classes, name)
        if name in trains:
            figures |= after_labels(held, trains[name])
    if posts:
        figures["posts_per_s"] = posts / seconds
    write_predictions(given.out, ["id", "prediction", "p_negative", "p_neutral", "p_positive"], rows)
    finish("sentiment", figures, {name: found for name, found in peers.items() if found})


if __name__ == "__main__":
    main()
