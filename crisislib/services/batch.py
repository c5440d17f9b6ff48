"""`crisis run`: one run of the engine over a window, its brief, and what is sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from crisislib import report as reports
from crisislib.core.i18n import N_, tr
from crisislib.core.log_handlers import log_context
from crisislib.core.watch import Watch
from crisislib.core.window_times import window_end, window_start
from crisislib.engine import plan_in_words
from crisislib.engine.assess import Assessed
from crisislib.engine.context import RunContext, RunWindow, run_identity
from crisislib.engine.data_health import data_health
from crisislib.engine.engine_session import in_session
from crisislib.engine.home import Home
from crisislib.engine.progress import Progress, silent
from crisislib.engine.rendering import incident_title
from crisislib.engine.result import RunResult
from crisislib.engine.standing_run import RunInputs
from crisislib.engine.steps import Stopwatch, run_steps
from crisislib.services import publish

STEP = N_("{due}  {step} — {owner}")
NO_INCIDENT = N_("No incident is open: nothing to do but to watch, and to see that the sources answer.")
SHOWN_STEPS = 4
"""Steps that a terminal shows; the brief and the board have them all."""


@in_session("run")
def run(
    home: Home,
    watch: Watch,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    now: datetime,
    progress: Progress = silent,
    report: bool = True,
    notify: bool | None = None,
    run_id: str = "",
    job: str = "run",
    fresh: bool = False,
) -> RunResult:
    """Run one watch over what the lake has; where nothing has changed since the last run, its results stand.

    Parameters
    ----------
    home : Home
        Lake, watches, reports.
    watch : Watch
        What to run over.
    since, until : datetime, optional
        Posts created in [since, until); without them everything there is, up to the newest post.
    now : datetime
        When it is computed; a window in the past is decided as at its end.
    progress : Progress
        Progress.
    report : bool
        Whether to write the brief.
    notify : bool, optional
        Whether to send what is due; when left out, only if the window reaches into the last day:
        a run over the past is history.
    run_id : str
        Identity of the run; made of the watch, the job and the times when empty.
    job : str
        What asked for it.
    fresh : bool
        Whether to compute everything again, also where nothing has changed.

    Returns
    -------
    RunResult
        Level `unknown` where there are no posts, and a report that says so.
    """
    window = window_of(home, watch, since, until, now)
    result = RunResult(watch.watch, watch.name(), watch.language, watch.zone, window.at if window else now, "unknown")
    if window is None:
        asked = {"since": since, "until": until}
        result.health.extend(health(home, watch, since=since, until=until or now, now=now))
        return publish.nothing(home, watch, result, window=asked, now=now) if report else result
    identity = run_id or run_identity(watch, job, window.since, window.until, window.at, now)
    ctx = RunContext(home, watch, window, identity, job, progress)
    with log_context(watch=watch.watch, run_id=identity):
        inputs, timed = RunInputs(ctx), Stopwatch()
        stands = None if fresh else timed("inputs", inputs.standing)
        if stands is None:
            if report:
                reports.POOL.prepare()  # its kernel imports while the steps compute
            done = run_steps(ctx)
            timed.seconds |= done.seconds
            settled, assessed, last = inputs.settled(), done.assessed, done.decisions
            result = replace(
                result, level=last.last.level, peak=last.peak, peak_at=last.peak_at, findings=done.findings
            )
        else:
            settled, assessed = "", stands.assessed
            result = replace(
                result, **stands.outcome(), findings=stands.findings, stands=stands.at, report=stands.report
            )
        result = _described(ctx, assessed, result)
        if report and result.report is None:
            result = timed("report", lambda: publish.report_of(ctx, result))
        inputs.keep(settled, assessed, result.report)
        if notify or (notify is None and now - window.at < publish.CURRENT):
            sent = timed("notify", lambda: publish.send(home, watch, result, now=now))
            result = replace(result, deliveries=publish.delivery_lines(sent, watch))
    return replace(result, seconds=timed.seconds)


def _described(ctx: RunContext, assessed: Assessed, result: RunResult) -> RunResult:
    """The result with what a terminal says beside it: the incident, the state of the data, the next steps."""
    title = "" if assessed.incident is None else incident_title(assessed.incident, ctx.watch)
    return replace(
        result,
        incident=title if isinstance(title, str) else title.render(ctx.watch.language),
        health=health(ctx.home, ctx.watch, **ctx.window.bounds, now=ctx.window.at),
        next_steps=next_steps(ctx.watch, assessed, now=ctx.window.at),
    )


def next_steps(watch: Watch, assessed: Assessed, *, now: datetime) -> list[str]:
    """The first open steps of an incident's plan, as sentences.

    Parameters
    ----------
    watch : Watch
        Its language and time zone.
    assessed : Assessed
        The incident and its ACTIONS rows.
    now : datetime
        The wall clock: what is due before it is late.

    Returns
    -------
    list of str
        At most :data:`SHOWN_STEPS`, soonest first; one sentence where there is no incident, or no open step.
    """
    if assessed.incident is None and assessed.actions.empty:
        return [tr(NO_INCIDENT, watch.language)]
    due = plan_in_words.plan_in_words(assessed.actions, watch, language=watch.language, now=now).head(SHOWN_STEPS)
    if due.empty:
        return [f.render(watch.language) for f in assessed.findings if f.key == "respond.next"]
    clock = due["due_at"].dt.tz_convert(watch.timezone).dt.strftime("%m-%d %H:%M")
    return [
        tr(STEP, watch.language, due=at, step=step, owner=owner)
        for at, step, owner in zip(clock, due["step"], due["owner"], strict=True)
    ]


def window_of(
    home: Home, watch: Watch, since: datetime | None, until: datetime | None, now: datetime
) -> RunWindow | None:
    """The window of a run: the one asked for, or all posts that there are.

    Parameters
    ----------
    home : Home
        The workbench.
    watch : Watch
        The watch.
    since : datetime or None
        Event time from which; None begins at the first post.
    until : datetime or None
        Event time up to which; None ends after the last post, or now.
    now : datetime
        Wall clock.

    Returns
    -------
    RunWindow or None
        None where there are no posts in it.
    """
    rows = home.lake.sql("POSTS", watch=watch.watch, since=since, until=until, present=False)
    extent = rows.aggregate('min(created_at) AS "first", max(created_at) AS "last"').to_arrow_table().to_pylist()[0]
    if extent["first"] is None:
        return None
    end = until or min(extent["last"] + timedelta(microseconds=1), now)
    at = min(end, now)
    # A past window is decided at the end of its last step, so that this step is a whole one.
    if until is None:
        at = min(at if window_start(watch, at) == at else window_end(watch, at), now)
    return RunWindow(since or extent["first"], end, at, now)


def health(home: Home, watch: Watch, *, since: datetime | None, until: datetime, now: datetime) -> list[str]:
    """What a reader must know of the data before any number, as sentences.

    Parameters
    ----------
    home : Home
        The workbench.
    watch : Watch
        The watch; its language is used.
    since : datetime or None
        Event time from which; None means all.
    until : datetime
        Event time up to which.
    now : datetime
        Wall clock.

    Returns
    -------
    list of str
        See :meth:`crisislib.engine.data_health.DataHealth.lines`.
    """
    posts = home.lake.sql("POSTS", watch=watch.watch, since=since, until=until)
    batches = home.lake.sql("BATCHES", watch=watch.watch)
    windows = home.lake.sql("SIGNALS", watch=watch.watch, since=since, until=until)
    return data_health(posts, batches, windows, watch, since=since, until=until, now=now).lines(watch.language)
