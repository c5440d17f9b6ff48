"""The monitor of the benchmark in a process of its own; its clock is ROOT/clock where there is one, else the wall's."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

from crisislib.core.watch import load_watch
from crisislib.engine import Home
from crisislib.services.monitor import Clock, Tick, serve


def main() -> None:
    """Watch what lies in ROOT/watches; the waits of each tick are appended to ROOT/waits as float64."""
    root, every = Path(sys.argv[1]), float(sys.argv[2])
    home = Home(root / "lake", root / "watches", root / "reports")

    def now() -> datetime:
        return datetime.fromisoformat((root / "clock").read_text())

    def seen(tick: Tick) -> None:
        with (root / "waits").open("ab") as file:
            file.write(tick.waits.tobytes())
        longest = tick.waits.max() if len(tick.waits) else 0.0
        sys.stdout.write(
            f"{tick.at:%H:%M:%S} {tick.posts} posts, {tick.evaluated} full looks, longest wait {longest:.1f} s\n"
        )
        sys.stdout.flush()

    clock = Clock(now, lambda: now().timestamp()) if (root / "clock").exists() else None
    watches = [load_watch(path) for path in sorted(home.watches.glob("*.yml"))]
    serve(home, watches, every_s=every, port=0, clock=clock, briefs=False, on_tick=seen)


if __name__ == "__main__":
    main()
