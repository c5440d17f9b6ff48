"""Early alarms on brand-mention volume as the product decides them, scored by NAB's rules.

Each series walks the way of a user's volume: its counts become POSTS (as many at the beginning of each bin as were
counted, without text or author), `crisislib.signals` makes SIGNALS of them, and `warn.decisions` decides at the
end of every window in which a level rises, a burst gets rarer or an incident may close, with the incidents and alerts
that it wrote before. A detection is an alert at blue or above (opened, worsened or rarer; an escalation is no news of
the series), at the last row of its window. All settings are the product's defaults: hourly windows, one rare burst a
fortnight. Keys with `five_minutes.` are of a watch whose window is the step of the series, else default.

Nothing was tuned on these series: the detector's settings are round and were checked on simulated series without any
event, of which `simulated.false_per_week` tells. Peers: the bare return-period detector at the same budget with a rest
of a day, on the counts themselves (`return_period`); a moving z-score (Windowed Gaussian) and the streaming
negative-binomial surprise at the threshold that is best for them on these very series, which flatters them.
"""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks import harness
from benchmarks.nab_scorer import PROFILES, Scored, normalised, probation, score
from crisislib.core.levels import rank
from crisislib.core.tables import conform
from crisislib.core.watch import Watch
from crisislib.core.watch_sections import Levels
from crisislib.signals import Frames, compute
from crisislib.warn import close_after, decide, return_period, series_evidence

Series = tuple[str, pd.Series, NDArray[np.float64], int, list[tuple[int, int]]]
Floats = NDArray[np.float64]
EVERY_DAYS = 7.0 / Levels().alarms_per_week
RARER = 10.0
"""A burst so many times rarer than the rarest of its episode is visited, for it may be told again."""
DAY_S = 86_400
MINUTES = {"": Watch.model_fields["window"].default.step_minutes, "five_minutes.": 5}
"""Prefix of the keys -> window in minutes."""


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


def signals_of(at: pd.Series, values: Floats, step: int, watch: Watch) -> pd.DataFrame:
    """SIGNALS of a series: its counts as posts, collected without a gap."""
    begins = pd.DatetimeIndex(at).tz_localize("UTC").as_unit("us")
    created = begins.repeat(np.nan_to_num(values).astype(np.int64))
    posts = pd.DataFrame(
        {
            "watch": watch.watch, "post_id": np.arange(len(created)).astype(str), "collected_at": created,
            "platform": "series", "kind": "post", "created_at": created,
        }
    )  # fmt: skip
    first, last = begins[0].to_pydatetime(), (begins[-1] + pd.Timedelta(seconds=step)).to_pydatetime()
    record = {"batch_id": "b", "at": last, "watch": watch.watch, "source": "file", "since": first, "until": last}
    tables = {"posts": conform(posts, "POSTS"), "batches": conform(pd.DataFrame([record | {"ok": True}]), "BATCHES")}
    lazy = {}
    for name, table in tables.items():
        con = duckdb.connect()
        con.execute("SET TimeZone='UTC'")
        con.register("given", table)
        lazy[name] = nw.from_native(con.sql("SELECT * FROM given"))
    found: pd.DataFrame = compute(Frames(**lazy), watch, since=first, until=last, now=last).to_pandas()
    return found[found["surprise"].notna()]


def visited(history: pd.DataFrame, watch: Watch) -> NDArray[np.int64]:
    """Windows at whose end a decision could tell something new, or close an incident."""
    raised = history["level"].map(rank).to_numpy()
    days = np.nan_to_num(history["return_days"].to_numpy(dtype=float))
    wanted = np.zeros(len(history), dtype=bool)
    before, calm, rarest = 0, 0, 0.0
    for row, level in enumerate(raised):
        calm = 0 if level > 0 else calm + 1
        wanted[row] = (level > 0 and (level > before or days[row] >= RARER * rarest)) or calm == close_after(watch)
        rarest = 0.0 if calm >= close_after(watch) else max(rarest, days[row] if level > 0 else 0.0)
        before = level
    return np.flatnonzero(wanted)


def alerts_of(at: pd.Series, values: Floats, step: int, watch: Watch) -> NDArray[np.bool_]:
    """Rows of a series at which the product sends an alert."""
    rows = signals_of(at, values, step, watch)
    length = pd.Timedelta(minutes=watch.window.step_minutes)
    series = series_evidence(rows, watch)
    history = decide(rows, watch, now=(rows["at"].max() + length).to_pydatetime(), series=series).history
    ends = pd.DatetimeIndex(history["at"]) + length
    place = pd.DatetimeIndex(at).tz_localize("UTC")
    out = np.zeros(len(values), dtype=bool)
    memory: dict[str, list[pd.DataFrame]] = {"incidents": [], "alerts": []}
    for row in visited(history, watch):
        before = {name: pd.concat(parts) if parts else None for name, parts in memory.items()}
        one = decide(rows, watch, now=ends[row].to_pydatetime(), series=series, **before)
        memory["incidents"] += [one.incidents.to_pandas()] if one.incidents.num_rows else []
        memory["alerts"] += [one.alerts.to_pandas()] if one.alerts.num_rows else []
        told = one.alerts["method"].to_pylist()
        if told and not told[0].endswith(";escalated"):
            out[min(int(place.searchsorted(ends[row])) - 1, len(out) - 1)] = True
    return out


def watch_of(minutes: int) -> Watch:
    """A watch with default settings but its window."""
    given = {"watch": "series", "title": {"en": "series"}, "brand": {"names": ["series"]}}
    return Watch.model_validate(given | {"window": {"step_minutes": minutes}})


def bare(values: Floats, step: int, first: pd.Timestamp) -> NDArray[np.bool_]:
    """Alarms of the detector alone, each with a rest of a day unless it gets ten times rarer."""
    days = return_period(values, step, first_s=int(first.timestamp()))[0]
    fired, free, last = np.zeros(len(days), dtype=bool), 0, 0.0
    for row in np.flatnonzero(np.nan_to_num(days) >= EVERY_DAYS).tolist():
        if row >= free or days[row] >= RARER * last:
            fired[row], free, last = True, row + DAY_S // step + 1, float(days[row])
    return fired


def windowed_gaussian(values: Floats, step: int) -> Floats:
    """NAB's Windowed Gaussian: distance from the mean of the last 6,400 rows in standard deviations."""
    past = pd.Series(values).rolling(6400, min_periods=50)
    z = (pd.Series(values) - past.mean().shift()) / past.std().shift().clip(lower=1e-9)
    return z.fillna(0).to_numpy()


def negative_binomial(values: Floats, step: int) -> Floats:
    """Surprise of a streaming negative binomial, level by exponential smoothing over a day."""
    from scipy.stats import nbinom

    series = pd.Series(values)
    mean = series.ewm(halflife=86_400 / step).mean().shift().fillna(1.0).clip(lower=0.05)
    var = series.ewm(halflife=86_400 / step).var().shift().fillna(1.0)
    phi = ((var - mean) / mean**2).clip(lower=0.05)
    size = 1 / phi
    surprise: Floats = -nbinom.logsf(values - 1, size, size / (size + mean)) / np.log(10)
    return surprise


def best(all_scores: list[Floats], series: list[Series], profile: str) -> float:
    """A peer's score at the threshold that suits it best on these series."""
    pooled = np.concatenate(all_scores)
    thresholds = np.unique(np.quantile(pooled, 1 - np.geomspace(1e-5, 0.05, 60)))
    return max(
        normalised([score(s >= t, x[4], profile) for s, x in zip(all_scores, series, strict=True)], profile)
        for t in thresholds
    )


def eventless_alerts_per_week(seed: int = 0, days: int = 56, series: int = 12) -> float:
    """Alerts a week at the defaults on simulated bursty series, an hour a window, in which nothing happens."""
    rng = np.random.default_rng(seed)
    hours, told, watch = days * 24, 0, watch_of(MINUTES[""])
    at = pd.Series(pd.date_range("2030-01-01", periods=hours, freq="h"))
    rhythm = np.exp(0.6 * np.sin(2 * np.pi * np.arange(hours) / 24))
    start = probation(hours)
    for _ in range(series):
        level = np.exp(rng.normal(3, 1.0)) * rhythm
        values = rng.poisson(level * rng.gamma(2.0, 0.5, hours)).astype(float)  # over-dispersed, as real counts are
        told += int(alerts_of(at, values, 3600, watch)[start:].sum())
    return told / (series * (hours - start) / 168)


def scored(fired: list[NDArray[np.bool_]], series: list[Series]) -> harness.Figures:
    """All figures of one way to alarm."""
    out: harness.Figures = {}
    parts: list[Scored] = []
    for profile in PROFILES:
        parts = [score(rows, x[4], profile) for rows, x in zip(fired, series, strict=True)]
        out[profile] = normalised(parts, profile)
    hits, false, windows = (sum(getattr(p, k) for p in parts) for k in ("hit", "false", "windows"))
    weeks = sum((len(v) - probation(len(v))) * step / 604_800 for _, _, v, step, _ in series)
    delays = [rows * x[3] / 3600 for p, x in zip(parts, series, strict=True) for rows in p.delays]
    return out | {
        "precision": hits / (hits + false) if hits + false else float("nan"),
        "recall": hits / windows if windows else float("nan"),
        "delay_hours": float(np.median(delays)) if delays else float("nan"),
        "false_per_week": false / weeks,
        "windows": windows,
    }


def main() -> None:
    """Run the benchmark."""
    args = harness.parser("nab", __doc__ or "").parse_args()
    series = [s for folder in harness.folders(args.data, "*windows.json") for s in load(folder)]
    if not series:
        raise SystemExit(f"no *windows.json with its series under {args.data}")
    figures: harness.Figures = {"series": len(series)}
    fired: dict[str, list[NDArray[np.bool_]]] = {}
    for prefix, minutes in MINUTES.items():
        harness.say(f"windows of {minutes} minutes")
        with harness.timed(figures, f"{prefix}seconds"):
            watch = watch_of(minutes)
            fired[prefix] = [alerts_of(at, values, step, watch) for _, at, values, step, _ in series]
        figures |= {prefix + key: value for key, value in scored(fired[prefix], series).items()}
    figures["simulated.false_per_week"] = eventless_alerts_per_week()
    peers = {"return_period": scored([bare(v, step, at.iloc[0]) for _, at, v, step, _ in series], series)}
    for name, method in (("windowed_gaussian_best", windowed_gaussian), ("negative_binomial_best", negative_binomial)):
        harness.say(f"peer {name}")
        theirs = [method(values, step) for _, _, values, step, _ in series]
        peers[name] = {p: best(theirs, series, p) for p in PROFILES}
    rows = (
        (key, t.isoformat(sep=" "), int(a), int(b))
        for first, second, (key, at, *_) in zip(fired[""], fired["five_minutes."], series, strict=True)
        for t, a, b in zip(at, first, second, strict=True)
    )
    harness.write_predictions(args.out, ("series", "timestamp", "alert", "alert_five_minutes"), rows)
    harness.finish("nab", figures, peers)


if __name__ == "__main__":
    main()
