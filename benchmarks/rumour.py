"""Rumour or not, from the post and its reposts so far, at the post, 10 minutes, one hour and a day.

Sets are found by their columns: labelled posts, reposts with seconds, texts of reposts. Training uses
all sets under `--train`; a set that is itself among them (or where `--train` is left out) is split:
oldest 70 % train, newest 30 % are judged. With several sets the figures are over all judged stories, and
each set's own are printed to stderr. What one side does not hold (authors, pictures, texts of reposts)
is not used on the other either.

Figures `auc`, `accuracy`, `macro_f1` (at probability 0.5) and `brier` at each age in seconds. Peer:
`tfidf_logistic`, TF-IDF (character 1-2-grams) of source and reposts so far with logistic regression; and
`shipped_untrained`, the readable weights that a watch without labels gets (they have seen no set here; their
scale is a convention, so look at `auc`).
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, f1_score, roc_auc_score

from benchmarks.cascade_sets import join
from benchmarks.harness import Figures, finish, parser, say, write_predictions
from benchmarks.rumour_sets import RumourSet, read_all
from crisislib.spread.rumour.features import reaction_features, source_features
from crisislib.spread.rumour.model import Stories, fit
from crisislib.spread.rumour.weights import shipped

AGES = (0, 600, 3600, 86400)
TRAIN_SHARE = 0.7


@dataclass(frozen=True)
class Task:
    """One set to judge and what to learn from."""

    name: str
    old: Stories
    y_old: np.ndarray
    new: Stories
    y_new: np.ndarray
    ids: list[str]


def pool(sets: list[RumourSet]) -> tuple[Stories, np.ndarray]:
    """Several sets as one, one after the other."""
    base = np.cumsum([0, *[len(s.known) for s in sets]])
    authors = pd.concat([s.known.authors for s in sets], ignore_index=True)
    return Stories(
        [t for s in sets for t in s.known.text],
        [t for s in sets for t in s.known.words],
        authors,
        join([s.known.events for s in sets]),
        np.concatenate([s.known.owner + b for s, b in zip(sets, base, strict=False)]),
        np.concatenate([s.known.t for s in sets]),
        [t for s in sets for t in s.known.said],
        pd.concat([s.known.hits for s in sets], ignore_index=True),
    ), np.concatenate([s.y for s in sets])


def common(old: Stories, new: Stories) -> tuple[Stories, Stories]:
    """Both sides with only what both hold: author columns, and words of reposts or none."""
    if not new.said:
        old = replace(old, owner=old.owner[:0], t=old.t[:0], said=[], hits=old.hits.iloc[:0])
    held = [
        c for c in old.authors if c in new.authors and old.authors[c].notna().any() and new.authors[c].notna().any()
    ]
    return replace(old, authors=old.authors[held]), replace(new, authors=new.authors[held])


def tasks(train: Path, data: Path) -> list[Task]:
    """Each set to judge with its training stories."""
    tests = read_all(data)
    if not tests:
        raise SystemExit(f"no rumour set under {data}: none has labelled posts and reposts")
    known = tests if train.resolve() == data.resolve() else read_all(train)
    inside = {s.folder.resolve() for s in known}
    out = []
    for one in tests:
        k = len(one.known)
        if one.folder.resolve() in inside:
            cut = round(TRAIN_SHARE * k)
            first, last = np.arange(cut), np.arange(cut, k)
            pair = common(one.known.take(first), one.known.take(last))
            out.append(Task(one.folder.name, pair[0], one.y[first], pair[1], one.y[last], one.ids[cut:]))
            continue
        if not known:
            raise SystemExit(f"no rumour set to learn from under {train}")
        old, y = pool(known)
        pair = common(old, one.known)
        out.append(Task(one.folder.name, pair[0], y, pair[1], one.y, one.ids))
    return out


def seen_text(known: Stories, age: float) -> list[str]:
    """Source and reposts so far as one text."""
    rows = np.flatnonzero(known.t <= age) if age > 0 else np.zeros(0, dtype=int)
    said = pd.Series([known.said[i] for i in rows], dtype=object).groupby(known.owner[rows]).agg(" ".join)
    joined = said.reindex(range(len(known))).fillna("")
    return [f"{a} {b}" for a, b in zip(known.text, joined, strict=True)]


def tfidf_logistic(task: Task, age: float) -> np.ndarray:
    """The peer: what its own words say, nothing else."""
    reader = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), min_df=3, sublinear_tf=True, max_features=200_000)
    model = LogisticRegression(C=4.0, max_iter=1000).fit(reader.fit_transform(seen_text(task.old, age)), task.y_old)
    return np.asarray(model.predict_proba(reader.transform(seen_text(task.new, age)))[:, 1])


def shipped_untrained(task: Task, age: float) -> np.ndarray:
    """The shipped readable weights."""
    weights, new = shipped(), task.new
    seen = new.t <= age if age > 0 else np.zeros(len(new.t), dtype=bool)
    usual = pd.Series(weights.usual)[list(new.hits.columns)]
    reactions = reaction_features(new.owner[seen], new.hits[seen], len(new), usual)
    return weights.predict(pd.concat([source_features(pa.array(new.text, pa.string())), reactions], axis=1))


PEERS = {"tfidf_logistic": tfidf_logistic, "shipped_untrained": shipped_untrained}


def measures(y: np.ndarray, p: np.ndarray, age: int) -> Figures:
    """The four figures at one age."""
    said = (p > 0.5).astype(int)
    return {
        f"auc@{age}": float(roc_auc_score(y, p)) if len(np.unique(y)) == 2 else float("nan"),
        f"accuracy@{age}": float(np.mean(said == y)),
        f"macro_f1@{age}": float(f1_score(y, said, average="macro")),
        f"brier@{age}": float(brier_score_loss(y, p)),
    }


def main() -> None:
    """Run the benchmark."""
    args = parser("rumour", "rumour or not at 0 s, 10 min, 1 h and 24 h")
    args.add_argument("--train", type=Path, help="folder to learn from; --data when left out")
    given = args.parse_args()
    figures: Figures = {}
    peers: dict[str, Figures] = {name: {} for name in PEERS}
    rows: list[tuple[object, ...]] = []
    work = tasks(given.train or given.data, given.data)
    y = np.concatenate([task.y_new for task in work])
    for age in AGES:
        ours = [fit(task.old, task.y_old, float(age)).predict(task.new) for task in work]
        for task, p in zip(work, ours, strict=True):
            say(f"{task.name}: {measures(task.y_new, p, age)}")
            told = zip(task.ids, task.y_new, p, strict=True)
            rows += [(task.name, i, age, int(a), int(b > 0.5), float(b)) for i, a, b in told]
        figures |= measures(y, np.concatenate(ours), age)
        for name, peer in PEERS.items():
            peers[name] |= measures(y, np.concatenate([peer(task, age) for task in work]), age)
            say(f"{name}: auc {peers[name][f'auc@{age}']:.3f}, accuracy {peers[name][f'accuracy@{age}']:.3f}")
    write_predictions(given.out, ("set", "id", "age_s", "label", "prediction", "probability"), rows)
    finish("rumour", figures, peers)


if __name__ == "__main__":
    sys.exit(main())
