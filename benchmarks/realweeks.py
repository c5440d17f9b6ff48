"""The right level on real texts: weeks of posts that people wrote, with a planted crisis, a harmless burst, or nothing.

Texts come from the labelled sets below `--data` (`eval.json`); when they were posted is made up here, since few sets
have times. Ordinary posts are drawn from a set as it is. A crisis is a day in which much more is written than usual and
six posts of seven are negative by their label; its harmless twin has as many posts, one of ten of them negative; in a
quiet span nothing happens. The product sees texts and times only, never the labels. A check: nothing is fitted here.

Keys: `crisis_blue`, `crisis_yellow` (share of crises that reach the level within two days), `delay_hours` (median from
onset to the first level), `harmless_blue`, `harmless_yellow` (share of harmless bursts that reach it), `quiet_blue`
(share of quiet spans with any incident), and the same by size and set.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks import harness
from benchmarks.decisions import Outcome, Week, outcome
from benchmarks.labelled import Labelled, sets
from crisislib.core.tables import conform, empty
from crisislib.core.watch import Watch

KINDS = ("crisis", "harmless", "quiet")
SIZES = {"small": 6, "large": 60}
"""Ordinary posts a day."""
DAYS = 24
BEGIN = datetime(2026, 3, 2, tzinfo=UTC)
EVENT_DAYS = 2
TIMES, LEAST = 2.5, 40
"""Posts of an event: so many days' worth, and at least so many."""
BAD = {"crisis": 6 / 7, "harmless": 0.1}
"""Share of an event's posts that are negative by their label."""
DECAY_H = 5.0
NEEDED = 300
"""Rows of each side that a set must have, so that a text seldom comes twice."""
WITHIN = timedelta(days=2)


def week_of(held: Labelled, kind: str, size: str, seed: int) -> Week:
    """One stream of a set."""
    rng = np.random.default_rng(seed)
    daily, end = SIZES[size], BEGIN + timedelta(days=DAYS)
    onset = end - timedelta(days=EVENT_DAYS) + timedelta(hours=int(rng.integers(6, 18)))
    hours = np.sort(rng.uniform(0, DAYS * 24.0, rng.poisson(daily * DAYS)))
    rows = rng.integers(0, len(held.texts), len(hours))
    if kind in BAD:
        n = max(LEAST, round(TIMES * daily))
        later = np.minimum(rng.exponential(DECAY_H, n), 20.0) + (onset - BEGIN) / timedelta(hours=1)
        rows, hours = np.concatenate([rows, _drawn(held.y, n, BAD[kind], rng)]), np.concatenate([hours, later])
    at = pd.Series([BEGIN + timedelta(hours=float(h)) for h in hours]).dt.floor("s")
    posts = pd.DataFrame({
        "watch": "weeks", "post_id": [f"x:{i}" for i in range(len(rows))], "platform": "x", "kind": "post",
        "account_id": [f"x:a{a}" for a in rng.integers(0, 10**7, len(rows))], "text": [held.texts[r] for r in rows],
        "created_at": at, "collected_at": at + pd.Timedelta(minutes=2), "created_precision_s": 1, "source": held.name,
    })  # fmt: skip
    table = conform(posts.sort_values("created_at"), "POSTS")
    watch = Watch.model_validate(
        {"watch": "weeks", "title": {"en": held.name}, "brand": {"names": ["the brand"]}, "timezone": "UTC"}
    )
    return Week(kind, size, held.name, table, empty("ACCOUNTS"), watch, kind == "crisis", onset, BEGIN, end)


def _drawn(y: npt.NDArray[np.int64], n: int, bad: float, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Rows of an event, with a share of negative ones."""
    few = rng.random(n) < bad
    picked: npt.NDArray[np.int64] = np.where(
        few, rng.choice(np.flatnonzero(y == 0), n), rng.choice(np.flatnonzero(y == 2), n)
    )
    return picked


def weeks(data: dict[str, Labelled], repeats: int) -> Iterator[Week]:
    """Every kind and size of every set that is large enough."""
    seed = 7_000
    for held in data.values():
        if min(int((held.y == side).sum()) for side in (0, 2)) < NEEDED:
            continue
        for size in SIZES:
            for kind in KINDS:
                for _ in range(repeats):
                    seed += 1
                    yield week_of(held, kind, size, seed)


def figures_of(outcomes: list[Outcome]) -> dict[str, float]:
    """Figures of some streams."""
    out: dict[str, float] = {}
    for kind in KINDS:
        mine = [one for one in outcomes if one.week.kind == kind]
        if not mine:
            continue
        if kind == "quiet":
            out["quiet_blue"] = float(np.mean([one.incidents_blue > 0 for one in mine]))
            continue
        out |= {f"{kind}_blue": float(np.mean([_within(one.first, one) for one in mine]))}
        out |= {f"{kind}_yellow": float(np.mean([_within(one.yellow, one) for one in mine]))}
    delays = [
        (one.first - one.week.onset) / timedelta(hours=1)
        for one in outcomes
        if one.week.crisis and one.first is not None
    ]
    return out | ({"delay_hours": float(np.median(delays))} if delays else {}) | {"streams": float(len(outcomes))}


def _within(at: datetime | None, one: Outcome) -> bool:
    return at is not None and at - one.week.onset <= WITHIN


def main() -> None:
    """Run the benchmark."""
    options = harness.parser("realweeks", __doc__ or "")
    options.add_argument("--repeats", type=int, default=1, help="streams of each set, size and kind")
    options.add_argument("--only", default="", help="names of sets, comma separated")
    given = options.parse_args()
    data = {name: held for name, held in sets(given.data).items() if not given.only or name in given.only.split(",")}
    figures: harness.Figures = {}
    outcomes = []
    with harness.timed(figures, "seconds"):
        for week in weeks(data, given.repeats):
            outcomes.append(outcome(week))
            one = outcomes[-1]
            harness.say(
                f"{week.language:24} {week.size:6} {week.kind:9} peak {one.peak} first {one.first} "
                f"blue {one.incidents_blue} yellow {one.incidents_yellow}"
            )
    figures |= figures_of(outcomes)
    for label in ("size", "language"):
        for value in dict.fromkeys(getattr(one.week, label) for one in outcomes):
            mine = figures_of([one for one in outcomes if getattr(one.week, label) == value])
            figures |= {f"{value}.{key}": number for key, number in mine.items()}
    rows = ((o.week.language, o.week.size, o.week.kind, o.peak, o.first) for o in outcomes)
    harness.write_predictions(given.out, ("set", "size", "kind", "peak", "first"), rows)
    harness.finish("realweeks", figures)


if __name__ == "__main__":
    main()
