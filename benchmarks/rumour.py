"""Rumour or not, from the post and its reposts so far, after 10 minutes, one hour and a day.

The figures are the product's: `crisislib.spread.rumour_score` over the tables of a watch, each story as it was at the
age. What a watch has untaught are the shipped weights, which have seen no set here: `auc@…`, `accuracy@…`,
`macro_f1@…` (at probability 0.5) and `brier@…`, by age in seconds. The product scores a
story once it has spread, so at the post itself it says nothing; `scored@…` is the share of the stories that it scores,
the others count as 0.5. `taught100.…` is the same door after `crisislib.spread.learn_rumours`, which
`crisis teach --rumours` runs, on the hundred newest labelled stories before the judged ones; `taught.…` after all of
them. `taught….installed` is 1 where the lesson beat the shipped weights on its own held-back stories: else a run goes
on with these.

Sets are found by their columns: labelled posts, reposts with seconds, texts of reposts. The oldest 70 % of each may be
learnt from, the newest 30 % are judged; with `--train` a set that is not below it is judged whole, after learning from
the sets there. With several sets the figures are over all judged stories. Peer: `tfidf_logistic`, TF-IDF (character
1-2-grams) of source and reposts so far with logistic regression, on all labels.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, f1_score, roc_auc_score

from benchmarks.harness import Figures, finish, parser, say, write_predictions
from benchmarks.rumour_sets import WATCH, RumourSet, read_all, split, texts_of
from crisislib.spread import RumourLesson, learn_rumours, rumour_score

AGES = (600.0, 3600.0, 86400.0)
TRAIN_SHARE = 0.7
FEW = 100
"""Labels of an afternoon."""
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Task:
    """One set to judge, and what may be learnt from."""

    data: RumourSet
    judged: pd.Series
    source: RumourSet
    labels: pd.Series


def tasks(train: Path, data: Path) -> list[Task]:
    """Each set to judge with its training stories."""
    tests = read_all(data)
    if not tests:
        raise SystemExit(f"no rumour set under {data}: none has labelled posts and reposts")
    known = tests if train.resolve() == data.resolve() else read_all(train)
    out = []
    for one in tests:
        if one.folder.resolve() in {s.folder.resolve() for s in known}:
            older, newer = split(one.labels, TRAIN_SHARE)
            out.append(Task(one, newer, one, older))
            continue
        if not known:
            raise SystemExit(f"no rumour set to learn from under {train}")
        largest = max(known, key=lambda s: len(s.labels))
        out.append(Task(one, one.labels, largest, largest.labels))
    return out


def lesson(task: Task, n: int | None) -> RumourLesson:
    """What the newest n labelled stories teach, or all of them."""
    labels = task.labels if n is None else task.labels.iloc[-n:]
    tables = task.source.until(list(labels.index), np.inf)
    newest = tables[0]["created_at"].to_pandas().max()
    with tempfile.TemporaryDirectory() as folder:
        return learn_rumours(*tables, labels, watch=WATCH, now=newest.to_pydatetime(), models=Path(folder))


def answers(task: Task, age: float, taught: RumourLesson | None) -> Floats:
    """The product's score of every judged story at an age.

    All stories are asked at once, each cut off at the age; the model of that age stands for the one that the product
    would choose, since each story would be exactly so old.
    """
    posts, edges, accounts = task.data.until(list(task.judged.index), age)
    now = posts["created_at"].to_pandas().max() + timedelta(days=2)
    if taught is not None:
        taught = replace(taught, models={0.0: taught.models[age]})
    found = rumour_score(posts, edges, accounts, watch=WATCH, now=now.to_pydatetime(), taught=taught)
    return found.table.set_index("root_id")["rumour_p"].reindex(task.judged.index).to_numpy(float)


def tfidf_logistic(task: Task, age: float) -> Floats:
    """The peer: what its own words say, nothing else."""
    reader = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), min_df=3, sublinear_tf=True, max_features=200_000)
    older = reader.fit_transform(texts_of(task.source, list(task.labels.index), age))
    model = LogisticRegression(C=4.0, max_iter=1000).fit(older, task.labels.to_numpy())
    return np.asarray(model.predict_proba(reader.transform(texts_of(task.data, list(task.judged.index), age)))[:, 1])


def measures(y: npt.NDArray[np.int64], p: Floats, age: float) -> Figures:
    """The four figures at one age."""
    key, scored = int(age), float(np.isfinite(p).mean())
    p = np.nan_to_num(p, nan=0.5)
    said = (p > 0.5).astype(int)
    return {
        f"scored@{key}": scored,
        f"auc@{key}": float(roc_auc_score(y, p)) if len(np.unique(y)) == 2 else float("nan"),
        f"accuracy@{key}": float(np.mean(said == y)),
        f"macro_f1@{key}": float(f1_score(y, said, average="macro")),
        f"brier@{key}": float(brier_score_loss(y, p)),
    }


def main() -> None:
    """Run the benchmark."""
    args = parser("rumour", "rumour or not at 0 s, 10 min, 1 h and 24 h")
    args.add_argument("--train", type=Path, help="folder to learn from; --data when left out")
    given = args.parse_args()
    work = tasks(given.train or given.data, given.data)
    y = np.concatenate([task.judged.to_numpy() for task in work])
    figures: Figures = {"stories": float(len(y))}
    peer: Figures = {}
    rows: list[tuple[object, ...]] = []
    ways: dict[str, list[RumourLesson | None]] = {"": [None] * len(work)}
    for prefix, n in ((f"taught{FEW}.", FEW), ("taught.", None)):
        say(f"teaching on {n or 'all'} labelled stories")
        lessons = [lesson(task, n) for task in work]
        figures[f"{prefix}installed"] = float(all(one.version > 0 for one in lessons))
        ways[prefix] = list(lessons)
    for age in AGES:
        for prefix, lessons in ways.items():
            told = [answers(task, age, one) for task, one in zip(work, lessons, strict=True)]
            found = measures(y, np.concatenate(told), age)
            say(f"{prefix or 'untaught'}: {found}")
            figures |= {prefix + key: value for key, value in found.items()}
            for task, p in zip(work, told, strict=True):
                lines = zip(task.judged.index, task.judged, p, strict=True)
                rows += [(task.data.folder.name, prefix, i, int(age), int(a), float(b)) for i, a, b in lines]
        peer |= measures(y, np.concatenate([tfidf_logistic(task, age) for task in work]), age)
    write_predictions(given.out, ("set", "taught", "id", "age_s", "label", "probability"), rows)
    finish("rumour", figures, {"tfidf_logistic": peer})


if __name__ == "__main__":
    sys.exit(main())
