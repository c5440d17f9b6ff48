"""Whether the bounds of `spread.refutation` hold the simulated truth of reach, overlap and spreaders reached.

A hundred simulated pairs of a story and its correction on a network of communities: who follows whom, who sees what,
who answers how willingly, and how much is collected differ from run to run, and none of it is known to the product.
Keys: `coverage` (of all four, mean), `coverage.story`, `coverage.correction`, `coverage.overlap`, `coverage.reached`;
`width.reached` (median of hi − lo, shares), `width.overlap` (median of hi / lo). Peer `overlap_only`: the share of the
story's accounts that took part in the correction, with its binomial interval. `--data` is not read.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import beta

from benchmarks.harness import Figures, finish, parser, say
from crisislib.core.tables import conform
from crisislib.spread import refutation

PEOPLE = 200_000
"""Of the simulated platform: a story reaches some per cent of them at most, as on a real one."""
START = datetime(2026, 3, 1, tzinfo=UTC)
STEPS = 400
"""Minutes of a run."""
RUNS, SEED = 100, 5
"""How many, and from which seed on."""


class World:
    """A platform: communities, follower lists drawn when they are needed, people's willingness to share."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.community = rng.integers(0, 60, PEOPLE)
        self.members = [np.flatnonzero(self.community == c) for c in range(60)]
        self.homophily = rng.uniform(0.2, 0.8)
        self.size = np.clip(rng.lognormal(4.0, 1.3, PEOPLE), 5, 30_000).astype(int)
        self.eager = np.clip(rng.lognormal(-0.5, 1.0, PEOPLE), 0.05, 8.0)
        self.sees = rng.uniform(0.06, 0.4)
        self.followers: dict[int, Any] = {}

    def viewers(self, person: int) -> Any:
        """Followers of a person who see one post of theirs."""
        if person not in self.followers:
            n = int(self.size[person])
            near = self.members[self.community[person]]
            own = self.rng.choice(near, min(len(near), round(n * self.homophily)), replace=False)
            far = self.rng.integers(0, PEOPLE, n - len(own))
            self.followers[person] = np.unique(np.concatenate([own, far]))
        fans = self.followers[person]
        return fans[self.rng.random(len(fans)) < self.sees]


def spread_of(world: World, seeds: list[int], share: Any, start: int) -> tuple[set[int], list[tuple[int, int, int]]]:
    """Who saw it, and who passed it on, when, from whom (index of the parent, −1 for a seed)."""
    rng = world.rng
    waiting = [(start, person, -1) for person in seeds]
    passed: list[tuple[int, int, int]] = []
    saw: set[int] = set(seeds)
    decided: set[int] = set(seeds)
    while waiting and len(passed) < 4000:
        waiting.sort()
        at, person, parent = waiting.pop(0)
        if at >= STEPS:
            break
        passed.append((at, person, parent))
        viewers = world.viewers(person)
        saw |= set(viewers.tolist())
        fresh = [v for v in viewers.tolist() if v not in decided]
        decided |= set(fresh)
        willing = [v for v in fresh if rng.random() < share(v)]
        waiting += [(at + 1 + int(rng.exponential(25)), v, len(passed) - 1) for v in willing]
    return saw, passed


def one(seed: int) -> tuple[dict[str, tuple[float, float, float]], bool]:
    """Truth with both ends of each bound, and whether the peer's interval holds the share reached."""
    rng = np.random.default_rng(seed)
    world = World(rng)
    base, answer = rng.uniform(0.03, 0.05), rng.uniform(0.02, 0.05)
    believers = rng.uniform(0.6, 3.0)  # how willingly who spread the story answers the correction, against others
    first = rng.choice(PEOPLE, 3, p=world.size / world.size.sum()).tolist()
    saw_story, story = spread_of(world, first, lambda v: base * world.eager[v], 0)
    told = {person for _, person, _ in story}
    brand = int(rng.choice(PEOPLE, p=world.size / world.size.sum()))
    world.size[brand] = max(world.size[brand], int(rng.uniform(5_000, 40_000)))
    world.followers.pop(brand, None)
    follows = rng.uniform(0.0, 0.1)  # who spread the story is shown the correction by others, too
    saw, correction = spread_of(
        world, [brand], lambda v: min(1.0, answer * world.eager[v] * (believers if v in told else 1.0)), 120
    )
    shown = {p for p in told if rng.random() < follows}
    joined = [p for p in shown - saw if rng.random() < answer * believers * world.eager[p]]
    correction += [(int(rng.integers(121, STEPS)), p, 0) for p in joined]
    saw |= shown
    truth = {"story": len(saw_story), "correction": len(saw), "overlap": len(saw_story & saw),
             "reached": len(told & saw) / max(len(told), 1)}  # fmt: skip
    collected = rng.uniform(0.7, 1.0)
    posts, edges, accounts, sides = tables(world, story, correction, collected)
    made = refutation(
        posts, edges, accounts, story=sides["s"], correction=sides["c"], now=START + timedelta(minutes=STEPS), zone=UTC,
        collected=collected,
    )  # fmt: skip
    bounds = {"story": made.story, "correction": made.correction, "overlap": made.overlap,
              "reached": made.spreaders_reached}  # fmt: skip
    peer = made.findings[0].table
    held = posts.to_pandas()
    side = held["post_id"].str[0]
    accounts_of = {s: set(held.loc[side == s, "account_id"]) for s in "sc"}
    m, n = len(accounts_of["s"] & accounts_of["c"]), max(1, len(accounts_of["s"]))
    lo, hi = beta.ppf([0.025], m, n - m + 1)[0] if m else 0.0, beta.ppf([0.975], m + 1, max(n - m, 1e-9))[0]
    assert len(peer) == 4
    return {k: (truth[k], bounds[k].lo, bounds[k].hi) for k in truth}, bool(lo <= truth["reached"] <= hi)


def tables(world: World, story: Any, correction: Any, collected: float) -> tuple[Any, Any, Any, dict[str, list[str]]]:
    """What a watch would hold: some of the posts, their links, the accounts."""
    rows, links, sides = [], [], {"s": ["s0"], "c": ["c0"]}
    for name, passed in (("s", story), ("c", correction)):
        shown = {0} | {i for i in range(len(passed)) if world.rng.random() < collected}
        for i in sorted(shown):
            at, person, parent = passed[i]
            made = START + timedelta(minutes=at, seconds=i % 60)
            rows.append({"watch": "w", "post_id": f"{name}{i}", "collected_at": made, "platform": "x",
                         "kind": "post" if parent < 0 else "repost", "account_id": f"x:{person}", "created_at": made,
                         "created_precision_s": 1, "text": name})  # fmt: skip
            if parent >= 0:
                above = parent if parent in shown else 0
                links.append({"watch": "w", "src": f"{name}{above}", "dst": f"{name}{i}", "kind": "repost",
                              "made_at": made, "at": made, "confidence": 1.0})  # fmt: skip
            elif i:
                sides[name].append(f"{name}{i}")
    people = sorted({p for passed in (story, correction) for _, p, _ in passed})
    known = pd.DataFrame({"account_id": [f"x:{p}" for p in people], "seen_at": START, "platform": "x",
                          "n_followers": world.size[people]})  # fmt: skip
    frames = (pd.DataFrame(rows), "POSTS"), (pd.DataFrame(links), "EDGES"), (known, "ACCOUNTS")
    posts, edges, accounts = (conform(frame, name) for frame, name in frames)
    return posts, edges, accounts, sides


def main() -> None:
    """Run all and print one JSON line."""
    options = parser("refutation", __doc__ or "")
    options.add_argument("--runs", type=int, default=RUNS)
    options.add_argument("--seed", type=int, default=SEED)
    args = options.parse_args()
    results, peers = [], []
    for number in range(args.runs):
        made, peer = one(args.seed * 100_003 + number)
        results.append(made)
        peers.append(peer)
    inside = {k: [lo <= true <= hi for true, lo, hi in (r[k] for r in results)] for k in results[0]}
    figures: Figures = {f"coverage.{k}": float(np.mean(v)) for k, v in inside.items()}
    figures["coverage"] = float(np.mean(list(figures.values())))
    figures["width.reached"] = float(np.median([r["reached"][2] - r["reached"][1] for r in results]))
    figures["width.overlap"] = float(np.median([r["overlap"][2] / max(r["overlap"][1], 1) for r in results]))
    for key in ("story", "correction", "overlap", "reached"):
        true, lo, hi = np.median([r[key] for r in results], axis=0)
        below = np.mean([r[key][0] < r[key][1] for r in results])
        say(f"{key}: median truth {true:.3g}, bounds {lo:.3g} to {hi:.3g}; below {below:.3f}")
    finish("refutation", figures, {"overlap_only": {"coverage.reached": float(np.mean(peers))}})


if __name__ == "__main__":
    main()
