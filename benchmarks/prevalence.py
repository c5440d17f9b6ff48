"""The negative share on time-shifted data, raw and corrected: `python -m benchmarks.prevalence --data DIR`.

The path is that of the product: `teach` reads LABELS and POSTS of a watch and writes a version, `prevalence` corrects
what that version says by the labels it keeps. For each labelled set whose rows have times the earliest 30 % is the
labelled period, from which 200 labels are drawn by seed; the rest is cut in time order into windows of 100 posts.
`drift.<set>` are streams whose mood drifts, simulated from sets without times: the labelled period is 20 % negative
and the share rises evenly to 70 % (`drift` figures are the worst of them). Error is the mean absolute difference
between the share given and the true one in a window; coverage is the share of windows whose 95 % interval holds the
true share. `raw` counts what the shipped model calls negative; `model` is the share without any label of the set;
`corrected` uses the labels. `taught` is the share of seeds whose taught model was better on later labels, and so came
into use. Means over the seeds. Peer: the share among the labels, held constant.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks import labelled
from benchmarks.harness import Figures, finish, parser, say, write_predictions
from benchmarks.sentiment import general
from crisislib.core.prevalence import prevalence
from crisislib.core.watch import Watch
from crisislib.nlp import Lesson, calibration, teach

LABELLED, LABELS, WINDOW, SEEDS = 0.3, 200, 100, 5
CALM, ANGRY, DRIFTING = 0.2, 0.7, 3000
"""Negative share of a drifting stream in the labelled period and at its end, and posts at most."""
WATCH = Watch(watch="w", title={"en": "W"}, brand={"names": ["w"]})


def stream(held: labelled.Labelled) -> tuple[list[str], npt.NDArray[np.int64]] | None:
    """Texts and classes in order of time; made to drift where the set has no times, None where it is too small."""
    if held.times is not None:
        order = np.argsort(held.times.to_numpy(), kind="stable")
        return [held.texts[i] for i in order], held.y[order]
    rng = np.random.default_rng(0)
    negative, other = (rng.permutation(np.flatnonzero((held.y == 0) == is_bad)) for is_bad in (True, False))
    n = min(DRIFTING, int(len(negative) / 0.45), int(len(other) / 0.65))
    steps = np.arange(n)
    share = np.interp(steps, [0, LABELLED * n, n], [CALM, CALM, ANGRY])
    bad = rng.random(n) < share
    if n < 1000 or bad.sum() > len(negative) or (~bad).sum() > len(other):
        return None
    rows = np.where(bad, negative[np.cumsum(bad) - 1], other[np.cumsum(~bad) - 1])
    return [held.texts[i] for i in rows], held.y[rows]


def taught_by(texts: list[str], y: npt.NDArray[np.int64], some: npt.NDArray[np.int64], folder: Path) -> Lesson:
    """What the product makes of some labels: the watch's version, taught and written by its own door."""
    ids = [f"x:{i}" for i in range(len(texts))]
    at = pd.date_range("2026-01-01", periods=len(texts), freq="min", tz="UTC")
    posts = pd.DataFrame({"watch": "w", "post_id": ids, "collected_at": at, "created_at": at, "text": texts})
    given = [(ids[i], labelled.SENTIMENTS[y[i]], at[i]) for i in some]
    labels = pd.DataFrame(given, columns=["post_id", "value", "at"])
    labels = labels.assign(watch="w", label="sentiment", model="analyst", created_at=labels["at"])
    return teach(posts, labels, WATCH, models=folder)


def measure(
    name: str, texts: list[str], y: npt.NDArray[np.int64], rows: list[tuple[object, ...]]
) -> tuple[Figures, float] | None:
    """Figures of one stream and the error of the constant share; None where it is too small."""
    truth = y == 0
    cut = int(len(truth) * LABELLED)
    n_windows = (len(truth) - cut) // WINDOW
    if n_windows < 5 or cut < 60 or not 5 <= truth[:cut].sum() <= cut - 5:
        say(f"{name}: {len(truth)} rows with times and {truth.sum()} negative are too few for windows")
        return None
    later = slice(cut, cut + n_windows * WINDOW)
    window = np.repeat(np.arange(n_windows), WINDOW)
    real = truth[later].reshape(n_windows, WINDOW).mean(axis=1)
    raw = prevalence(general(texts[later])[:, 0], window=window, n_windows=n_windows)
    found: dict[str, list[float]] = {"corrected_error": [], "coverage": [], "width": [], "taught": []}
    constant = []
    for seed in range(SEEDS):
        some = np.sort(np.random.default_rng(seed).choice(cut, min(LABELS, cut), replace=False))
        with TemporaryDirectory() as folder:
            made = taught_by(texts[:cut], y[:cut], some, Path(folder))
            labels, model = calibration(WATCH, Path(folder)), made.model
        assert model is not None
        p = model.predict(texts[later])[:, 0]
        share = prevalence(p, labels, window=window, n_windows=n_windows, seed=seed)
        found["corrected_error"].append(float(np.abs(share.value - real).mean()))
        found["coverage"].append(float(((share.lo <= real) & (real <= share.hi)).mean()))
        found["width"].append(float((share.hi - share.lo).mean()))
        found["taught"].append(float(not made.general_stays))
        constant.append(float(np.abs(truth[some].mean() - real).mean()))
        rows += [(f"{name}/{seed}/{i}", v, "") for i, v in enumerate(share.value)]
    figures = {f"{name}.{key}": float(np.mean(values)) for key, values in found.items()}
    figures |= {
        f"{name}.raw_error": float(np.abs(raw.raw - real).mean()),
        f"{name}.model_error": float(np.abs(raw.value - real).mean()),
        f"{name}.model_coverage": float(((raw.lo <= real) & (real <= raw.hi)).mean()),
    }
    say(f"{name}: {n_windows} windows, true share {real.min():.2f} to {real.max():.2f}")
    return figures, float(np.mean(constant))


def main() -> None:
    """Measure every set with times, and those without as drifting streams."""
    given = parser("prevalence", __doc__ or "").parse_args()
    figures: Figures = {}
    constant: Figures = {}
    rows: list[tuple[object, ...]] = []
    for each, held in labelled.sets(given.data).items():
        if 0 not in held.classes or (ordered := stream(held)) is None:
            continue
        name = each if held.times is not None else f"drift.{each}"
        measured = measure(name, *ordered, rows)
        if measured is not None:
            figures |= measured[0]
            constant[f"{name}.corrected_error"] = measured[1]
    write_predictions(given.out, ["id", "prediction", "probability"], rows)
    finish("prevalence", figures, {"constant": constant} if constant else {})


if __name__ == "__main__":
    main()
