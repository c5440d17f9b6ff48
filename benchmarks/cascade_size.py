"""Final size of cascades from their first 10 minutes, hour and six hours.

Sets are found by their columns (see `cascade_sets`); a set is called by its folder, with the value of
the column `dataset` appended where one folder holds several. Training uses all sets of the same layout
under `--train`; a set that is itself among them (or where `--train` is left out) is split: its own oldest
70 % train and its newest 30 % are forecast.

Figures per set and age in seconds: `mdape` (median absolute percentage error as a share), `msle` (mean
squared error of log2), `coverage80` (share inside the 80 % interval); cascades with at least ten reposts
by then. Peers: `constant_ratio` (median growth), `boosting_counts` (gradient boosting on log counts),
`seismic` (our vectorised SEISMIC with kernel, mean audience and scale refitted on the training set;
where it is supercritical the constant ratio stands in), `shipped_untrained` (what a watch without
history gets: learnt from simulated cascades only).
"""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor

from benchmarks.cascade_sets import CascadeSet, join, read_sets
from benchmarks.harness import Figures, finish, parser, say, write_predictions
from crisislib.core.errors import NotEnoughData
from crisislib.spread.forecast.events import Events
from crisislib.spread.forecast.seismic import Kernel, final_size, state
from crisislib.spread.forecast.shipped import shipped
from crisislib.spread.forecast.size_model import fit

AGES = (600, 3600, 21600)
LEAST = 10
TRAIN_SHARE = 0.7
COUNT_SHARES = (1.0, 0.5, 0.25, 0.125, 0.0625)
SCALES = np.geomspace(0.1, 4, 25)


def _seen(events: Events, age: float) -> Events:
    return events.take(events.count(age) >= LEAST)


def constant_ratio(train: Events, test: Events, age: float) -> np.ndarray:
    """Median growth of the training cascades."""
    return np.asarray(test.count(age) * np.median(train.size / train.count(age)))


def boosting_counts(train: Events, test: Events, age: float) -> np.ndarray:
    """Gradient boosting of log growth on log counts at halved ages."""

    def table(events: Events) -> np.ndarray:
        return np.log1p(np.column_stack([events.count(age * share) for share in COUNT_SHARES]))

    model = HistGradientBoostingRegressor(random_state=0)
    model.fit(table(train), np.log(train.size / train.count(age)))
    return np.asarray(test.count(age) * np.exp(model.predict(table(test))))


def seismic(train: Events, test: Events, age: float) -> np.ndarray:
    """SEISMIC with kernel, mean audience and scale chosen by median error on the training cascades."""
    has_audience = np.isfinite(train.audience).mean() > 0.5 if len(train.audience) else False
    means = (0.0, 30.0, 100.0, 300.0) if has_audience else (0.0, 0.3, 0.6, 0.9)
    growth = float(np.median(train.size / train.count(age)))
    best: tuple[float, Kernel, float, float] = (np.inf, Kernel(), 0.0, 1.0)
    for theta in (Kernel.theta, 0.4, 0.6):
        now = state(train, age, Kernel(theta=theta))
        for mean, scale in itertools.product(means, SCALES):
            size = final_size(now, mean_audience=mean, alpha=scale)
            size = np.where(np.isfinite(size), size, now.n * growth)
            error = float(np.median(np.abs(size / train.size - 1)))
            if error < best[0]:
                best = (error, Kernel(theta=theta), mean, float(scale))
    now = state(test, age, best[1])
    size = final_size(now, mean_audience=best[2], alpha=best[3])
    return np.where(np.isfinite(size), size, now.n * growth)


UNTRAINED = "shipped_untrained"
PEERS = {"constant_ratio": constant_ratio, "boosting_counts": boosting_counts, "seismic": seismic}


def score(figures: Figures, name: str, age: int, forecast: np.ndarray, truth: np.ndarray) -> None:
    """Median relative error and mean squared log2 error."""
    figures[f"{name}.mdape@{age}"] = float(np.median(np.abs(forecast / truth - 1)))
    figures[f"{name}.msle@{age}"] = float(np.mean(np.log2(forecast / truth) ** 2))


def coverage(low: np.ndarray, high: np.ndarray, truth: np.ndarray) -> float:
    """Share inside the interval; sizes are whole numbers, so a bound that rounds to the truth holds it."""
    return float(np.mean((np.floor(low) <= truth) & (truth <= np.ceil(high))))


def pairs(train: Path, data: Path) -> list[tuple[CascadeSet, Events, Events]]:
    """Each set with what it learns from and what is forecast."""
    tests = read_sets(data)
    if not tests:
        raise SystemExit(f"no cascades under {data}: no file has the columns of a cascade")
    known = tests if train.resolve() == data.resolve() else read_sets(train)
    same_folder = {one.folder.resolve() for one in known}
    out = []
    for one in tests:
        if one.folder.resolve() in same_folder:
            order = np.argsort(one.order, kind="stable")
            first = round(TRAIN_SHARE * len(order))
            out.append((one, one.events.take(order[:first]), one.events.take(order[first:])))
            continue
        same = [s for s in known if s.layout == one.layout]
        if not same:
            say(f"{one.name}: no set of the same layout under {train}; all its sets train")
        old = [s.events.take(np.argsort(s.order, kind="stable")) for s in same or known]
        out.append((one, join(old), one.events))
    return out


def main() -> None:
    """Run the benchmark."""
    args = parser("cascade_size", "final size of cascades from their first minutes")
    args.add_argument("--train", type=Path, help="folder to learn from; --data when left out")
    given = args.parse_args()
    figures: Figures = {}
    peers: dict[str, Figures] = {name: {} for name in (*PEERS, UNTRAINED)}
    rows: list[tuple[object, ...]] = []
    for (one, train, test), age in itertools.product(pairs(given.train or given.data, given.data), AGES):
        old, new = _seen(train, age), _seen(test, age)
        if not len(new):
            say(f"{one.name}@{age}: no cascade has {LEAST} reposts by then")
            continue
        try:
            model = fit(old, float(age))
        except NotEnoughData as fault:
            say(f"{one.name}@{age}: {fault}")
            continue
        truth = new.size.astype(float)
        said = model.predict(new)
        point, low, high = (said[c].to_numpy() for c in ("forecast", "forecast_lo", "forecast_hi"))
        score(figures, one.name, age, point, truth)
        figures[f"{one.name}.coverage80@{age}"] = coverage(low, high, truth)
        plain = shipped(float(age)).predict(new)
        bounds = plain["forecast_lo"].to_numpy(), plain["forecast_hi"].to_numpy()
        score(peers[UNTRAINED], one.name, age, plain["forecast"].to_numpy(), truth)
        peers[UNTRAINED][f"{one.name}.coverage80@{age}"] = coverage(*bounds, truth)
        for name, peer in PEERS.items():
            score(peers[name], one.name, age, peer(old, new, float(age)), truth)
        say(
            f"{one.name}@{age}: {len(old)} to learn from, {len(new)} forecast, {figures[f'{one.name}.mdape@{age}']:.3f}"
        )
        rows += [(one.name, i, age, *map(float, r)) for i, *r in zip(new.ids, truth, low, point, high, strict=True)]
    write_predictions(given.out, ("set", "cascade", "age_s", "final", "forecast_lo", "forecast", "forecast_hi"), rows)
    finish("cascade_size", figures, peers)


if __name__ == "__main__":
    sys.exit(main())
