"""Scheduled runs: what is due in each watch's own time zone, run once, also after downtime.

The ledger is the RUNS table: a job that is due has one run id, made of the watch, the job and the
due time. Whoever holds the lock of that id and finds no finished run in the ledger runs it; so a
missed run is caught up once, and two schedulers on one lake never both run it. Whatever a job raises
stays with that job: it is recorded, tried again at the next check, and given up after some tries.
"""

from __future__ import annotations

import logging
import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pandas as pd
from apscheduler.schedulers.blocking import BlockingScheduler
from filelock import FileLock, Timeout

from crisislib.core.isolation import Failure, run_isolated
from crisislib.core.logs import log_file
from crisislib.core.watch import Watch
from crisislib.engine.runs import TICK, ledger_row
from crisislib.lake import Lake
from crisislib.services.scheduled_jobs import Job, jobs

logger = logging.getLogger(__name__)
SETTLED = ("done", "given up")
TRIES = 3
"""Tries of one run: one more than a fault of the moment needs, few enough that a lasting one costs little."""
LOST = "every try ended the process that made it (killed, out of memory?); see the log"
Runner = Callable[[Watch, str, datetime], str]
"""Does one job (watch, job, due time) and says in a word what came of it; may raise anything."""


def run_due(
    lake: Lake, watches: list[Watch], runner: Runner, *, now: Callable[[], datetime]
) -> Iterator[tuple[str, str]]:
    """Run every job that is due and not yet done, each once; what one raises does not stop the others.

    Parameters
    ----------
    lake : Lake
        Holds the ledger and the locks.
    watches : list of Watch
        Whose schedules are checked.
    runner : callable
        Does one job.
    now : callable
        The clock.

    Yields
    ------
    tuple of str
        `watch/job@due` and what came of it.
    """
    for job in [job for watch in watches for job in jobs(watch)]:
        due = job.latest_due(now())
        if due is None:
            continue
        outcome = run_isolated(
            job.title(due),
            partial(_run_once, lake, job, due, runner, now),
            on_error=_unrecorded,
            logger=logger,
            watch=job.watch.watch,
            run_id=job.run_id(due),
        )
        if outcome:
            yield job.title(due), outcome


def _unrecorded(failure: Failure) -> str:
    """The ledger itself could not be read or written: nothing was run without a row that says so."""
    return f"failed: {failure.text}"


def _run_once(lake: Lake, job: Job, due: datetime, runner: Runner, now: Callable[[], datetime]) -> str:
    """Run a job under its lock unless it is settled; empty where there is nothing to do."""
    if _settled(lake, job, due):
        return ""
    # Retention runs alone and would wait for its own lock among those of the lake's writers.
    room = "retention" if job.name == "retention" else "locks"
    lock = FileLock(lake.artifact(room, f"{job.run_id(due)}.lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return ""
    try:
        # Another scheduler may have finished it since the first check.
        return "" if _settled(lake, job, due) else _run(lake, job, due, runner, now)
    finally:
        lock.release()


def _earlier_runs(lake: Lake, job: Job, due: datetime) -> pd.DataFrame:
    rows = lake.read("RUNS", watch=job.watch.watch, present=False)
    return rows[rows["run_id"] == job.run_id(due)]


def _settled(lake: Lake, job: Job, due: datetime) -> bool:
    return bool(_earlier_runs(lake, job, due)["status"].isin(SETTLED).any())


def _run(lake: Lake, job: Job, due: datetime, runner: Runner, now: Callable[[], datetime]) -> str:
    """One try and its rows in the ledger: that it began, and what came of it.

    That it began is written first. A job that takes the whole process down with it (out of memory) leaves no other
    row; without this one it would be begun again for ever, and the watches after it never.
    """
    earlier = _earlier_runs(lake, job, due)
    tries = int(max((earlier["status"] == "started").sum(), (earlier["status"] == "failed").sum()))
    versions = lake.versions()

    def record(at: datetime, status: str, seconds: float = 0.0, detail: str = "") -> None:
        row = ledger_row(
            lake, run_id=job.run_id(due), at=at, watch=job.watch.watch, job=job.name, due_at=due, status=status,
            seconds=seconds, detail=detail, window=job.window(due), versions=versions,
            parameters={"job": job.name, "due_at": due.isoformat(), "zone": job.watch.timezone},
        )  # fmt: skip
        lake.append("RUNS", row)

    began = now()
    if len(earlier):
        began = max(began, earlier["at"].max().to_pydatetime() + TICK)
    if tries >= TRIES:
        logger.error("%s given up: %s", job.title(due), LOST)
        record(began, "given up", detail=LOST)
        return f"given up: {LOST}"
    record(began, "started")
    logger.info("%s started", job.title(due))

    def failed(failure: Failure) -> tuple[str, str]:
        return ("failed" if tries + 1 < TRIES else "given up"), failure.text

    status, detail = run_isolated(
        job.title(due), lambda: ("done", runner(job.watch, job.name, due)), on_error=failed, logger=logger
    )
    ended = max(now(), began + TICK)
    record(ended, status, (ended - began).total_seconds(), detail)
    logger.info("%s %s after %.1f s: %s", job.title(due), status, (ended - began).total_seconds(), detail)
    return f"{status}: {detail}"


def serve(
    lake: Lake,
    watches: list[Watch],
    runner: Runner,
    *,
    echo: Callable[[str], None] = logger.info,
    every_s: int = 30,
) -> None:
    """Run due jobs in the foreground until interrupted; logs to `artifacts/logs/schedule.log` too.

    Parameters
    ----------
    lake : Lake
        The lake, whose RUNS are the ledger.
    watches : list of Watch
        Whose schedules to follow.
    runner : Runner
        Does one job; see :func:`crisislib.services.jobs.scheduled`.
    echo : Callable[[str], None]
        Gets a line at start and stop.
    every_s : int, default 30
        Seconds between two checks.
    """

    def check() -> None:
        for _ in run_due(lake, watches, runner, now=lambda: datetime.now(UTC)):
            pass  # each is in the ledger and in the log

    scheduler = BlockingScheduler(timezone=UTC)
    scheduler.add_job(
        check, "interval", seconds=every_s, next_run_time=datetime.now(UTC), max_instances=1, coalesce=True
    )
    with log_file(lake.artifact("logs", "schedule.log")):
        echo(f"watching the schedules of {', '.join(w.watch for w in watches)}; Ctrl-C stops")
        try:
            scheduler.start()
        except (KeyboardInterrupt, SystemExit):
            echo("stopped; what falls due meanwhile is caught up once at the next start")


def units(kind: str, *, folder: Path) -> str:
    """Text of systemd units or of a crontab line that run due jobs every five minutes.

    Parameters
    ----------
    kind : str
        `cron` or `systemd`.
    folder : Path
        The workbench, in which the command is run.

    Returns
    -------
    str
        To be put where the first line says, or into the crontab.
    """
    command = f"{shutil.which('crisis') or sys.executable + ' -m crisislib.cli'} schedule --once"
    if kind == "cron":
        return f"*/5 * * * * cd {folder} && {command} >> reports/schedule.log 2>&1\n"
    service = (
        "[Unit]\nDescription=Crisis workbench: run what is due\n\n"
        f"[Service]\nType=oneshot\nWorkingDirectory={folder}\nExecStart={command}\n"
    )
    timer = (
        "[Unit]\nDescription=Crisis workbench: check every five minutes\n\n"
        "[Timer]\nOnCalendar=*:0/5\nPersistent=true\n\n[Install]\nWantedBy=timers.target\n"
    )
    return f"# ~/.config/systemd/user/crisis.service\n{service}\n# ~/.config/systemd/user/crisis.timer\n{timer}"
