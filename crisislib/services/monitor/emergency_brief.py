"""The emergency brief of an alert, made in a process of its own so that no watch waits for it."""

from __future__ import annotations

import argparse
import logging
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
from filelock import FileLock, Timeout

from crisislib import notify
from crisislib.core import logs
from crisislib.core.errors import CrisisError
from crisislib.core.finding import Finding
from crisislib.core.i18n import N_, tr
from crisislib.core.ids import short_hash
from crisislib.core.isolation import Failure, run_isolated
from crisislib.core.levels import rank
from crisislib.core.watch import Watch
from crisislib.engine.context import RunContext, RunWindow
from crisislib.engine.findings import finding_rows
from crisislib.engine.home import Home
from crisislib.engine.runs import TICK, ledger_row, run_row
from crisislib.engine.steps import Stopwatch, decide_now, explain
from crisislib.services import publish
from crisislib.services.monitor import delta_brief

logger = logging.getLogger(__name__)

BEFORE = timedelta(days=3)
"""What the brief shows before the incident began."""
LONGEST_S, TRIES, NICE = 600.0, 3, 10
"""Seconds after which a brief, which takes half a minute, is stuck; attempts; a priority below the monitor's."""
TITLE = N_("Emergency brief: {title}")
WRITTEN = N_("The emergency brief is written: what, since when, how big, who, where it goes, risk, first steps.")


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


def run_id(alert_id: str) -> str:
    """Identity of the brief of an alert in RUNS.

    Parameters
    ----------
    alert_id : str
        Id of the alert.

    Returns
    -------
    str
        Sixteen hexadecimal digits, the same for the same alert.
    """
    return short_hash("brief", alert_id)


def write(home: Home, watch: Watch, alert_id: str, *, now: datetime) -> Path:
    """Trace, assess, plan and write the brief of one alert, and record it in RUNS.

    Parameters
    ----------
    home : Home
        The workbench.
    watch : Watch
        The watch of the alert.
    alert_id : str
        Id of the alert.
    now : datetime
        Wall clock, also the moment as of which everything is computed.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    CrisisError
        There is no such alert, or a stage failed.
    """
    started = time.perf_counter()
    incidents = home.lake.read("INCIDENTS", watch=watch.watch)
    opened = incidents.loc[incidents["incident_id"] == _incident_of(home, watch, alert_id), "opened_at"]
    began = opened.iloc[0].to_pydatetime() if len(opened) else now
    window = RunWindow(began - BEFORE, now + timedelta(seconds=1), now, now)
    ctx = RunContext(home, watch, window, run_id(alert_id), job_of(alert_id))
    decisions = decide_now(ctx)
    explain(ctx, decisions, Stopwatch())
    ctx.append("FINDINGS", finding_rows(ctx, decisions.last.findings, at=now, incident=decisions.last.incident_id))
    html = publish.brief_of(ctx)
    seconds = time.perf_counter() - started
    ctx.append("RUNS", run_row(ctx, decisions, lake=home.lake, due_at=now, seconds=seconds, detail=str(html)))
    return html


def job_of(alert_id: str) -> str:
    """What a brief is called in RUNS, and the notebook that makes it: `brief` or `delta`.

    Parameters
    ----------
    alert_id : str
        Id of the alert, or of the delta brief.
    """
    return "delta" if delta_brief.is_delta(alert_id) else "brief"


def _incident_of(home: Home, watch: Watch, alert_id: str) -> str:
    if delta_brief.is_delta(alert_id):
        return delta_brief.incident_of(alert_id)
    alerts = home.lake.read("ALERTS", watch=watch.watch)
    mine = alerts[alerts["alert_id"] == alert_id]
    if mine.empty:
        raise CrisisError(f"there is no alert {alert_id}", where=watch.watch, do="use an alert_id of ALERTS")
    return str(mine["incident_id"].iloc[0])


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


def notice(
    alert: dict[str, object], watch: Watch, title: str, page: Path, findings: Sequence[Finding] = ()
) -> notify.Notice:
    """The message that carries a brief.

    Parameters
    ----------
    alert : dict[str, object]
        The ALERTS row.
    watch : Watch
        Its language is used.
    title : str
        Title of the incident.
    page : Path
        The written brief; it is attached.
    findings : sequence of Finding
        What the message tells; that the brief is written when left out.

    Returns
    -------
    Notice
        Its `item_id` is the alert's with `-brief`.
    """
    at = pd.Timestamp(alert["made_at"]).to_pydatetime()  # type: ignore[arg-type]
    written = Finding("monitor.brief", WRITTEN, {}, pd.DataFrame([alert]))
    words = delta_brief.TITLE if delta_brief.is_delta(str(alert["alert_id"])) else TITLE
    headline = tr(words, watch.language, title=title)
    item, lines = f"{alert['alert_id']}-brief", list(findings) or [written]
    return notify.Notice(item, headline, alert["level"], at, lines, str(page), page)  # type: ignore[arg-type]


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


def main(argv: Sequence[str] | None = None) -> int:
    """Write one brief, as the monitor's helper process: LAKE WATCHES REPORTS WATCH ALERT NOW.

    Parameters
    ----------
    argv : Sequence of str or None, default None
        Arguments; those of the process when left out.

    Returns
    -------
    int
        Exit code: 0 written, 2 failed (recorded in RUNS), 3 another process is writing it.
    """
    parser = argparse.ArgumentParser(
        prog="python -m crisislib.services.monitor.emergency_brief", description=main.__doc__
    )
    for name in ("lake", "watches", "reports"):
        parser.add_argument(name, type=Path)
    for name in ("watch", "alert", "now"):
        parser.add_argument(name)
    given = parser.parse_args(argv)
    os.nice(NICE)
    home = Home.here(lake=given.lake, watches=given.watches, reports=given.reports)
    logs.set_up()
    began, now = time.perf_counter(), datetime.fromisoformat(given.now).astimezone(UTC)

    def failed(failure: Failure) -> int:
        _record_failure(home, given.watch, given.alert, now, failure, time.perf_counter() - began)
        return 2

    def written() -> int:
        write(home, home.watch(given.watch), given.alert, now=now)
        return 0

    lock = FileLock(home.lake.artifact("locks", f"brief-{run_id(given.alert)}.lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        logger.warning("another process is writing the brief of %s", given.alert)
        return 3
    try:
        name = f"brief of {given.alert}"
        return run_isolated(
            name, written, on_error=failed, logger=logger, watch=given.watch, run_id=run_id(given.alert)
        )
    finally:
        lock.release()


def _record_failure(home: Home, watch: str, alert_id: str, now: datetime, failure: Failure, seconds: float) -> None:
    """A row of the ledger; dated before the alert, whose moment the row of the try that succeeds has."""
    runs = home.lake.read("RUNS", watch=watch, present=False)
    at = min([now, *(t.to_pydatetime() for t in runs.loc[runs["run_id"] == run_id(alert_id), "at"])]) - TICK
    row = ledger_row(
        home.lake, run_id=run_id(alert_id), at=at, watch=watch, job=job_of(alert_id), due_at=now, status="failed",
        seconds=seconds, detail=failure.text, parameters={"alert_id": alert_id, "now": now.isoformat()},
    )  # fmt: skip
    home.lake.append("RUNS", row)


if __name__ == "__main__":
    sys.exit(main())
