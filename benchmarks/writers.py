"""Rows lost and doubled when imports run beside each other, and when they are killed.

Pairs: two `crisis import` processes of one file, started together on an empty lake. Kills: one such
process, ended by SIGKILL while it writes; the lake is watched, and the signal is sent as soon as the
table, commit or file that this kill is meant for appears. A kill counts as hit when the process died
of it and the lake had no record of the batch yet. The same import is then run again. Every table is
compared with that of an undisturbed import, row by row without the columns of the clock, and so are
the files of rejected rows. Needs no data set; no peer.
"""

from __future__ import annotations

import csv
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.harness import finish, parser, say, write_predictions
from crisislib.engine import Home

WATCH = "watch: w\ntitle: {en: Writers}\nlanguage: en\nbrand: {names: [Acme]}\n"
CLOCK = ("collected_at", "seen_at", "at")
"""Columns that say when the import ran."""
TABLES = ("POSTS", "ACCOUNTS", "BATCHES")
START = datetime(2026, 1, 1, tzinfo=UTC)
Rows = dict[str, Counter[tuple[object, ...]]]
TARGETS: dict[str, str] = {
    "in POSTS": "artifacts/locks/tables/posts.lock",
    "POSTS data written": "posts/*.parquet",
    "POSTS committed": "posts/_delta_log/*.json",
    "in ACCOUNTS": "artifacts/locks/tables/accounts.lock",
    "ACCOUNTS committed": "accounts/_delta_log/*.json",
    "rejects written": "rejects/*.csv",
    "in BATCHES": "artifacts/locks/tables/batches.lock",
}
"""What a kill is meant for -> what must have appeared in the lake."""
LATEST_MS = 3.0
"""Most milliseconds from that sight to the signal, so that kills fall everywhere in a step."""


def export(path: Path, rows: int) -> None:
    """A made-up export: posts of some accounts, and a row in fifty that cannot be imported."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(("id", "created_at", "author_id", "author", "text", "likes"))
        for i in range(rows):
            at = "0000-00-00" if i % 50 == 7 else f"{START + timedelta(seconds=40 * i):%Y-%m-%d %H:%M:%S}"
            out.writerow((10**15 + i, at, i % 997, f"user{i % 997}", f"Acme {i} is late again", i % 90))


def command(folder: Path, lake: Path) -> list[str]:
    """The import as a person types it."""
    where = ["--lake", str(lake), "--watches", str(folder)]
    return [sys.executable, "-m", "crisislib.cli", "import", str(folder / "posts.csv"), "--watch", "w", *where]


def start(folder: Path, lake: Path) -> subprocess.Popen[bytes]:
    """Begin one import in a process of its own."""
    return subprocess.Popen(command(folder, lake), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def done(process: subprocess.Popen[bytes]) -> None:
    """Wait for an import, which must succeed."""
    _, told = process.communicate()
    if process.returncode:
        raise SystemExit(f"an import failed: {told.decode()[-2000:]}")


def all_rows(folder: Path, lake: Path) -> Rows:
    """Every row of the lake without the clock, and every rejected row."""
    home = Home.here(lake=lake, watches=folder, reports=folder)
    found: Rows = {}
    for name in TABLES:
        table = home.lake.arrow(name, present=False)
        table = table.drop_columns([c for c in CLOCK if c in table.column_names])
        found[name] = Counter(tuple(row.values()) for row in table.to_pylist())
    files = sorted((lake / "rejects").glob("*.csv"))
    found["rejects"] = Counter((p.name, line) for p in files for line in p.read_text(encoding="utf-8-sig").splitlines())
    return found


def against(wanted: Rows, got: Rows) -> tuple[int, int]:
    """Rows lost, and rows doubled or made up."""
    lost = sum(sum((wanted[name] - got[name]).values()) for name in wanted)
    return lost, sum(sum((got[name] - wanted[name]).values()) for name in wanted)


def pair(folder: Path, lake: Path) -> None:
    """Two imports of one file at the same time."""
    for process in [start(folder, lake), start(folder, lake)]:
        done(process)


def killed(folder: Path, lake: Path, target: str, chance: random.Random) -> bool:
    """One import, killed where it is meant to be; whether it was hit. It is not run again here."""
    delay = chance.uniform(0.0, LATEST_MS) / 1000
    process = start(folder, lake)
    while process.poll() is None and not any(lake.glob(TARGETS[target])):
        time.sleep(0.0005)
    time.sleep(delay)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    home = Home.here(lake=lake, watches=folder, reports=folder)
    return process.returncode == -signal.SIGKILL and home.lake.read("BATCHES").empty


def trials(
    folder: Path, n: int, one: Callable[[Path, int], bool], wanted: Rows, kind: str
) -> list[tuple[str, int, int, int]]:
    """Trials until `n` of them counted: (kind, number, rows lost, rows doubled)."""
    found: list[tuple[str, int, int, int]] = []
    tried = 0
    while len(found) < n and tried < 4 * n:
        with tempfile.TemporaryDirectory(dir=folder) as place:
            lake = Path(place) / "lake"
            if one(lake, tried):
                found.append((kind, tried, *against(wanted, all_rows(folder, lake))))
                say(f"{kind} {len(found)} of {n}: lost {found[-1][2]}, doubled {found[-1][3]}")
        tried += 1
    return found


def measure(folder: Path, *, pairs: int, kills: int, rows: int, seed: int) -> list[tuple[str, int, int, int]]:
    """All trials below a folder."""
    (folder / "w.yml").write_text(WATCH, encoding="utf-8")
    export(folder / "posts.csv", rows)
    done(start(folder, folder / "undisturbed"))
    wanted = all_rows(folder, folder / "undisturbed")
    chance, targets = random.Random(seed), list(TARGETS)

    def twice(lake: Path, number: int) -> bool:
        pair(folder, lake)
        return True

    def again(lake: Path, number: int) -> bool:
        target = targets[number % len(targets)]
        hit = killed(folder, lake, target, chance)
        say(f"  kill {target}: {'hit' if hit else 'came too late'}")
        if hit:
            done(start(folder, lake))
        return hit

    return [*trials(folder, pairs, twice, wanted, "pair"), *trials(folder, kills, again, wanted, "kill")]


def main() -> None:
    """Run pairs and kills, print the figures."""
    arguments = parser("writers", __doc__ or "")
    arguments.add_argument("--pairs", type=int, default=50)
    arguments.add_argument("--kills", type=int, default=50, help="that hit a running import")
    arguments.add_argument("--rows", type=int, default=20_000, help="rows of the file that is imported")
    arguments.add_argument("--seed", type=int, default=0)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as place:
        found = measure(Path(place), pairs=given.pairs, kills=given.kills, rows=given.rows, seed=given.seed)
    write_predictions(given.out, ("kind", "trial", "rows_lost", "rows_doubled"), found)
    finish(
        "writers",
        {
            "pairs": sum(f[0] == "pair" for f in found),
            "pairs_wrong": sum(f[0] == "pair" and f[2] + f[3] > 0 for f in found),
            "kills_hit": sum(f[0] == "kill" for f in found),
            "kills_wrong": sum(f[0] == "kill" and f[2] + f[3] > 0 for f in found),
            "rows_lost": sum(f[2] for f in found),
            "rows_doubled": sum(f[3] for f in found),
            "processors": os.cpu_count() or 1,
        },
    )


if __name__ == "__main__":
    main()
