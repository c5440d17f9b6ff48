"""Rows a second from a file to the store, against DuckDB (CSV to Parquet) and pandas with SQLite on the same file.

All read the same simulated CSV (generic column names, Chinese and English text). Ours recognises
the columns, types times and counts, judges every row, keeps unmapped cells, adds accounts and
checks for rows held already; the peer reads and writes the cells as they are. Each runs in a fresh
process, so that neither has warm caches or the other's memory.
"""

from __future__ import annotations

import csv
import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import narwhals as nw
import numpy as np

from benchmarks.harness import finish, parser, peak_mb, say

HEADER = (
    "id",
    "created_at",
    "author_id",
    "author",
    "text",
    "likes",
    "reposts",
    "replies",
    "parent_id",
    "url",
    "device",
)
WORDS = (
    *("奶茶", "玻璃", "退款", "门店", "道歉", "声明", "投诉", "service", "broken", "the", "product", "is", "good"),
    *("bad", "refund", "why", "again", "@ann", "#tea"),
)
START = datetime(2026, 1, 1, tzinfo=UTC)


def simulate(path: Path, rows: int, seed: int) -> None:
    """Write a CSV of made-up posts."""
    rng = np.random.default_rng(seed)
    words = np.array(WORDS)
    lengths, accounts = rng.integers(8, 40, rows), rng.zipf(1.6, rows) % 50_000
    seconds = np.sort(rng.integers(0, 20 * 86_400, rows))
    counts = rng.negative_binomial(1, 0.05, (rows, 3))
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file)
        out.writerow(HEADER)
        for i in range(rows):
            text = " ".join(words[rng.integers(0, len(words), lengths[i])])
            at = (START + timedelta(seconds=int(seconds[i]))).strftime("%Y-%m-%d %H:%M:%S")
            parent = "" if i % 3 else 10**18 + i // 2
            who = f"user{accounts[i]}"
            url = f"https://example.org/{i}"
            out.writerow((10**18 + i, at, accounts[i], who, text, *counts[i], parent, url, "phone"))


def ours(path: Path, folder: Path) -> None:
    """Import the file into a new home, as `crisis import` does."""
    from crisislib.core.watch import Watch
    from crisislib.engine import Home, import_files

    watch = Watch.model_validate({"watch": "bench", "title": {"en": "Bench"}, "brand": {"names": ["tea"]}})
    home = Home.at(folder)
    import_files(home, watch, [path], now=START + timedelta(days=30))
    read = home.lake.read("BATCHES")["n_read"].sum()
    kept = home.lake.scan("POSTS").select(nw.len()).collect().item()
    if not read or kept != read:
        raise SystemExit(f"only {kept} rows of {read} arrived")


def duckdb_parquet(path: Path, folder: Path) -> None:
    """Read the file with DuckDB and write it as zstd Parquet: the limit, since nothing is judged."""
    import duckdb

    target = folder / "posts.parquet"
    duckdb.sql(f"COPY (SELECT * FROM read_csv('{path}')) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")


def as_json(source: Path, target: Path, rows: int) -> None:
    """The first rows as nested JSON, one a line, as the X API writes them."""
    with source.open(encoding="utf-8-sig", newline="") as file, target.open("w", encoding="utf-8") as out:
        for row in islice(csv.DictReader(file), rows):
            parent = [{"type": "replied_to", "id": row["parent_id"]}] if row["parent_id"] else []
            post = {
                "id": row["id"], "author_id": row["author_id"], "text": row["text"], "lang": "en",
                "created_at": row["created_at"].replace(" ", "T") + ".000Z", "conversation_id": row["id"],
                "public_metrics": {"like_count": int(row["likes"]), "retweet_count": int(row["reposts"]),
                                   "reply_count": int(row["replies"]), "quote_count": 0},
                "referenced_tweets": parent, "entities": {"hashtags": [{"start": 0, "end": 4, "tag": "tea"}]},
                "author": {"id": row["author_id"], "username": row["author"], "name": row["author"],
                           "public_metrics": {"followers_count": 7, "tweet_count": 9}},
            }  # fmt: skip
            out.write(json.dumps(post, ensure_ascii=False) + "\n")


def theirs(path: Path, folder: Path) -> None:
    """Read the file with pandas and write it to SQLite."""
    import pandas as pd

    with sqlite3.connect(folder / "posts.db") as database:
        pd.read_csv(path).to_sql("posts", database, index=False)


JOBS = {"ours": ours, "theirs": theirs, "duckdb": duckdb_parquet}
"""Job -> what it does with a file and a folder."""


def one(job: str, path: Path) -> None:
    """Run one job in this process and print its seconds and peak memory; imports are not counted."""
    import deltalake  # noqa: F401
    import duckdb  # noqa: F401
    import pandas as pd  # noqa: F401

    from crisislib.engine import import_files  # noqa: F401  (a name, since the package loads its modules when asked)

    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        JOBS[job](path, Path(folder))
        print(json.dumps({"seconds": time.perf_counter() - start, "peak_mb": peak_mb()}))


def run(job: str, path: Path) -> dict[str, float]:
    """The same in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.ingest", "--job", job, "--csv", str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    measured: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return measured


def main() -> None:
    """Simulate, run both, print the figures."""
    arguments = parser("ingest", __doc__ or "")
    arguments.add_argument("--rows", type=int, default=200_000)
    arguments.add_argument("--repeat", type=int, default=3, help="runs of each; the best counts")
    arguments.add_argument("--large", type=int, default=1_000_000, help="rows of the file whose memory counts; 0: none")
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--job", choices=tuple(JOBS), help="run one job only, on --csv")
    arguments.add_argument("--csv", type=Path)
    given = arguments.parse_args()
    if given.job:
        one(given.job, given.csv)
        return
    with tempfile.TemporaryDirectory() as folder:
        path, nested = Path(folder) / "posts.csv", Path(folder) / "posts.jsonl"
        say(f"simulating {given.rows:,} rows")
        simulate(path, given.rows, given.seed)
        as_json(path, nested, given.rows // 4)
        best: dict[str, dict[str, float]] = {}
        for turn in range(given.repeat):
            for name, job, file in (*((j, j, path) for j in JOBS), ("json", "ours", nested)):
                measured = run(job, file)
                say(f"{turn + 1}/{given.repeat} {name}: {measured['seconds']:.2f} s, {measured['peak_mb']:.0f} MB")
                if name not in best or measured["seconds"] < best[name]["seconds"]:
                    best[name] = measured
        size, nested_size = path.stat().st_size / 1e6, nested.stat().st_size / 1e6
        figures = {
            "rows_per_s": given.rows / best["ours"]["seconds"],
            "times_peer": best["theirs"]["seconds"] / best["ours"]["seconds"],
            "ratio_duckdb": best["ours"]["seconds"] / best["duckdb"]["seconds"],
            "json_mb_ratio": (best["json"]["seconds"] / nested_size) / (best["ours"]["seconds"] / size),
            "seconds": best["ours"]["seconds"],
            "peak_mb": best["ours"]["peak_mb"],
            "csv_mb": size,
            "json_mb": nested_size,
        }
        if given.large:
            say(f"simulating {given.large:,} rows")
            simulate(path, given.large, given.seed)
            figures[f"peak_mb@{given.large:.0e}".replace("+0", "")] = run("ours", path)["peak_mb"]
    peers = {
        name: {"rows_per_s": given.rows / m["seconds"], "seconds": m["seconds"], "peak_mb": m["peak_mb"]}
        for name, m in (("pandas_sqlite", best["theirs"]), ("duckdb_parquet", best["duckdb"]))
    }
    finish("ingest", figures, peers)


if __name__ == "__main__":
    main()
