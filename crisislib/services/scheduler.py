"""Scheduled runs: what is due in each watch's own time zone, run once, also after downtime.

The ledger is the RUNS table: a job that is due has one run id, made of the watch, the job and the
due time. Whoever holds the lock of that id and finds no finished run in the ledger runs it; so a
missed run is caught up once, and two schedulers on one lake never both run it.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
from filelock import FileLock, Timeout

from crisislib.core.errors import CrisisError
from crisislib.core.ids import short_hash
from crisislib.core.watch import Watch
from crisislib.lake import Lake

LOOK_BACK = timedelta(days=35)
"""How far back a first start looks for a missed run: a little over a month, so that none is older."""
SETTLED = ("done", "given up")
TRIES = 3
EPOCH = datetime(2020, 1, 1, tzinfo=UTC)

Runner = Callable[[Watch, str, datetime], str]
"""Does one job (watch, job, due time) and says in a word what came of it; raises CrisisError."""


@dataclass(frozen=True)
class Job:
    """One line of a watch's schedule."""

    watch: Watch
    name: str
    trigger: CronTrigger | IntervalTrigger

    def latest_due(self, now: datetime) -> datetime | None:
        """The newest time at or before `now` when this job was due, or None within the look-back."""
        if isinstance(self.trigger, IntervalTrigger):
            step: timedelta = self.trigger.interval
            return EPOCH + ((now - EPOCH) // step) * step
        newest = None
        at = self.trigger.get_next_fire_time(None, now - LOOK_BACK)
        while at is not None and at <= now:
            newest, at = at, self.trigger.get_next_fire_time(at, at + timedelta(seconds=1))
        return newest.astimezone(UTC) if newest else None

    def run_id(self, due: datetime) -> str:
        """The one identity of this job at that due time."""
        return short_hash(self.watch.watch, self.name, due.isoformat())


def jobs(watch: Watch) -> list[Job]:
    """The jobs that a watch file asks for: `run`, `daily`, `weekly`, `monthly`."""
    plan, zone = watch.schedule, watch.zone
    found: list[Job] = []
    if plan.run_every_minutes:
        found.append(Job(watch, "run", IntervalTrigger(minutes=plan.run_every_minutes, start_date=EPOCH)))
    if plan.daily:
        found.append(Job(watch, "daily", _clock(plan.daily, zone)))
    if plan.weekly:
        day, clock = plan.weekly.split()
        found.append(Job(watch, "weekly", _clock(clock, zone, day_of_week=day)))
    if plan.monthly:
        day, clock = plan.monthly.split()
        found.append(Job(watch, "monthly", _clock(clock, zone, day=int(day))))
    return found


def _clock(clock: str, zone: object, **when: object) -> CronTrigger:
    hour, minute = clock.split(":")
    return CronTrigger(hour=int(hour), minute=int(minute), timezone=zone, **when)


def run_due(
    lake: Lake, watches: list[Watch], runner: Runner, *, now: Callable[[], datetime]
) -> Iterator[tuple[str, str]]:
    """Run every job that is due and not yet done, each once.

    Parameters
    ----------
    lake : Lake
        Holds the ledger and the locks.
    watches : list of Watch
        Whose schedules are looked at.
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
        if due is None or _done(lake, job, due):
            continue
        lock = FileLock(lake.artifact("locks", f"{job.run_id(due)}.lock"))
        try:
            with lock.acquire(timeout=0):
                if not _done(lake, job, due):  # another scheduler may have finished it since the first look
                    yield f"{job.watch.watch}/{job.name}@{due:%Y-%m-%dT%H:%MZ}", _run(lake, job, due, runner, now)
        except Timeout:
            continue


def _done(lake: Lake, job: Job, due: datetime) -> bool:
    runs = lake.read("RUNS", watch=job.watch.watch)
    return bool(((runs["run_id"] == job.run_id(due)) & runs["status"].isin(SETTLED)).any())


def _run(lake: Lake, job: Job, due: datetime, runner: Runner, now: Callable[[], datetime]) -> str:
    """One run and its line in the ledger; a failure is recorded and tried again at the next look."""
    before = lake.read("RUNS", watch=job.watch.watch, present=False)
    failed = int(((before["run_id"] == job.run_id(due)) & (before["status"] == "failed")).sum())
    started = now()
    try:
        detail, status = runner(job.watch, job.name, due), "done"
    except CrisisError as fault:
        detail, status = str(fault), "failed" if failed + 1 < TRIES else "given up"
    row = {
        "run_id": job.run_id(due),
        "at": now(),
        "watch": job.watch.watch,
        "job": job.name,
        "due_at": due,
        "status": status,
        "seconds": (now() - started).total_seconds(),
        "detail": detail,
    }
    lake.append("RUNS", pd.DataFrame([row]))
    return f"{status}: {detail}"


def serve(lake: Lake, watches: list[Watch], runner: Runner, *, say: Callable[[str], None], every_s: int = 30) -> None:
    """Look for due jobs in the foreground until interrupted."""

    def look() -> None:
        for name, outcome in run_due(lake, watches, runner, now=lambda: datetime.now(UTC)):
            say(f"{name}  {outcome}")

    scheduler = BlockingScheduler(timezone=UTC)
    scheduler.add_job(
        look, "interval", seconds=every_s, next_run_time=datetime.now(UTC), max_instances=1, coalesce=True
    )
    say(f"watching the schedules of {', '.join(w.watch for w in watches)}; Ctrl-C stops")
    try:
        scheduler.start()
    except (KeyboardInterrupt, SystemExit):
        say("stopped; what falls due meanwhile is caught up once at the next start")


def units(kind: str, *, folder: Path) -> str:
    """Text of systemd units or a crontab line that look for due jobs every five minutes.

    Due times stay those of the watch files, in the watches' own time zones; the machine's
    scheduler only wakes us up.
    """
    command = f"{shutil.which('crisis') or sys.executable + ' -m crisislib.cli'} schedule --once"
    if kind == "cron":
        return f"*/5 * * * * cd {folder} && {command} >> reports/schedule.log 2>&1\n"
    service = (
        "[Unit]\nDescription=Crisis workbench: run what is due\n\n"
        f"[Service]\nType=oneshot\nWorkingDirectory={folder}\nExecStart={command}\n"
    )
    timer = (
        "[Unit]\nDescription=Crisis workbench: look every five minutes\n\n"
        "[Timer]\nOnCalendar=*:0/5\nPersistent=true\n\n[Install]\nWantedBy=timers.target\n"
    )
    return f"# ~/.config/systemd/user/crisis.service\n{service}\n# ~/.config/systemd/user/crisis.timer\n{timer}"
