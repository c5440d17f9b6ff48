"""What a person asked for, kept: who asked, when, with what, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import pandas as pd

from crisislib.core.finding import Finding
from crisislib.core.ids import short_hash
from crisislib.core.phrase import pack
from crisislib.core.watch import Watch
from crisislib.engine.home import Home


def record(
    home: Home,
    watch: Watch,
    job: str,
    findings: Sequence[Finding],
    *,
    by: str,
    now: datetime,
    incident_id: str = "",
    parameters: Mapping[str, object] | None = None,
) -> str:
    """One row of RUNS, and its findings.

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
    incident_id : str
        About which incident; empty for none.
    parameters : mapping, optional
        With what it was asked.

    Returns
    -------
    str
        The run's id.
    """
    asked = pack({"by": by, **(parameters or {})})
    run_id = short_hash(watch.watch, job, now.isoformat(), asked)
    same = {"run_id": run_id, "at": now, "watch": watch.watch, "incident_id": incident_id or None}
    rows = [
        {
            **same,
            "key": one.key,
            "place": place,
            "message": one.message,
            "facts": pack(one.facts),
            "detail": pack(one.table.to_dict("records")),
            "post_ids": pack(list(one.post_ids)),
            "n": one.n,
            "limits": pack(list(one.limits)),
            "weight": one.weight,
            "silent": one.silent,
        }
        for place, one in enumerate(findings)
    ]
    home.lake.append("FINDINGS", pd.DataFrame(rows))
    home.lake.append("RUNS", pd.DataFrame([{**same, "job": job, "status": "done", "parameters": asked}]))
    return run_id
