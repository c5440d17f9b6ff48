"""What a scheduled job does: collect and run, or a periodic risk report."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from crisislib.core.watch import Watch
from crisislib.engine.home import Home
from crisislib.engine.ingest import collect
from crisislib.services.batch import run
from crisislib.services.publish import report
from crisislib.services.scheduler import PERIODS, Runner


def scheduled(home: Home) -> Runner:
    """The function that does one due job of any watch."""

    def runner(watch: Watch, job: str, due: datetime) -> str:
        now = datetime.now(UTC)
        if job in PERIODS:
            window = {"since": (due - PERIODS[job]).isoformat(), "until": due.isoformat()}
            return str(report(home, watch, "risk", params=window, now=now).html)
        gathered = collect(home, watch, now=now)
        back = timedelta(days=watch.window.baseline_days)
        walked = run(home, watch, since=now - back, until=now, now=now, report=False)
        failed = [g.name for g in gathered if not g.ok]
        wrong = f" ({', '.join(failed)})" if failed else ""
        return f"{walked.level}; {len(gathered)} sources asked, {len(failed)} failed{wrong}"

    return runner
