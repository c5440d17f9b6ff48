"""Whether simulated losses are those of the closed forms and of pyfair, and move with what causes them.

Through `crisislib.risk.assess` with its defaults. Keys: `pert_mean`, `pert_sd`, `year_mean`, `year_sd` (relative error
against the PERT's and the compound Poisson's closed forms, root mean square over 40 drawn watches; moments are read
from the stored curve of 101 points, which itself costs a few per cent of a standard deviation), `monotone` (share of
pairs in which more reach, customers or revenue cost more; 1 is the aim), `monotone.reach`, … each. Peer: pyfair's PERT
of the same ranges (mean only: it fixes another spread). `--data` is not read.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from pyfair import FairBetaPert

from benchmarks.harness import Figures, finish, parser
from crisislib.core.tables import conform
from crisislib.core.watch import Watch
from crisislib.core.watch_sections import Brand, Risk
from crisislib.risk import assess

NOW = datetime(2026, 3, 10, tzinfo=UTC)
INCIDENT: dict[str, Any] = {
    "incident_id": "i", "kind": "rumour", "level": "red", "index": 95.0, "opened_at": NOW - timedelta(hours=3),
}  # fmt: skip
TIMES = (0.01, 0.1, 1.0, 5.0, 50.0)
"""What reach, customers and revenue are multiplied by, in turn."""
Range = tuple[float, float, float]


def _watch(**risk: Any) -> Watch:
    return Watch(watch="w", title={"en": "W"}, brand=Brand(names=["B"]), risk=Risk(currency="EUR", **risk))


def _signals(rng: np.random.Generator, times: float) -> Any:
    at = pd.date_range(NOW - timedelta(days=9), NOW, freq="h", inclusive="left")
    rows = pd.DataFrame({"at": at, "value": rng.poisson(40, len(at)) * times})
    return conform(rows.assign(watch="w", step_s=3600, made_at=NOW, n_posts=10, signal="volume"), "SIGNALS")


def _range(rng: np.random.Generator, scale: float) -> Range:
    low, mode, high = np.sort(rng.lognormal(np.log(scale), 1.0, 3))
    return float(low), float(mode), float(high)


def closed_forms(rng: np.random.Generator, watches: int) -> tuple[Figures, Figures]:
    """Errors against the PERT and the compound Poisson, and pyfair's of the same mean."""
    ours: dict[str, list[float]] = {"pert_mean": [], "pert_sd": [], "year_mean": [], "year_sd": []}
    theirs: list[float] = []
    for _ in range(watches):
        span, rate = _range(rng, 1e5), float(rng.uniform(0.5, 5))
        watch = _watch(forms={"response": span}, incidents_per_year=(rate, rate, rate))
        found = assess(watch, incident=INCIDENT, now=NOW, seed=int(rng.integers(2**31)))
        form = found.forms[found.forms["form"] == "response"].iloc[0]
        low, mode, high = (float(form[k]) for k in ("low", "mode", "high"))
        mean = (low + 4 * mode + high) / 6
        var = (mean - low) * (high - mean) / 7
        sides = {
            scope: _moments(part) for scope, part in found.curve.groupby("scope")
        }  # of the curve, which is what is stored and drawn
        year = rate * mean, np.sqrt(rate * (var + mean**2))
        ours["pert_mean"].append(sides["incident"][0] / mean - 1)
        ours["pert_sd"].append(sides["incident"][1] / np.sqrt(var) - 1)
        ours["year_mean"].append(sides["year"][0] / year[0] - 1)
        ours["year_sd"].append(sides["year"][1] / year[1] - 1)
        drawn = np.asarray(FairBetaPert(low=low, mode=mode, high=high, gamma=4).random_variates(20_000))
        theirs.append(float(drawn.mean()) / mean - 1)
    size = {key: float(np.sqrt(np.mean(np.square(values)))) for key, values in ours.items()}
    return size, {"pert_mean": float(np.sqrt(np.mean(np.square(theirs))))}


def _moments(curve: pd.DataFrame) -> tuple[float, float]:
    """Mean and standard deviation of a distribution given by its quantiles, straight between them."""
    q = curve.sort_values("loss")["loss"].to_numpy()
    a, b = q[:-1], q[1:]
    mean = float(((a + b) / 2).mean())
    return mean, float(np.sqrt(((a * a + a * b + b * b) / 3).mean() - mean**2))


def monotone(rng: np.random.Generator, watches: int) -> Figures:
    """Share of neighbouring pairs in which more costs more."""
    right: dict[str, list[bool]] = {"reach": [], "customers": [], "revenue": []}
    for _ in range(watches):
        revenue, customers = _range(rng, 1e6), _range(rng, 1e5)
        seed = int(rng.integers(2**31))
        for name, pairs in right.items():
            losses = []
            for times in TIMES:
                more = {key: times if key == name else 1.0 for key in right}
                watch = _watch(
                    daily_revenue=tuple(x * more["revenue"] for x in revenue),
                    customers=tuple(x * more["customers"] for x in customers),
                    forms={"response": (1e4, 5e4, 3e5)},
                )
                signals = _signals(np.random.default_rng(seed), more["reach"])
                row = assess(watch, incident=INCIDENT, signals=signals, now=NOW, seed=seed).risks.to_pylist()[0]
                assert json.loads(row["drivers"])["per"] == "incident"
                losses.append(row["loss_mean"])
            pairs += [a < b for a, b in pairwise(losses)]
    each = {f"monotone.{name}": float(np.mean(pairs)) for name, pairs in right.items()}
    return {"monotone": min(each.values()), **each}


def main() -> None:
    """Compare, move, compare."""
    options = parser("loss", __doc__ or "")
    options.add_argument("--watches", type=int, default=40)
    options.add_argument("--seed", type=int, default=14)
    chosen = options.parse_args()
    rng = np.random.default_rng(chosen.seed)
    figures, pyfair = closed_forms(rng, chosen.watches)
    finish("loss", {**figures, **monotone(rng, chosen.watches)}, {"pyfair": pyfair})


if __name__ == "__main__":
    main()
