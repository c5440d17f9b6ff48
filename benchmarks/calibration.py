"""How far the outlook's probabilities can be believed, on simulated incidents that it has not seen.

Keys: `brier@1h…` as `brier@3600`, `@21600`, `@86400`, likewise `pr_auc`, `ece` and `base` (how often
it happened). Peers, in the same run: the index alone, mapped to probabilities by its bands, and
the base rate. `--data` is not read: the incidents are drawn with a seed that training does not use.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.harness import finish, parser, say, write_predictions
from crisislib.signals import expect
from crisislib.warn.outlook.measure import measures
from crisislib.warn.outlook.model import BANDS, HORIZONS, load
from crisislib.warn.outlook.train import simulated_rows


def main() -> None:
    """Draw, ask, compare."""
    options = parser("calibration", __doc__ or "")
    options.add_argument("--series", type=int, default=780, help="simulated series, one event each")
    options.add_argument("--seed", type=int, default=990_017, help="a seed that training does not use")
    options.add_argument("--model", type=Path, help="another model file than the shipped one")
    chosen = options.parse_args()
    model = load(chosen.model)
    say(f"drawing {chosen.series} series; the model: {model.card['trained_on']}")
    rows = simulated_rows(chosen.series, seed=chosen.seed, expect=expect, thin=False)
    figures: dict[str, float] = {"events": float(len(np.unique(rows.group[rows.y[:, -1]]))), "rows": float(len(rows.x))}
    bands: dict[str, float] = {}
    rate: dict[str, float] = {}
    band = np.digitize(rows.index, BANDS[1:])
    told = []
    for i, seconds in enumerate(HORIZONS):
        p = model.horizons[seconds].probability(rows.x)
        y = rows.y[:, i]
        told.append(p)
        for held, forecast in ((figures, p), (bands, model.bands[i, band]), (rate, np.full(len(y), y.mean()))):
            found = measures(forecast, y)
            held.update({f"{name}@{seconds}": found[name] for name in ("brier", "ece", "pr_auc", "base")})
    header = ["series", "index", *[f"p{s}" for s in HORIZONS], *[f"y{s}" for s in HORIZONS]]
    lines = zip(rows.group, rows.index.round(2), *[p.round(5) for p in told], *rows.y.T.astype(int), strict=True)
    write_predictions(chosen.out, header, lines)
    finish("calibration", figures, {"index_bands": bands, "base_rate": rate})


if __name__ == "__main__":
    main()
