"""The queue of emergency briefs: each in a process of its own, one at a time."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd

from crisislib.core import logs
from crisislib.core.levels import rank
from crisislib.engine.home import Home
from crisislib.services.monitor import delta_brief

logger = logging.getLogger(__name__)

LONGEST_S, TRIES = 600.0, 3
"""Seconds after which a brief, which takes half a minute, is stuck; attempts."""


def needs_brief(alert: dict[str, object]) -> bool:
    """Whether an alert gets a brief: orange and red do, once a level; an escalation is of the same level.

    Parameters
    ----------
    alert : dict[str, object]
        An ALERTS row.

    Returns
    -------
    bool
        Whether to write one.
    """
    return rank(str(alert["level"])) >= rank("orange") and not str(alert["method"]).endswith(";escalated")


class Briefs:
    """The briefs that are to be written, one process at a time, most urgent first.

    Parameters
    ----------
    home : Home
        The workbench.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._queue: list[dict[str, object]] = []
        self._running: tuple[subprocess.Popen[bytes], dict[str, object], float] | None = None
        self._failed: dict[str, int] = {}
        self.seconds: float | None = None
        """How long the last one took."""

    def queue(self, alerts: list[dict[str, object]]) -> None:
        """Queue the briefs of some alerts, the most urgent level first.

        Parameters
        ----------
        alerts : list of dict[str, object]
            ALERTS rows; those that get no brief are passed over.
        """
        self._queue = sorted([*self._queue, *filter(needs_brief, alerts)], key=lambda a: -rank(str(a["level"])))

    def done(self, watch: str) -> dict[str, Path]:
        """The briefs of a watch that are written.

        Parameters
        ----------
        watch : str
            Name of the watch.

        Returns
        -------
        dict[str, Path]
            Run id → page.
        """
        runs = self._home.lake.read("RUNS", watch=watch)
        runs = runs[runs["job"].isin(delta_brief.JOBS) & (runs["status"] == "done")]
        return {r["run_id"]: Path(r["detail"]) for r in runs.to_dict("records")}

    def step(self) -> dict[str, object] | None:
        """Look after the running one and start the next; returns the alert whose brief has just been written."""
        finished = None
        if self._running is not None:
            process, alert, began = self._running
            code, took = process.poll(), time.monotonic() - began
            if code is None and took > LONGEST_S:
                process.kill()
            elif code is not None:
                self._running = None
                finished = self._ended(alert, code, took)
        if self._running is None and self._queue:
            alert = self._queue.pop(0)
            self._running = (_start(self._home, alert), alert, time.monotonic())
        return finished

    def _ended(self, alert: dict[str, object], code: int, took: float) -> dict[str, object] | None:
        if code == 0:
            self.seconds = took
            logger.info("brief of %s written in %.0f s", alert["alert_id"], took)
            return alert
        name = str(alert["alert_id"])
        self._failed[name] = self._failed.get(name, 0) + 1
        logger.warning(
            "brief of %s failed with code %s after %.0f s, try %d of %d", name, code, took, self._failed[name], TRIES
        )
        if self._failed[name] < TRIES:
            self._queue.append(alert)
        return None

    @property
    def busy(self) -> int:
        """Briefs being written or waiting."""
        return len(self._queue) + (self._running is not None)

    def failed(self) -> list[str]:
        """Alerts whose brief could not be written."""
        return [name for name, n in self._failed.items() if n >= TRIES]

    def close(self) -> None:
        """Stop the one being written; it is begun again at the next start."""
        if self._running is not None:
            self._running[0].terminate()
            self._running[0].wait()


def _start(home: Home, alert: dict[str, object]) -> subprocess.Popen[bytes]:
    places = (home.lake_root, home.watches, home.reports)
    command = [sys.executable, "-m", "crisislib.services.monitor.emergency_brief", *(str(p.resolve()) for p in places)]
    at = pd.Timestamp(alert["made_at"]).isoformat()  # type: ignore[arg-type]
    log = home.lake.artifact("monitor", "brief.log")
    env = {**os.environ, "CRISIS_HOME": str(home.root.resolve())}  # the user's own notebook counts there too
    with log.open("wb") as file:
        return subprocess.Popen(
            [*command, str(alert["watch"]), str(alert["alert_id"]), at],
            stdout=file,
            stderr=file,
            env={**env, **logs.current().environment()},
        )
