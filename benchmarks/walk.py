"""The whole walk at several sizes: raw exports to report, seconds and peak memory, stage by stage.

Each size runs in a process of its own, so that peak memory is its own. Keys: `seconds@N`, `peak_mb@N`,
`<stage>_seconds@N`, and `cpu_seconds@N` of the process and its children, which other work on the machine hardly
touches. Then `crisis run` twice over the same lake: `changed_seconds@N`, where the labels are kept and the watch has
changed (the demonstration's own feed and inbox are gone), and `rerun_seconds@N`, where nothing has; `rerun_ratio@N` is
that over the stages of the walk's own run. Needs no data: the incident is simulated and written as export files.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import harness


def once(posts: int) -> harness.Figures:
    """One walk in this process."""
    from crisislib import engine, services

    with tempfile.TemporaryDirectory() as folder:
        start, used = time.perf_counter(), _cpu()
        walked, checks = services.demo(
            Path(folder), posts=posts, reports=Path(folder) / "reports", now=datetime.now(UTC), progress=engine.silent
        )
        figures = {f"seconds@{posts}": time.perf_counter() - start, f"peak_mb@{posts}": harness.peak_mb()}
        figures[f"cpu_seconds@{posts}"] = _cpu() - used
        home = engine.Home.here(root=Path(folder))
        for key in ("changed", "rerun"):
            start = time.perf_counter()
            services.run(home, home.watch("demo"), until=home.moment, now=datetime.now(UTC))
            figures[f"{key}_seconds@{posts}"] = time.perf_counter() - start
    for line in checks:
        harness.say(f"  {line}")
    figures[f"rerun_ratio@{posts}"] = figures[f"rerun_seconds@{posts}"] / sum(walked.seconds.values())
    return figures | {f"{stage}_seconds@{posts}": seconds for stage, seconds in walked.seconds.items()}


def _cpu() -> float:
    """CPU seconds of this process and of its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def main() -> None:
    """Run the benchmark."""
    parser = harness.parser("walk", __doc__ or "")
    parser.add_argument("--posts", default="20000,200000,1000000", help="sizes, comma separated")
    parser.add_argument("--one", type=int, help="run one size in this process (used by the program itself)")
    args = parser.parse_args()
    if args.one:
        print(json.dumps(once(args.one)))
        return
    figures: harness.Figures = {}
    for posts in (int(float(n)) for n in args.posts.split(",")):
        harness.say(f"{posts:,} posts")
        child = subprocess.run(
            [sys.executable, "-m", "benchmarks.walk", "--one", str(posts)],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        figures |= json.loads(child.stdout.strip().splitlines()[-1])
    harness.finish("walk", figures)


if __name__ == "__main__":
    main()
