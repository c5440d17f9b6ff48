"""The jobs that a watch's schedule asks for: when each is due, its window and its name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from crisislib.core.ids import short_hash
from crisislib.core.watch import Watch

LOOK_BACK = timedelta(days=35)
"""How far back a first start searches for a missed run: a little over a month, so that none is older."""
EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
"""From which `run_every_minutes` is counted, so that all schedulers agree; any midnight in UTC would do."""
PERIODS = {"daily": timedelta(days=1), "weekly": timedelta(days=7), "monthly": timedelta(days=31)}
"""Period that a risk report covers."""
RETENTION_AT = "03:30"
"""When what is too old is deleted: at night, since nobody else may write meanwhile."""


@dataclass(frozen=True)
class Job:
    """One line of a watch's schedule.

    Attributes
    ----------
    watch : Watch
        The watch.
    name : str
        `run`, `tasks`, `daily`, `weekly`, `monthly` or `retention`.
    trigger : CronTrigger or IntervalTrigger
        When it is due, in the watch's time zone.
    """

    watch: Watch
    name: str
    trigger: CronTrigger | IntervalTrigger

    def latest_due(self, now: datetime) -> datetime | None:
        """The newest time at or before `now` when this job was due, or None within the look-back.

        Parameters
        ----------
        now : datetime
            Wall clock.

        Returns
        -------
        datetime or None
            In UTC.
        """
        if isinstance(self.trigger, IntervalTrigger):
            step: timedelta = self.trigger.interval
            return EPOCH + ((now - EPOCH) // step) * step
        newest = None
        at = self.trigger.get_next_fire_time(None, now - LOOK_BACK)
        while at is not None and at <= now:
            newest, at = at, self.trigger.get_next_fire_time(at, at + timedelta(seconds=1))
        return newest.astimezone(UTC) if newest else None

    def run_id(self, due: datetime) -> str:
        """The identity of this job at a due time.

        Parameters
        ----------
        due : datetime
            When it is due.

        Returns
        -------
        str
            The same for the same watch, job and time, so that two schedulers cannot both run it.
        """
        return short_hash(self.watch.watch, self.name, due.isoformat())

    def window(self, due: datetime) -> tuple[datetime, datetime] | None:
        """What a periodic report is about; None for `run`, which takes what there is.

        Parameters
        ----------
        due : datetime
            When it is due.

        Returns
        -------
        tuple of datetime and datetime, or None
            Event time [since, until).
        """
        return (due - PERIODS[self.name], due) if self.name in PERIODS else None

    def title(self, due: datetime) -> str:
        """How lists and logs call this run.

        Parameters
        ----------
        due : datetime
            When it is due.

        Returns
        -------
        str
            `watch/job@2026-01-31T08:00Z`.
        """
        return f"{self.watch.watch}/{self.name}@{due:%Y-%m-%dT%H:%MZ}"


def jobs(watch: Watch) -> list[Job]:
    """The jobs that a watch file asks for: `run`, `tasks`, `daily`, `weekly`, `monthly`, `retention`.

    Parameters
    ----------
    watch : Watch
        Its `schedule`, in its time zone, and `privacy.retention_days`.

    Returns
    -------
    list of Job
        Those that it sets.
    """
    plan, zone = watch.schedule, watch.zone
    result: list[Job] = []
    if plan.run_every_minutes:
        result.append(Job(watch, "run", IntervalTrigger(minutes=plan.run_every_minutes, start_date=EPOCH)))
    if plan.tasks_every_minutes:
        result.append(Job(watch, "tasks", IntervalTrigger(minutes=plan.tasks_every_minutes, start_date=EPOCH)))
    if plan.daily:
        result.append(Job(watch, "daily", _clock(plan.daily, zone)))
    if plan.weekly:
        day, clock = plan.weekly.split()
        result.append(Job(watch, "weekly", _clock(clock, zone, day_of_week=day)))
    if plan.monthly:
        day, clock = plan.monthly.split()
        result.append(Job(watch, "monthly", _clock(clock, zone, day=int(day))))
    if watch.privacy.retention_days:
        result.append(Job(watch, "retention", _clock(RETENTION_AT, zone)))
    return result


def _clock(clock: str, zone: object, **when: object) -> CronTrigger:
    hour, minute = clock.split(":")
    return CronTrigger(hour=int(hour), minute=int(minute), timezone=zone, **when)
