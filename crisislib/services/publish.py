"""Report and notify: the brief of a walk, any notebook on request, and what is sent to whom."""

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
from crisislib.engine.result import Walked

BRIEF = "brief"
SENT = N_("sent to {channel} ({why})")
NOT_SENT = N_("not delivered to {channel}, will be tried again: {why}")
CURRENT = pd.Timedelta(hours=24)
"""An alert older than this, at the walk's moment, is history and wakes nobody."""


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
    """Run one of the workbench's notebooks over a watch; see :func:`crisislib.report.notebook_run`."""
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


def parameters_of(home: Home, notebook: str) -> frozenset[str]:
    """Names that a notebook of this workbench may be given."""
    return frozenset(reports.declared(reports.find(notebook, home.notebooks)))


def brief_of(ctx: RunContext) -> Path:
    """The brief over the window of a run, read as at its end; returns the page."""
    window = {k: t.isoformat() for k, t in (("now", ctx.window.at), *ctx.window.bounds.items())}
    return report(ctx.home, ctx.watch, BRIEF, params=window, now=ctx.window.now).html


def report_of(ctx: RunContext, walked: Walked) -> Walked:
    """The result of a walk with its brief."""
    ctx.progress("report", 0, 1)
    page = brief_of(ctx)
    ctx.progress("report", 1, 1)
    return replace(walked, report=page)


def nothing(
    home: Home, watch: Watch, walked: Walked, *, window: Mapping[str, datetime | None], now: datetime
) -> Walked:
    """The brief over no data in a window, which says that there is none."""
    params = {k: t.isoformat() for k, t in window.items() if t is not None}
    return replace(walked, report=report(home, watch, BRIEF, params=params, now=now).html)


def send(home: Home, watch: Watch, walked: Walked, *, now: datetime) -> pa.Table:
    """Send the newest alert of each incident that is current at the walk's moment, each channel once.

    Returns
    -------
    pyarrow.Table
        DELIVERIES made now; a channel that fails is tried again at the next walk.
    """
    if not watch.notify:
        return empty("DELIVERIES")
    alerts = home.lake.read("ALERTS", watch=watch.watch, present=False)
    moment = pd.Timestamp(walked.at)
    current = alerts[(alerts["made_at"] <= moment) & (alerts["made_at"] > moment - CURRENT)]
    newest = current.sort_values("made_at").drop_duplicates("incident_id", keep="last")
    titles = incident_titles(home, watch)
    notices = [
        notify.Notice(
            item_id=row["alert_id"],
            title=titles.get(row["incident_id"], watch.name()),
            level=row["level"],
            at=row["made_at"].to_pydatetime(),
            findings=walked.leading(3),
            link=str(walked.report or ""),
            attachment=walked.report,
        )
        for row in newest.to_dict("records")
    ]
    past = home.lake.read("DELIVERIES", watch=watch.watch, present=False)
    return notify.deliver(
        notices,
        watch.notify,
        watch=watch,
        now=now,
        past=past,
        record=lambda row: home.lake.append("DELIVERIES", row),
    )


def incident_titles(home: Home, watch: Watch) -> dict[str, str]:
    """Incident -> its title in the watch's language."""
    rows = home.lake.read("INCIDENTS", watch=watch.watch).to_dict("records")
    return {r["incident_id"]: str(render(incident_title(r, watch), watch.language)) for r in rows}


def say_sent(sent: pa.Table, watch: Watch) -> list[str]:
    """One line for each attempt at sending."""
    words = {True: SENT, False: NOT_SENT}
    return [
        tr(words[bool(row["ok"])], watch.language, channel=row["channel"], why=row["detail"] or "–")
        for row in sent.to_pylist()
    ]
