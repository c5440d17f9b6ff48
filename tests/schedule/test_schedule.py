"""Schedules: due in the watch's zone, caught up once, never run twice."""

import json
import os
import threading
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import pandas as pd
import pytest

import crisislib
from crisislib.core.errors import LakeError, SourceError
from crisislib.core.logs import log_file
from crisislib.core.watch import Watch
from crisislib.lake import Lake
from crisislib.services.scheduled_jobs import jobs
from crisislib.services.scheduler import run_due, units

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
    ended = runs[runs["status"] != "started"]
    assert ended["status"].tolist() == ["failed", "failed", "given up"] and "no answer" in ended["detail"].iloc[-1]
    assert (runs["status"] == "started").sum() == 3


def two(**schedule: object) -> list[Watch]:
    return [watch(**schedule).model_copy(update={"watch": name}) for name in ("bad", "good")]


def test_an_error_that_nobody_foresaw_stops_one_watch_only(lake: Lake, caplog: pytest.LogCaptureFixture) -> None:
    ran: list[str] = []

    def runner(watch: Watch, __: str, ___: datetime) -> str:
        ran.append(watch.watch)
        if watch.watch == "bad":
            raise KeyError("action_id")
        return "ok"

    with log_file(lake.artifact("logs", "schedule.log")) as file:
        outcomes = [
            dict(run_due(lake, two(daily="08:00"), runner, now=lambda m=minute: MONDAY + timedelta(minutes=m)))
            for minute in range(5)
        ]
    assert ran == ["bad", "good", "bad", "bad"], "the others run, and it is tried three times, not for ever"
    assert [len(o) for o in outcomes] == [2, 1, 1, 0, 0]
    rows = lake.read("RUNS", present=False).sort_values("at").set_index("watch")
    assert rows.loc["good", "status"].tolist() == ["started", "done"]
    told = rows.loc["bad"][rows.loc["bad"]["status"] != "started"]
    assert told["status"].tolist() == ["failed", "failed", "given up"]
    assert told["detail"].str.startswith("KeyError: 'action_id' [error ").all()
    written = file.path.read_text(encoding="utf-8")
    assert "Traceback" in written and 'raise KeyError("action_id")' in written and "watch=bad" in written
    error = told["detail"].iloc[0].split("[error ")[1].rstrip("]")
    assert f"error={error}" in written, "the number in the ledger is found in the log"
    assert any(r.exc_info for r in caplog.records)


def test_the_ledger_says_with_what_a_job_ran(lake: Lake) -> None:
    lake.append("BATCHES", pd.DataFrame([{"batch_id": "b", "at": MONDAY, "watch": "w", "ok": True}]))
    list(run_due(lake, [watch(weekly="mon 08:00")], lambda *_: "page.html", now=lambda: MONDAY))
    row = lake.read("RUNS").iloc[0]
    due = datetime(2026, 3, 2, tzinfo=UTC)
    assert (row["status"], row["detail"], row["code"]) == ("done", "page.html", crisislib.__version__)
    assert json.loads(row["versions"]) == {"BATCHES": 0}
    assert json.loads(row["parameters"]) == {"job": "weekly", "due_at": due.isoformat(), "zone": "Asia/Shanghai"}
    assert (row["since"], row["until"]) == (due - timedelta(days=7), due)


def test_without_a_ledger_nothing_runs_and_nothing_repeats(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job whose end cannot be written down would send its reports again at every look."""
    ran: list[str] = []

    def full(name: str, data: object) -> int:
        raise LakeError("disk full")

    monkeypatch.setattr(lake, "append", full)
    outcomes = dict(run_due(lake, two(daily="08:00"), lambda w, *_: ran.append(w.watch) or "ok", now=lambda: MONDAY))
    assert ran == [] and len(outcomes) == 2 and all("disk full" in o for o in outcomes.values())


def killed(root: Path, ran: Path) -> None:
    def runner(watch: Watch, __: str, ___: datetime) -> str:
        with ran.open("a") as file:
            file.write(f"{watch.watch} ")
        if watch.watch == "bad":
            os._exit(9)
        return "ok"

    list(run_due(Lake(root), two(daily="08:00"), runner, now=lambda: MONDAY))


@pytest.mark.long
def test_a_job_that_takes_the_process_with_it_is_given_up_and_the_others_run(lake: Lake, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    for _ in range(4):
        process = get_context("spawn").Process(target=killed, args=(lake.root, ran))
        process.start()
        process.join()
    assert ran.read_text().split() == ["bad", "bad", "bad", "good"]
    rows = lake.read("RUNS").set_index("watch")
    assert rows.loc["bad", "status"] == "given up" and "ended the process" in rows.loc["bad", "detail"]
    assert rows.loc["good", "status"] == "done"


def test_units_wake_the_machine_in_any_zone() -> None:
    assert "schedule --once" in units("cron", folder=Path("/srv/crisis"))
    assert "Persistent=true" in units("systemd", folder=Path("/srv/crisis"))
