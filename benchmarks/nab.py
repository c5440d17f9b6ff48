"""Early alarms on brand-mention volume, scored by NAB's rules.

The detector has one knob, the false-alarm budget, and it is not tuned on these series: its threshold is the
product's default of one alarm a fortnight, and the run shows on simulated series without any event how many
alarms that gives. Peers are scored in the same run at the threshold that is best for them on these very
series, which flatters them: a moving z-score (Windowed Gaussian) and the streaming negative-binomial surprise.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks import harness
from benchmarks.nab_scorer import PROFILES, normalised, probation, score
from crisislib.warn.detectors import return_period

EVERY_DAYS = 14.0
THRESHOLD = 0.5
"""Score at which the return period equals the budget: the score is period / (period + EVERY_DAYS)."""

Series = tuple[str, pd.Series, NDArray[np.float64], int, list[tuple[int, int]]]


def load(folder: Path) -> list[Series]:
    """Every series that a `*windows.json` of the folder names: key, times, values, step, windows as rows."""
    found = []
    for listing in sorted(folder.glob("*windows.json")):
        for key, windows in json.loads(listing.read_text(encoding="utf-8")).items():
            path = next((p for p in (folder / key, folder / Path(key).name) if p.is_file()), None)
            if path is None:
                harness.say(f"{key}: named in {listing.name}, but there is no such file")
                continue
            frame = pd.read_csv(path, parse_dates=["timestamp"])
            at = frame["timestamp"]
            rows = [
                (int(at.searchsorted(pd.Timestamp(a))), int(at.searchsorted(pd.Timestamp(b), side="right")) - 1)
                for a, b in windows
            ]
            step = int(at.diff().dt.total_seconds().median())
            found.append((key, at, frame["value"].to_numpy(float), step, rows))
    return found


REST_S = 86_400
"""An alarm within a day of a window that was above the budget is the same episode, as an incident is."""


def ours(values: NDArray[np.float64], step: int) -> NDArray[np.float64]:
    """Scores in 0-1 by the product's return periods; only the first row of an episode passes the threshold."""
    periods, _ = return_period(values, step)
    periods = np.nan_to_num(periods)
    above = periods >= EVERY_DAYS
    rows = np.flatnonzero(above)
    fired = np.zeros(len(values), dtype=bool)
    fired[rows[np.diff(rows, prepend=-len(values)) * step > REST_S]] = True
    raw = periods / (periods + EVERY_DAYS)
    return np.where(fired, raw, np.minimum(raw, THRESHOLD * 0.99))


def windowed_gaussian(values: NDArray[np.float64], step: int) -> NDArray[np.float64]:
    """NAB's Windowed Gaussian: distance from the mean of the last 6,400 rows in standard deviations."""
    past = pd.Series(values).rolling(6400, min_periods=50)
    z = (pd.Series(values) - past.mean().shift()) / past.std().shift().clip(lower=1e-9)
    return z.fillna(0).to_numpy()


def negative_binomial(values: NDArray[np.float64], step: int) -> NDArray[np.float64]:
    """Surprise of a streaming negative binomial, level by exponential smoothing over a day."""
    from scipy.stats import nbinom

    series = pd.Series(values)
    mean = series.ewm(halflife=86_400 / step).mean().shift().fillna(1.0).clip(lower=0.05)
    var = series.ewm(halflife=86_400 / step).var().shift().fillna(1.0)
    phi = ((var - mean) / mean**2).clip(lower=0.05)
    size = 1 / phi
    surprise: NDArray[np.float64] = -nbinom.logsf(values - 1, size, size / (size + mean)) / np.log(10)
    return surprise


def best(all_scores: list[NDArray[np.float64]], series: list[Series], profile: str) -> float:
    """A peer's score at the threshold that suits it best on these series."""
    pooled = np.concatenate(all_scores)
    thresholds = np.unique(np.quantile(pooled, 1 - np.geomspace(1e-5, 0.05, 60)))
    return max(
        normalised([score(s >= t, x[4], profile) for s, x in zip(all_scores, series, strict=True)], profile)
        for t in thresholds
    )


def eventless_alarms_per_week(seed: int = 0, days: int = 56, step: int = 300, series: int = 40) -> float:
    """False alarms a week at the threshold on simulated bursty daily series in which nothing happens."""
    rng = np.random.default_rng(seed)
    rows, fired = days * 86_400 // step, 0
    day = np.sin(2 * np.pi * np.arange(rows) * step / 86_400)
    start = probation(rows)
    for _ in range(series):
        level = np.exp(rng.normal(2, 1.2)) * np.exp(0.6 * day)
        clusters = rng.gamma(0.5, 2.0, rows)  # over-dispersion as in real mention counts
        values = rng.poisson(level * clusters).astype(float)
        fired += int((ours(values, step)[start:] >= THRESHOLD).sum())
    return fired / (series * (rows - start) * step / 604_800)


def main() -> None:
    """Run the benchmark."""
    args = harness.parser("nab", __doc__ or "").parse_args()
    series = [s for folder in harness.folders(args.data, "*windows.json") for s in load(folder)]
    if not series:
        raise SystemExit(f"no *windows.json with its series under {args.data}")
    figures: harness.Figures = {}
    with harness.timed(figures, "seconds"):
        scores = [ours(values, step) for _, _, values, step, _ in series]
    for profile in PROFILES:
        parts = [score(s >= THRESHOLD, x[4], profile) for s, x in zip(scores, series, strict=True)]
        figures[profile] = normalised(parts, profile)
    hits, false, windows = (sum(getattr(p, k) for p in parts) for k in ("hit", "false", "windows"))
    weeks = sum((len(v) - probation(len(v))) * step / 604_800 for _, _, v, step, _ in series)
    delays = [rows * x[3] / 3600 for p, x in zip(parts, series, strict=True) for rows in p.delays]
    figures |= {
        "threshold": THRESHOLD,
        "precision": hits / (hits + false) if hits + false else float("nan"),
        "recall": hits / windows if windows else float("nan"),
        "delay_hours": float(np.median(delays)) if delays else float("nan"),
        "false_per_week": false / weeks,
        "simulated.false_per_week": eventless_alarms_per_week(),
        "series": len(series),
        "windows": windows,
    }
    peers = {}
    for name, method in (("windowed_gaussian_best", windowed_gaussian), ("negative_binomial_best", negative_binomial)):
        harness.say(f"peer {name}")
        theirs = [method(values, step) for _, _, values, step, _ in series]
        peers[name] = {p: best(theirs, series, p) for p in PROFILES}
    rows = (
        (key, t.isoformat(sep=" "), f"{v:.6f}")
        for s, (key, at, *_) in zip(scores, series, strict=True)
        for t, v in zip(at, s, strict=True)
    )
    harness.write_predictions(args.out, ("series", "timestamp", "score"), rows)
    harness.finish("nab", figures, peers)


if __name__ == "__main__":
    main()
