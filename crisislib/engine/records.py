"""What a person asked for, recorded: who asked, when, with what, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from crisislib.core.finding import Finding
from crisislib.core.ids import short_hash
from crisislib.core.watch import Watch
from crisislib.engine.context import RunContext, RunWindow
from crisislib.engine.findings import finding_rows
from crisislib.engine.home import Home
from crisislib.engine.runs import run_row


def record(
    home: Home,
    watch: Watch,
    job: str,
    findings: Sequence[Finding],
    *,
    by: str,
    now: datetime,
    at: datetime | None = None,
    incident_id: str = "",
    parameters: Mapping[str, object] | None = None,
) -> str:
    """One row of RUNS without a level, and its findings.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    job : str
        What was done: `statement`, `strategy`, `score`.
    findings : sequence of Finding
        What came of it; words stay in every language.
    by : str
        Who asked.
    now : datetime
        The clock.
    at : datetime, optional
        As of when the findings hold; `now` when left out.
    incident_id : str
        About which incident; empty for none.
    parameters : mapping, optional
        With what it was asked.

    Returns
    -------
    str
        The run's id.
    """
    asked = {"by": by, "incident": incident_id, **(parameters or {})}
    run_id = short_hash(watch.watch, job, now.isoformat(), str(asked))
    of = at or now
    ctx = RunContext(home, watch, RunWindow(of, of, of, now), run_id, job)
    ctx.append("FINDINGS", finding_rows(ctx, findings, at=of, incident=incident_id))
    ctx.append("RUNS", run_row(ctx, lake=home.lake, parameters=asked))
    return run_id
