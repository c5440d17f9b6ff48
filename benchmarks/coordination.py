"""Planted groups found again among real actions: accounts, groups, false positives, seconds.

    python -m benchmarks.coordination --data DIR

Runs on every folder with `actions.csv.gz` and `truth.csv`; accounts of `unknown.csv` are left out. The
plain keys (`precision`, `recall`, `f1` over accounts, `ari` over the groups of those found, `fpr` on
shuffled times, `seconds`) speak of the plant of the folder; with several folders they are the worst of
them and each stands under `<set>.` too. `hard.` speaks of groups planted here into the folder's real
actions: 5-40 accounts; every third group shares two objects only, the others 4-8 of which each member
takes part in about half (at least two); half of the objects are new, half are real ones; delays are
uniform up to ten minutes; half of the members also share ordinary things; thirty innocent accounts
share 150-400 ordinary things and now and then one of a group's within its ten minutes. `fpr` is the
share of accounts found when the times are permuted within each day. Settings are the defaults of the
library. Peers: CooRTweet's rule (pairs that share at least 2 objects within 60 s, edges from the median
weight up) and a plain count (at least 3 within 60 s); neither names groups, so `ari` is 0 there.
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from benchmarks.harness import finish, folders, parser, peak_mb, say, write_predictions
from crisislib.spread.coordination.group_detection import detect
from crisislib.spread.coordination.shares import Shares, shares

DAY = 86_400
SEEDS = 3
LARGE = 218_000


def load(folder: Path) -> tuple[pd.DataFrame, dict[str, str], set[str]]:
    """Actions, account -> planted group, and the accounts that are left out."""
    actions = pd.read_csv(folder / "actions.csv.gz", dtype={"object_id": str, "account_id": str})
    truth = pd.read_csv(folder / "truth.csv", dtype=str)
    unknown = folder / "unknown.csv"
    left_out = set(pd.read_csv(unknown, dtype=str)["account_id"]) if unknown.is_file() else set()
    return actions, dict(zip(truth["account_id"], truth["group"], strict=True)), left_out


def plant(real: pd.DataFrame, seed: int, groups: int = 12) -> tuple[pd.DataFrame, dict[str, str]]:
    """Real actions with hard groups among them, and who belongs to which."""
    rng = np.random.default_rng(seed)
    distinct = real.drop_duplicates("object_id")
    rows: list[tuple[str, str, float]] = []
    truth: dict[str, str] = {}
    core: list[tuple[str, float]] = []
    for g in range(groups):
        members = [f"planted:{g}:{m}" for m in range(int(rng.integers(5, 41)))]
        n_objects = 2 if g % 3 == 0 else int(rng.integers(4, 9))
        chosen = [_object(real, distinct, f"planted:{g}:o{k}", rng) for k in range(n_objects)]
        core += chosen
        for member in members:
            part = n_objects if n_objects == 2 else max(2, int(rng.binomial(n_objects, 0.5)))
            mine = [chosen[k] for k in rng.choice(n_objects, part, replace=False)]
            rows += [(name, member, begin + rng.uniform(0, 600)) for name, begin in mine]
            if rng.random() < 0.5:
                rows += _ordinary(real, member, int(rng.integers(1, 6)), rng)
        truth |= dict.fromkeys(members, f"g{g}")
    for b in range(30):
        rows += _ordinary(real, f"busy:{b}", int(rng.integers(150, 400)), rng)
        for k in rng.choice(len(core), 2, replace=False):
            rows.append((core[k][0], f"busy:{b}", core[k][1] + rng.uniform(0, 600)))
    columns = ["object_id", "account_id", "timestamp_share"]
    return pd.concat([real[columns], pd.DataFrame(rows, columns=columns)], ignore_index=True), truth


def _object(real: pd.DataFrame, distinct: pd.DataFrame, name: str, rng: np.random.Generator) -> tuple[str, float]:
    """A new object at some busy moment, or a real one within the hour after a share of it."""
    if rng.random() < 0.5:
        return name, float(real["timestamp_share"].iloc[rng.integers(len(real))])
    row = distinct.iloc[rng.integers(len(distinct))]
    return str(row["object_id"]), float(row["timestamp_share"] + rng.integers(0, 3600))


def _ordinary(real: pd.DataFrame, account: str, n: int, rng: np.random.Generator) -> list[tuple[str, str, float]]:
    """Shares as real accounts make them: some real share, followed within the hour or so."""
    taken = real.iloc[rng.integers(0, len(real), n)]
    late = taken["timestamp_share"].to_numpy() + rng.exponential(1800, n)
    return list(zip(taken["object_id"], [account] * n, late, strict=True))


def shuffled(actions: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The same actions with the times permuted within each day."""
    rng = np.random.default_rng(seed)
    at = actions["timestamp_share"].to_numpy()
    day = at // DAY
    order = np.lexsort((np.arange(len(at)), day))
    mixed = at.copy()
    mixed[order] = at[np.lexsort((rng.random(len(at)), day))]
    return actions.assign(timestamp_share=mixed)


def read(actions: pd.DataFrame) -> Shares:
    """Actions as the library takes them."""
    return shares(actions["object_id"], actions["account_id"], actions["timestamp_share"].to_numpy(np.float64))


def score(flagged: dict[str, int], truth: dict[str, str], left_out: set[str]) -> dict[str, float]:
    """Precision, recall and F1 over accounts; adjusted Rand index of the groups of those found."""
    named = set(flagged) - left_out
    hits = named & set(truth)
    precision, recall = len(hits) / max(len(named), 1), len(hits) / max(len(truth), 1)
    found = {"precision": precision, "recall": recall, "f1": 2 * precision * recall / max(precision + recall, 1e-9)}
    both = sorted(hits)
    found["ari"] = adjusted_rand_score([truth[a] for a in both], [flagged[a] for a in both]) if both else 0.0
    return found


def found_by_us(actions: pd.DataFrame) -> dict[str, int]:
    """Account -> group, of the strong members: those that the product names."""
    data = read(actions)
    groups = detect(data)
    strong = groups.strong  # the others are not named by the product either
    return dict(zip(data.accounts[groups.named()].tolist(), groups.group[strong].tolist(), strict=True))


def by_count(actions: pd.DataFrame, least: int, percentile: float, window: float = 60.0) -> dict[str, int]:
    """Pairs that share so many objects within 60 s, edges from a percentile of weight up; one group."""
    from crisislib.spread.coordination.account_pairs import meetings

    data = read(actions)
    met = meetings(data, window)
    pair, n = np.unique(met.pair, return_counts=True)  # pairs that met once are left out already
    pair, n = pair[n >= least], n[n >= least]
    pair = pair[n >= np.quantile(n, percentile)] if len(n) else pair
    account = np.unique(np.r_[pair // len(data.accounts), pair % len(data.accounts)])
    return dict.fromkeys(data.accounts[account].tolist(), 0)


def false_positives(actions: pd.DataFrame, left_out: set[str]) -> float:
    """Share of the accounts that are found although the times are shuffled; mean of three shuffles."""
    accounts = set(actions["account_id"]) - left_out
    found = [len(set(found_by_us(shuffled(actions, seed))) - left_out) for seed in range(SEEDS)]
    return float(np.mean(found)) / max(len(accounts), 1)


def large(actions: pd.DataFrame) -> pd.DataFrame:
    """The same kind of actions, 218,000 of them: copies under other names, a year apart."""
    copies = -(-LARGE // len(actions))
    parts = [
        actions.assign(
            object_id=actions["object_id"] + f"~{k}",
            account_id=actions["account_id"] + f"~{k // 2}",  # every second copy has the same people
            timestamp_share=actions["timestamp_share"] + k * 365 * DAY,
        )
        for k in range(copies)
    ]
    return pd.concat(parts, ignore_index=True).head(LARGE)


PEERS = {"coortweet_rule": (2, 0.5), "plain_count": (3, 0.0)}
"""Least objects in common and percentile of edge weight."""
Figures = dict[str, float]


def one(folder: Path, rows: list[list[object]]) -> tuple[Figures, dict[str, Figures]]:
    """Figures of one folder, ours and the peers'."""
    actions, truth, left_out = load(folder)
    start = time.perf_counter()
    flagged = found_by_us(actions)
    figures = {"seconds": time.perf_counter() - start, **score(flagged, truth, left_out)}
    rows += [[folder.name, a, g, truth.get(a, "")] for a, g in flagged.items()]
    figures["fpr"] = false_positives(actions, left_out)
    peers = {peer: score(by_count(actions, *how), truth, left_out) for peer, how in PEERS.items()}
    real = actions[~actions["account_id"].isin(truth)]
    hard: list[Figures] = []
    theirs: dict[str, list[Figures]] = {peer: [] for peer in PEERS}
    for seed in range(SEEDS):
        mixed, planted = plant(real, seed)
        mine = found_by_us(mixed)
        rows += [[f"{folder.name}:hard{seed}", a, g, planted.get(a, "")] for a, g in mine.items()]
        hard.append(score(mine, planted, left_out) | {"fpr": false_positives(mixed, left_out)})
        for peer, how in PEERS.items():
            theirs[peer].append(score(by_count(mixed, *how), planted, left_out))
        say(f"{folder.name} hard {seed}: {hard[-1]}")
    figures |= {f"hard.{key}": value for key, value in pd.DataFrame(hard).mean().items()}
    for peer, each in theirs.items():
        peers[peer] |= {f"hard.{key}": value for key, value in pd.DataFrame(each).mean().items()}
    many = large(actions)
    start = time.perf_counter()
    found_by_us(many)
    figures[f"seconds@{len(many)}"] = time.perf_counter() - start
    return figures, peers


def together(by_set: dict[str, Figures]) -> Figures:
    """Each key at its worst over the sets, and each set's own."""
    up = ("precision", "recall", "f1", "ari")
    figures: Figures = {}
    for key in next(iter(by_set.values())):
        values = [each[key] for each in by_set.values()]
        figures[key] = min(values) if key.rsplit(".", 1)[-1] in up else max(values)
    for name, each in by_set.items():
        figures |= {f"{name}.{key}": value for key, value in each.items()}
    return figures


def main() -> None:
    """Run on every set."""
    given = parser("coordination", __doc__ or "").parse_args()
    rows: list[list[object]] = []
    results = {f.name: one(f, rows) for f in folders(given.data, "actions.csv.gz", "truth.csv")}
    if not results:
        raise SystemExit(f"no folder with actions.csv.gz and truth.csv at {given.data}")
    figures = together({name: mine for name, (mine, _) in results.items()})
    peers = {peer: together({name: theirs[peer] for name, (_, theirs) in results.items()}) for peer in PEERS}
    figures["peak_mb"] = peak_mb()
    write_predictions(given.out, ["set", "account_id", "prediction", "truth"], rows)
    finish("coordination", figures, peers)


if __name__ == "__main__":
    main()
