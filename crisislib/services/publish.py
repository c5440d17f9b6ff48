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
from crisislib.core.tables import empty
from crisislib.core.watch import Watch
from crisislib.engine.enrich import Span
from crisislib.engine.home import Home
from crisislib.engine.progress import Told
from crisislib.engine.result import Walked

BRIEF = "brief"
SENT = N_("sent to {channel} ({why})")
NOT_SENT = N_("not delivered to {channel}, will be tried again: {why}")
CURRENT = pd.Timedelta(hours=24)
"""An alert older than this, at the walk's moment, is history and wakes nobody."""


def report(
    home: Home,
    watch: Watch,
    notebook: str,
    *,
    params: Mapping[str, object] | None = None,
    as_of: str | Path | None = None,
    now: datetime,
) -> reports.ReportResult:
    """Run one notebook over a watch; see :func:`crisislib.report.run`."""
    return reports.run(
        notebook,
        watch,
        params=params or {},
        lake_root=home.lake_root,
        out_root=home.reports,
        watches_root=home.watches,
        as_of=as_of,
        now=now,
    )


def report_of(home: Home, watch: Watch, span: Span, walked: Walked, told: Told) -> Walked:
    """The brief over the window of a walk, read as at its end."""
    told("report", 0, 1)
    window = {"now": span.at.isoformat(), "since": span.since.isoformat(), "until": span.until.isoformat()}
    written = report(home, watch, BRIEF, params=window, now=span.now)
    told("report", 1, 1)
    return replace(walked, report=written.html)


def nothing(home: Home, watch: Watch, walked: Walked, *, now: datetime) -> Walked:
    """The brief over no data, which says that there is none."""
    return replace(walked, report=report(home, watch, BRIEF, now=now).html)


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
    titles = home.lake.read("INCIDENTS", watch=watch.watch).set_index("incident_id")["title"]
    notices = [
        notify.Notice(
            item_id=row["alert_id"],
            title=str(titles.get(row["incident_id"], watch.name())),
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


def say_sent(sent: pa.Table, watch: Watch) -> list[str]:
    """One line for each attempt at sending."""
    words = {True: SENT, False: NOT_SENT}
    return [
        tr(words[bool(row["ok"])], watch.language, channel=row["channel"], why=row["detail"] or "–")
        for row in sent.to_pylist()
    ]
