"""RUNS: what a run read, until when it decided, and the level it came to; the present status of a watch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

from crisislib import __version__
from crisislib.core.levels import Level
from crisislib.core.sanitize import escape_controls, mask_secrets
from crisislib.core.tables import conform
from crisislib.core.watch import Watch
from crisislib.engine.context import RunContext
from crisislib.lake import AsOf, Lake

if TYPE_CHECKING:
    from crisislib.engine.decide import Decisions

TICK = timedelta(microseconds=1)
"""Rows of one run lie at least so far apart: the time is part of their key."""
LONGEST_DETAIL = 2000
"""Characters of a detail that are stored: an error's text may quote a whole file."""
FRESH_WINDOWS = 2
"""Windows after the last judgement for which its level stands: as long as signals may lag before a level is unknown."""


def run_row(
    ctx: RunContext,
    decisions: Decisions | None = None,
    *,
    lake: Lake,
    due_at: datetime | None = None,
    seconds: float = float("nan"),
    detail: str = "",
    parameters: dict[str, object] | None = None,
) -> pa.Table:
    """The RUNS row of a run that is done.

    Parameters
    ----------
    ctx : RunContext
        The run.
    decisions : Decisions, optional
        What it decided; a run that decides nothing has no level.
    lake : Lake
        Whose versions were read.
    due_at : datetime, optional
        When a scheduled job was due.
    seconds : float
        How long it took.
    detail : str
        What came of it: the report's path.
    parameters : dict, optional
        What it was asked for.
    """
    window = ctx.window
    columns: dict[str, object] = {}
    if decisions is not None:
        last = decisions.last
        columns = {
            "judged_until": window.at, "level": last.level, "index": last.index, "peak": decisions.peak,
            "peak_at": decisions.peak_at, "incident_id": last.incident_id,
        }  # fmt: skip
    return ledger_row(
        lake, run_id=ctx.run_id, at=window.now, watch=ctx.watch.watch, job=ctx.job, due_at=due_at, status="done",
        seconds=seconds, detail=detail, parameters=parameters, window=(window.since, window.until), decided=columns,
    )  # fmt: skip


def ledger_row(
    lake: Lake,
    *,
    run_id: str,
    at: datetime,
    watch: str,
    job: str,
    due_at: datetime | None = None,
    status: str,
    seconds: float = float("nan"),
    detail: str = "",
    parameters: Mapping[str, object] | None = None,
    window: tuple[datetime, datetime] | None = None,
    versions: Mapping[str, int] | None = None,
    decided: Mapping[str, object] | None = None,
) -> pa.Table:
    """A RUNS row of anything that ran: with which code over which data, with what parameters, and what came of it.

    Parameters
    ----------
    lake : Lake
        Whose versions were read.
    run_id, watch, job : str
        Which run of which job of which watch.
    at : datetime
        When this was so; rows of one run differ by it.
    due_at : datetime, optional
        When a scheduled job was due.
    status : str
        `started`, `done`, `failed`, `given up`.
    seconds : float
        How long it took.
    detail : str
        What came of it: the report's path, or the error's class and text.
    parameters : mapping, optional
        What it was asked for.
    window : tuple of datetime, optional
        Event times that it was about, [since, until).
    versions : mapping, optional
        Version of every table that it read; the present ones when left out.
    decided : mapping, optional
        The further columns of a run that decided.
    """
    read = lake.versions() if versions is None else versions
    row: dict[str, object] = {
        "run_id": run_id, "at": at, "watch": watch, "job": job, "due_at": due_at, "status": status, "seconds": seconds,
        "versions": json.dumps(dict(read), sort_keys=True), "code": __version__,
        "detail": escape_controls(mask_secrets(detail))[:LONGEST_DETAIL],
        "parameters": json.dumps(dict(parameters or {}), sort_keys=True, default=str, ensure_ascii=False),
        "since": window[0] if window else None, "until": window[1] if window else None, **(decided or {}),
    }  # fmt: skip
    return conform(pd.DataFrame([row]), "RUNS")


@dataclass(frozen=True)
class WatchStatus:
    """Where a watch stands at a moment.

    Attributes
    ----------
    level : str
        `unknown` once the last judgement is too old to hold.
    last_level : str
        Level of the last decision, whatever its age; `unknown` where there was none.
    judged_until : datetime or None
        Until when it was decided on.
    index : float
        0-100, NaN where there was too little data.
    incident_id : str
        The open incident; empty where there is none.
    run_id : str
        The run that decided.
    """

    level: Level
    last_level: Level
    judged_until: datetime | None
    index: float
    incident_id: str
    run_id: str


def watch_status(lake: Lake, watch: Watch, *, now: datetime, as_of: AsOf = None) -> WatchStatus:
    """The status of a watch, by the newest run that decided on it until `now` or earlier.

    Parameters
    ----------
    lake : Lake
        Holds the runs.
    watch : Watch
        Whose level.
    now : datetime
        Moment of the reading.
    as_of : datetime or mapping, optional
        The lake as it was.

    Returns
    -------
    WatchStatus
        A level says until when it was decided on; two windows later it is unknown.
    """
    rows = lake.sql("RUNS", watch=watch.watch, as_of=as_of, present=False)
    rows = rows.filter(f"level IS NOT NULL AND judged_until <= TIMESTAMPTZ '{now.isoformat()}'")
    newest = rows.order('judged_until DESC, "at" DESC, run_id').limit(1).to_arrow_table().to_pylist()
    if not newest:
        return WatchStatus("unknown", "unknown", None, float("nan"), "", "")
    row = newest[0]
    lasts = timedelta(minutes=watch.window.step_minutes * (1 + FRESH_WINDOWS))
    fresh = now - row["judged_until"] <= lasts
    index = np.nan if row["index"] is None else float(row["index"])
    return WatchStatus(
        row["level"] if fresh else "unknown", row["level"], row["judged_until"], index, row["incident_id"] or "",
        row["run_id"],
    )  # fmt: skip
