"""How far the outlook's probabilities can be believed, on simulated incidents that it has not seen.

Keys: `brier@1h…` as `brier@3600`, `@21600`, `@86400`, likewise `pr_auc`, `ece` (expected calibration error, ten bins)
and `base` (how often it happened). Asked is every window that the product would ask: three ordinary weeks are over,
the index is below orange and a whole day lies ahead. Peers, in the same run: the index alone, mapped to probabilities
by its bands, and the base rate. `--data` is not read: the incidents are drawn with a seed that training does not use.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.metrics import average_precision_score

from benchmarks.harness import Figures, finish, parser, say, write_predictions
from crisislib.signals import expect
from crisislib.warn import asked, load, probabilities, simulate, simulated_panel

ORANGE = 75.0
ORDINARY = 21 * 24
AT_ONCE = 260
"""Series drawn at once, which bounds the memory."""
Floats = npt.NDArray[np.float64]


def reached(index: Floats, windows: int) -> npt.NDArray[np.bool_]:
    """Whether the index comes to orange in one of the next windows; shape (series, windows)."""
    high = np.concatenate([np.nan_to_num(index) >= ORANGE, np.zeros((len(index), windows), dtype=bool)], axis=1)
    found = np.lib.stride_tricks.sliding_window_view(high[:, 1:], windows, axis=1).any(axis=-1)
    out: npt.NDArray[np.bool_] = found[:, : index.shape[1]]
    return out


def measures(p: Floats, y: npt.NDArray[np.bool_]) -> Figures:
    """Brier score, calibration error, area under precision and recall, base rate."""
    place = np.minimum((p * 10).astype(np.int64), 9)
    n, said, seen = (np.bincount(place, weights=w, minlength=10) for w in (np.ones(len(p)), p, y.astype(float)))
    return {
        "brier": float(np.mean((p - y) ** 2)),
        "ece": float(np.abs(said - seen).sum() / n.sum()),
        "pr_auc": float(average_precision_score(y, p)) if y.any() else float("nan"),
        "base": float(y.mean()),
    }


def main() -> None:
    """Draw, ask, compare."""
    options = parser("calibration", __doc__ or "")
    options.add_argument("--series", type=int, default=780, help="simulated series, one event each")
    options.add_argument("--seed", type=int, default=990_017, help="a seed that training does not use")
    options.add_argument("--model", type=Path, help="another model file than the shipped one")
    chosen = options.parse_args()
    model = load(chosen.model)
    say(f"drawing {chosen.series} series; the model: {model.card['trained_on']}")
    rng = np.random.default_rng(chosen.seed)
    series: list[npt.NDArray[np.int64]] = []
    index: list[Floats] = []
    answers: dict[str, dict[int, list[Floats]]] = {k: {s: [] for s in model.horizons} for k in ("ours", "bands", "y")}
    for first in range(0, chosen.series, AT_ONCE):
        panel = simulated_panel(simulate(min(AT_ONCE, chosen.series - first), seed=int(rng.integers(2**31))), expect)
        ask = np.isfinite(panel.index) & (np.nan_to_num(panel.index) < ORANGE)
        ask[:, :ORDINARY] = False
        ask[:, -24:] = False
        series.append(np.nonzero(ask)[0] + first)
        index.append(panel.index[ask])
        ours, bands = probabilities(asked(panel, model)[ask], model), model.of_index(panel.index[ask])
        for seconds in model.horizons:
            answers["ours"][seconds].append(ours[seconds])
            answers["bands"][seconds].append(bands[seconds])
            answers["y"][seconds].append(reached(panel.index, seconds // panel.step_s)[ask])
    told = {k: {s: np.concatenate(parts) for s, parts in each.items()} for k, each in answers.items()}
    group = np.concatenate(series)
    day = max(model.horizons)
    figures: Figures = {"events": float(len(np.unique(group[told["y"][day]]))), "rows": float(len(group))}
    peers: dict[str, Figures] = {"index_bands": {}, "base_rate": {}}
    for seconds in model.horizons:
        y = told["y"][seconds]
        rate = np.full(len(y), y.mean())
        for into, p in ((figures, told["ours"]), (peers["index_bands"], told["bands"]), (peers["base_rate"], None)):
            into |= {f"{name}@{seconds}": v for name, v in measures(rate if p is None else p[seconds], y).items()}
    header = ["series", "index", *[f"p{s}" for s in model.horizons], *[f"y{s}" for s in model.horizons]]
    columns = [told["ours"][s].round(5) for s in model.horizons] + [told["y"][s].astype(int) for s in model.horizons]
    write_predictions(chosen.out, header, zip(group, np.concatenate(index).round(2), *columns, strict=True))
    finish("calibration", figures, peers)


if __name__ == "__main__":
    main()
