"""A monitor in a process of its own, whose clock is a file: `python -m tests.monitor.process ROOT [largest file]`."""

from __future__ import annotations

import resource
import sys
from datetime import datetime
from pathlib import Path

from crisislib.core import logs
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
    watches = [load_watch(path) for path in sorted(home.watches.glob("*.yml"))]
    serve(home, watches, every_s=0.2, port=0, clock=Clock(now, lambda: now().timestamp()), briefs=False)


if __name__ == "__main__":
    main()
