"""Posts of a whole incident in the next day, as the brief forecasts them, against what then came.

Two sets: simulated incidents of every kind (posts by the hour with the calm twin's hours as what is usual), and public
cascades as incidents of their own (reposts by the hour; nothing is usual). Keys for each set: `coverage` of the 80 %
interval, `error` (median of |log(forecast / truth)|), `width` (median of hi / lo), `naive_error` (the last hour goes
on), `below` and `above` (share of truths outside on either side), `n`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks import harness
from benchmarks.cascade_sets import read_sets
from crisislib.respond import volume_ahead
from crisislib.simulation import scenario_names, simulate

AGES_H = (3, 6, 9, 12, 18, 24, 36)
"""Hours after the first post at which it is forecast: from the first brief to the day after."""
AHEAD_H = 24
LEAST = 20
"""Posts so far below which no incident is open."""
EPOCH = pd.Timestamp("2026-01-01", tz="UTC")
USUAL_DAYS = 7

Case = tuple[pd.DataFrame, pd.Timestamp, float, float]


def cases(count: np.ndarray, usual: np.ndarray, begin: int) -> list[Case]:
    """Hourly courses cut at several ages, with what the next day brought and what the last hour had."""
    made = []
    for age in AGES_H:
        now = begin + age
        if now + AHEAD_H > len(count) or count[begin:now].sum() < LEAST:
            continue
        at = pd.date_range(EPOCH, periods=now, freq="h")
        hours = pd.DataFrame({"at": at, "value": count[:now].astype(float), "expected": usual[:now]})
        made.append((hours, at[begin], float(count[now : now + AHEAD_H].sum()), float(count[now - 1]) * AHEAD_H))
    return made


def simulated(seeds: range, posts: int) -> list[Case]:
    """Courses of simulated incidents."""
    made: list[Case] = []
    for kind in scenario_names():
        for seed in seeds:
            drill = simulate(seed, posts, kind=kind)
            at = drill.posts["created_at"].to_pandas()
            first = at.min().floor("h")
            hour = ((at - first) // pd.Timedelta(hours=1)).astype(int).to_numpy()
            count = np.bincount(hour)
            begin = int((pd.Timestamp(drill.truth.onset) - first) // pd.Timedelta(hours=1))
            of_day = np.array([count[h:begin:24].mean() for h in range(24)])
            made += cases(count, of_day[np.arange(len(count)) % 24], begin)
    return made


def cascades(folder: Path, most: int) -> list[Case]:
    """Courses of public cascades, the largest ones of each set: they are incidents, not chats."""
    made: list[Case] = []
    for one in read_sets(folder):
        size = one.events.size
        for row in np.argsort(-size)[:most]:
            t = one.events.t[one.events.offset[row] : one.events.offset[row + 1]]
            whole = np.bincount(np.minimum(t // 3600, 24 * 30).astype(int), minlength=24 * 30 + 1)
            count = np.concatenate([np.zeros(24), whole])
            made += cases(count, np.full(len(count), 0.05), 24)
    return made


def figures(some: list[Case], name: str) -> harness.Figures:
    """Scores of the forecasts of some courses."""
    rows = []
    for hours, since, truth, naive in some:
        made = volume_ahead(hours, step_h=1.0, hours_ahead=AHEAD_H, since=since)
        if made is not None:
            rows.append((made.lo, made.mid, made.hi, truth, naive))
    lo, mid, hi, truth, naive = np.array(rows, dtype=float).T
    return {
        f"{name}_coverage": float(((truth >= lo) & (truth <= hi)).mean()),
        f"{name}_below": float((truth < lo).mean()),
        f"{name}_above": float((truth > hi).mean()),
        f"{name}_error": float(np.median(np.abs(np.log((mid + 1) / (truth + 1))))),
        f"{name}_naive_error": float(np.median(np.abs(np.log((naive + 1) / (truth + 1))))),
        f"{name}_width": float(np.median((hi + 1) / (lo + 1))),
        f"{name}_n": float(len(rows)),
    }


def main() -> None:
    """Run the benchmark."""
    parser = harness.parser("incident_volume", __doc__ or "")
    parser.add_argument("--seeds", default="100:104", help="seeds of the simulated incidents")
    parser.add_argument("--posts", type=int, default=3000, help="posts of each")
    parser.add_argument("--most", type=int, default=200, help="cascades of each public set")
    args = parser.parse_args()
    begin, end = (int(n) for n in args.seeds.split(":"))
    result = figures(simulated(range(begin, end), args.posts), "simulated")
    harness.say(str(result))
    for folder in sorted(p for p in args.data.iterdir() if p.is_dir()) if args.data.is_dir() else []:
        some = cascades(folder, args.most)
        if some:
            result |= figures(some, folder.name)
            harness.say(str(result))
    harness.finish("incident_volume", result)


if __name__ == "__main__":
    main()
