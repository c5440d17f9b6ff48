"""The emergency brief of an alert, made in a process of its own so that no watch waits for it."""

from __future__ import annotations

import argparse
import logging
import os
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
from crisislib.core.watch import Watch
from crisislib.engine.context import RunContext, RunWindow
from crisislib.engine.findings import finding_rows
from crisislib.engine.home import Home
from crisislib.engine.runs import TICK, ledger_row, run_row
from crisislib.engine.steps import Stopwatch, decide_now, explain
from crisislib.services import publish
from crisislib.services.monitor import delta_brief

logger = logging.getLogger(__name__)
NICE = 10
"""A priority below the monitor's."""
BEFORE = timedelta(days=3)
"""What the brief shows before the incident began."""
TITLE = N_("Emergency brief: {title}")
WRITTEN = N_("The emergency brief is ready: what, since when, how big, who, where it is going, risk, first steps.")


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
        raise CrisisError(
            N_("there is no alert {alert_id}"),
            where=watch.watch,
            do=N_("use an alert_id of ALERTS"),
            facts={"alert_id": alert_id},
        )
    return str(mine["incident_id"].iloc[0])


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
