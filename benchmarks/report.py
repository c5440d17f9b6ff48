"""Seconds from asking for the emergency brief to its offline page, on a simulated watch.

`seconds@N` starts a kernel for the run, as `crisis report brief` does; `warm_seconds@N` takes one that
a living process has kept ready, as the scheduler does. The walk that fills the lake is not counted.
"""

from __future__ import annotations

import tempfile
import time
from datetime import datetime
from pathlib import Path

from benchmarks.harness import Figures, finish, parser, peak_mb, say, write_predictions
from crisislib import report
from crisislib.engine import Home
from crisislib.services import run
from crisislib.simulation import simulate
from crisislib.workbench import Workbench


def filled(folder: Path, posts: int) -> tuple[Home, datetime]:
    """A lake with one walked drill of so many posts, and the moment at which it is read."""
    drill = simulate(0, posts, watch="drill", language="zh")
    home = Home(folder / "lake", folder / "watches", folder / "reports")
    home.watches.mkdir(parents=True)
    watch = home.watches / "drill.yml"
    watch.write_text(drill.watch.model_dump_json(), encoding="utf-8")  # JSON is YAML
    home.lake.append("POSTS", drill.posts)
    home.lake.append("ACCOUNTS", drill.accounts)
    home.lake.append("RESPONSES", drill.responses)
    now = drill.posts["created_at"].max() if hasattr(drill.posts, "loc") else max(drill.posts["created_at"].to_pylist())
    moment = now.to_pydatetime() if hasattr(now, "to_pydatetime") else now
    say(f"walking {posts} posts (not counted) …")
    start = time.perf_counter()
    run(home, drill.watch, now=moment, report=False, notify=False)
    say(f"walked in {time.perf_counter() - start:.0f} s")
    return home, moment


def measured(home: Home, now: datetime) -> float:
    """Seconds of one brief."""
    start = time.perf_counter()
    made = report.run(
        "brief", "drill", lake_root=home.lake_root, out_root=home.reports, watches_root=home.watches, now=now
    )
    assert made.html.stat().st_size > 100_000, "the page holds no chart"
    return time.perf_counter() - start


def main() -> None:
    """Measure and print."""
    arguments = parser("report", __doc__ or "")
    arguments.add_argument("--posts", type=int, default=200_000)
    arguments.add_argument("--runs", type=int, default=3)
    chosen = arguments.parse_args()
    figures: Figures = {}
    with tempfile.TemporaryDirectory() as folder:
        home, now = filled(Path(folder), chosen.posts)
        held = Workbench.open("drill", lake=home.lake_root, watches=home.watches, now=now).context.row_count("POSTS")
        cold = [measured(home, now) for _ in range(chosen.runs)]
        report.POOL.keep = True
        report.POOL.prepare()
        time.sleep(10)  # a living process has had its spare for long
        warm = []
        for _ in range(chosen.runs):
            warm.append(measured(home, now))
            time.sleep(10)
        report.POOL.keep = False
        report.POOL.close()
    figures[f"seconds@{chosen.posts}"] = sorted(cold)[len(cold) // 2]
    figures[f"warm_seconds@{chosen.posts}"] = sorted(warm)[len(warm) // 2]
    figures["posts_in_report"] = held
    figures["peak_mb"] = peak_mb()
    rows = [("cold", i, s) for i, s in enumerate(cold)] + [("warm", i, s) for i, s in enumerate(warm)]
    write_predictions(chosen.out, ["kernel", "run", "seconds"], rows)
    finish("report", figures)


if __name__ == "__main__":
    main()
