"""The negative share on time-shifted data, raw and corrected: `python -m benchmarks.prevalence --data DIR`.

For each labelled set whose rows have times: the earliest 30 % is the labelled period, from which 200 labels are drawn
by seed; the rest is cut in time order into windows of 100 posts. Error is the mean absolute difference between the
said and the true share of negative posts in a window; coverage is the share of windows whose 95 % interval holds the
true share. `raw` counts what the shipped model calls negative; `model` is the share without any label of the set;
`corrected` uses the labels. Means over the seeds. Peer: the share among the labels, held constant.
"""

from __future__ import annotations

import numpy as np

from benchmarks import labelled
from benchmarks.harness import Figures, finish, parser, say, write_predictions
from benchmarks.sentiment import general
from crisislib.core.prevalence import Calibration, prevalence

LABELLED, LABELS, WINDOW, SEEDS = 0.3, 200, 100, 5


def measure(held: labelled.Labelled, rows: list[tuple[object, ...]]) -> tuple[Figures, float] | None:
    """Figures of one set and the error of the constant share; None where the set is too small."""
    assert held.times is not None
    order = np.argsort(held.times.to_numpy(), kind="stable")
    p = general(held.texts)[order][:, held.classes]
    truth = held.y[order] == 0
    p_neg = p[:, held.classes.index(0)] / p.sum(axis=1)
    cut = int(len(truth) * LABELLED)
    n_windows = (len(truth) - cut) // WINDOW
    if n_windows < 5 or cut < 60 or not 5 <= truth[:cut].sum() <= cut - 5:
        say(f"{held.name}: {len(truth)} rows with times and {truth.sum()} negative are too few for windows")
        return None
    later = slice(cut, cut + n_windows * WINDOW)
    window = np.repeat(np.arange(n_windows), WINDOW)
    real = truth[later].reshape(n_windows, WINDOW).mean(axis=1)
    raw = prevalence(p_neg[later], window=window, n_windows=n_windows)
    found: dict[str, list[float]] = {"corrected_error": [], "coverage": [], "width": []}
    constant = []
    for seed in range(SEEDS):
        some = np.random.default_rng(seed).choice(cut, min(LABELS, cut), replace=False)
        labels = Calibration(p_neg[some], truth[some])
        share = prevalence(p_neg[later], labels, window=window, n_windows=n_windows, seed=seed)
        found["corrected_error"].append(float(np.abs(share.value - real).mean()))
        found["coverage"].append(float(((share.lo <= real) & (real <= share.hi)).mean()))
        found["width"].append(float((share.hi - share.lo).mean()))
        constant.append(float(np.abs(truth[some].mean() - real).mean()))
        rows += [(f"{held.name}/{seed}/{i}", v, "") for i, v in enumerate(share.value)]
    figures = {f"{held.name}.{key}": float(np.mean(values)) for key, values in found.items()}
    figures |= {
        f"{held.name}.raw_error": float(np.abs(raw.raw - real).mean()),
        f"{held.name}.model_error": float(np.abs(raw.value - real).mean()),
        f"{held.name}.model_coverage": float(((raw.lo <= real) & (real <= raw.hi)).mean()),
    }
    say(f"{held.name}: {n_windows} windows, true share {real.min():.2f} to {real.max():.2f}")
    return figures, float(np.mean(constant))


def main() -> None:
    """Measure every set with times."""
    given = parser("prevalence", __doc__ or "").parse_args()
    figures: Figures = {}
    constant: Figures = {}
    rows: list[tuple[object, ...]] = []
    for name, held in labelled.sets(given.data).items():
        if held.times is None or 0 not in held.classes:
            continue
        measured = measure(held, rows)
        if measured is not None:
            figures |= measured[0]
            constant[f"{name}.corrected_error"] = measured[1]
    write_predictions(given.out, ["id", "prediction", "probability"], rows)
    finish("prevalence", figures, {"constant": constant} if constant else {})


if __name__ == "__main__":
    main()
