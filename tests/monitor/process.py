"""A monitor in a process of its own, whose clock is a file: `python -m tests.monitor.process ROOT [largest file]`."""

from __future__ import annotations

import os
import resource
import sys
from datetime import datetime
from pathlib import Path

from crisislib.core import logs
from crisislib.core.shard import shard_of
from crisislib.core.watch import load_watch
from crisislib.engine import Home
from crisislib.services.monitor import Clock, serve


def main() -> None:
    root = Path(sys.argv[1])
    if len(sys.argv) > 2:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))

    def now() -> datetime:
        return datetime.fromisoformat((root / "clock").read_text())

    logs.set_up(default="INFO")
    home = Home(root / "lake", root / "watches", root / "reports")
    part = shard_of(os.environ.get("CRISIS_SHARD", ""))
    watches = [w for w in map(load_watch, sorted(home.watches.glob("*.yml"))) if part.holds(w.watch)]
    serve(home, watches, every_s=0.2, port=0, clock=Clock(now, lambda: now().timestamp()), briefs=False, shard=part)


if __name__ == "__main__":
    main()
