"""Sets that tell something about our word-list labels, and how to run our labellers on texts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from crisislib.core.watch import Watch
from crisislib.nlp import label

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def tables(data: Path, *columns: str) -> Iterator[tuple[str, pd.DataFrame]]:
    """Every CSV at or below a folder that has these columns: name of its folder, rows."""
    for path in sorted([*data.glob("*.csv*"), *data.glob("*/*.csv*")]):
        head = pd.read_csv(path, nrows=0, encoding_errors="replace")
        if set(columns) <= set(head.columns):
            yield path.parent.name, pd.read_csv(path, dtype="str", keep_default_na=False, encoding_errors="replace")


def labels_of(texts: list[str], *names: str, industry: str = "general") -> pd.DataFrame:
    """Our labels of some texts; column `row` is the index of the text."""
    watch = Watch(watch="bench", title={"en": "Bench"}, brand={"names": ["\u2063bench"], "industry": industry})
    posts = pd.DataFrame({"watch": "bench", "post_id": [f"x:{i:07d}" for i in range(len(texts))], "text": texts})
    held = label(posts.assign(collected_at=NOW, created_at=NOW), watch, now=NOW, only=names).to_pandas()
    return held.assign(row=held.post_id.str[2:].astype(int))


def macro_f1(truth: np.ndarray, said: np.ndarray) -> float:
    """Mean F1 over the classes of the truth; an answer outside them counts as a miss."""
    scores = []
    for kind in np.unique(truth):
        hit = ((truth == kind) & (said == kind)).sum()
        scores.append(2 * hit / max((truth == kind).sum() + (said == kind).sum(), 1))
    return float(np.mean(scores))


def auc(score: np.ndarray, truth: np.ndarray) -> float:
    """Chance that a positive scores above a negative."""
    ranks = pd.Series(score).rank().to_numpy()
    good, bad = truth.sum(), (~truth).sum()
    return float((ranks[truth].sum() - good * (good + 1) / 2) / (good * bad))


def auc_interval(score: np.ndarray, truth: np.ndarray, draws: int = 500) -> tuple[float, float]:
    """95 % bootstrap interval of the AUC."""
    rng, found = np.random.default_rng(0), []
    for _ in range(draws):
        some = rng.integers(0, len(truth), len(truth))
        if 0 < truth[some].sum() < len(some):
            found.append(auc(score[some], truth[some]))
    return float(np.quantile(found, 0.025)), float(np.quantile(found, 0.975))
