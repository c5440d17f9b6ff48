"""Schedules: due in the watch's zone, caught up once, never run twice."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crisislib.core.errors import SourceError
from crisislib.core.watch import Watch
from crisislib.lake import Lake
from crisislib.services.scheduler import jobs, run_due, units

MONDAY = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def watch(zone: str = "Asia/Shanghai", **schedule: object) -> Watch:
    return Watch.model_validate(
        {"watch": "w", "title": {"en": "W"}, "brand": {"names": ["W"]}, "timezone": zone, "schedule": schedule}
    )


@pytest.mark.parametrize(
    ("schedule", "due"),
    [
        ({"daily": "08:00"}, datetime(2026, 3, 2, 0, 0, tzinfo=UTC)),
        ({"daily": "23:30"}, datetime(2026, 3, 1, 15, 30, tzinfo=UTC)),
        ({"weekly": "mon 08:00"}, datetime(2026, 3, 2, 0, 0, tzinfo=UTC)),
        ({"monthly": "1 09:00"}, datetime(2026, 3, 1, 1, 0, tzinfo=UTC)),
        ({"run_every_minutes": 30}, datetime(2026, 3, 2, 12, 0, tzinfo=UTC)),
    ],
)
def test_due_in_the_watchs_own_zone(schedule: dict, due: datetime) -> None:
    (job,) = jobs(watch(**schedule))
    assert job.latest_due(MONDAY) == due


def test_daylight_saving_moves_the_instant_not_the_clock() -> None:
    (job,) = jobs(watch("America/New_York", daily="08:00"))
    assert job.latest_due(datetime(2026, 3, 7, 20, tzinfo=UTC)) == datetime(2026, 3, 7, 13, tzinfo=UTC)
    assert job.latest_due(datetime(2026, 3, 9, 20, tzinfo=UTC)) == datetime(2026, 3, 9, 12, tzinfo=UTC)


def test_a_missed_run_is_caught_up_once(lake: Lake) -> None:
    ran: list[datetime] = []

    def runner(_: Watch, __: str, due: datetime) -> str:
        ran.append(due)
        return "ok"

    plan = [watch(daily="08:00")]
    for hours in (0, 1, 2):
        list(run_due(lake, plan, runner, now=lambda h=hours: MONDAY + timedelta(hours=h)))
    assert len(ran) == 1
    list(run_due(lake, plan, runner, now=lambda: MONDAY + timedelta(days=5)))
    assert len(ran) == 2, "five missed days are caught up by one run"


def test_two_schedulers_run_it_once(lake: Lake) -> None:
    ran: list[str] = []
    begun = threading.Event()

    def runner(_: Watch, job: str, __: datetime) -> str:
        ran.append(job)
        begun.set()
        threading.Event().wait(0.3)
        return "ok"

    def scheduler() -> None:
        list(run_due(Lake(lake.root), [watch(daily="08:00")], runner, now=lambda: MONDAY))

    first = threading.Thread(target=scheduler)
    first.start()
    assert begun.wait(5)
    scheduler()
    first.join()
    scheduler()
    assert ran == ["daily"]


def test_a_failure_is_recorded_and_given_up_after_three_tries(lake: Lake) -> None:
    tries = []

    def runner(_: Watch, __: str, ___: datetime) -> str:
        tries.append(1)
        raise SourceError("no answer", where="feed", do="wait")

    for minute in range(5):
        list(run_due(lake, [watch(daily="08:00")], runner, now=lambda m=minute: MONDAY + timedelta(minutes=m)))
    assert len(tries) == 3
    runs = lake.read("RUNS", present=False).sort_values("at")
    assert runs["status"].tolist() == ["failed", "failed", "given up"] and "no answer" in runs["detail"].iloc[-1]


def test_units_wake_the_machine_in_any_zone() -> None:
    assert "schedule --once" in units("cron", folder=Path("/srv/crisis"))
    assert "Persistent=true" in units("systemd", folder=Path("/srv/crisis"))
