"""Report and notify: the brief of a run, any notebook on request, and what is sent to whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa

from crisislib import notify
from crisislib import report as reports
from crisislib.core.i18n import N_, tr
from crisislib.core.phrase import render
from crisislib.core.tables import empty
from crisislib.core.watch import Watch
from crisislib.engine.context import RunContext
from crisislib.engine.engine_session import in_session
from crisislib.engine.home import Home
from crisislib.engine.rendering import incident_title
from crisislib.engine.result import RunResult

BRIEF, DELTA = "brief", "delta"
SENT, SENT_HOW = N_("sent to {channel}"), N_("sent to {channel} ({why})")
NOT_SENT = N_("not delivered to {channel}, will be tried again: {why}")
CURRENT = pd.Timedelta(hours=24)
"""An alert older than this, at the run's moment, is history and is suppressed."""


@in_session("report")
def report(
    home: Home,
    watch: Watch,
    notebook: str,
    *,
    params: Mapping[str, object] | None = None,
    as_of: str | Path | None = None,
    now: datetime,
) -> reports.ReportResult:
    """Run one of the workbench's notebooks over a watch; see :func:`crisislib.report.notebook_run`.

    Parameters
    ----------
    home : Home
        The workbench.
    watch : Watch
        The watch.
    notebook : str
        Name of a notebook, or a path that ends in `.ipynb`.
    params : Mapping[str, object] or None, default None
        Values for its parameters.
    as_of : str, Path or None, default None
        An instant, or the manifest of an earlier report, whose data version is read.
    now : datetime
        Wall clock.

    Returns
    -------
    ReportResult
        Executed notebook, page and manifest.

    Raises
    ------
    ReportError
        No such notebook, wrong parameters, or it failed.
    """
    path = reports.find(notebook, home.notebooks)
    # Where the clock stands still the data are read as at that moment; the run itself is of now.
    still = {"now": home.moment.isoformat()} if home.moment and not as_of and "now" in reports.declared(path) else {}
    return reports.run(
        path,
        watch,
        params=still | dict(params or {}),
        lake_root=home.lake_root,
        out_root=home.reports,
        watches_root=home.watches,
        as_of=as_of,
        now=now,
    )


def print_pdf(page: Path) -> Path:
    """A report's page as PDF, beside it; see :func:`crisislib.report.print_pdf`.

    Parameters
    ----------
    page : Path
        The page.

    Returns
    -------
    Path
        The PDF.

    Raises
    ------
    ReportError
        No browser is installed that could print it, or it failed.
    """
    return reports.print_pdf(page)


def parameters_of(home: Home, notebook: str) -> frozenset[str]:
    """Names of the parameters that a notebook of this workbench takes.

    Parameters
    ----------
    home : Home
        The workbench.
    notebook : str
        Name of a notebook.

    Returns
    -------
    frozenset of str
        The names.

    Raises
    ------
    ReportError
        There is no such notebook, or it declares none.
    """
    return frozenset(reports.declared(reports.find(notebook, home.notebooks)))


def brief_of(ctx: RunContext) -> Path:
    """Make the brief over the window of a run, read as at its end.

    Parameters
    ----------
    ctx : RunContext
        The run.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    ReportError
        The notebook failed.
    """
    window = {k: t.isoformat() for k, t in (("now", ctx.window.at), *ctx.window.bounds.items())}
    notebook = DELTA if ctx.job == DELTA else BRIEF
    return report(ctx.home, ctx.watch, notebook, params=window, now=ctx.window.now).html


def report_of(ctx: RunContext, result: RunResult) -> RunResult:
    """The result of a run together with its brief, which is made here.

    Parameters
    ----------
    ctx : RunContext
        The run.
    result : RunResult
        Its result.

    Returns
    -------
    RunResult
        With `report` set.

    Raises
    ------
    ReportError
        The notebook failed.
    """
    ctx.progress("report", 0, 1)
    page = brief_of(ctx)
    ctx.progress("report", 1, 1)
    return replace(result, report=page)


def nothing(
    home: Home, watch: Watch, result: RunResult, *, window: Mapping[str, datetime | None], now: datetime
) -> RunResult:
    """The result of a run without data, with a brief that says so.

    Parameters
    ----------
    home : Home
        The workbench.
    watch : Watch
        The watch.
    result : RunResult
        The empty result.
    window : Mapping[str, datetime or None]
        `since` and `until` as asked for; None is left out.
    now : datetime
        Wall clock.

    Returns
    -------
    RunResult
        With `report` set.
    """
    params = {k: t.isoformat() for k, t in window.items() if t is not None}
    return replace(result, report=report(home, watch, BRIEF, params=params, now=now).html)


def send(home: Home, watch: Watch, result: RunResult, *, now: datetime) -> pa.Table:
    """Send the newest alert of each incident that is current at the run's moment, each channel once.

    Parameters
    ----------
    home : Home
        The workbench.
    watch : Watch
        Its channels; nothing is sent where it has none.
    result : RunResult
        The result; its leading findings and its report go with each message.
    now : datetime
        Wall clock.

    Returns
    -------
    pyarrow.Table
        DELIVERIES made now; a channel that fails is tried again at the next run.
    """
    if not watch.notify:
        return empty("DELIVERIES")
    alerts = home.lake.read("ALERTS", watch=watch.watch, present=False)
    moment = pd.Timestamp(result.at)
    current = alerts[(alerts["made_at"] <= moment) & (alerts["made_at"] > moment - CURRENT)]
    newest = current.sort_values("made_at").drop_duplicates("incident_id", keep="last")
    titles = incident_titles(home, watch)
    notices = [
        notify.Notice(
            item_id=row["alert_id"],
            title=titles.get(row["incident_id"], watch.name()),
            level=row["level"],
            at=row["made_at"].to_pydatetime(),
            findings=result.leading(3),
            link=str(result.report or ""),
            attachment=result.report,
        )
        for row in newest.to_dict("records")
    ]
    history = home.lake.read("DELIVERIES", watch=watch.watch, present=False)
    return notify.deliver(
        notices,
        watch.notify,
        watch=watch,
        now=now,
        history=history,
        record=lambda row: home.lake.append("DELIVERIES", row),
    )


def incident_titles(home: Home, watch: Watch) -> dict[str, str]:
    """The titles of a watch's incidents, in its language.

    Parameters
    ----------
    home : Home
        The workbench.
    watch : Watch
        The watch.

    Returns
    -------
    dict[str, str]
        Incident id → title.
    """
    rows = home.lake.read("INCIDENTS", watch=watch.watch).to_dict("records")
    return {r["incident_id"]: str(render(incident_title(r, watch), watch.language)) for r in rows}


def delivery_lines(sent: pa.Table, watch: Watch) -> list[str]:
    """One sentence for each attempt at sending.

    Parameters
    ----------
    sent : pyarrow.Table
        DELIVERIES rows.
    watch : Watch
        Its language is used.

    Returns
    -------
    list of str
        In the order of the rows.
    """
    return [
        tr(NOT_SENT if not row["ok"] else SENT_HOW if row["detail"] else SENT, watch.language,
           channel=row["channel"], why=row["detail"] or "–")
        for row in sent.to_pylist()
    ]  # fmt: skip
