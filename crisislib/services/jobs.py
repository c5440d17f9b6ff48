"""What a scheduled job does: collect and run, look at the tasks, or report risks against the period before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from crisislib.core.i18n import counted
from crisislib.core.watch import Watch
from crisislib.engine.home import Home
from crisislib.engine.live_collection import collect
from crisislib.engine.personal_data import expire
from crisislib.services.batch import run
from crisislib.services.publish import parameters_of, report
from crisislib.services.scheduled_jobs import PERIODS
from crisislib.services.scheduler import Runner
from crisislib.services.task_notices import look_at_tasks

PERIODIC = "period"
"""Notebook of the periodic reports: trend, incidents, what has changed, and how right earlier warnings were."""
RETENTION_WAIT_S = 120.0
"""Wait for a run or an import under way to end; a monitor never ends, and the ledger then says what was in the way."""
EVERY = {"daily": "day", "weekly": "week", "monthly": "month"}
"""What each periodic report compares: the period before the due time with the one before that."""


def scheduled(home: Home) -> Runner:
    """The function that runs one due job of any watch.

    Parameters
    ----------
    home : Home
        The workbench.

    Returns
    -------
    Runner
        Takes the watch, the job and its due time; returns one line for the ledger. What a stage raises, it raises.
    """

    def runner(watch: Watch, job: str, due: datetime) -> str:
        now = datetime.now(UTC)
        if job in PERIODS:
            window = {"since": (due - PERIODS[job]).isoformat(), "until": due.isoformat()}
            # A user's own notebook of that name may not compare periods.
            compared = {"every": EVERY[job]} if "every" in parameters_of(home, PERIODIC) else {}
            return str(report(home, watch, PERIODIC, params=window | compared, now=now).html)
        if job == "tasks":
            return look_at_tasks(home, watch, now=now)
        if job == "retention":
            before = now - timedelta(days=watch.privacy.retention_days or 0)
            removed = expire(home, watch.watch, before, dry_run=False, wait_s=RETENTION_WAIT_S)
            return f"{sum(r.n for r in removed)} rows and files from before {before:%Y-%m-%d} deleted"
        results = collect(home, watch, now=now)
        back = timedelta(days=watch.window.baseline_days)
        result = run(home, watch, since=now - back, until=now, now=now, report=False)
        failed = [g.name for g in results if not g.ok]
        wrong = f" ({', '.join(failed)})" if failed else ""
        return f"{result.level}; {counted(len(results), 'source')} asked, {len(failed)} failed{wrong}"

    return runner
